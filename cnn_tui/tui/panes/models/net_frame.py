"""The frame of the Models pane: networks from one side."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module

from rich.console import Console, Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text
from textual.events import Resize
from textual.geometry import Size
from textual.widgets import Static

from cnn_tui.engine.threads import in_background
from cnn_tui.nets.specs import NetSpec, parse
from cnn_tui.render.draw.keys import key_text, keyed
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.render.networks.activations import activations_view
from cnn_tui.render.networks.head import given_text, net_head, net_title, short_authors
from cnn_tui.render.networks.layer_table import layer_table
from cnn_tui.render.pages.failure import TEXT_WIDTH
from cnn_tui.tui.background import later
from cnn_tui.tui.next_keys import KeyRow
from cnn_tui.tui.panes.models.answers import NetAnswers
from cnn_tui.tui.panes.models.sides import (
    Side,
    comparison,
    costs_of,
    field,
    layers,
    timeline_page,
)
from cnn_tui.tui.panes.models.state import (
    OF_ONE_NET,
    VIEWS_OF_ACTION,
    ModelsState,
    NetView,
)
from cnn_tui.tui.widgets.frame import AROUND as BORDER
from cnn_tui.tui.widgets.frame import Divider, Frame, frame_keys
from cnn_tui.tui.widgets.frozen_page import FrozenPage
from cnn_tui.tui.widgets.page import Page

ONLY_KNOWN_NETS = (
    "Feature maps are shown of the lab's own networks and of your runs, not of other modules. "
    "Press {l} for the layers."
)
LEAVES_LIST = ("x", "takes it out of the list")
OTHER_INPUT = ("i", "tries another input")
PATIENCE = 0.5
"""Seconds after which a page says that it is being worked on."""
AROUND = 3
"""Columns of a page that are no text: its padding and its scrollbar."""
LEAST_ROWS = 6
"""Rows of a table that a head above it must leave."""
MOST_BLANK = 2
"""Blank rows below a head, which keep the table from moving for each network."""
HEIGHTS = ((40, 4), (30, 3), (26, 2), (0, 1))
"""From how many rows of the frame on, how tall the sketch's largest box is."""
BELOW_CHART = 7
"""Rows below the chart of gradients, without those of its table's depths."""
KEYS: tuple[tuple[str, str, NetView | None], ...] = (
    ("l", "layers", "layers"),
    ("f", "field", "field"),
    ("b", "costs", "costs"),
    ("a", "maps", "activations"),
    ("g", "gradients", "gradients"),
    ("s", "source", None),
)
"""What stands in the frame's border: key, word, and the view that it opens."""
FIRST_LEFT_OUT = "g"
"""The key that a narrow border has no room for: what it opens is not of the one network."""


