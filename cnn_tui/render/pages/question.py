"""A question of a topic in a frame, its answer below it once that is asked for."""

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style

from cnn_tui.render.draw.styles import ACCENT, FRAME, QUIET, TITLE

_Line = Sequence[Segment]
PADDING = 4
"""Cells of a row that are the frame's sides and a blank beside each."""


class QuestionBox:
    """The question's number in the top border; how to see the answer in the bottom one.

    ``is_next`` says that the key shows this answer, before those of the questions below.
    """

    def __init__(
        self, number: int, asked: RenderableType, answer: RenderableType | None, *, is_next: bool
    ) -> None:
        self._title = f"Question {number}"
        self._asked = asked
        self._answer = answer
        self._is_next = is_next

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._rows(console, options.update(height=None)):
            yield from (*line, Segment.line())

    def _rows(self, console: Console, options: ConsoleOptions) -> Iterator[_Line]:
        width = options.max_width
        frame, quiet = console.get_style(FRAME), console.get_style(QUIET)
        title = Segment(f" {self._title} ", console.get_style(TITLE))
        yield _border("╭╮", width, [Segment("─", frame), title], [], frame)
        yield from _framed(self._asked, console, options, frame)
        if self._answer is not None:
            answer = Segment(" Answer ", quiet)
            yield _border("├┤", width, [Segment("─", frame), answer], [], frame)
            yield from _framed(self._answer, console, options, frame)
        key = console.get_style(ACCENT) if self._is_next else quiet
        shown = [Segment(" a", key), Segment(" answer ", quiet), Segment("─", frame)]
        yield _border("╰╯", width, [], [] if self._answer is not None else shown, frame)


def _border(corners: str, width: int, left: _Line, right: _Line, frame: Style) -> _Line:
    used = sum(segment.cell_length for segment in (*left, *right)) + 2
    rule = Segment("─" * max(0, width - used), frame)
    begin, end = (Segment(corner, frame) for corner in corners)
    return [begin, *left, rule, *right, end]


def _framed(
    content: RenderableType, console: Console, options: ConsoleOptions, frame: Style
) -> Iterator[_Line]:
    inner = options.update(width=max(1, options.max_width - PADDING))
    for line in console.render_lines(content, inner):
        yield [Segment("│ ", frame), *line, Segment(" │", frame)]
