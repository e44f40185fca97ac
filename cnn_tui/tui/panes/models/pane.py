"""The Models pane itself: keys change its state, and the state says what is shown."""

from dataclasses import replace
from typing import ClassVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import var

from cnn_tui.analysis.networks.costs import CostSettings, parse_settings
from cnn_tui.analysis.networks.devices import DEVICES, MEASURED, WIDTHS
from cnn_tui.analysis.networks.input_texts import line_of, parse_line
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.nets.own_list import own_nets
from cnn_tui.nets.source import is_missing
from cnn_tui.nets.specs import parse
from cnn_tui.training.store.listing import list_runs, of_net
from cnn_tui.training.store.references import RUN_PREFIX
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.models.answers import NetAnswers
from cnn_tui.tui.panes.models.keys import KEYS
from cnn_tui.tui.panes.models.net_frame import NetFrame
from cnn_tui.tui.panes.models.source_frame import SourceFrame
from cnn_tui.tui.panes.models.state import OF_ONE_NET, VIEWS_OF_ACTION, ModelsState, NetView
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.widgets.net_list import NetList
from cnn_tui.workspace import Workspace

ANY_DEVICE = (
    f"device,precision,batch such as a100,bf16,64. Devices: {', '.join((*DEVICES, MEASURED))}; "
    f"precisions: {', '.join(WIDTHS)}. Nothing: the usual ones."
)
ANY_IMAGE = "digit, digits#17, photo.png or folder:PATH#17; nothing: the usual one"
ANY_INPUT = (
    "Type the sides without the batch, such as 3,64,64, 784, 16:int64 or mask=16:bool, one input "
    "after the other, then --batch 8 or --no-batch if it needs one; nothing for the network's own."
)
ANY_NET = (
    "NAME,option=value such as vgg16,batch_norm=true; or your own: "
    "exercises/exercise5.py:vgg_style, package.module:Factory"
)
MOST_LISTED = 5
"""How many networks of the workspace the prompt lists; all others are completed as well."""


