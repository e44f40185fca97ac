"""What a check found wrong: its sentence, the call, both sides, and the learner's own lines."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from rich.columns import Columns
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.grading.text import LEFT_OUT
from cnn_tui.render.draw.code import python_code
from cnn_tui.render.draw.styles import CODE, FAILED, QUIET, TITLE
from cnn_tui.render.draw.two_grids import EXPECTED, YOURS, TwoGrids

TEXT_WIDTH = 90
"""Columns of text at most, however wide the terminal is."""
INDENT = 2
VALUES = re.compile(
    r"(?P<what>.*): (?P<count>\d+ of \d+ values (?:differ|are not finite));"
    r".*?\.(?: (?P<why>.*))?",
    re.DOTALL,
)
"""A message on values: whose, how many, the first one of both, and what the judge makes of it."""
RAISED = re.compile(
    r"(?P<what>.*?)(?: \(line \d+: (?:(?! \(line \d+: ).)*?\))?"
    r"(?:; the call was (?P<call>.*?\))(?:\.(?: (?P<why>.*))?)?)?",
    re.DOTALL,
)
"""A message about what was raised, or did not end: the learner's line, the call, and the rest."""
HANGING = 4
"""So much deeper than its beginning the rest of a long line of code stands."""
CONTEXT = 4
"""Lines of the learner's file before and after the one that is at fault."""
MOST_LINES = 2000
"""Of a file that are shown; an exercise has a tenth of that."""


@dataclass(frozen=True, eq=False)
class BothEnds:
    """Two texts at both ends of a line, or one below the other where it holds only one."""

    left: Text
    right: Text

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        between = options.max_width - self.left.cell_len - self.right.cell_len
        if between > 1 and self.left:
            yield Text.assemble(self.left, " " * between, self.right)
        else:
            yield from (each for each in (self.left, self.right) if each)


def first_failure(
    report: CheckReport, check: CheckResult, *, with_sentence: bool = True, is_roomy: bool = False
) -> RenderableType:
    """Which check to start with, its sentence, and what it found wrong."""
    heading = Text(f"Start with check {report.checks.index(check) + 1}", TITLE)
    if with_sentence:
        heading = Text.assemble(heading, f"  {check.description}")
    known = VALUES.fullmatch(check.message) if check.comparison is not None else None
    if check.comparison is None or known is None:
        in_parts = _raised if not check.expected and not with_sentence else _found_wrong
        return Group(heading, *in_parts(check))
    called = [Text(check.call, CODE)] if check.call else []
    grids = TwoGrids(check.comparison, is_roomy)
    what, count = Text(known["what"]), Text(known["count"], FAILED)
    lines: list[RenderableType] = [heading, BothEnds(what, count)]
    if not with_sentence:
        lines = [BothEnds(heading, count), what]
    return Group(*lines, *_texts(known["why"]), *called, grids)


def _found_wrong(check: CheckResult) -> list[RenderableType]:
    """The message, with both sides below it rather than in it where it has both."""
    if not check.expected:
        return [Text(check.message)]
    if "\n" in check.expected:
        sides = Text(f"{EXPECTED} {check.expected}"), Text(f"{YOURS} {check.got}")
        return [Text(check.message), Text(), Columns(sides, padding=(0, 2 * INDENT, 0, 0))]
    what, _, why = check.message.partition(f": expected {check.expected}, got {check.got}.")
    table = Table.grid(padding=(0, 2), expand=False)
    table.add_row(Text(EXPECTED, QUIET), Text(check.expected))
    table.add_row(Text(YOURS, QUIET), Text(check.got, FAILED))
    called = [Text(check.call, CODE)] if check.call else []
    return [*_texts(what, why), *called, Padding(table, (0, 0, 0, INDENT), expand=False)]


def _raised(check: CheckResult) -> list[RenderableType]:
    """The message without the learner's line, which is shown in its place, and the call."""
    found = RAISED.fullmatch(check.message)
    if found is None:
        return [Text(check.message)]
    called = [Text(found["call"], CODE)] if found["call"] else []
    return [*_texts(found["what"], found["why"]), *called]


