"""An app that gets along with its terminal: with its colors, signs and size, and when it ends."""

import contextlib
import signal
import time
from collections.abc import Sequence
from io import StringIO
from typing import Any

from rich.console import Console, RenderableType
from rich.theme import Theme as RichTheme
from rich.theme import ThemeStackError
from textual.app import App
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import DescendantFocus, Event, InputEvent, Paste, Resize
from textual.filter import LineFilter
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.theme import BUILTIN_THEMES, Theme
from textual.widgets import Input, Static

from cnn_tui.doctor import SMALLEST_TERMINAL
from cnn_tui.errors import LabFault
from cnn_tui.files import utf8
from cnn_tui.tui import themes
from cnn_tui.tui.background import after_refresh
from cnn_tui.tui.cover import Cover
from cnn_tui.tui.terminal.driver import TerseDriver
from cnn_tui.tui.terminal.type_ahead import TypeAhead
from cnn_tui.tui.widgets.key_line import pressed_by

ACT_WITHOUT_ROOM = {"quit_lab", "interrupt", "suspend_process", "redraw"}
"""Actions of the keys that act where the terminal is too small to show anything."""
CAN_SUSPEND = hasattr(signal, "SIGTSTP")


class TerminalApp(App[str]):
    """Wears the theme of that name, else the ``remembered`` one, else what fits the terminal.

    Raises UsageError for a theme that does not exist.
    """

    def __init__(self, theme_name: str | None, remembered: str = "") -> None:
        super().__init__()
        for theme in themes.own_themes():
            self.register_theme(theme)
        self.theme_variables: dict[str, str] = {}
        self.crash: BaseException | None = None
        self._plain_signs: LineFilter | None = None
        self._cover = Cover()
        self._is_open = False
        self._keys_count_from = 0.0
        self._type_ahead = TypeAhead(self, super().on_event)
        if theme_name is not None:
            self.theme = themes.theme_named(theme_name)
        elif remembered in self.available_themes:
            self.theme = remembered
        else:
            self.theme = themes.default_theme(self.console.color_system)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_theme(self, theme_name: str) -> Theme | None:
        """The theme of that name; Textual would join two tables for every line that it draws."""
        own = self._registered_themes.get(theme_name) or BUILTIN_THEMES.get(theme_name)
        return own or super().get_theme(theme_name)

    def get_css_variables(self) -> dict[str, str]:
        """Add the lab's roles of the theme's colors, and dress with them what Rich draws."""
        variables = super().get_css_variables()
        roles = themes.roles_of(self.current_theme, variables)
        with contextlib.suppress(ThemeStackError):  # the first one has none below it
            self.console.pop_theme()
        self.console.push_theme(RichTheme(roles.rich(), inherit=False))
        self.theme_variables = variables | roles.css()
        return self.theme_variables

    def refresh_css(self, animate: bool = True) -> None:
        """Dress what is there in the theme's colors.

        Before there is a screen they are known, and no style sheet has to be read again.
        """
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.update(self, animate=animate)

    def spell_plainly(self, encoding: str) -> None:
        """Draw with no sign that ``encoding`` lacks."""
        from cnn_tui.tui.terminal.plain import write_plainly

        self._plain_signs = write_plainly(self, encoding)

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and one that spells out what the terminal has no signs for."""
        filters = super().get_line_filters()
        return filters if self._plain_signs is None else [*filters, self._plain_signs]

    def get_driver_class(self) -> type[Driver]:
        """Draw with fewer bytes where Textual would take its own driver for Unix."""
        chosen = super().get_driver_class()
        return TerseDriver if chosen is LinuxDriver else chosen

    def begin(self) -> None:
        """From now on, follow the terminal's size, and draw texts again in a new theme."""
        self._is_open = True
        self._cover_or_uncover(self.size)
        self.theme_changed_signal.subscribe(self, self._dress)

    def uncovered(self) -> None:
        """The terminal is large enough again: what was hidden has lost the focus."""

    @property
    def is_covered(self) -> bool:
        """Whether the terminal is too small to show the lab."""
        return self._cover in self.screen_stack

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
            after_refresh(self, self.uncovered)

    def push_screen(self, screen: Any, *args: Any, **settings: Any) -> Any:
        """Put ``screen`` over the others, but below the request for more room."""
        if not self.is_covered:
            pushed = super().push_screen(screen, *args, **settings)
            self._type_ahead.wait_for(self.screen)
            return pushed
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
        """Drop what was typed before another program had the terminal; keys take turns."""
        if not isinstance(event, InputEvent | Paste) or event.time >= self._keys_count_from:
            await self._type_ahead.take(event)

    def come_back(self) -> None:
        """Draw everything again; keys count from now on: what still waits was typed blindly."""
        self._keys_count_from = time.monotonic()
        self._type_ahead.forget()
        self.call_later(self.refresh, layout=True)

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

    def action_press(self, keys: str, is_below: bool = False) -> None:
        """Press keys that were clicked; those of what lies below a dialog close it first."""
        if is_below and isinstance(self.screen, ModalScreen):
            self.screen.dismiss(None)
        for key in pressed_by(keys):
            # By the app itself: what a widget has sent does not go up past that widget.
            self.call_later(self.simulate_key, key)

    def copy_to_clipboard(self, text: str) -> None:
        """Copy ``text`` through the terminal, also what UTF-8 cannot hold."""
        super().copy_to_clipboard(utf8(text).decode())

    def action_redraw(self) -> None:
        """Send every cell to the terminal again, also those that it should show already."""
        if isinstance(self._driver, TerseDriver):
            self._driver.forget()
        self.refresh(layout=True)

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

    def _dress(self, _: Theme) -> None:
        for screen in self.screen_stack:
            for each in screen.query(Static):
                each.update(each.content, layout=False)
