"""Fewer bytes for the same picture, for screens that are drawn over SSH.

Textual sends whole regions where a few cells have changed, and with every run of cells its
whole style. Here is remembered what the terminal shows and with what it draws, so that only
other cells are sent, and of their styles only what changed.

What cannot be followed for certain is sent as it came, and forgotten: sequences that are
not known here, and characters whose width terminals may disagree about.
"""

import re
from functools import lru_cache
from itertools import compress
from operator import ne, or_
from re import Match

from cnn_tui.tui.terminal.sgr import PLAIN, Style, applied, change, enough_for_blanks, on_blanks

CERTAIN = (
    r" -~\xa0-\xac\xae-\u02ff\u0370-\u0377\u0384-\u03ff\u0400-\u0482\u048a-\u052f"
    r"\u1d00-\u1dbf\u2010-\u2027\u2030-\u205e\u2070-\u209c\u20a0-\u20bf\u2100-\u218b"
    r"\u2190-\u22ff\u2300-\u2319\u231c-\u2328\u232b-\u23e8\u23ed-\u23ef\u23f1\u23f2"
    r"\u2500-\u25fc\u25ff\u2605\u2606\u2610-\u2612\u2713-\u2718\u2720-\u2727"
    r"\u2730-\u274b\u2758-\u275a\u2794\u2800-\u28ff\u2c60-\u2c7f"
)
"""Characters that take one cell each, wherever they stand."""
ANY = r"\x00-\x1f\x7f-\x9f"
TOKEN = re.compile(
    rf"""
    \x1b\[(?P<codes>[\d;]*)m(?P<run>[{CERTAIN}]++)\x1b\[0?m
    | (?:\n|\x1b\[[\d;]*H)*\x1b\[(?P<place>\d*(?:;\d*)?)H
    | \x1b\[(?P<style>[\d;]*)m
    | (?P<text>[{CERTAIN}]++)(?![^{ANY}])
    | (?P<mode>\x1b\[\?(?:7|25|10(?:0[0-6]|1[56])|20(?:04|26|31|48))[hl])
    | (?P<other>\x1b\[[?>=<][\d;]*\$?[pu] | \x1b\](?!8;)[^\x07\x1b]*(?:\x07|\x1b\\) | \x07)
    | (?P<link>\x1b\]8;[^;\x07\x1b]*;(?P<target>[^\x07\x1b]*)(?:\x07|\x1b\\))
    | (?P<uncertain>[^{ANY}]+)
    | (?P<unknown>\x1b\[[0-?]*[ -/]*[@-~] | \x1b[P^_X](?:[^\x1b]|\x1b(?!\\))*\x1b\\
        | \x1b[ -/]*[0-Z\\^-~] | [\x00-\x1f\x7f-\x9f])
    """,
    re.VERBOSE,
)
TORN = re.compile(r"\x1b(?:\[[0-?]*[ -/]*|[\]P^_X][^\x07\x1b]*\x1b?|[ -/]*)\Z")
"""The beginning of a sequence whose rest comes with the next write."""

BEGIN, END = "\x1b[?2026h", "\x1b[?2026l"
"""Around what a terminal should show at once."""
UNKNOWN = "\0"
"""Neither a character nor a style: the cell may hold anything."""
MANY_STYLES = 50_000
BRIDGED = 4
"""So many bytes between two changes are sent again; to jump over them would take as many."""
CHANGED = re.compile(rb"\x01+")
SAME = re.compile(r"(.)\1*", re.DOTALL)

DrawnLine = tuple[str, str]
"""The characters of a line, and of each the sign for its style."""
CellPlace = tuple[int, int]
"""Column and line, from 0."""


