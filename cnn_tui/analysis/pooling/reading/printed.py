"""Arrays as PyTorch, NumPy and JSON print them: numbers in nested brackets.

``tensor([[1., 2.], [3., 4.]], device='cuda:0')`` and ``[[1. 2.] [3. 4.]]`` alike; commas may be
missing. Every error names the line and the column of what is wrong.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from cnn_tui.analysis.pooling.reading.tables import finite_number, quoted
from cnn_tui.errors import UsageError

MOST_DIMENSIONS = 16
BEGINNING = re.compile(
    r"\s*(?:Parameter containing:\s*)?(?:[A-Za-z_]\w*\s*[=:]\s*)?(?:[A-Za-z_][\w.]*\s*\(\s*)?(?=\[)"
)
"""What may stand before the first bracket: ``x = torch.tensor(``."""
ENDING = re.compile(
    r"(?:\s*,\s*\w+\s*=\s*(?:<[^>]*>|\([^()]*\)|'[^']*'|[\w.:]+))*\s*,?\s*\)?\s*;?\s*"
)
"""What may stand behind the last: ``, dtype=torch.float64, grad_fn=<MulBackward0>)``."""
TOKEN = re.compile(r"\s+|\[|\]|,|\.\.\.|…|[^\s\[\],…]+")
TRUTHS = {"True": 1.0, "False": 0.0, "true": 1.0, "false": 0.0}


@dataclass
class _Bracket:
    """A list that is being read: what it holds so far, and the shape of each part."""

    start: int
    parts: list[Any] = field(default_factory=list)
    shape: tuple[int, ...] | None = None
    is_after_comma: bool = True


@dataclass(frozen=True)
class PrintedArray:
    """Nested lists of numbers, as deep as ``shape`` is long."""

    values: list[Any]
    shape: tuple[int, ...]


def is_printed_array(text: str) -> bool:
    """Whether ``text`` begins as an array that was printed, or a JSON list."""
    return BEGINNING.match(text) is not None


def parse_printed(text: str, source: str) -> PrintedArray:
    """The array that ``text`` shows; raises UsageError naming the line and column of a mistake."""
    return _Reader(text, source).read()


class _Reader:
    """Reads one array, bracket by bracket."""

    def __init__(self, text: str, source: str) -> None:
        self._text = text
        self._source = source
        self._open: list[_Bracket] = []

    def read(self) -> PrintedArray:
        """The whole array, up to the end of the text."""
        beginning = BEGINNING.match(self._text)
        place = beginning.end() if beginning else 0
        while token := TOKEN.match(self._text, place):
            place = token.end()
            found = self._take(token[0], token.start())
            if found is not None:
                self._refuse_more(place)
                return found
        raise self._wrong(self._open[-1].start, "this bracket is never closed: add a ]")

    def _take(self, token: str, place: int) -> PrintedArray | None:
        """One token; the array where it closes the outermost bracket."""
        if token == "]":
            return self._close(place)
        if token == "[":
            self._open_bracket(place)
        elif token == ",":
            self._comma(place)
        elif not token.isspace():
            self._number(token, place)
        return None

    def _open_bracket(self, place: int) -> None:
        if len(self._open) == MOST_DIMENSIONS:
            raise self._wrong(place, f"more than {MOST_DIMENSIONS} brackets in one another")
        self._open.append(_Bracket(place))

    def _comma(self, place: int) -> None:
        if self._open[-1].is_after_comma:
            raise self._wrong(place, "expected a number before this comma: put one there")
        self._open[-1].is_after_comma = True

    def _number(self, token: str, place: int) -> None:
        if token in ("...", "…"):
            raise self._wrong(
                place,
                "the print is shortened here: print all of it with "
                "torch.set_printoptions(threshold=10_000) or numpy.set_printoptions(threshold="
                "10_000), or save the array in a .pt or .npy file",
            )
        value = TRUTHS.get(token, finite_number(token))
        if value is None:
            raise self._wrong(place, f"expected a finite number, got {quoted(token)}")
        self._add(value, (), place)

    def _close(self, place: int) -> PrintedArray | None:
        closed = self._open.pop()
        if closed.shape is None:
            raise self._wrong(place, "these brackets hold no numbers: put some in")
        shape = (len(closed.parts), *closed.shape)
        if not self._open:
            return PrintedArray(closed.parts, shape)
        self._add(closed.parts, shape, closed.start)
        return None

    def _add(self, part: Any, shape: tuple[int, ...], place: int) -> None:
        """Put a number or a list into the list around it; all of them have the same shape."""
        around = self._open[-1]
        if around.shape is not None and around.shape != shape:
            raise self._wrong(
                place,
                f"{_named(shape)} stands beside {_named(around.shape)}: every row of a map is as "
                "long as the first",
            )
        around.shape = shape
        around.parts.append(part)
        around.is_after_comma = False

    def _refuse_more(self, place: int) -> None:
        ending = ENDING.match(self._text, place)
        end = place if ending is None else ending.end()
        if end < len(self._text):
            line = self._text[end:].split("\n", 1)[0]
            raise self._wrong(end, f"{quoted(line)} follows the array: leave one array alone")

    def _wrong(self, place: int, reason: str) -> UsageError:
        before = self._text[:place]
        line, column = before.count("\n") + 1, place - before.rfind("\n")
        return UsageError(f"{self._source}, line {line}, column {column}: {reason}.")


def _named(shape: tuple[int, ...]) -> str:
    if not shape:
        return "a number"
    if len(shape) == 1:
        return f"a row of {shape[0]}"
    return f"an array of {'×'.join(map(str, shape))}"
