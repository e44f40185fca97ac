"""The help page, gathered from the pane and from the bindings that are active."""

from collections.abc import Mapping
from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.widgets.key_line import spelled


class HelpScreen(Dialog[None]):
    """What a pane does, and its keys."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,question_mark",
            "dismiss",
            "Close",
            key_display="Esc",
            id="help.close",
            tooltip="Back to the pane",
        ),
        Binding("j", "scroll_text(1)", show=False, id="help.down", tooltip="Scroll down"),
        Binding("k", "scroll_text(-1)", show=False, id="help.up", tooltip="Scroll up"),
    ]

    def __init__(self, title: str, about: str, bindings: Mapping[str, ActiveBinding]) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self.keys = _keys(bindings)

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        table = Table.grid(padding=(0, 2))
        table.add_column(style="bold", no_wrap=True)
        table.add_column()
        for key, what in self.keys:
            table.add_row(key, what)
        with VerticalScroll(id="help"):
            yield Static(
                Group(
                    Text(self._title, style="bold"),
                    Text(self._about + "\n"),
                    table,
                    Text("\nPages scroll with the arrows, PgUp, PgDn, Home and End.", style="dim"),
                    Text("esc closes this page.", style="dim"),
                )
            )

    def action_scroll_text(self, lines: int) -> None:
        """Scroll by ``lines``."""
        self.query_one("#help").scroll_relative(y=lines, animate=False)


def _keys(bindings: Mapping[str, ActiveBinding]) -> list[tuple[str, str]]:
    """(keys, meaning) of the bindings that explain themselves, in the order they were declared."""
    keys: dict[str, list[str]] = {}
    for active in bindings.values():
        binding = active.binding
        what = binding.tooltip
        if what and not binding.system:
            keys.setdefault(what, []).append(binding.key_display or spelled(binding.key))
    return [(_joined(names), what) for what, names in keys.items()]


def _joined(names: list[str]) -> str:
    """The keys beside each other; one that another's display names already is left out."""
    named = {part for name in names if " " in name for part in name.split()}
    return " ".join(name for name in dict.fromkeys(names) if name not in named)
