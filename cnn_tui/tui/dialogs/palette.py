"""The command palette: finds what the lab can do and what it holds, by name."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from rich.padding import Padding
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.names import best_first
from cnn_tui.render.draw.styles import ACCENT, QUIET, STRONG
from cnn_tui.render.draw.words import shortened
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.frame import Divider, Frame, frame_keys
from cnn_tui.tui.widgets.keyed_list import KeyedList

MOST_SHOWN = 40
KIND_CELLS, KEY_CELLS = 11, 7
BETWEEN = "  "
LEAST_ABOUT = 12
"""Cells from which the beginning of a description is worth a place beside its title."""
SOUGHT = "command, topic, network, run, exercise, demo, theme, …"
NOTHING = "Nothing has this name. Type fewer letters, or Esc to close."
WIDEST, AROUND = 90, 5
"""Columns of the frame, and of what is not rows: its sides, a scrollbar and two blanks."""


@dataclass(frozen=True)
class PaletteEntry:
    """One thing to go to or to do: ``kind`` is its group, ``keys`` what does it without this.

    ``also`` are other words for it, by which it is found.
    """

    kind: str
    title: str
    act: Callable[[], Any]
    about: str = ""
    keys: str = ""
    also: str = ""


class FoundList(KeyedList, OptionList, room="found"):
    """What was found."""


class Palette(Dialog[PaletteEntry | None]):
    """Asks what to find; answers with it, or with None."""

    FIRST: ClassVar[str] = "#palette-words"
    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("palette", "Back without a command"),
        Binding("down", "move(1)", show=False, id="palette.down", tooltip="Next"),
        Binding("up", "move(-1)", show=False, id="palette.up", tooltip="Previous"),
        Binding("pagedown", "move(10)", show=False, id="palette.page-down", tooltip="Ten on"),
        Binding("pageup", "move(-10)", show=False, id="palette.page-up", tooltip="Ten back"),
    ]

    def __init__(self, entries: Sequence[PaletteEntry] = ()) -> None:
        super().__init__()
        self._entries = list(entries)
        self._found: list[PaletteEntry] = []

    def compose(self) -> ComposeResult:
        """What is searched for, and what was found."""
        with Frame(
            id="palette",
            classes="dialog",
            title="Find by name",
            keys=frame_keys(("enter", "select"), ("escape", "close")),
        ):
            yield Input(id="palette-words", compact=True, placeholder=SOUGHT)
            yield Divider()
            found = FoundList(compact=True, id="palette-found", classes="dialog-list")
            found.can_focus = False
            yield found
            yield Divider()
            yield Static(id="palette-about")

    def opened(self) -> None:
        """What can be done here."""
        self._search()

    def add(self, entries: Sequence[PaletteEntry]) -> None:
        """Find these, too: they were read beside the event loop."""
        self._entries += entries
        if self.is_attached:
            self._search()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search again."""
        self._search()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the entry under the cursor."""
        self._answer()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """An entry was clicked."""
        self._answer()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say all of the entry that its row may have shortened."""
        if self._found:  # other words may have been typed since
            self._say_about(self._selected)

    def on_resize(self, event: Resize) -> None:
        """Give the rows as much room as there is now."""
        self._show(self._list.highlighted or 0)

    def action_move(self, step: int) -> None:
        """Move through what was found without leaving the words."""
        if self._found:
            last = len(self._found) - 1
            self._list.highlighted = max(0, min(last, (self._list.highlighted or 0) + step))

    @property
    def _list(self) -> OptionList:
        return self.query_one(OptionList)

    @property
    def _selected(self) -> PaletteEntry:
        """The entry under the cursor, where there is any."""
        return self._found[self._list.highlighted or 0]

    def _answer(self) -> None:
        if self._found:
            self.dismiss(self._selected)

    def _search(self) -> None:
        words = self.query_one(Input).value.strip()
        found = (
            best_first(words, self._entries, _spelled, with_gaps=True) if words else self._entries
        )
        kept, self._found = self._found, found[:MOST_SHOWN]
        if kept == self._found:
            return
        self._show(0)

    def _show(self, selected: int) -> None:
        """Draw what was found, with the cursor on one row of it."""
        width = min(self.size.width, WIDEST) - AROUND
        self._list.clear_options()
        self._list.add_options(Option(_row(each, width)) for each in self._found)
        if self._found:
            self._list.highlighted = selected
        else:
            self._list.add_option(Option(Padding(NOTHING, (0, 1)), disabled=True))
            self._say("")

    def _say_about(self, entry: PaletteEntry) -> None:
        about = entry.about if entry.about != entry.title else ""
        self._say(Text.assemble((entry.title, STRONG), f": {about}" if about else ""))

    def _say(self, sentence: str | Text) -> None:
        self.query_one("#palette-about", Static).update(sentence, layout=False)


def _spelled(entry: PaletteEntry) -> str:
    return f"{entry.title}\n{entry.about}\n{entry.kind} {entry.title}\n{entry.also}"


def _row(entry: PaletteEntry, width: int) -> Text:
    room = max(10, width - KIND_CELLS - KEY_CELLS - 2)
    title = shortened(Text(f" {entry.title}", STRONG), room)
    left = room - title.cell_len - len(BETWEEN)
    if entry.about and entry.about != entry.title and left >= LEAST_ABOUT:
        title = Text.assemble(title, BETWEEN, shortened(Text(entry.about, QUIET), left))
    title.pad_right(room - title.cell_len)
    kind = Text(entry.kind.ljust(KIND_CELLS), QUIET)
    key = Text(entry.keys.rjust(KEY_CELLS), ACCENT)
    return Text.assemble(title, " ", kind, key, no_wrap=True)
