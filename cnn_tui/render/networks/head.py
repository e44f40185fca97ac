"""What stands above a network's layers: what it brought, its numbers, its sketch."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.networks.input_specs import USUAL_TYPE, InputSpec, NetInputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.sketch import Sketch, sketch_of
from cnn_tui.analysis.records import GLOBAL, UNKNOWN
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.records import NetInfo
from cnn_tui.render.draw.numbers import (
    map_text,
    mebibytes,
    milliseconds,
    printable,
    short_count,
)
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.render.networks.field_words import given_noun
from cnn_tui.render.networks.sketch import SketchView

TEXT_WIDTH = 90
"""Columns of a sentence at most, however wide the page is."""
WRITTEN_OUT = 1_000_000
"""Counts below it are written out."""
DOT = " · "
BESIDE, GUTTER = 130, 4
"""Columns from which two parts stand side by side, and between those."""


@dataclass(frozen=True)
class FactLine:
    """Facts with a sign between them; a line ends between two facts, never within one.

    ``ends`` writes the sign at the end of a line that goes on below.
    """

    facts: Sequence[str]
    style: str = ""
    between: str = DOT
    ends: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = [""]
        end = self.between.rstrip() if self.ends else ""
        for fact in self.facts:
            longer = f"{lines[-1]}{self.between}{fact}" if lines[-1] else fact
            if lines[-1] and cell_len(longer + end) > options.max_width:
                lines[-1] += end
                lines.append(fact)
            else:
                lines[-1] = longer
        yield from (Text(line, style=self.style) for line in lines)


@dataclass(frozen=True)
class SideBySide:
    """Parts below each other with a blank line between, or in two columns of equal width."""

    parts: Sequence[RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.max_width < BESIDE:
            for place, part in enumerate(self.parts):
                yield from ([Text()] if place else [])
                yield part
            return
        half = (options.max_width - GUTTER) // 2
        grid = Table.grid(padding=(0, GUTTER, 0, 0))
        grid.add_column(width=half)
        grid.add_column(width=half)
        for place in range(0, len(self.parts), 2):
            if place:
                grid.add_row()
            grid.add_row(*self.parts[place : place + 2])
        yield grid


def info_of(net: str) -> NetInfo | None:
    """The catalogue's entry of a network, with or without options; None for others."""
    name = net.partition(",")[0]
    return next((each for each in all_nets() if each.name == name), None)


def net_title(info: NetInfo) -> str:
    """``VGG-16 (2014)``; without a year where it has no paper."""
    return info.title if info.year is None else f"{info.title} ({info.year})"


def short_authors(info: NetInfo, room: int) -> str:
    """The authors in ``room`` columns: all of them, or the first and others."""
    if cell_len(info.authors) <= room:
        return info.authors
    first = info.authors.partition(",")[0]
    return f"{first} and others" if cell_len(first) + len(" and others") <= room else ""


def title_line(of: NetInfo | str, summary: NetSummary) -> RenderableType:
    """The title above a page, with the authors or else the shape of an input of its own."""
    given = given_text(summary.given)
    if isinstance(of, str):
        return Text.assemble((printable(of), TITLE), (f"   {given}", QUIET))
    options = summary.net.partition(",")[2]
    title = net_title(of) + (f" {printable(options)}" if options else "")
    native = (of.in_channels, of.image_size, of.image_size)
    is_usual = (summary.input_shape, summary.batch) == (native, 1)
    return Text.assemble((title, TITLE), (f"   {of.authors if is_usual else given}", QUIET))


def given_text(inputs: NetInputs) -> str:
    """``input 3×224²``; ``inputs 3×32² and mask=16 (bool), in a batch of 8``."""
    shown = [_input_text(each) for each in inputs.specs]
    batch = f", in a batch of {inputs.batch}" if inputs.batch else ""
    without = "" if inputs.has_batch else ", without a batch"
    return f"input{'s' * (len(shown) > 1)} {' and '.join(shown)}{batch}{without}"


def short_inputs(inputs: NetInputs) -> str:
    """The inputs in a column of a table: ``3×224²``, ``8 · 3×32² + 16``."""
    batch = f"{inputs.batch}{DOT}" if inputs.batch else ""
    return batch + " + ".join(map_text(each.shape) or "1" for each in inputs.specs)


def _input_text(spec: InputSpec) -> str:
    name = f"{spec.name}=" if spec.name else ""
    dtype = "" if spec.dtype == USUAL_TYPE else f" ({spec.dtype})"
    return f"{name}{map_text(spec.shape) or 'scalar'}{dtype}"


def net_head(
    info: NetInfo | None,
    summary: NetSummary | None,
    *,
    lines: int = 1,
    has_kinds: bool = True,
    is_airy: bool = True,
    sketch: Sketch | None = None,
) -> RenderableType:
    """One sentence, one line of numbers and the sketch.

    ``lines`` and ``has_kinds`` say how tall the sketch may be, ``is_airy`` leaves a
    blank line above it. Without a ``summary``, only the sentence is known; ``sketch`` is
    the summary's, if it is there already.
    """
    parts: list[RenderableType] = []
    if info is not None:
        parts.append(Constrain(Text(info.idea), TEXT_WIDTH))
    if summary is None:
        return Group(*parts)
    parts.append(Constrain(FactLine(head_numbers(summary)), TEXT_WIDTH))
    if is_airy:
        parts.append(Text())
    parts.append(SketchView(sketch or sketch_of(summary), lines, has_kinds))
    return Group(*parts)


def head_numbers(summary: NetSummary) -> list[str]:
    """Parameters, MACs, weights, receptive field; the time where it was measured."""
    total = summary.total_parameters
    count = f"{total:,}" if total < WRITTEN_OUT else short_count(total)
    weights = mebibytes(total)
    facts = [
        counted(summary, total, f"{count} parameters", "parameters"),
        counted(summary, summary.total_macs, f"{short_count(summary.total_macs)} MACs", "MACs"),
    ]
    if total:
        facts.append(f"{weights} MiB of weights")
    field, side = summary.receptive_field, summary.side
    if isinstance(field, int) and side is not None:
        beyond = f"sees all {side} {summary.unit} (RF {field})"
        facts.append(f"sees {field} of {side} {summary.unit}" if field < side else beyond)
    elif field == UNKNOWN:
        facts.append("receptive field unknown")
    elif field == GLOBAL:
        facts.append(f"sees the whole {given_noun(summary)}")
    if summary.total_seconds is not None:
        facts.append(f"{milliseconds(summary.total_seconds)} for {summary.given.amount}")
    return facts


def counted(summary: NetSummary, count: int, told: str, what: str = "") -> str:
    """What is said of a count, unless it is 0 because quantized layers do not count."""
    is_uncounted = not count and any(each.kind == "quantized" for each in summary.notes)
    return f"{what} not counted".strip() if is_uncounted else told


def sees(summary: NetSummary) -> str:
    """The largest receptive field, beside the image: ``212 of 224``."""
    if summary.receptive_field == GLOBAL:
        return "all"
    if summary.receptive_field == UNKNOWN:
        return "unknown"
    if summary.receptive_field is None:
        return "–"
    return f"{summary.receptive_field} of {summary.side}"
