"""The app: five panes under a strip, one footer, one command palette."""

import asyncio
import contextlib
import gc
import os
import select
import signal
import sys
import time
from collections.abc import Iterable
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any, ClassVar

from rich.console import Console, RenderableType
from textual.app import App, ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import DescendantFocus, Event, InputEvent, Paste, Resize
from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import ContentSwitcher, Input

from cnn_tui.doctor import SMALLEST_TERMINAL
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, LabFault, UsageError
from cnn_tui.names import match
from cnn_tui.tui.background import after_refresh, every, finish, later, report, start
from cnn_tui.tui.cover import Cover, Coverable
from cnn_tui.tui.dialogs.dialog import Palette
from cnn_tui.tui.failures import FailureLog, sentence_about
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.terminal.driver import TerseDriver
from cnn_tui.tui.widgets.key_line import KeyLine
from cnn_tui.tui.widgets.tab_strip import TabStrip
from cnn_tui.workspace import Workspace, find_or_none

HANG_UP_CHECK_SECONDS = 2.0
WARM_UP_DELAY = 0.3
"""Seconds before torch is loaded beside the app, so that it does not slow the first paint."""
ACT_WITHOUT_ROOM = {"quit_lab", "suspend_process"}
"""Actions of the keys that act where the terminal is too small to show anything."""
CAN_SUSPEND = hasattr(signal, "SIGTSTP")
WIDE, VERY_WIDE = 120, 160
"""Columns from which text and output stand side by side, and beside them the list."""
BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (VERY_WIDE, "-very-wide")]


class LabScreen(Coverable[None]):
    """The one screen under the dialogs."""

    # Textual repaints a screen whenever its focus moves, though the widgets that
    # lost and won it repaint themselves: 5 to 25 KB on the wire for nothing.
    focused = Reactive[Widget | None](None, repaint=False)