class ModelsPane(Pane):
    """Where the parameters sit, where the work goes, what a unit sees."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    state: var[ModelsState] = var(ModelsState, init=False)

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._answers = NetAnswers(engine, None if workspace is None else workspace.root)
        self._just_opened = ""
        self.add_class("-of-one")

    def compose(self) -> ComposeResult:
        """The list and the page."""
        with Horizontal():
            yield NetList()
            yield NetFrame(self._answers)
            yield SourceFrame()

    def focus_first(self) -> None:
        """The list of networks."""
        self._list.focus_rows()

    def open_item(self, name: str) -> None:
        """Put the cursor on a network: one of the list, or one with options, which joins it."""
        if "," in name:
            self._list.add_own(name)
        else:
            self._list.go_to(name)
        self._read_in_place_of_list()

    def workspace_made(self) -> None:
        """Look there for networks and runs of the learner's own."""
        assert self.workspace is not None
        self._answers.workspace = self.workspace.root

    def shown(self) -> RenderableType:
        """What is seen of the network: its source where that is in its place."""
        return self._source.shown() if self._source.page.has_focus else self._frame.shown()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the open view can do."""
        if action in VIEWS_OF_ACTION:
            return self.state.view in VIEWS_OF_ACTION[action]
        if action == "drop_own":
            return self._list.is_own(self.state.target)
        if action == "look":
            return self.state.view not in parameters or self.state.has_source is True
        if action == "back":
            is_elsewhere = self.state.view != "layers" or self.state.has_source is True
            return self.is_reading or self._list.is_filtered or is_elsewhere
        return True

    def watch_state(self, before: ModelsState, state: ModelsState) -> None:
        """Show the other side or network, with the keys of that side in the footer."""
        if before.view != state.view or before.target != state.target:
            self.refresh_bindings()
        self.set_class(state.view in OF_ONE_NET, "-of-one")
        self.set_class(state.has_source is True, "-source")
        self.set_class(state.has_source is False, "-no-source")
        if replace(before, has_source=state.has_source) == state:
            self._frame.mark_source(state.view, has_source=self._has_source)
            self._show_source()
        else:
            self._show()

    def on_net_list_chosen(self, message: NetList.Chosen) -> None:
        """Look at the network under the cursor; Enter moves the focus to the page."""
        if message.target != self.state.target:
            is_fresh = message.target == self._just_opened
            self._answers.forget_target(keep=message.target if is_fresh else "")
            self._just_opened = ""
            self.state = self.state.of(message.target)
        elif not self._frame.page.content:
            self._show()
        if message.entered:
            self.open_page(self._frame.page)

    def action_back(self) -> None:
        """From the source or another view to the layers, then to the list, and to all its rows."""
        if self.state.has_source:
            self._close_source()
        elif self.state.view != "layers":
            self.state = replace(self.state, view="layers")
        elif not self._list.drop_filter():
            self.focus_first()

    def action_look(self, view: NetView) -> None:
        """Open another view."""
        if view == "compare" and len(self._list.marked) < 2:
            self.say("Mark two networks or more with space, then compare them with c.")
            return
        is_source_read = self._source.page.has_focus
        has_source = None if self.state.has_source else self.state.has_source
        self.state = replace(self.state, view=view, has_source=has_source)
        if view not in OF_ONE_NET or is_source_read or not self._frame.display:
            self.open_page(self._frame.page)

    def action_toggle_source(self) -> None:
        """Show the code of the network, beside its layers where there is room, or close it."""
        if self._has_source:
            self._close_source()
            return
        view = self.state.view if self.state.view in OF_ONE_NET else "layers"
        self.state = replace(self.state, view=view, has_source=None if self._is_wide else True)
        self.open_page(self._source.page)

    def _close_source(self) -> None:
        was_read = self._source.page.has_focus
        self.state = replace(self.state, has_source=False if self._is_wide else None)
        if was_read:
            self.open_page(self._frame.page)

    def action_mark(self) -> None:
        """Mark the network under the cursor, or take its mark away."""
        marked = self._list.toggle_mark()
        if len(marked) > 1:
            self.app.clear_notifications()  # which may have asked for this
        if self.state.view == "compare":
            if len(marked) > 1:
                self._show()
            else:
                self.state = replace(self.state, view="layers")

    def action_step_depth(self, step: int) -> None:
        """Show modules that are nested deeper, or less deeply."""
        summary = self._answers.known(self.state.question(self.state.target))
        if summary is not None:
            self.state = self.state.deeper(step, summary)

    def action_step_layer(self, step: int) -> None:
        """Show the feature maps of the layer before or after; before the first, the layers."""
        if self._answers.seen is not None:
            self.state = self.state.at_layer(step, self._answers.seen)

    def action_step_channel(self, step: int) -> None:
        """Show the feature maps before or after those that are shown."""
        if self._answers.seen is not None:
            self.state = self.state.at_channel(step, self._answers.seen)

    def action_unfold(self) -> None:
        """Show blocks that repeat one by one, or folded."""
        self.state = replace(self.state, unfold=not self.state.unfold)

    def action_drop_own(self) -> None:
        """Take a network that was opened out of the list."""
        self._list.drop_own()

    def action_toggle_time(self) -> None:
        """Show measured times, or not."""
        self.state = replace(self.state, timed=not self.state.timed)

    def action_filter(self) -> None:
        """Type what the list shall keep."""
        self._list.ask_for_filter()
        self.refresh_bindings()

    def action_ask_input(self) -> None:
        """Ask for other inputs."""

        def take(line: str) -> None:
            self.state = replace(self.state, inputs=parse_line(line) if line else None)

        given = "" if self.state.inputs is None else line_of(self.state.inputs)
        self.ask(
            PromptScreen("Which input?", ANY_INPUT, given, drafts=self.drafts, check=parse_line),
            take,
        )

    def action_ask_device(self) -> None:
        """Ask for another device, precision or batch size."""

        def take(line: str) -> None:
            self.state = replace(self.state, costs=parse_settings(line) if line else CostSettings())

        prompt = PromptScreen(
            "On which device?",
            ANY_DEVICE,
            str(self.state.costs),
            drafts=self.drafts,
            check=parse_settings,
        )
        self.ask(prompt, take)

    def action_ask_image(self) -> None:
        """Ask for another image."""

        def take(line: str) -> None:
            self.state = replace(self.state, image=line or None)

        given = self.state.image or ""
        self.ask(PromptScreen("Which image?", ANY_IMAGE, given, drafts=self.drafts), take)

    def action_ask_net(self) -> None:
        """Ask for a network that is not in the list; one that cannot be analyzed stays out."""
        own = () if self.workspace is None else own_nets(self.workspace)
        prompt = PromptScreen(
            "Which network?",
            f"{ANY_NET}{_listed(own)}",
            drafts=self.drafts,
            check=parse,
            use=self._open_net,
            suggestions=own,
        )
        self.ask(prompt, lambda line: None)

    async def _open_net(self, line: str) -> None:
        target = await self._answers.try_out(line)
        self._just_opened = target
        # So that it is shown again, whatever is shown.
        self.set_reactive(ModelsPane.state, replace(self.state, target=""))
        self._list.add_own(target)
        self._read_in_place_of_list()

    def _read_in_place_of_list(self) -> None:
        """In a narrow terminal, where one of the two is seen, open the page."""
        if not self._frame.display:
            self.open_page(self._frame.page)

    def action_next_weights(self) -> None:
        """From fresh weights to those of a run of this network, and on to the next run."""
        self.start(self._next_weights(self.state), "weights", page="net-page")

    def _complain(self, sentence: str, page: str | None) -> None:
        if page == self._frame.page.id:
            self._frame.fail(sentence)
        else:
            super()._complain(sentence, page)

    @property
    def _list(self) -> NetList:
        return self.query_one(NetList)

    @property
    def _frame(self) -> NetFrame:
        return self.query_one(NetFrame)

    @property
    def _source(self) -> SourceFrame:
        return self.query_one(SourceFrame)

    @property
    def _is_wide(self) -> bool:
        """Whether the source stands beside list and layers unless it was closed."""
        return self.screen.has_class("-very-wide")

    @property
    def _has_source(self) -> bool:
        asked = self.state.has_source
        return self.state.view in OF_ONE_NET and (self._is_wide if asked is None else asked)

    def on_source_frame_opened(self, message: SourceFrame.Opened) -> None:
        """Read what belongs there: the terminal has become wide enough."""
        self._show_source()

    def _show(self) -> None:
        self.start(self._look(self.state), "view", page="net-page")
        self._show_source()

    async def _look(self, state: ModelsState) -> None:
        """Show what is looked at; a file that is gone is marked as such in the list."""
        if self._list.is_own(state.target):
            is_gone = await in_background(is_missing, parse(state.target))
            self._list.mark_gone(state.target, is_gone)
        await self._frame.look(state, self._list.marked, has_source=self._has_source)

    def _show_source(self) -> None:
        if self._has_source:
            self.start(self._source.look(self.state.target), "source", page="source-page")

    async def _next_weights(self, state: ModelsState) -> None:
        name = parse(state.target).name
        runs: list[str] = []
        if self.workspace is not None:
            statuses = await in_background(list_runs, self.workspace)
            runs = [f"{RUN_PREFIX}{run.run}" for run in of_net(statuses, name)]
        if not runs:
            self.say(f"No run has trained {name} yet: 4 n starts a run.")
        elif self.state is state:  # else something else is looked at by now
            weights = [None, *runs]
            place = weights.index(state.weights) if state.weights in weights else 0
            self.state = replace(state, weights=weights[(place + 1) % len(weights)])


def _listed(own: tuple[str, ...]) -> str:
    """The networks in the workspace, as more lines of a hint."""
    if not own:
        return ""
    more = len(own) - MOST_LISTED
    rest = f"\n… and {more} more" if more > 0 else ""
    names = "\n".join(own[:MOST_LISTED])
    return f"\nIn your workspace (→ completes what you begin to type):\n{names}{rest}"
