"""The Models pane: pick a network, and look at it from several sides."""

from functools import partial
from importlib import import_module
from typing import ClassVar, NamedTuple

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.reactive import reactive

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.records import Shape, parse_shape
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.nets.catalogue import all_nets, timeline
from cnn_tui.nets.specs import parse
from cnn_tui.render.networks.activations import activations_view
from cnn_tui.render.networks.compare import net_comparison
from cnn_tui.render.networks.receptive_field import receptive_field_table
from cnn_tui.render.networks.summary import net_card, net_choice, net_list, net_summary
from cnn_tui.training.store.listing import list_runs, of_net
from cnn_tui.training.store.references import RUN_PREFIX
from cnn_tui.tui.background import later
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.widgets.net_list import NetList
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

LAYERS, FIELD, ACTIVATIONS, COMPARE, GRADIENTS, TIMELINE = (
    "layers",
    "field",
    "activations",
    "compare",
    "gradients",
    "timeline",
)
OF_ONE_NET = (LAYERS, FIELD, ACTIVATIONS)
"""Views that follow the cursor in the list."""

VIEWS_OF_ACTION = {
    "step_depth": (LAYERS,),
    "step_layer": (ACTIVATIONS,),
    "step_channel": (ACTIVATIONS,),
    "unfold": (LAYERS,),
    "toggle_time": (LAYERS,),
    "ask_input": (LAYERS, FIELD, COMPARE),
    "ask_image": (ACTIVATIONS,),
    "next_source": (ACTIVATIONS,),
}
"""Actions that make sense in some of the views only."""
GRADIENT_DEPTHS = (2, 4, 8, 16, 32, 64)
LONG = 200
"""Modules from which a table is laid out beside the event loop."""
MAPS_SHOWN = 24
"""Feature maps on one page, which scrolls."""
ONLY_KNOWN_NETS = (
    "Feature maps are shown of the lab's own networks and of your runs, not of other modules. "
    "Press l for the layers."
)
PATIENCE = 0.5
"""Seconds after which a page says that it is being worked on."""
ANY_IMAGE = "digit, digits#17, photo.png or folder:PATH#17; nothing: the usual one"
ANY_NET = (
    "NAME,option=value such as vgg16,batch_norm=true; or your own: "
    "exercises/exercise5.py:VGGStyle, package.module:Factory"
)


class Question(NamedTuple):
    """What is asked of the engine, and so what an answer belongs to."""

    target: str
    input_shape: Shape | None
    timed: bool