class NetFrame(Frame):
    """Shows what a state says, as soon as the engine has answered."""

    def __init__(self, answers: NetAnswers) -> None:
        super().__init__(
            Static(id="net-head"),
            Divider(),
            FrozenPage(id="net-page"),
            id="net-frame",
            classes="main -headless",
        )
        self._answers = answers
        self._state = ModelsState()
        self._side: Side | None = None
        self._body: RenderableType = ""
        self._arranged_in = Size()
        self._has_source = False

    @property
    def page(self) -> FrozenPage:
        """What scrolls in it."""
        return self.query_one(FrozenPage)

    def shown(self) -> RenderableType:
        """Everything that it shows, from the top."""
        side, content = self._side, self.page.content
        return content if side is None or content is not self._body else side.whole

    async def look(self, state: ModelsState, marked: Sequence[str], *, has_source: bool) -> None:
        """Show a network, or those that are marked, from one side."""
        self._state = state
        self.mark_source(state.view, has_source=has_source)
        if state.view == "compare":
            summaries = [await self._answers.summary(state.question(each)) for each in marked]
            self._show(comparison(summaries))
            return
        views = {
            "layers": self._show_layers,
            "field": self._show_field,
            "costs": self._show_costs,
            "activations": self._show_activations,
            "gradients": self._show_gradients,
            "timeline": self._show_timeline,
        }
        await views[state.view](state)

    def mark_source(self, view: NetView, *, has_source: bool) -> None:
        """Say in the border which side is open, and whether the source is."""
        self._has_source = has_source
        room = self.outer_size.width - BORDER
        keys = _keys(view, has_source=has_source)
        if self.size and keys.cell_len > room:
            keys = _keys(view, has_source=has_source, without=FIRST_LEFT_OUT)
        self.keys = keys

    def fail(self, sentence: str) -> None:
        """Say why there is nothing to see from this side, above the layers where they are known."""
        state = self._state
        keys = [OTHER_INPUT] if state.view in VIEWS_OF_ACTION["ask_input"] else []
        if parse(state.target).is_own and state.view in OF_ONE_NET:
            keys.append(LEAVES_LIST)
        is_run = state.view in ("activations", "gradients")
        known = self._answers.known(state.question(state.target)) if is_run else None
        body: RenderableType = Constrain(Text(sentence), TEXT_WIDTH)
        if keys:
            body = Group(body, Text(), KeyRow([key_text(*each) for each in keys]))
        if known is not None:
            of = Text(f"The layers of {self._names(parse(state.target))[0]}:", QUIET)
            layers_of = layer_table(known, state.depth, unfold=state.unfold)
            body = Group(body, Text(), of, Text(), layers_of)
        self._show(Side(str(self.title), "", body))

    def on_resize(self, event: Resize) -> None:
        """Give the head as much room as there is now, and the border the keys that fit."""
        self.mark_source(self._state.view, has_source=self._has_source)
        if self._side is not None and self._arranged_in != self.size:
            self._arrange(self._side, from_top=False)

    def on_page_resized(self, message: Page.Resized) -> None:
        """Draw pictures and curves for another width."""
        if self._state.view == "activations":
            self._draw_activations()
        elif self._state.view == "gradients":
            self._draw_gradients()

    async def _show_layers(self, state: ModelsState) -> None:
        spec, question = parse(state.target), state.question(state.target)
        title, by = self._names(spec)
        if state.inputs is not None and state.inputs.specs:
            by = given_text(state.inputs)
        if self._answers.known(question) is None:
            doing = "Measuring the time of each layer" if question.timed else f"Analyzing {spec}"
            head = partial(net_head, None if spec.is_own else spec.info, None)
            self._show(Side(title, by, Text(f"{doing} …", style=QUIET), head))
        summary = await self._answers.summary(question)
        self._show(layers(summary, title, by, state.depth, unfold=state.unfold))

    async def _show_field(self, state: ModelsState) -> None:
        summary = await self._answers.summary(state.question(state.target))
        self._show(field(summary, self._names(parse(state.target))[0]))

    async def _show_costs(self, state: ModelsState) -> None:
        question, title = state.question(state.target), self._names(parse(state.target))[0]
        if self._answers.known(question) is None:
            self._show(Side(f"{title}: costs", "", Text("Adding up its memory …", style=QUIET)))
        self._show(costs_of(await self._answers.summary(question), title, state))

    async def _show_gradients(self, state: ModelsState) -> None:
        if self._answers.gradients is None:
            measuring = Text("Measuring gradients at six depths …", style=QUIET)
            self._show(Side("Gradient norm by depth", "", measuring))
            await in_background(import_module, "cnn_tui.render.networks.gradients")
            await self._answers.flow()
        self._draw_gradients()

    def _draw_gradients(self) -> None:
        from cnn_tui.render.networks.gradients import CHART_HEIGHT, gradient_view

        flows = self._answers.gradients
        if flows is not None:
            region = self.page.scrollable_content_region
            height = max(CHART_HEIGHT, region.height - len(flows[0].depths) - BELOW_CHART)
            view = gradient_view(flows, width=region.width, height=height)
            self._show(Side("Gradient norm by depth", "before training", view))

    async def _show_timeline(self, state: ModelsState) -> None:
        self._show(timeline_page())

    async def _show_activations(self, state: ModelsState) -> None:
        spec = parse(state.target)
        title = f"{self._names(spec)[0]}: feature maps"
        if spec.is_own:
            self._show(Side(title, "", keyed(ONLY_KNOWN_NETS)))
            return
        running = Text(f"Running {state.runs_on_image} on an image …", style=QUIET)
        waiting = later(self, PATIENCE, partial(self._show, Side(title, "", running)))
        try:
            await self._answers.feature_maps(state)
        finally:
            waiting.stop()
        self._draw_activations()

    def _draw_activations(self) -> None:
        seen = self._answers.seen
        if seen is not None:
            title = f"{self._names(parse(self._state.target))[0]}: feature maps"
            view = activations_view(seen, columns=self.page.scrollable_content_region.width)
            self._show(Side(title, seen.layer or "every layer", view))

    def _names(self, spec: NetSpec) -> tuple[str, str]:
        """The title of a network, and by whom it is as far as there is room for that."""
        if spec.is_own:
            return (spec.name, spec.label) if spec.name else (spec.label, "")
        options = ", ".join(str(spec).split(",")[1:])
        title = net_title(spec.info) + (f" {options}" if options else "")
        return title, short_authors(spec.info, self.outer_size.width - len(title) - 10)

    def _show(self, side: Side) -> None:
        self._side = side
        self.title, self.short_title, self.state = side.title, side.short, side.state
        self._arrange(side)

    def _arrange(self, side: Side, *, from_top: bool = True) -> None:
        """Keep the head above the page, or let it scroll where rows are few.

        Before the first layout nobody knows how many there are: it is done with that.
        """
        self._arranged_in = self.size
        if not self.size:
            return
        head, rows = (None, 0) if side.head is None else self._head(side.head)
        is_fixed = head is not None and self._leaves_room(rows)
        self.set_class(not is_fixed, "-headless")
        body = side.body
        if is_fixed and head is not None:
            self._set_head(head, rows, is_new_size=not from_top)
        elif head is not None:
            body = side.below(head)
        self._body = body
        self.page.show(body, from_top=from_top, long=side.is_long)

    def _set_head(self, head: RenderableType, rows: int, *, is_new_size: bool) -> None:
        """Show a head; a lower one than before leaves the table where it was."""
        above = self.query_one("#net-head", Static)
        before = int(above.styles.height.value) if above.styles.height is not None else 0
        above.update(head, layout=False)
        if is_new_size or not rows <= before <= rows + MOST_BLANK:
            above.styles.height = rows

    def _head(self, make: Callable[..., RenderableType]) -> tuple[RenderableType, int]:
        """The largest head that leaves the table enough rows, else the one that scrolls."""
        most = next(lines for least, lines in HEIGHTS if self.size.height >= least)
        for lines, has_kinds, is_airy in (
            *((lines, True, True) for lines in range(most, 0, -1)),
            (1, False, True),
            (1, False, False),
        ):
            head = make(lines=lines, has_kinds=has_kinds, is_airy=is_airy)
            rows = self._rows(head)
            if self._leaves_room(rows):
                return head, rows
        return make(), self.size.height

    def _leaves_room(self, rows: int) -> bool:
        return rows + 2 + LEAST_ROWS <= self.size.height

    def _rows(self, head: RenderableType) -> int:
        console: Console = self.app.console
        width = max(1, self.size.width - 2)
        return len(console.render_lines(head, console.options.update(width=width, height=None)))


def _keys(view: NetView, *, has_source: bool, without: str = "") -> Text:
    """The keys of the sides, the open ones strong."""
    is_open = {key: has_source if opens is None else opens == view for key, _, opens in KEYS}
    shown = ((key, words) for key, words, _ in KEYS if key != without)
    return frame_keys(*shown, strong=[key for key in is_open if is_open[key]])
