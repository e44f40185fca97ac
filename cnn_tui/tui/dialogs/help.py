"""The help page, gathered from the pane and from the bindings that are active."""

from collections.abc import Iterator, Mapping
from typing import ClassVar

from rich.console import Group
from rich.table import Table
from rich.text import Text
from textual.app import App, ComposeResult
from textual.binding import ActiveBinding, Binding, BindingType

from cnn_tui.render.draw.styles import ACCENT, QUIET, TITLE
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.key_line import has_use, sign_of, signs_text
from cnn_tui.tui.widgets.page import Page

MOVE, LOOK, ACT, EVERYWHERE = "Move", "Look", "Act", "Everywhere"
NOT_NOW = "Not now: there is nothing to act on"
MOVING = frozenset(
    {
        *("cursor_up", "cursor_down", "scroll_up", "scroll_down", "move", "back", "go", "return"),
        *("next_place", "heading", "topic", "toggle_node", "focus_list", "close_form", "focus"),
        *("move_map", "move_cell"),
    }
)
ACTING = frozenset(
    {
        *("new_run", "experiments", "stop", "resume", "go_on", "delete", "mark", "run_demo"),
        *("edit_parameters", "check", "auto", "edit", "hint", "reset", "add_missing", "advise"),
        *("ask_net", "drop_own", "pin", "set_cell", "edit_code"),
    }
)
"""Actions that change something; those that neither move nor change show something else."""


class HelpScreen(Dialog[None]):
    """What a pane does, and its keys by what they are for."""

    FIRST: ClassVar[str] = "#help-text"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape,q,question_mark",
            "cancel",
            "Close",
            key_display="Esc",
            id="help.close",
            tooltip="Back to the pane",
        ),
    ]

    def __init__(self, title: str, about: str, bindings: Mapping[str, ActiveBinding]) -> None:
        super().__init__()
        self._title = title
        self._about = about
        self.groups = _groups(bindings)

    @property
    def keys(self) -> list[tuple[str, str]]:
        """(keys, meaning) of all groups."""
        return [each for group in self.groups.values() for each in group]

    def compose(self) -> ComposeResult:
        """One scrolling page."""
        about = Text(self._about, QUIET)
        yield Frame(
            Page(Group(about, *self._tables()), id="help-text"),
            id="help",
            classes="dialog",
            title=f"Keys of {self._title}",
            keys=frame_keys(("↑↓", "scroll"), ("escape", "close")),
        )

    def _tables(self) -> Iterator[Text | Table]:
        widest = max((len(key) for key, _ in self.keys), default=1)
        for purpose, keys in self.groups.items():
            yield Text(f"\n{purpose}", TITLE)
            table = Table.grid(padding=(0, 2))
            table.add_column(style=ACCENT, no_wrap=True, width=widest)
            table.add_column()
            for name, what in keys:
                table.add_row(signs_text(name, below=True), what)
            yield table


def _groups(bindings: Mapping[str, ActiveBinding]) -> dict[str, list[tuple[str, str]]]:
    """Purpose → (keys, meaning) of the bindings that explain themselves, in declared order."""
    found: dict[str, dict[str, list[str]]] = {
        each: {} for each in (MOVE, LOOK, ACT, EVERYWHERE, NOT_NOW)
    }
    for active in bindings.values():
        binding = active.binding
        if binding.tooltip and not binding.system and active.enabled:
            keys = found[_purpose(active)].setdefault(binding.tooltip, [])
            keys.append(sign_of(binding))
    return {
        purpose: [(_joined(names), what) for what, names in keys.items()]
        for purpose, keys in found.items()
        if keys
    }


def _purpose(active: ActiveBinding) -> str:
    if not has_use(active.node, active.binding.action):
        return NOT_NOW
    name = active.binding.action.partition("(")[0].rpartition(".")[2]
    if name in MOVING:
        return MOVE
    if isinstance(active.node, App):
        return EVERYWHERE
    return ACT if name in ACTING else LOOK


def _joined(names: list[str]) -> str:
    """The keys beside each other; one that another's display names already is left out."""
    named = {part for name in names if " " in name for part in name.split()}
    return " ".join(name for name in dict.fromkeys(names) if name not in named)
