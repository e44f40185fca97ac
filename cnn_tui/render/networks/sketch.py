"""A network drawn as in a paper's figure: boxes with their channels and sizes.

The boxes of a stage are as tall as their maps are large (on a logarithmic scale), and
there are as many of them as the stage has blocks. An arc over a box is a connection
that leads around it.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from cnn_tui.analysis.networks.sketch import LINEAR, Sketch, SketchStage
from cnn_tui.analysis.records import Shape
from cnn_tui.render.draw.numbers import printable, size_text
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.styles import ACCENT, QUIET, STRONG

FILLED = " ▁▂▃▄▅▆▇█"
FULL = FILLED[-1]
SMALL_BOX = "▪"
ARC = {2: "╭╮", 1: "∩"}
"""Over a box of so many cells."""
BETWEEN = "  "
LONGEST_KIND = 12
MOST_STAGES = 24
"""Stages that are drawn; of networks with more, the rest is counted."""
MANY = 24
"""Boxes of one stage that are drawn one by one; without room for that, all are counted."""


@dataclass(frozen=True)
class _Form:
    """How wide a box and the gap after it are, how many are drawn, and whether kinds are named."""

    box: int
    gap: int
    most: int
    has_kinds: bool = True


FORMS = (_Form(1, 1, MANY), _Form(1, 0, MANY), _Form(1, 0, 1))
LARGE_FORMS = (_Form(2, 1, MANY), *FORMS)


@dataclass(frozen=True)
class SketchView:
    """The sketch in the form that the width allows, wrapped by stages where none fits.

    ``lines`` is how tall the largest box is; ``has_kinds`` says whether there is a line
    for what the blocks are.
    """

    sketch: Sketch
    lines: int = 1
    has_kinds: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self.drawn(options.max_width, is_plain=options.ascii_only)

    def drawn(self, width: int, *, is_plain: bool = False) -> list[Text]:
        """Its lines, none wider than ``width`` where a stage is not; or with plain signs."""
        forms = LARGE_FORMS if self.lines > 1 else FORMS
        bare = [replace(form, has_kinds=False) for form in forms]
        for form in (*(forms if self.has_kinds else ()), *bare):
            columns = self._columns(form, is_plain=is_plain)
            if _width(columns) <= width:
                return list(dropwhile(lambda line: not line, _lines(columns)))
        bands, named = (
            _wrapped(self._columns(each, is_plain=is_plain), width)
            for each in (bare[-1], forms[-1])
        )
        if self.has_kinds and len(named) == len(bands):
            bands = named
        return [line for band in bands for line in _lines(band)]

    def _columns(self, form: _Form, *, is_plain: bool) -> "list[_Column]":
        stages = self.sketch.stages
        shown, more = stages[:MOST_STAGES], len(stages) - MOST_STAGES
        nothing = ("",) * self.lines
        image, output = self.sketch.input_shape, self.sketch.output_shape
        given = "image" if len(image) == 3 else "input"
        columns = [_Column(nothing, _arrow(image[:1]), size_text(image[1:]), given)]
        columns += [self._column(each, form) for each in shown]
        if more > 0:
            columns.append(_Column(nothing, f"+ {more} stages", ""))
        if shown and _ends_in_vector(stages[-1]) and more <= 0:
            last = columns.pop()
            way = _arrow((*stages[-1].channels, *output)) if stages[-1].channels else ""
            columns.append(replace(last, channels=way or f"→ {_arrow(output)}"))
        else:
            columns.append(_Column(nothing, f"→ {_arrow(output[:1])}", size_text(output[1:])))
        is_high = self.lines > 1 and any(each.has_skip for each in shown)
        columns = [replace(each, has_kind=form.has_kinds, is_high=is_high) for each in columns]
        return [each.spelled_out() for each in columns] if is_plain else columns

    def _column(self, stage: SketchStage, form: _Form) -> "_Column":
        boxes = _boxes(stage, form, self.lines, _largest(self.sketch))
        drawn = stage.count if stage.count <= form.most else 1
        arcs = (" " * form.gap).join([ARC[form.box]] * drawn) if stage.has_skip else ""
        size = size_text(stage.size)
        if stage.is_sequence and form.has_kinds:
            size += " tokens"
        return _Column(boxes, _arrow(stage.channels), size, _kind(stage), arcs)


@dataclass(frozen=True)
class _Column:
    """A stage from top to bottom; ``is_high`` leaves a line for arcs over the largest box."""

    boxes: tuple[str, ...]
    channels: str
    size: str
    kind: str = ""
    arcs: str = ""
    has_kind: bool = False
    is_high: bool = False

    def spelled_out(self) -> "_Column":
        """The same in ASCII, whose signs take other widths."""
        return replace(
            self,
            boxes=tuple(map(spelled_out, self.boxes)),
            channels=spelled_out(self.channels),
            size=spelled_out(self.size),
            kind=spelled_out(self.kind),
            arcs=spelled_out(self.arcs),
        )

    @property
    def cells(self) -> list[tuple[str, str]]:
        """Each line with its style."""
        boxes = [(each, ACCENT) for each in (*[""] * self.is_high, *self.boxes)]
        if self.is_high and self.arcs:
            top = next(row for row, (text, _) in enumerate(boxes) if text)
            boxes[top - 1] = (self.arcs, QUIET)
        kind = [(self.kind, QUIET)] if self.has_kind else []
        return [*boxes, (self.channels, STRONG), (self.size, ""), *kind]

    @property
    def width(self) -> int:
        return max(cell_len(text) for text, _ in self.cells)


def _boxes(stage: SketchStage, form: _Form, lines: int, largest: float) -> tuple[str, ...]:
    """The boxes of a stage, line by line from the top."""
    if stage.kind == LINEAR:
        small = " ".join([SMALL_BOX] * stage.count) if form.gap else SMALL_BOX * stage.count
        counted = small if stage.count <= max(form.most, 3) else f"{SMALL_BOX}×{stage.count}"
        return (*[""] * (lines - 1), counted)
    eighths = max(1, round(8 * lines * _height(stage.size) / largest))
    is_counted = stage.count > form.most
    drawn = []
    for line in reversed(range(lines)):
        box = FILLED[min(max(eighths - 8 * line, 0), 8)] * form.box
        count = f"×{stage.count}" if line == 0 else ""
        drawn.append(box + count if is_counted else (" " * form.gap).join([box] * stage.count))
    return tuple(each.rstrip() for each in drawn)


def _largest(sketch: Sketch) -> float:
    sizes = [sketch.input_shape[1:], *(stage.size for stage in sketch.stages)]
    return max(map(_height, sizes))


def _height(size: Shape) -> float:
    """One more for each doubling of the side; of a sequence, that of a square as large."""
    return 1 + math.log2(max(1, math.prod(size) ** 0.5))


def _arrow(channels: Sequence[int]) -> str:
    return "→".join(map(str, channels))


def _ends_in_vector(stage: SketchStage) -> bool:
    return stage.kind == LINEAR and not stage.is_sequence


def _kind(stage: SketchStage) -> str:
    kind = printable(stage.kind)
    short = kind if len(kind) <= LONGEST_KIND else "block" if stage.count == 1 else "blocks"
    return f"{stage.count} {short}"


def _width(columns: Sequence[_Column]) -> int:
    return sum(each.width for each in columns) + len(BETWEEN) * (len(columns) - 1)


def _wrapped(columns: Sequence[_Column], width: int) -> list[list[_Column]]:
    """As few lines of stages as there must be, all about as long."""
    bands = _greedy(columns, width)
    while width > 1 and len(shorter := _greedy(columns, width - 1)) == len(bands):
        bands, width = shorter, width - 1
    return bands


def _greedy(columns: Sequence[_Column], width: int) -> list[list[_Column]]:
    bands: list[list[_Column]] = [[]]
    for column in columns:
        if bands[-1] and _width([*bands[-1], column]) > width:
            bands.append([])
        bands[-1].append(column)
    return bands


def _lines(columns: Sequence[_Column]) -> Iterator[Text]:
    for cells in zip(*(each.cells for each in columns), strict=True):
        line = Text(no_wrap=True)
        for (text, style), column in zip(cells, columns, strict=True):
            line.append(BETWEEN if line else "")
            line.append(text + " " * (column.width - cell_len(text)), style)
        line.rstrip()
        yield line
