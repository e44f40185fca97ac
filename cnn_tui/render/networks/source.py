"""A network's source on the screen, file by file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.nets.source import SourceFile
from cnn_tui.render.draw.code import python_code
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import QUIET, TITLE

HANGING = "    "
"""How a long line goes on, beside its own indentation."""
LEAST_CODE = 16
"""Columns that the rest of a line gets at least, however deeply it is indented."""


@dataclass(frozen=True)
class SourceView:
    """The files one after the other; long lines go on below, indented more deeply."""

    files: Sequence[SourceFile]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for place, file in enumerate(self.files):
            if place:
                yield Text()
            yield from self._title(file, options.max_width)
            for line in python_code(_printed(file)).split("\n", allow_blank=True):
                yield from _folded(console, line, options.max_width)

    def beginning(self, console: Console, width: int) -> int:
        """The row with the class or function of the network, in so many columns."""
        first = self.files[0]
        before = _printed(first).split("\n")[: first.begins]
        folded = (line for each in before for line in _folded(console, Text(each), width))
        return sum(1 for _ in (*self._title(first, width), *folded))

    def _title(self, file: SourceFile, width: int) -> Iterator[Text]:
        if len(self.files) > 1:
            yield Text(printable(file.title), style=TITLE)
            yield Text("─" * min(width, cell_len(file.title)), style=QUIET)


def _printed(file: SourceFile) -> str:
    return "\n".join(printable(line.expandtabs(4)) for line in file.text.splitlines())


def _folded(console: Console, line: Text, width: int) -> Iterator[Text]:
    if cell_len(line.plain) <= width:
        yield line
        return
    indent = line.plain[: len(line.plain) - len(line.plain.lstrip())] + HANGING
    indent = indent[: max(0, width - LEAST_CODE)]
    first = line.wrap(console, width)[0]
    yield first
    rest = line[len(first.plain) :]
    rest = rest[len(rest.plain) - len(rest.plain.lstrip()) :]
    for piece in rest.wrap(console, max(1, width - len(indent))):
        yield Text(indent) + piece
