"""The Models pane itself: keys change its state, and the state says what is shown."""

from dataclasses import replace
from typing import ClassVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import var

from cnn_tui.analysis.records import parse_shape
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.nets.specs import parse
from cnn_tui.training.store.listing import list_runs, of_net
from cnn_tui.training.store.references import RUN_PREFIX
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.models.answers import NetAnswers
from cnn_tui.tui.panes.models.keys import KEYS
from cnn_tui.tui.panes.models.net_page import NetPage
from cnn_tui.tui.panes.models.state import OF_ONE_NET, VIEWS_OF_ACTION, ModelsState, NetView
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.widgets.net_list import NetList
from cnn_tui.workspace import Workspace

ANY_IMAGE = "digit, digits#17, photo.png or folder:PATH#17; nothing: the usual one"
ANY_NET = (
    "NAME,option=value such as vgg16,batch_norm=true; or your own: "
    "exercises/exercise5.py:VGGStyle, package.module:Factory"
)


class ModelsPane(Pane):
    """Where the parameters sit, where the work goes, what a unit sees."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    state: var[ModelsState] = var(ModelsState, init=False)

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._answers = NetAnswers(engine, None if workspace is None else workspace.root)

    def compose(self) -> ComposeResult:
        """The list and the page."""
        with Horizontal():
            yield NetList()
            yield NetPage(self._answers)

    def focus_first(self) -> None:
        """The list of networks."""
        self._list.focus_rows()

    def shown(self) -> RenderableType:
        """What the page shows."""
        return self._page.content

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what the open view can do."""
        if action in VIEWS_OF_ACTION:
            return self.state.view in VIEWS_OF_ACTION[action]
        if action == "look":
            return self.state.view not in parameters
        if action == "back":
            return self.is_reading or self._list.is_filtered
        return True

    def watch_state(self, before: ModelsState, state: ModelsState) -> None:
        """Show the other side or network, with the keys of that side in the footer."""
        if before.view != state.view:
            self.refresh_bindings()
        self._show()

    def on_net_list_chosen(self, message: NetList.Chosen) -> None:
        """Look at the network under the cursor; Enter moves the focus to the page."""
        if message.target != self.state.target:
            self._answers.forget_target()
            self.state = self.state.of(message.target)
        elif not self._page.content:
            self._show()
        if message.entered:
            self._page.focus()

    def action_back(self) -> None:
        """From the page to the list; from the filter to the whole list."""
        if not self._list.drop_filter():
            self.focus_first()

    def action_look(self, view: NetView) -> None:
        """Open another view."""
        if view == "compare" and len(self._list.marked) < 2:
            self.say("Mark two networks or more with space, then compare them with c.")
            return
        self.state = replace(self.state, view=view)
        if view not in OF_ONE_NET:
            self._page.focus()

    def action_mark(self) -> None:
        """Mark the network under the cursor, or take its mark away."""
        marked = self._list.toggle_mark()
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
        """Take a network that was opened out of the list again."""
        self._list.drop_own()

    def action_toggle_time(self) -> None:
        """Show measured times, or not."""
        self.state = replace(self.state, timed=not self.state.timed)

    def action_filter(self) -> None:
        """Type what the list shall keep."""
        self._list.ask_for_filter()
        self.refresh_bindings()

    def action_ask_input(self) -> None:
        """Ask for another input shape."""

        def take(line: str) -> None:
            self.state = replace(self.state, input_shape=parse_shape(line) if line else None)

        given = ",".join(map(str, self.state.input_shape or ()))
        hint = "channels,height,width such as 3,64,64; nothing: each network's own"
        self.ask(PromptScreen("Which input?", hint, given, parse_shape), take)

    def action_ask_image(self) -> None:
        """Ask for another image."""

        def take(line: str) -> None:
            self.state = replace(self.state, image=line or None)

        self.ask(PromptScreen("Which image?", ANY_IMAGE, self.state.image or ""), take)

    def action_ask_net(self) -> None:
        """Ask for a network that is not in the list."""

        def take(line: str) -> None:
            if line:
                # So that it is taken apart anew, whatever is shown.
                self.set_reactive(ModelsPane.state, replace(self.state, target=""))
                self._list.add_own(line)

        self.ask(PromptScreen("Which network?", ANY_NET, "", parse), take)

    def action_next_source(self) -> None:
        """From fresh weights to those of a run of this network, and on to the next run."""
        self.start(self._next_source(self.state), "source", page="net-page")

    @property
    def _list(self) -> NetList:
        return self.query_one(NetList)

    @property
    def _page(self) -> NetPage:
        return self.query_one(NetPage)

    def _show(self) -> None:
        self.start(self._page.look(self.state, self._list.marked), "view", page="net-page")

    async def _next_source(self, state: ModelsState) -> None:
        name = parse(state.target).name
        runs: list[str] = []
        if self.workspace is not None:
            statuses = await in_background(list_runs, self.workspace)
            runs = [f"{RUN_PREFIX}{run.run}" for run in of_net(statuses, name)]
        if not runs:
            self.say(f"No run has trained {name} yet: start one in the Training pane.")
        elif self.state is state:  # else something else is looked at by now
            sources = [None, *runs]
            place = sources.index(state.source) if state.source in sources else 0
            self.state = replace(state, source=sources[(place + 1) % len(sources)])