class ModelsPane(Pane):
    """Where the parameters sit, where the work goes, what a unit sees."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                key,
                f"{action}({step})",
                label,
                show=step < 0,
                key_display=keys,
                id=f"models.{label}-{'less' if step < 0 else 'more'}",
                tooltip=tooltip,
            )
            for action, label, tooltip, keys, pair in (
                (
                    "step_depth",
                    "depth",
                    "How deeply nested the modules are that the table shows",
                    "[ ]",
                    ("left_square_bracket", "right_square_bracket"),
                ),
                (
                    "step_layer",
                    "layer",
                    "The layer whose feature maps are shown",
                    "[ ]",
                    ("left_square_bracket", "right_square_bracket"),
                ),
                (
                    "step_channel",
                    "channels",
                    "The feature maps before or after those that are shown",
                    "< >",
                    ("less_than_sign", "greater_than_sign"),
                ),
            )
            for key, step in zip(pair, (-1, 1), strict=True)
        ),
        Binding(
            "u", "unfold", show=False, id="models.unfold", tooltip="Show repeated blocks one by one"
        ),
        Binding(
            "m",
            "toggle_time",
            "time",
            id="models.time",
            tooltip="Run it, and measure how long each layer takes",
        ),
        Binding("i", "ask_input", "input", id="models.input", tooltip="Another input size"),
        Binding("i", "ask_image", "image", id="models.image", tooltip="Another image"),
        Binding(
            "r",
            "next_source",
            "weights",
            id="models.source",
            tooltip="Feature maps of fresh weights, or of one of your runs",
        ),
        Binding("space", "mark", "mark", id="models.mark", tooltip="Mark for a comparison"),
        *(
            Binding(key, f"look('{view}')", view, id=f"models.{view}", tooltip=tooltip)
            for key, view, tooltip in (
                ("c", COMPARE, "The marked networks side by side"),
                ("l", LAYERS, "Layer by layer: shapes, parameters, MACs"),
                ("f", FIELD, "How the receptive field grows"),
                ("a", ACTIVATIONS, "Feature maps of an image"),
                ("g", GRADIENTS, "Gradient norm by depth, plain and residual"),
                ("t", TIMELINE, "The evolution, and which network to use when"),
            )
        ),
        Binding("slash", "filter", "filter", id="models.filter", tooltip="Filter the list"),
        Binding(
            "x",
            "drop_own",
            show=False,
            id="models.drop",
            tooltip="Take a network that you opened out of the list",
        ),
        Binding(
            "o",
            "ask_net",
            "open",
            id="models.own",
            tooltip="Open a network with options, or a module of your own",
        ),
    ]

    view: reactive[str] = reactive(LAYERS, init=False)

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._target = all_nets()[0].name
        self._summaries: dict[Question, NetSummary] = {}
        self._timed = False
        self._input_shape: Shape | None = None
        self._depth: int | None = None
        self._unfold = False
        self._seen: Activations | None = None
        self._layer: str | None = None
        self._channel = 0
        self._image: str | None = None
        self._source: str | None = None
        self._gradients: tuple[GradientFlow, ...] | None = None

    def compose(self) -> ComposeResult:
        """The list and the page."""
        with Horizontal():
            yield NetList()
            yield Page(id="net-page")

    def on_page_resized(self, message: Page.Resized) -> None:
        """Draw pictures and curves anew for another width."""
        if self.view == ACTIVATIONS:
            self._draw_activations()
        elif self.view == GRADIENTS:
            self._draw_gradients()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the open view can do."""
        if action in VIEWS_OF_ACTION:
            return self.view in VIEWS_OF_ACTION[action]
        if action == "look":
            return self.view not in parameters
        if action == "back":
            return self.has_class("-reading") or self.query_one(NetList).is_filtered
        return True

    def focus_first(self) -> None:
        """The list of networks."""
        self.query_one(NetList).focus_rows()

    def shown(self) -> RenderableType:
        """What the page shows."""
        return self._page.content

    def action_back(self) -> None:
        """From the page to the list; from the filter to the whole list."""
        if not self.query_one(NetList).drop_filter():
            self.focus_first()

    def on_net_list_chosen(self, message: NetList.Chosen) -> None:
        """Look at the network under the cursor; Enter moves the focus to the page."""
        if message.target != self._target or not self._page.content:
            self._target = message.target
            self._forget_own()
            self._seen, self._source, self._layer, self._channel = None, None, None, 0
            self._input_shape = None
            if self.view in OF_ONE_NET:
                self._show()
            else:
                self.view = LAYERS
        if message.entered:
            self._page.focus()

    def watch_view(self) -> None:
        """Show the other side, with its own keys in the footer."""
        self.refresh_bindings()
        self._show()

    def action_look(self, view: str) -> None:
        """Open another view."""
        if view == COMPARE and len(self.query_one(NetList).marked) < 2:
            self.say("Mark two networks or more with space, then compare them with c.")
            return
        self.view = view
        if view not in OF_ONE_NET:
            self._page.focus()

    def action_mark(self) -> None:
        """Mark the network under the cursor, or take its mark away."""
        marked = self.query_one(NetList).toggle_mark()
        if self.view == COMPARE:
            if len(marked) > 1:
                self._show()
            else:
                self.view = LAYERS

    def action_step_depth(self, step: int) -> None:
        """Show modules that are nested deeper, or less deeply."""
        summary = self._summaries.get(self._question(self._target))
        if summary is not None and summary.modules:
            deepest = max(module.depth for module in summary.modules) + 1
            self._depth = min(max((self._depth or deepest) + step, 1), deepest)
            self._show()

    def action_step_layer(self, step: int) -> None:
        """Show the feature maps of the layer before or after; before the first, the layers."""
        if self._seen is not None:
            layers = (None, *self._seen.layers)
            place = min(max(layers.index(self._layer) + step, 0), len(layers) - 1)
            self._layer, self._channel = layers[place], 0
            self._show()

    def action_step_channel(self, step: int) -> None:
        """Show the feature maps before or after those that are shown."""
        if self._seen is not None and self._layer is not None:
            channel = self._channel + step * MAPS_SHOWN
            if 0 <= channel < self._seen.channels:
                self._channel = channel
                self._show()

    def action_unfold(self) -> None:
        """Show blocks that repeat one by one, or folded."""
        self._unfold = not self._unfold
        self._show()

    def action_drop_own(self) -> None:
        """Take a network that was opened out of the list again."""
        self.query_one(NetList).drop_own()

    def action_toggle_time(self) -> None:
        """Show measured times, or not."""
        self._timed = not self._timed
        self._show()

    def action_filter(self) -> None:
        """Type what the list shall keep."""
        self.query_one(NetList).ask_for_filter()
        self.refresh_bindings()

    def action_ask_input(self) -> None:
        """Ask for another input shape."""

        def take(line: str) -> None:
            self._input_shape = parse_shape(line) if line else None
            self._show()

        given = ",".join(map(str, self._input_shape or ()))
        hint = "channels,height,width such as 3,64,64; nothing: each network's own"
        self.ask(PromptScreen("Which input?", hint, given, parse_shape), take)

    def action_ask_image(self) -> None:
        """Ask for another image."""

        def take(line: str) -> None:
            self._image = line or None
            self._show()

        self.ask(PromptScreen("Which image?", ANY_IMAGE, self._image or ""), take)

    def action_ask_net(self) -> None:
        """Ask for a network that is not in the list."""

        def take(line: str) -> None:
            if line:
                self._target = ""  # so that it is taken apart anew, whatever was shown
                self.query_one(NetList).add_own(line)

        self.ask(PromptScreen("Which network?", ANY_NET, "", parse), take)

    def action_next_source(self) -> None:
        """From fresh weights to those of a run of this network, and on to the next run."""
        self.start(self._next_source(), "view", page="net-page")

    @property
    def _page(self) -> Page:
        return self.query_one("#net-page", Page)

    def _show(self) -> None:
        views = {
            LAYERS: self._show_layers,
            FIELD: self._show_field,
            ACTIVATIONS: self._show_activations,
            COMPARE: self._show_comparison,
            GRADIENTS: self._show_gradients,
            TIMELINE: self._show_timeline,
        }
        self.start(views[self.view](), "view", page="net-page")

    async def _show_layers(self) -> None:
        target = self._target
        card = partial(net_card, parse(target).info) if not parse(target).is_own else _own_card
        if self._question(target) not in self._summaries:
            self._page.show(card())
        summary = await self._summary(target)
        long = len(summary.modules) > LONG
        self._page.show(card(net_summary(summary, self._depth, unfold=self._unfold)), long=long)

    async def _show_field(self) -> None:
        summary = await self._summary(self._target)
        self._page.show(receptive_field_table(summary), long=len(summary.modules) > LONG)

    async def _show_comparison(self) -> None:
        marked = self.query_one(NetList).marked
        self._page.show(net_comparison([await self._summary(target) for target in marked]))

    async def _show_gradients(self) -> None:
        if self._gradients is None:
            self._page.show(Text("Measuring gradients at six depths …", style="dim"))
            await in_background(
                import_module, "cnn_tui.render.networks.gradients"
            )  # brings plotext
            self._gradients = await self.engine.run("gradients", depths=GRADIENT_DEPTHS)
        self._draw_gradients()

    def _draw_gradients(self) -> None:
        from cnn_tui.render.networks.gradients import gradient_view

        if self._gradients is not None:
            width = self._page.scrollable_content_region.width
            colour = not self.app.console.no_color
            self._page.show(gradient_view(self._gradients, width=width, colour=colour))

    async def _show_timeline(self) -> None:
        self._page.show(
            Group(
                Text("The evolution", style="bold"),
                net_list(timeline()),
                Text("\nWhich one should I use?", style="bold"),
                net_choice(all_nets()),
            )
        )

    async def _show_activations(self) -> None:
        if parse(self._target).is_own:
            self._page.show(Text(ONLY_KNOWN_NETS))
            return
        waiting = later(self, PATIENCE, self._say_running)
        try:
            self._seen = await self.engine.run(
                "activations",
                net=self._source or self._target,
                layer=self._layer,
                channel=self._channel,
                most_maps=MAPS_SHOWN,
                image=self._image,
                workspace=None if self.workspace is None else self.workspace.root,
            )
        finally:
            waiting.stop()
        self._draw_activations()

    def _draw_activations(self) -> None:
        if self._seen is not None:
            region = self._page.scrollable_content_region
            self._page.show(activations_view(self._seen, columns=region.width))

    def _say_running(self) -> None:
        what = self._source or self._target
        self._page.show(Text(f"Running {what} on an image …", style="dim"))

    async def _next_source(self) -> None:
        name = parse(self._target).name
        runs: list[str] = []
        if self.workspace is not None:
            statuses = await in_background(list_runs, self.workspace)
            runs = [f"{RUN_PREFIX}{run.run}" for run in of_net(statuses, name)]
        if not runs:
            self.say(f"No run has trained {name} yet: start one in the Training pane.")
            return
        sources = [None, *runs]
        place = sources.index(self._source) if self._source in sources else 0
        self._source = sources[(place + 1) % len(sources)]
        await self._show_activations()

    def _forget_own(self) -> None:
        """The learner's own modules may have changed since they were taken apart."""
        self._summaries = {
            asked: summary
            for asked, summary in self._summaries.items()
            if not parse(asked.target).is_own
        }

    def _question(self, target: str) -> Question:
        return Question(target, self._input_shape, self._timed and self.view == LAYERS)

    async def _summary(self, target: str) -> NetSummary:
        question = self._question(target)
        if question not in self._summaries:
            self._summaries[question] = await self.engine.run("summarize", **question._asdict())
        return self._summaries[question]


def _own_card(summary: RenderableType | None = None) -> RenderableType:
    return summary or Text("Taking it apart …", style="dim")