def _texts(*sentences: str | None) -> list[RenderableType]:
    """Those that there are, each on lines of its own."""
    return [Text(each.strip()) for each in sentences if each]


def printed(output: str, most: int | None) -> list[RenderableType]:
    """What the learner's code printed: of more than ``most`` lines, the first and the last ones."""
    lines = output.strip("\n").split("\n")
    if not any(line.strip() for line in lines):
        return []
    if most is not None and len(lines) > most + 1:
        half = most // 2
        lines = [*lines[:half], _left_out(lines[half:-half]), *lines[-half:]]
    shown = Padding(Text("\n".join(lines)), (0, 0, 0, 2 * INDENT), expand=False)
    return [Text(), Text("Your code printed:", TITLE), shown]


@lru_cache(maxsize=8)
def highlighted_lines(source: str) -> Sequence[Text]:
    """The lines of a file in the colors of its syntax; of the last few files they are kept."""
    return tuple(python_code(source.replace("\r\n", "\n").expandtabs(4)).split("\n"))


@dataclass(frozen=True)
class CodeLines:
    """Lines of the learner's file with their numbers; a block stands before ``marked`` ones.

    All of them, or those around the last one that is marked: so many as ``context`` says
    before and after it, or what fits into ``height`` rows. Where none is marked, ``around``
    says which line takes its place. Or those of ``only``.
    """

    source: str
    marked: tuple[int, ...] = ()
    context: int | None = None
    height: int | None = None
    around: int | None = None
    only: range | None = None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = highlighted_lines(self.source)
        numbers = range(1, min(len(code), MOST_LINES) + 1)
        width = len(str(numbers[-1]))
        room = max(1, options.max_width - width - 3)
        shown: dict[int, Sequence[Text]] = {}

        def rows(number: int) -> Sequence[Text]:
            if number not in shown:
                line = code[number - 1]
                shown[number] = hanging(line, console, room)
            return shown[number]

        for number in self._seen(numbers, rows):
            is_marked = number in self.marked
            margin = ("▌" if is_marked else " ", FAILED)
            count = (f"{number:>{width}}  ", FAILED if is_marked else QUIET)
            first, *others = rows(number)
            yield Text.assemble(margin, count, first)
            yield from (Text.assemble(margin, " " * (width + 2), line) for line in others)

    def _seen(self, numbers: range, rows: Callable[[int], Sequence[Text]]) -> range:
        """The numbers of the lines that are shown."""
        if self.only is not None:
            return range(self.only.start, min(self.only.stop, numbers.stop))
        middle = self.marked[-1] if self.marked else self.around
        if middle is None or (self.context is None and self.height is None):
            return numbers
        at = min(middle, numbers[-1])
        if self.context is not None:
            return range(max(1, at - self.context), min(numbers[-1], at + self.context) + 1)
        first = last = at
        left = (self.height or 0) - len(rows(at))
        above = left // 2
        while first > 1 and (height := len(rows(first - 1))) <= above:
            first, above, left = first - 1, above - height, left - height
        while last < numbers[-1] and (height := len(rows(last + 1))) <= left:
            last, left = last + 1, left - height
        while first > 1 and (height := len(rows(first - 1))) <= left:
            first, left = first - 1, left - height
        return range(first, last + 1)


def hanging(line: Text, console: Console, room: int) -> Sequence[Text]:
    """A line of code, and what does not fit deeper than it begins."""
    if line.cell_len <= room:
        return [line]
    code = line.plain
    deeper = len(code) - len(code.lstrip()) + HANGING
    if deeper > room // 2:
        return list(line.wrap(console, room))
    first = line.wrap(console, room)[0]
    begin = len(code) - len(code[len(first) :].lstrip())
    others = line[begin:].wrap(console, room - deeper)
    return [first, *(Text.assemble(" " * deeper, each) for each in others)]


def _left_out(lines: Sequence[str]) -> str:
    """What is said in place of ``lines``, of which the capture may have left out some itself."""
    dropped = [found[1] for line in lines if (found := LEFT_OUT.fullmatch(line))]
    if not dropped:
        return f"… {len(lines)} more lines …"
    return f"… {len(lines) - 1} more lines and another {dropped[0]} bytes …"
