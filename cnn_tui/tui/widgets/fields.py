"""The fields of a form: each has a title and a value, and says what is wrong with it.

They are no widgets: thirty of Textual's Inputs and Selects take half a second to
mount. ``FormView`` draws them, and hands them keys, pastes and clicks.
"""

from rich.text import Text
from textual.events import Key

from cnn_tui.render.draw.console import wrapped_lines
from cnn_tui.render.draw.styles import (
    ACCENT,
    CURSOR,
    FAILED,
    FAILED_STRONG,
    QUIET,
    SELECTED,
    STRONG,
)
from cnn_tui.render.draw.words import shortened
from cnn_tui.tui.widgets.line import EditedLine

TITLE_CELLS = 21
"""Of the bar, the title and the blank behind it."""
LEAST_WRAPPED = 8
BAR, WRONG = "▌", "✗"
OFF_ON = ("off", "on")
"""The choices of a switch."""


class Field:
    """A title and a value; ``about`` explains it while it is filled in."""

    is_typed = False
    """Whether its value may be half of what is meant, as it was typed, and not chosen."""

    def __init__(self, name: str, title: str, value: str = "", about: str = "") -> None:
        self.name = name
        self.title = title
        self.about = about
        self.problem = ""
        self._value = value

    @property
    def value(self) -> str:
        """What stands in the field."""
        return self._value

    @value.setter
    def value(self, value: str) -> None:
        if value != self._value:
            self._value = value
            self.problem = ""

    def take(self, event: Key) -> bool:
        """Whether the key meant something to this field."""
        raise NotImplementedError

    def paste(self, text: str) -> None:
        """Take in what was pasted."""

    def click(self, x: int, row: int) -> None:
        """Take a click ``x`` cells right of where values begin, in row 0 or below."""

    def visit(self) -> None:
        """The cursor has come to the field."""

    def leave(self) -> None:
        """The cursor has left the field."""

    def rows(self, width: int, *, is_focused: bool) -> list[Text]:
        """Title and value, and below them what is wrong."""
        title = Text(self.title)
        title.truncate(TITLE_CELLS - 2, overflow="ellipsis", pad=True)
        title.stylize(STRONG if is_focused else QUIET)
        mark = Text(" ")
        if is_focused:
            mark = Text(BAR, ACCENT)
        elif self.problem:
            mark = Text(WRONG, FAILED_STRONG)
        value = self._drawn(max(1, width - TITLE_CELLS), is_focused=is_focused)
        if self.problem:
            value.stylize(FAILED)
        first = Text.assemble(mark, title, " ", value)
        return [first, *self._rows_below(width), *self._problem_rows(width)]

    def _drawn(self, room: int, *, is_focused: bool) -> Text:
        raise NotImplementedError

    def _rows_below(self, width: int) -> list[Text]:
        return []

    def _problem_rows(self, width: int) -> list[Text]:
        if not self.problem:
            return []
        lines = wrapped_lines(Text(self.problem, FAILED), max(LEAST_WRAPPED, width - 2))
        signs = [f"{WRONG} ", *["  "] * (len(lines) - 1)]
        return [
            Text.assemble((sign, FAILED), line) for sign, line in zip(signs, lines, strict=True)
        ]


class TextField(Field):
    """A value that is typed; ``blank`` says what leaving it empty means."""

    is_typed = True

    def __init__(
        self, name: str, title: str, value: str = "", about: str = "", *, blank: str = ""
    ) -> None:
        super().__init__(name, title, value, about)
        self.blank = blank
        self._cursor = len(value)
        self._first = 0

    @property
    def line(self) -> EditedLine:
        """The text with its cursor."""
        return EditedLine(self.value).at(self._cursor)

    @line.setter
    def line(self, line: EditedLine) -> None:
        self.value, self._cursor = line.text, line.cursor

    def visit(self) -> None:
        """Go on behind what is there."""
        self._cursor = len(self.value)

    def take(self, event: Key) -> bool:
        """Type, or edit."""
        edited = self.line.after(event.key)
        if edited is None and event.is_printable and event.character:
            edited = self.line.inserted(event.character)
        if edited is None:
            return False
        self.line = edited
        return True

    def paste(self, text: str) -> None:
        """Insert it."""
        self.line = self.line.inserted(text)

    def click(self, x: int, row: int) -> None:
        """Put the cursor there."""
        if row == 0 and x >= 0:
            self.line = self.line.at(self._first + x)

    def _drawn(self, room: int, *, is_focused: bool) -> Text:
        text, cursor = self.line.text, self.line.cursor
        if not is_focused:
            self._first = 0
            shown = Text(text) if text else shortened(Text(self.blank, QUIET), room)
            shown.truncate(room, overflow="ellipsis", pad=True)
            return shown
        farthest = max(0, len(text) + 1 - room)
        self._first = max(min(self._first, cursor, farthest), cursor - room + 1)
        part = text[self._first : self._first + room]
        shown = Text(part) if text else shortened(Text(self.blank, QUIET), room - 1)
        shown.pad_right(room - len(shown))
        shown.stylize(SELECTED)
        shown.stylize(CURSOR, cursor - self._first, cursor - self._first + 1)
        return shown
