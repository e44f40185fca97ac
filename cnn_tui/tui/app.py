"""The app: five panes under a header line, one footer, one command palette."""

import asyncio
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, UsageError
from cnn_tui.tui.background import after_refresh, every, finish, later, report, start
from cnn_tui.tui.exports import copied, made_workspace, not_written, pictured, written
from cnn_tui.tui.failures import FailureLog, sentence_about
from cnn_tui.tui.keys import KEYS
from cnn_tui.tui.lab_screen import LabScreen, classes_of
from cnn_tui.tui.lab_status import LabStatusReader
from cnn_tui.tui.leaving import farewell, leave_on_hang_up
from cnn_tui.tui.memory import Memory
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.switcher import PaneSwitcher
from cnn_tui.tui.preparing import COLLECT_SECONDS, OldGarbage, collect_garbage_again, prepare
from cnn_tui.tui.terminal_app import TerminalApp
from cnn_tui.tui.widgets.header import Header
from cnn_tui.tui.widgets.key_line import KeyLine
from cnn_tui.workspace import Workspace, find_or_none

STYLES = ("app", "topics", "models", "pooling", "training", "exercises", "dialogs")
"""The stylesheets; what two of them say of one thing, the later one decides."""
STATUS_SECONDS, STATUS_SECONDS_LOW_BANDWIDTH = 4.0, 12.0
"""How often the header looks at the workspace."""
PREPARE_DELAY = 0.1
"""Seconds before the other panes are imported, so that the first one is painted by then."""
WARM_UP_DELAY = 0.3
"""Seconds before torch is loaded beside the app, so that it does not slow the first paint."""


