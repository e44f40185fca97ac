"""The Pooling pane itself: keys change its state, and the state says what is drawn."""

from collections.abc import Callable
from typing import Any, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.geometry import Size
from textual.reactive import var

from cnn_tui.errors import UsageError
from cnn_tui.render.draw.commands import explained
from cnn_tui.render.draw.grids import Edit
from cnn_tui.render.pooling import heading, pool_view
from cnn_tui.render.translation import translation_view
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.pooling.keys import KEYS
from cnn_tui.tui.panes.pooling.map_page import MapPage
from cnn_tui.tui.panes.pooling.state import PoolingAnswer, PoolingQuestion, PoolingState
from cnn_tui.tui.widgets.page import Page

HEADING_LINES = 3
OTHER_MAPS = (
    "digit or digits#17, a picture such as photo.png or folder:PATH#17, a feature map that a "
    "run learned such as run:last:conv1:0, or a file of numbers such as map.csv"
)


class PoolingPane(Pane):
    """Pooling, one window at a time."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    state: var[PoolingState] = var(PoolingState, init=False)

    def compose(self) -> ComposeResult:
        """One page."""
        yield MapPage(id="pool-view")

    def on_mount(self) -> None:
        """Pool the first map."""
        self._pool()

    def focus_first(self) -> None:
        """The page with the grids."""
        self._page.focus()

    def shown(self) -> RenderableType:
        """Both grids and the arithmetic."""
        return self._page.content

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back means leaving the cell, or the shifted maps; moving is for this page only."""
        if action == "back":
            return _can_leave(self.state)
        if action == "move":
            return self.app.focused is self._page
        return True

    def watch_state(self, before: PoolingState, state: PoolingState) -> None:
        """Pool where something else is asked, else draw what is there."""
        self._page.editing = state.editing is not None
        if _can_leave(before) != _can_leave(state):
            self.refresh_bindings()
        if before.question != state.question:
            self._pool()
        else:
            self._draw()

    def on_page_resized(self, message: Page.Resized) -> None:
        """Choose again how the grids are drawn."""
        self._draw()

    def on_map_page_typed(self, message: MapPage.Typed) -> None:
        """A key for the cell that is edited."""
        self.state = self.state.typing(message.key)

    def action_back(self) -> None:
        """Leave the cell as it was, or the shifted maps for the window."""
        self.state = self.state.left()

    def action_change_kind(self) -> None:
        """Go on to the next kind of pooling."""
        self._try(self.state.next_kind)

    def action_change(self, field: str, step: int) -> None:
        """Make ``kernel_size`` or ``stride`` one larger or smaller; adaptive kinds: the output."""
        self._try(self.state.stepped, field, step)

    def action_change_padding(self) -> None:
        """One more cell of padding, up to what the window allows; then none."""
        self._try(self.state.more_padding)

    def action_change_dilation(self) -> None:
        """The next dilation, then none again."""
        self._try(self.state.next_dilation)

    def action_change_norm(self) -> None:
        """The next p."""
        self._try(self.state.next_norm)

    def action_switch(self, field: str) -> None:
        """Switch ``ceil_mode`` or ``count_include_pad``."""
        self._try(self.state.switched, field)

    def action_change_input(self) -> None:
        """Go on to the next named map."""
        self.state = self.state.next_input()

    def action_ask_input(self) -> None:
        """Ask for a map that has no key."""

        def take(spec: str) -> None:
            if spec:
                self.start(self._open(spec), "open-map")

        self.ask(PromptScreen("Which map?", OTHER_MAPS), take)

    def action_ask_channel(self) -> None:
        """Ask which channel of the opened image or feature map to look at."""
        opened = self.state.opened
        if opened is None:
            self.say("Channels belong to an image or a run's layer: open one with o.")
            return

        def take(channel: str) -> None:
            if channel:
                self.start(self._open(opened, channel), "open-map")

        hint = "red, green, blue, gray, or a number"
        self.ask(PromptScreen("Which channel?", hint), take)

    def action_edit(self) -> None:
        """Begin to edit the first cell of the window, or put what was typed into the cell."""
        self._try(self.state.edited)

    def action_toggle_shift(self) -> None:
        """From the window to the shifted map and back."""
        self.state = self.state.toggled_shift()

    def action_move(self, rows: int, columns: int) -> None:
        """Move the cell that is edited, the map, or the window."""
        self.state = self.state.moved(rows, columns)

    @property
    def _page(self) -> MapPage:
        return self.query_one(MapPage)

    def _try(self, change: Callable[..., PoolingState], *arguments: Any) -> None:
        """Change the state, or say why that cannot be."""
        try:
            self.state = change(*arguments)
        except UsageError as error:
            self.say(explained(error))

    async def _open(self, spec: str, channel: str | None = None) -> None:
        root = None if self.workspace is None else self.workspace.root
        chosen: dict[str, Any] = {"spec": spec, "channel": channel, "workspace": root}
        opened = await self.engine.run("pool_input", **chosen)
        self.state = self.state.opening(spec, opened)

    def _pool(self) -> None:
        self.start(self._compute(self.state.question), "pool", page="pool-view")

    async def _compute(self, question: PoolingQuestion) -> None:
        asked: dict[str, Any] = {"grid": question.input.grid, "settings": question.settings}
        if question.shift is None:
            answer = PoolingAnswer(question.input, await self.engine.run("pool", **asked))
        else:
            moved = await self.engine.run("translate", **asked, shift=question.shift)
            answer = PoolingAnswer(question.input, moved.before, moved)
        self.state = self.state.answered(answer)

    def _draw(self) -> None:
        page = self._page
        if self.state.answer is None:
            page.show(Text("Loading torch …", style="dim"))
        else:
            area = page.scrollable_content_region.size
            page.show(_view(self.state, self.state.answer, area), from_top=False)


def _can_leave(state: PoolingState) -> bool:
    return state.editing is not None or state.question.shift is not None


def _view(state: PoolingState, answer: PoolingAnswer, area: Size) -> RenderableType:
    top = heading(answer.input.name, answer.input.title, answer.result.settings)
    if answer.translation is not None:
        body = translation_view(answer.translation, width=area.width)
    else:
        body = pool_view(
            answer.result,
            state.cursor,
            width=area.width,
            height=area.height - HEADING_LINES,
            edited=_edit_mark(state),
        )
    return Group(top, Text(), body)


def _edit_mark(state: PoolingState) -> Edit | None:
    editing = state.editing
    return None if editing is None else Edit(editing.row, editing.column, editing.typed or None)