class Terse:
    """Rewrites what is sent to a terminal; of what that shows it knows nothing at first.

    Of every line it holds two strings, the characters and a sign for the style of each:
    as the terminal shows them, and as it shall show them.
    """

    def __init__(self, columns: int, lines: int) -> None:
        self._style = PLAIN
        self._place: CellPlace | None = None
        self._line: int | None = None
        self._is_moved = False
        self._is_link = False
        self._is_begun = self._is_open = False
        self._begun = 0
        self._torn = ""
        self._parts: list[str] = []
        self.forget(columns, lines)

    def forget(self, columns: int, lines: int) -> None:
        """The terminal has this size, and may show anything, in any style."""
        self._columns, self._lines = columns, lines
        self._styles: list[Style] = []
        self._signs: dict[Style, str] = {}
        self._coded: dict[str, str] = {}
        self._on_blanks: dict[str, str] = {}
        self._empty = (UNKNOWN * columns, UNKNOWN * columns)
        self._shown = [self._empty] * lines
        self._wanted = list(self._shown)
        self._changed: set[int] = set()
        self._has: Style | None = None
        self._at: CellPlace | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        return self._columns, self._lines

    def shorten(self, data: str) -> str:
        """The same picture in fewer characters; what UTF-8 cannot hold keeps its one cell."""
        data = data.encode(errors="replace").decode()
        data, self._torn = _parted(self._torn + data)
        if len(self._styles) > MANY_STYLES:
            self.forget(self._columns, self._lines)
        self._parts, self._begun = [], 0
        for token in TOKEN.finditer(data):
            kind = token.lastgroup
            if kind == "run":
                codes, text = token.group("codes", "run")
                self._write(text, self._sign_of(codes))
                self._style = PLAIN
            elif kind == "place":
                self._place, self._is_moved = _place(token["place"]), True
                self._line = self._place[1]
            elif kind == "style":
                self._style = applied(self._style, token["style"])
            elif kind == "text":
                self._write(token["text"], self._sign(self._style))
            else:
                self._rare(kind, token)
        self._draw()
        self._begin()
        return "".join(self._parts)

    def _sign_of(self, codes: str) -> str:
        """The sign for the style after an SGR sequence."""
        if self._style is not PLAIN:
            return self._sign(applied(self._style, codes))
        sign = self._coded.get(codes)
        if sign is None:
            sign = self._coded[codes] = self._sign(applied(PLAIN, codes))
        return sign

    def _sign(self, style: Style) -> str:
        sign = self._signs.get(style)
        if sign is None:
            self._styles.append(style)
            sign = self._signs[style] = chr(len(self._styles))
            look = on_blanks(style)
            self._on_blanks[sign] = sign if look == style else self._sign(look)
        return sign

    def _write(self, text: str, sign: str) -> None:
        """Want ``text`` where it is to stand."""
        column, line = self._place or (0, self._lines)
        end = column + len(text)
        if line >= self._lines or end > self._columns or self._is_link:
            self._send(text, self._styles[ord(sign) - 1])
            return
        signs = sign * len(text)
        all_text, all_signs = self._wanted[line]
        if all_text[column:end] != text or all_signs[column:end] != signs:
            self._wanted[line] = (
                all_text[:column] + text + all_text[end:],
                all_signs[:column] + signs + all_signs[end:],
            )
            self._changed.add(line)
        self._place, self._is_moved = (end, line), False

    def _rare(self, kind: str | None, token: Match[str]) -> None:
        if kind == "uncertain":
            self._send(token[0], self._style)
        elif kind == "unknown":
            self._send(token[0], self._style)
            self._line = None
            self.forget(self._columns, self._lines)
        elif token[0] == BEGIN:
            self._draw()
            self._is_begun, self._begun = not self._is_open, len(self._parts)
        else:
            self._draw()
            self._begin()
            if token[0] != END or not self._is_begun:
                self._parts.append(token[0])
            if token[0] == END:
                self._is_begun = self._is_open = False
            self._is_link = bool(token["target"]) if kind == "link" else self._is_link

    def _begin(self) -> None:
        """Send what opens a frame, as soon as there is something in it."""
        if self._is_begun and len(self._parts) > self._begun:
            self._parts.insert(self._begun, BEGIN)
            self._is_begun, self._is_open = False, True

    def _send(self, text: str, style: Style) -> None:
        """Send ``text`` as it is; what is in its line then, and in the next one, is unknown."""
        self._draw()
        if self._place is not None and self._place != self._at:
            self._go_on_from(*self._place)
        self._dye(style)
        self._parts.append(text)
        self._place = self._at = None
        self._is_moved = False
        if self._line is None or self._line >= self._lines - 1:
            lines = range(self._lines)
        else:
            lines = range(self._line, self._line + 2)
        for line in lines:
            self._shown[line] = self._wanted[line] = self._empty

    def _go_on_from(self, column: int, line: int) -> None:
        """Have the cursor at a place, or behind the last cell of a line as if just drawn."""
        if column < self._columns or line >= self._lines:
            self._go((column, line))
            return
        last = self._columns - 1
        text, signs = self._wanted[line]
        self._go((last, line))
        if text[last] != UNKNOWN:
            self._print(text[last], signs[last])
            self._at = (column, line)

    def _draw(self) -> None:
        """Send what is wanted and not yet shown, and leave the cursor where it was moved to."""
        for line in sorted(self._changed):
            text, signs = self._wanted[line]
            for start, end in self._spans(self._shown[line], self._wanted[line]):
                self._go((start, line))
                self._print(text[start:end], signs[start:end])
                self._at = (end, line)
            self._shown[line] = self._wanted[line]
        self._changed.clear()
        if self._is_moved and self._place is not None:
            self._go(self._place)

    def _spans(self, shown: DrawnLine, wanted: DrawnLine) -> list[list[int]]:
        """Where two states of a line differ: first cells, and those after the last."""
        text, signs = wanted
        spans: list[list[int]] = []
        for differing in CHANGED.finditer(self._differences(shown, wanted)):
            start, end = differing.span()
            if spans and start - spans[-1][1] <= BRIDGED:
                before = spans[-1][1]
                if self._is_bridge(text[before:start], signs[before - 1 : start]):
                    spans[-1][1] = end
                    continue
            spans.append([start, end])
        return spans

    def _differences(self, shown: DrawnLine, wanted: DrawnLine) -> bytes:
        """Of each cell whether it looks otherwise."""
        (old_text, old_signs), (text, signs) = shown, wanted
        other_text = bytes(map(ne, old_text, text))
        if old_signs == signs:
            return other_text
        looks = self._on_blanks
        other = bytearray(map(ne, old_signs, signs))
        for cell in compress(range(len(text)), other):
            if text[cell] == " " == old_text[cell]:
                other[cell] = looks[old_signs[cell]] != looks[signs[cell]]
        return bytes(map(or_, other_text, other))

    def _is_bridge(self, text: str, signs: str) -> bool:
        """Whether ``text`` takes no more than a jump over it, in the first one of ``signs``."""
        first, looks = signs[0], self._on_blanks
        return len(text.encode()) <= BRIDGED and all(
            sign == first or (cell == " " and looks[sign] == looks[first])
            for cell, sign in zip(text, signs[1:], strict=True)
        )

    def _print(self, text: str, signs: str) -> None:
        for same in SAME.finditer(signs):
            cells = text[same.start() : same.end()]
            style = self._styles[ord(same[1]) - 1]
            if self._has is not None and not cells.strip(" "):
                style = enough_for_blanks(self._has, style)
            self._dye(style)
            self._parts.append(cells)

    def _dye(self, style: Style) -> None:
        if style is not self._has and style != self._has:
            self._parts.append(change(self._has, style))
            self._has = style

    def _go(self, place: CellPlace) -> None:
        if place == self._at:
            return
        column, line = place
        at = self._at or (-1, -1)
        if line == at[1] and column > at[0]:
            self._parts.append(_by(column - at[0], "C"))
        elif column == at[0] and line > at[1]:
            self._parts.append(_by(line - at[1], "B"))
        else:
            self._parts.append(f"\x1b[{line + 1};{column + 1}H" if column else f"\x1b[{line + 1}H")
        self._at = place


@lru_cache(maxsize=4096)
def _place(numbers: str) -> CellPlace:
    line, _, column = numbers.partition(";")
    return int(column or 1) - 1, int(line or 1) - 1


def _by(cells: int, direction: str) -> str:
    return f"\x1b[{cells if cells > 1 else ''}{direction}"


def _parted(data: str) -> tuple[str, str]:
    """``data``, and apart from it a sequence at its end that is not complete."""
    last = data.rfind("\x1b")
    for start in (data.rfind("\x1b", 0, max(last, 0)), last):
        if start >= 0 and TORN.match(data, start):
            return data[:start], data[start:]
    return data, ""
