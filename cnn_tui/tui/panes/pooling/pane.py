"""The Pooling pane itself: keys change its state, and the state says what is drawn."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.reactive import var

from cnn_tui.analysis.pooling.records import POOL_OPTIONS
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import UsageError
from cnn_tui.render.pooling.settings import heading
from cnn_tui.render.pooling.view import pool_view
from cnn_tui.render.translation import translation_view
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.next_keys import explained_in_keys
from cnn_tui.tui.panes.pane import EXPORT_WIDTH, Pane
from cnn_tui.tui.panes.pooling.frames import ComparedFrame, MapFrame, way_back
from cnn_tui.tui.panes.pooling.keys import KEYS, MOVES_OF_ACTION, OF_A_CELL
from cnn_tui.tui.panes.pooling.map_page import BlockPage, MapPage
from cnn_tui.tui.panes.pooling.settings_line import SettingsLine
from cnn_tui.tui.panes.pooling.state import (
    PoolingQuestion,
    PoolingState,
    answer_to,
    comparison_for,
)
from cnn_tui.tui.widgets.page import Page

OTHER_MAPS = (
    "digit or digits#17, a picture such as photo.png or folder:PATH#17, a feature map that a "
    "run learned such as run:last:conv1:0, or a file such as map.csv, map.npy or map.pt: a row of "
    "numbers per line, a printed tensor, or an array"
)
OTHER_MAP = "i takes another map, o opens one."
WAYS_OUT = {
    "kernel_size": f"[ makes the kernel smaller; {OTHER_MAP}",
    "stride": f"< makes the stride smaller; {OTHER_MAP}",
    "padding": f"] makes the kernel larger; {OTHER_MAP}",
    "dilation": f"[ makes the kernel smaller; {OTHER_MAP}",
    "norm_type": f"n takes another p; {OTHER_MAP}",
    "kind": f"[ makes the kernel smaller; {OTHER_MAP}",
    "edit": "Type a number such as 2.5, Esc leaves the cell as it was.",
}
"""What can be done where a change is not possible, by what was to be changed."""


class PoolingPane(Pane):
    """Pooling, one window at a time."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    state: var[PoolingState] = var(PoolingState, init=False)

    def compose(self) -> ComposeResult:
        """The map with its settings, and where there is room, other kinds of pooling."""
        with Horizontal():
            yield MapFrame(id="pool-frame")
            yield ComparedFrame(id="pool-compared")

    def on_mount(self) -> None:
        """Pool the first map."""
        self._pool()

    def focus_first(self) -> None:
        """The page with the grids; at once, so that its frame is drawn once."""
        self.screen.set_focus(self._page)

    def shown(self) -> RenderableType:
        """Both grids and the arithmetic, as they are printed."""
        state, answer = self.state, self.state.answer
        if answer is None:
            return Text()
        shown = answer.input
        top = heading(shown.name, shown.title, answer.result.settings)
        body: RenderableType
        if state.question.shift is not None and state.translation is not None:
            body = translation_view(state.translation, width=EXPORT_WIDTH)
        elif state.view != "windows":
            body = way_back(state, answer, EXPORT_WIDTH)
        else:
            body = pool_view(
                answer.result,
                state.cursor,
                width=EXPORT_WIDTH,
                moved=answer.moved,
                edited=state.edit_mark,
            )
        return Group(top, Text(), body)

    def shown_name(self) -> str:
        """What ``y`` and ``w`` say that they copied or wrote."""
        return f"the map {self.state.question.input.name}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what means something here; moving is for the page with the map only."""
        state = self.state
        if action == "back":
            return state.can_leave
        if MOVES_OF_ACTION.get(action, state.moves) != state.moves:
            return False
        if state.moves == "cell" and action not in OF_A_CELL:
            return False
        if action == "change" and "output_size" in POOL_OPTIONS[state.settings.kind]:
            return parameters[0] != "kernel_size"
        if action == "change":
            return parameters[0] != "output_size"
        return not action.startswith("move") or self.app.focused is self._page

    def is_open_at(self, key: str) -> bool:
        """The key of the shifted map leads back from it, too, and so does that of the way back."""
        is_open = {
            "shift": self.state.question.shift is not None,
            "backward": self.state.view != "windows",
        }
        return is_open.get(key, False)

    def watch_state(self, before: PoolingState, state: PoolingState) -> None:
        """Pool where something else is asked, else draw what is there."""
        self._page.editing = state.editing is not None
        now = (state.moves, state.settings.kind, state.can_leave)
        if (before.moves, before.settings.kind, before.can_leave) != now:
            self.refresh_bindings()
        if before.question != state.question:
            self._pool()
        else:
            self._draw()

    def on_page_resized(self, message: Page.Resized) -> None:
        """Choose again how the grids are drawn."""
        self._compare()
        self._draw()

    def on_map_page_typed(self, message: MapPage.Typed) -> None:
        """A key for the cell that is edited."""
        self.state = self.state.typing(message.key)

    def on_block_page_pointed(self, message: BlockPage.Pointed) -> None:
        """Move the window, or the editor, to the cell that was clicked."""
        self.state = self.state.pointed(message.name, message.cell)

    def on_settings_line_changed(self, message: SettingsLine.Changed) -> None:
        """An option was clicked."""
        self._try(message.field, self.state.clicked, message.field, message.step)

    def action_back(self) -> None:
        """Leave the cell as it was, or the shifted maps or the way back for the windows."""
        self.state = self.state.left()

    def action_change_kind(self) -> None:
        """Go on to the next kind of pooling."""
        self._try("kind", self.state.next_kind)

    def action_change(self, field: str, step: int) -> None:
        """Make ``kernel_size``, ``stride`` or ``output_size`` one larger or smaller."""
        self._try(field, self.state.clicked, field, step)

    def action_change_padding(self) -> None:
        """One more cell of padding, up to what the window allows; then none."""
        self._try("padding", self.state.more_padding)

    def action_change_dilation(self) -> None:
        """The next dilation, then none again."""
        self._try("dilation", self.state.next_dilation)

    def action_change_norm(self) -> None:
        """The next p."""
        self._try("norm_type", self.state.next_norm)

    def action_switch(self, field: str) -> None:
        """Switch ``ceil_mode`` or ``count_include_pad``."""
        self._try(field, self.state.switched, field)

    def action_change_input(self) -> None:
        """Go on to the next named map."""
        self.state = self.state.next_input()

    def action_ask_input(self) -> None:
        """Ask for a map that has no key."""
        prompt = PromptScreen("Which map?", OTHER_MAPS, drafts=self.drafts, use=self._open)
        self.ask(prompt, lambda line: None)

    def action_ask_channel(self) -> None:
        """Ask which channel of the opened image or feature map to look at."""
        opened = self.state.opened
        if opened is None:
            self.say("Channels belong to an image or a run's layer: open one with o.")
            return
        hint = "red, green, blue, gray, or a number"
        use = partial(self._open, opened)
        prompt = PromptScreen("Which channel?", hint, drafts=self.drafts, use=use)
        self.ask(prompt, lambda line: None)

    def action_edit(self) -> None:
        """Begin to edit the first cell of the window."""
        self._try("edit", self.state.edited)

    def action_set_cell(self) -> None:
        """Put what was typed into the cell."""
        self._try("edit", self.state.edited)

    def action_toggle_shift(self) -> None:
        """From the window to the shifted map."""
        self.state = self.state.toggled_shift()

    def action_next_view(self) -> None:
        """From the windows to their gradient, to unpooling, and back."""
        self.state = self.state.next_view()

    def action_leave_shift(self) -> None:
        """From the shifted map to the window."""
        self.state = self.state.toggled_shift()

    def action_move(self, rows: int, columns: int) -> None:
        """Move the window."""
        self.state = self.state.moved(rows, columns)

    def action_move_map(self, rows: int, columns: int) -> None:
        """Shift the map further."""
        self.state = self.state.moved(rows, columns)

    def action_move_cell(self, rows: int, columns: int) -> None:
        """Edit another cell."""
        self.state = self.state.moved(rows, columns)

    @property
    def _page(self) -> MapPage:
        return self.query_one(MapPage)

    def _try(self, field: str, change: Callable[..., PoolingState], *arguments: Any) -> None:
        """Change the state, or say why that cannot be, and what can."""
        try:
            self.state = change(*arguments)
        except UsageError as error:
            sentence = explained_in_keys(error, self.info.id)
            way_out = "" if sentence.endswith("kind.") else f" {WAYS_OUT.get(field, '')}"
            self.say(f"{sentence}{way_out}".strip())

    async def _open(self, spec: str, channel: str | None = None) -> None:
        root = None if self.workspace is None else self.workspace.root
        chosen: dict[str, Any] = {"spec": spec, "channel": channel, "workspace": root}
        opened = await self.engine.run("pool_input", **chosen)
        self.state = self.state.opening(spec, opened)

    def _pool(self) -> None:
        question = self.state.question
        try:
            answer = answer_to(question)
        except UsageError as error:
            self.say(f"{explained_in_keys(error, self.info.id)} {OTHER_MAP}")
            return
        self.state = self.state.answered(answer)
        self._compare()

    def _compare(self) -> None:
        """Measure what shifts do, where that is to be seen and not known yet."""
        question, others = self.state.question, self.query_one(ComparedFrame)
        is_seen = question.shift is not None or others.display
        if is_seen and self.state.compared != question:
            self.start(self._translate(question), "compare")

    async def _translate(self, question: PoolingQuestion) -> None:
        found = await in_background(comparison_for, question)
        self.state = self.state.translated(question, found)

    def _draw(self) -> None:
        """Draw the map at once, and what it is compared with right after it."""
        self.query_one(MapFrame).show(self.state)
        self.call_later(self._draw_others)

    def _draw_others(self) -> None:
        self.query_one(ComparedFrame).show(self.state)