class LabApp(App[str]):
    """The lab. Its result is a last line for the terminal, such as which runs go on."""

    CSS_PATH = "app.tcss"
    TITLE = "cnn-lab"
    ENABLE_COMMAND_PALETTE = True
    HORIZONTAL_BREAKPOINTS = BREAKPOINTS
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(
                str(number),
                f"open_pane({number - 1})",
                pane.title,
                show=False,
                id=f"lab.pane-{number}",
                tooltip=f"Open the {pane.title} pane",
            )
            for number, pane in enumerate(PANES, start=1)
        ),
        Binding(
            "question_mark",
            "help",
            "Help",
            key_display="?",
            id="lab.help",
            tooltip="What this pane does, and its keys",
        ),
        Binding(
            "y",
            "copy",
            "Copy",
            show=False,
            id="lab.copy",
            tooltip="Copy what is shown to the clipboard",
        ),
        Binding(
            "w",
            "write",
            "Write",
            show=False,
            id="lab.write",
            tooltip="Write what is shown to a file in the current folder",
        ),
        Binding("q", "quit_lab", "Quit", id="lab.quit", tooltip="Leave the lab; runs go on"),
        Binding(
            "ctrl+q,ctrl+c",
            "quit_lab",
            "Quit",
            show=False,
            id="lab.quit-control",
            tooltip="Leave the lab; runs go on",
            priority=True,
        ),
        Binding(
            "ctrl+z",
            "suspend_process",
            "Suspend",
            show=False,
            id="lab.suspend",
            tooltip="Back to the shell for a while; its command fg comes back here",
            priority=True,
        ),
    ]

    def __init__(
        self,
        *,
        theme_name: str | None = None,
        low_bandwidth: bool = False,
        workspace: Workspace | None = None,
    ) -> None:
        super().__init__()
        self.animation_level = "none"
        self.low_bandwidth = low_bandwidth
        self.workspace = workspace if workspace is not None else find_or_none()
        self.engine = Engine()
        self.failures = FailureLog(self.workspace)
        self.crash: BaseException | None = None
        self._cover = Cover()
        self._is_open = False
        self._keys_count_from = 0.0
        if theme_name is not None:
            self.theme = match(theme_name, self.available_themes, "theme", "the command palette")

    def get_driver_class(self) -> type[Driver]:
        """Draw with fewer bytes where Textual would take its own driver for Unix."""
        chosen = super().get_driver_class()
        return TerseDriver if chosen is LinuxDriver else chosen

    def get_default_screen(self) -> LabScreen:
        """Draw on the lab's own screen, from the start with the class of the terminal's width."""
        width = self.size.width
        return LabScreen(
            id="_default",
            classes=next(name for least, name in reversed(BREAKPOINTS) if width >= least),
        )

    def compose(self) -> ComposeResult:
        """Lay out the strip, the room for the panes, and the footer."""
        with Vertical(id="lab"):
            yield TabStrip([pane.title for pane in PANES])
            with ContentSwitcher(id="panes", initial=PANES[0].id):
                yield self._make_pane(0)
            yield KeyLine()

    async def on_mount(self) -> None:
        """Open the first pane, load torch beside it, and listen for a hang-up."""
        self.pane.focus_first()
        self._is_open = True
        self._cover_or_uncover(self.size)
        later(self, WARM_UP_DELAY, self._warm_up)
        if hasattr(signal, "SIGHUP"):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, self._hang_up)
        every(self, HANG_UP_CHECK_SECONDS, self._look_for_hang_up)
        asyncio.get_running_loop().set_exception_handler(self._log_of_loop)

    async def action_open_pane(self, index: int) -> None:
        """Show pane ``index``, counted from 0; it is built on its first visit."""
        await finish(self, self._open_pane(index))

    async def _open_pane(self, index: int) -> None:
        self.clear_notifications()
        switcher = self._lab.query_one("#panes", ContentSwitcher)
        info = PANES[index]
        if not switcher.query(f"#{info.id}"):
            await in_background(info.load)  # up to a tenth of a second of imports
            await switcher.add_content(self._make_pane(index))
        switcher.current = info.id
        self._lab.query_one(TabStrip).current = index
        self.pane.focus_first()

    @property
    def pane(self) -> Pane:
        """The open pane."""
        shown = self._lab.query_one("#panes", ContentSwitcher).visible_content
        assert isinstance(shown, Pane)
        return shown

    @property
    def is_covered(self) -> bool:
        """Whether the terminal is too small to show the lab."""
        return self._cover in self.screen_stack

    @property
    def _lab(self) -> Screen[object]:
        """The screen under the dialogs, which has the panes."""
        return self.screen_stack[0]

    async def on_tab_strip_chosen(self, message: TabStrip.Chosen) -> None:
        """Open the pane whose title was clicked."""
        await self.action_open_pane(message.index)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Keep the cursor of a field from blinking: each blink would be sent over SSH."""
        if isinstance(event.widget, Input):
            event.widget.cursor_blink = False

    def on_resize(self, event: Resize) -> None:
        """Ask for more room where nothing would fit."""
        if self._is_open:  # before, there is nothing to put it over
            self._cover_or_uncover(event.size)

    def _cover_or_uncover(self, size: Size) -> None:
        columns, rows = SMALLEST_TERMINAL
        is_small = size.width < columns or size.height < rows
        if is_small and not self.is_covered:
            super().push_screen(self._cover)
        elif not is_small and self.is_covered:
            self.pop_screen()
            self._cover = Cover()
            after_refresh(self, self._find_focus)

    def push_screen(self, screen: Any, *args: Any, **settings: Any) -> Any:
        """Put ``screen`` over the others, but below the request for more room."""
        if not self.is_covered:
            return super().push_screen(screen, *args, **settings)
        self.pop_screen()
        pushed = super().push_screen(screen, *args, **settings)
        self._cover = Cover()
        super().push_screen(self._cover)
        return pushed

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where nothing is shown, no key acts on it."""
        if action == "suspend_process":
            return CAN_SUSPEND
        return action in ACT_WITHOUT_ROOM if self.is_covered else True

    async def on_event(self, event: Event) -> None:
        """Drop what was typed before another program had the terminal."""
        if isinstance(event, InputEvent | Paste) and event.time < self._keys_count_from:
            return
        await super().on_event(event)

    def come_back(self) -> None:
        """Draw everything again; keys count from now on: what still waits was typed blindly."""
        self._keys_count_from = time.monotonic()
        self.call_later(self.refresh, layout=True)

    def action_command_palette(self) -> None:
        """Show the command palette."""
        if self.use_command_palette and not isinstance(self.screen, Palette):
            self.push_screen(Palette(id="--command-palette"))

    def action_suspend_process(self) -> None:
        """Give the terminal back to the shell, until its user wants the lab again."""
        driver = self._driver
        if not isinstance(driver, TerseDriver):
            super().action_suspend_process()
        elif driver.has_job_control:
            self.app_suspend_signal.publish(self)
            driver.stop_job()  # at once, so that keys typed meanwhile act nowhere
        else:
            self.notify(
                "The lab was not started from a shell, so there is nothing to come back to: "
                "q leaves.",
                severity="warning",
            )

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Offer the panes in the command palette, beside Textual's own commands."""
        yield from super().get_system_commands(screen)
        for index, pane in enumerate(PANES):
            yield SystemCommand(
                f"Open {pane.title}", pane.about, lambda index=index: self._open_later(index)
            )
        yield SystemCommand("Copy", "Copy what is shown to the clipboard", self.action_copy)
        yield SystemCommand("Write", "Write what is shown to a file", self.action_write)

    def action_help(self) -> None:
        """Show what the open pane does, and every key that works now."""
        from cnn_tui.tui.dialogs.help import HelpScreen

        info = self.pane.info
        self.push_screen(HelpScreen(info.title, info.about, self.screen.active_bindings))

    def action_copy(self) -> None:
        """Copy what the pane shows, through the terminal (OSC 52)."""
        text = self.pane.shown_text()
        self.copy_to_clipboard(text)
        self.notify(
            f"Sent {len(text.splitlines())} lines to the clipboard (OSC 52). "
            "If nothing arrives, your terminal does not allow it: press w to write a file."
        )

    def action_write(self) -> None:
        """Write what the pane shows to a new file in the current folder."""
        try:
            path = _write_new(Path.cwd(), self.pane.info.id, self.pane.shown_text())
        except (OSError, UsageError) as error:
            self.notify(f"Nothing was written: {error}.", severity="error", markup=False)
            return
        self.notify(f"Wrote {path}", markup=False)

    async def action_quit_lab(self) -> None:
        """Leave; say which runs go on."""
        farewell = ""
        try:
            farewell = await in_background(_farewell, self.workspace)
        except Exception as error:  # nothing may keep the user from leaving
            farewell = sentence_about(error, self.failures.add(error), "; your runs go on")
        self.exit(farewell)

    async def on_unmount(self) -> None:
        """End what the engine still computes."""
        self.engine.close()

    def _find_focus(self) -> None:
        """Give the keys back to the pane: what was hidden lost the focus."""
        if self._lab.focused is None and self._lab.query("Pane"):
            self.pane.focus_first()

    def _warm_up(self) -> None:
        """Load torch in the engine's process, and the other panes' modules in this one."""
        gc.freeze()
        gc.enable()
        self.engine.warm_up()
        start(self, in_background(_import_panes), "import-panes")

    def _make_pane(self, index: int) -> Pane:
        info = PANES[index]
        return info.load()(info, self.engine, self.workspace)

    def _open_later(self, index: int) -> None:
        self.call_later(self.action_open_pane, index)

    def panic(self, *renderables: RenderableType) -> None:
        """End, as what reads the keys has failed; Textual would end with success."""
        if self.crash is None:
            console = Console(file=StringIO(), width=100, color_system=None)
            with console.capture() as capture:
                console.print(*renderables)
            self.crash = LabFault("The lab could not read the keyboard.")
            self.crash.add_note(capture.get().strip())
        self._close_messages_no_wait()

    def _handle_exception(self, error: Exception) -> None:
        """End; whoever runs the app says why, once the terminal is as it was."""
        if self.crash is None:
            self.crash = error
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        """End without Textual's page of tracebacks."""
        self._close_messages_no_wait()

    def _log_of_loop(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        """Report what failed where nobody waited for it."""
        error = context.get("exception")
        if error is not None:
            report(self, error)

    def _look_for_hang_up(self) -> None:
        """Leave when nobody is at the other end: Textual would spin on a dead stdin."""
        if self.is_headless or not hasattr(select, "poll"):
            return
        poll = select.poll()
        poll.register(sys.__stdin__.fileno() if sys.__stdin__ else 0, select.POLLIN)
        gone = select.POLLHUP | select.POLLERR
        if any(event & gone for _, event in poll.poll(0)):
            self._hang_up()

    def _hang_up(self) -> None:
        """End at once: the terminal is gone, and writing to it would only fail."""
        self.engine.close()
        for pane in self._lab.query(Pane):
            pane.close()
        os._exit(128 + signal.SIGHUP)


def _import_panes() -> None:
    for info in PANES:
        info.load()
    import_module("PIL.Image")  # the first picture scales with it


def _farewell(workspace: Workspace | None) -> str:
    if workspace is None:
        return ""
    from cnn_tui.training.store.listing import list_runs

    running: list[str] = []
    with contextlib.suppress(OSError, LabError):
        running = [run.run for run in list_runs(workspace) if run.state == "running"]
    if not running:
        return ""
    return f"Still running: {', '.join(running)}. Follow with: cnn-lab attach {running[0]}"


def _write_new(folder: Path, name: str, text: str) -> Path:
    for number in range(1, 1000):
        path = folder / f"cnn-lab-{name}-{number}.txt"
        with contextlib.suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            file.write(text)
            return path
    raise UsageError(f"{folder} already holds 999 such files.")