class LabApp(TerminalApp):
    """The lab. Its result is a last line for the terminal, such as which runs go on."""

    CSS_PATH: ClassVar = [Path(__file__).parent / "styles" / f"{name}.tcss" for name in STYLES]
    TITLE = "cnn-lab"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(
        self,
        *,
        theme_name: str | None = None,
        low_bandwidth: bool = False,
        workspace: Workspace | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(theme_name, memory.now.theme if memory is not None else "")
        self.memory = memory
        self.animation_level = "none"
        self.low_bandwidth = low_bandwidth
        self.workspace = workspace if workspace is not None else find_or_none()
        self.engine = Engine()
        self.failures = FailureLog(self.workspace)
        self._status_reader: LabStatusReader | None = None

    def get_default_screen(self) -> LabScreen:
        """Draw on the lab's own screen, from the start with the classes of the terminal's size."""
        return LabScreen(id="_default", classes=" ".join(classes_of(self.size)))

    def compose(self) -> ComposeResult:
        """Lay out the header, the room for the panes, and the footer."""
        with Vertical(id="lab"):
            yield Header([pane.title for pane in PANES])
            yield PaneSwitcher(self.engine, self.workspace)
            yield KeyLine()

    async def on_mount(self) -> None:
        """Open the first pane, load torch beside it, and listen for a hang-up."""
        self.pane.focus_first()
        self.begin()
        later(self, WARM_UP_DELAY, self._warm_up)
        later(self, PREPARE_DELAY, self._prepare)
        if self.memory is not None and not self.memory.now.first_page_seen:
            after_refresh(self, self.action_first_page)
        leave_on_hang_up(self, self._close)
        every(self, 1.0, self._update_engine)
        every(
            self,
            STATUS_SECONDS_LOW_BANDWIDTH if self.low_bandwidth else STATUS_SECONDS,
            self.update_status,
        )
        asyncio.get_running_loop().set_exception_handler(self._log_of_loop)

    async def action_open_pane(self, index: int) -> None:
        """Show pane ``index``, counted from 0; it is built on its first visit."""
        await finish(self, self._open_pane(index))

    async def _open_pane(self, index: int) -> None:
        self.clear_notifications()
        await self._panes.open(index)
        self._header.current = index
        self.pane.focus_first()

    async def open_item(self, pane: str, name: str) -> None:
        """Open the pane of that id at what it calls ``name``: a topic, a network, a run."""
        await self._open_pane([each.id for each in PANES].index(pane))
        self.pane.open_item(name)

    @property
    def pane(self) -> Pane:
        """The open pane."""
        return self._panes.pane

    @property
    def _is_shown(self) -> bool:
        """Whether there is a header to write to that nothing covers; an app that ends has none."""
        return bool(self.screen_stack) and self._lab.is_active

    @property
    def _panes(self) -> PaneSwitcher:
        return self._lab.query_one(PaneSwitcher)

    @property
    def _lab(self) -> Screen[object]:
        """The screen under the dialogs, which has the panes."""
        return self.screen_stack[0]

    def action_command_palette(self) -> None:
        """Find a command, or anything that has a name; not over a dialog."""
        from cnn_tui.tui.finding import open_palette

        if self.screen is self._lab:
            open_palette(self)

    async def action_first_page(self) -> None:
        """Show what each pane is for, and what was found on this machine."""
        from cnn_tui.tui.dialogs.first_page import FirstPage

        def answered(index: int | None) -> None:
            if index is not None:
                self.call_later(self.action_open_pane, index)

        panes = [(info.title, info.purpose) for info in PANES]
        self.push_screen(FirstPage(panes, self.engine, self.workspace), answered)
        if self.memory is not None:
            await in_background(self.memory.see_first_page)

    async def choose_theme(self, name: str) -> None:
        """Change the theme, for the next start as well."""
        self.theme = name
        if self.memory is not None:
            await in_background(self.memory.choose_theme, name)

    def set_workspace(self, workspace: Workspace) -> None:
        """Work in ``workspace`` from now on, in all panes."""
        self.workspace = workspace
        if self.failures.path is None:
            self.failures = FailureLog(workspace)
        self._panes.set_workspace(workspace)
        self._status_reader = None
        self.update_status()

    def explain(self, error: BaseException) -> str:
        """An error's sentence with the keys that do something about it."""
        from cnn_tui.tui.next_keys import explained_in_keys  # would slow the first paint

        return explained_in_keys(error, self.pane.info.id)

    def on_pane_workspace_made(self, message: Pane.WorkspaceMade) -> None:
        """Say what was made, and let the pane go on with what it needed a workspace for."""
        self.set_workspace(message.workspace)
        self.notify(made_workspace(message.workspace), markup=False)
        if message.go_on is not None:
            message.go_on()

    def action_interrupt(self) -> None:
        """Close the topmost dialog as Esc does; where there is none, leave."""
        from cnn_tui.tui.dialogs.dialog import Dialog

        if isinstance(self.screen, Dialog):
            self.screen.action_cancel()
        else:
            start(self, self.action_quit_lab(), "quit")

    def export_screenshot(self, *, title: str | None = None, simplify: bool = False) -> str:
        """The screen as an SVG that needs no font from the net."""
        from cnn_tui.tui.screenshot import picture

        return picture(self, title)

    def action_help(self) -> None:
        """Show what the open pane does, and every key that works now."""
        from cnn_tui.tui.dialogs.help import HelpScreen

        info = self.pane.info
        self.push_screen(HelpScreen(info.title, info.about, self.screen.active_bindings))

    def action_glossary(self) -> None:
        """Explain the chapter's terms; Enter goes to the topic that teaches one."""
        from cnn_tui.tui.dialogs.glossary import GlossaryScreen

        def chosen(slug: str | None) -> None:
            if slug is not None:
                self.call_later(self.open_item, "topics", slug)

        self.push_screen(GlossaryScreen(self.pane.terms()), chosen)

    def action_copy(self) -> None:
        """Copy what the pane shows, through the terminal (OSC 52)."""
        text = self.pane.shown_text()
        self.copy_to_clipboard(text)
        self.notify(copied(self.pane.shown_name(), text), markup=False)

    def action_write(self) -> None:
        """Write what the pane shows to a new file in the current folder."""
        self._export(lambda: written(self.pane))

    def action_picture(self) -> None:
        """Write a picture of the screen to a new file in the current folder."""
        self._export(lambda: pictured(self.pane, self.export_screenshot()))

    def _export(self, export: Callable[[], str]) -> None:
        try:
            self.notify(export(), markup=False)
        except (OSError, UsageError) as error:
            self.notify(not_written(error), severity="error", markup=False)

    async def action_quit_lab(self) -> None:
        """Leave; say which runs go on."""
        last_line = ""
        try:
            last_line = await in_background(farewell, self.workspace)
        except Exception as error:  # nothing may keep the user from leaving
            last_line = sentence_about(error, self.failures.add(error), "; your runs go on")
        self.exit(last_line)

    async def on_unmount(self) -> None:
        """End what the engine still computes."""
        self.engine.close()

    def uncovered(self) -> None:
        """Give the keys back to the pane."""
        if self._lab.focused is None and self._lab.query("Pane"):
            self.pane.focus_first()

    def update_status(self) -> None:
        """Let the header say how things stand now."""
        start(self, self._update_status(), "status")

    async def _update_status(self) -> None:
        if self.workspace is None or not self._is_shown:
            return
        reader = self._status_reader
        if reader is None:
            reader = self._status_reader = await in_background(LabStatusReader, self.workspace)
        # What cannot be read is told by the pane that is about it.
        with contextlib.suppress(OSError, LabError):
            status = await in_background(reader.read)
            if self._is_shown:  # something may have covered it meanwhile, or the app has ended
                self._header.status = status

    def _update_engine(self) -> None:
        """Count the seconds that torch loads; a dialog above would be drawn again, too."""
        if not self._is_shown:
            return
        header, state = self._header, self.engine.state
        if state.phase == "loading":
            header.refresh()
        header.engine = state

    @property
    def _header(self) -> Header:
        return self._lab.query_one(Header)

    def _warm_up(self) -> None:
        """Load torch in the engine's process, and collect garbage again."""
        collect_garbage_again()
        every(self, COLLECT_SECONDS, OldGarbage().collect)
        self.engine.warm_up()
        self.update_status()

    def _prepare(self) -> None:
        start(self, self._prepare_panes(), "prepare-panes")

    async def _prepare_panes(self) -> None:
        """Load what first visits need, beside the event loop."""
        workspace = self.workspace
        # What fails here fails again for whoever opens the pane or dialog, and is told there.
        with contextlib.suppress(Exception):
            prepared = await in_background(prepare, workspace)
            if workspace is self.workspace:
                self._panes.prepared = prepared

    def _log_of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report what failed where nobody waited for it."""
        error = context.get("exception")
        if error is not None:
            report(self, error)

    def _close(self) -> None:
        """End what goes on beside the app."""
        self.engine.close()
        self._panes.close()
