"""What each layer costs on a device, and what the network takes in its memory."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from cnn_tui.analysis.networks.costs import NetCosts
from cnn_tui.analysis.networks.folding import FoldedRow, folded_rows
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.work_records import Work
from cnn_tui.render.draw.columns import (
    LONGEST_NAME,
    ColumnTable,
    TableColumn,
    bars,
    names,
    numbers,
)
from cnn_tui.render.draw.numbers import (
    milliseconds,
    percent,
    printable,
    short_count,
    whole_percent,
)
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.render.networks.head import TEXT_WIDTH, title_line
from cnn_tui.render.networks.remarks import add_remarks, fact_table

MICROSECOND = 1e-6
READING = (
    "FLOPs: two for a multiply-accumulate, one for any other operation on a number. Bytes: each "
    "number is fetched once and stored once. A layer with fewer FLOPs per byte than the device "
    "can compute while it fetches one waits for the memory. Time: the longer of the two, at "
    "least; real layers take longer."
)

FUNCTIONS = "functions in forward"
"""The row of what the network's own forward does beside its layers, such as torch.tanh."""
WITH_TF32 = (
    "PyTorch's convolutions use TF32 by default on this device, which is faster than this "
    "peak: choose the precision tf32 to count with it."
)


def net_costs(costs: NetCosts, depth: int | None = None, *, unfold: bool = False) -> RenderableType:
    """The costs on one page; ``depth`` and ``unfold`` are those of a layer table."""
    above, table, below = cost_parts(costs, depth, unfold=unfold)
    title = title_line(costs.summary.title, costs.summary)
    return Group(title, above, Text(), table, Text(), below)


def cost_parts(
    costs: NetCosts, depth: int | None = None, *, unfold: bool = False
) -> tuple[RenderableType, RenderableType, RenderableType]:
    """What stands above the table, the table of layers, and what stands below it."""
    rows = list(folded_rows(costs.summary.modules, depth=depth, unfold=unfold))
    below = Group(
        _kinds(costs),
        Text(),
        _memory(costs),
        Text(),
        Constrain(Group(*_remarks(costs.summary), _reading(costs)), TEXT_WIDTH),
    )
    return _device(costs), _layers(rows, costs), below


def _device(costs: NetCosts) -> RenderableType:
    device = costs.device
    without = " without TF32" if costs.has_tf32 else ""
    rates = (
        f"{short_count(device.peak(costs.precision))}FLOP/s in {costs.precision}{without}, "
        f"{short_count(device.bandwidth)}B/s: {costs.ridge:.3g} FLOPs per byte"
    )
    facts = fact_table()
    facts.add_row("Device", Text(f"{device.name} ({device.source})"))
    facts.add_row("Peak", Text(rates))
    facts.add_row("Batch", Text(f"{costs.batch_size:,}"))
    facts.add_row("Forward", Text(_whole(costs)))
    return facts


def _whole(costs: NetCosts) -> str:
    work, seconds = costs.summary.work, costs.seconds
    told = f"{short_count(costs.flops(work))}FLOP, {byte_text(costs.bytes(work))} moved"
    if not seconds:
        return told
    rate = costs.flops(work) / seconds / costs.device.peak(costs.precision)
    return f"{told}; at least {time_text(seconds)}, at most {percent(rate, 0)} of the peak"


def _layers(rows: Sequence[FoldedRow], costs: NetCosts) -> ColumnTable:
    depths = [row.module.depth for row in rows] + [0]
    is_sum = [depths[place + 1] > depths[place] for place in range(len(rows))]
    labels, types = list(map(_label, rows)), list(map(_type, rows))
    works = [row.module.work for row in rows]
    times = [row.module.estimate or 0 for row in rows]
    if any(costs.own_work):
        labels.append(FUNCTIONS)
        types.append("")
        works.append(costs.own_work)
        times.append(costs.least(costs.own_work))
        is_sum.append(False)
    shares = [time / costs.seconds if costs.seconds else 0 for time in times]
    alone = [None if each else share for each, share in zip(is_sum, shares, strict=True)]
    longest = max((share for share in alone if share), default=1)
    columns = [
        names("Layer", 0, labels, at_least=LONGEST_NAME),
        names("Type", 6, types, at_least=LONGEST_NAME),
        numbers("FLOPs", 2, [flop_text(costs.flops(work)) for work in works]),
        numbers("Bytes", 3, [byte_text(costs.bytes(work)) for work in works]),
        numbers("FLOP/B", 4, [_intensity(costs, work) for work in works]),
        names("Bound", 1, [_bound(costs, work) for work in works], at_least=7),
        numbers("Time ≥", 2, list(map(time_text, times))),
        _joined(numbers("", 5, [whole_percent(share) if share else "" for share in shares])),
        bars(5, [share and share / longest for share in alone]),
    ]
    return ColumnTable(columns, [QUIET if each else "none" for each in is_sum])


def _joined(column: TableColumn) -> TableColumn:
    return replace(column, joined=True)


def _label(row: FoldedRow) -> str:
    return "  " * row.module.depth + printable(row.label)


def _type(row: FoldedRow) -> str:
    kind = printable(row.module.type)
    return f"{row.count} × {kind}" if row.count > 1 else kind


def _kinds(costs: NetCosts) -> ColumnTable:
    whole = costs.summary.work
    kinds = sorted(costs.summary.kinds, key=lambda kind: -kind.flops)
    works = [each.work for each in kinds]
    flop_shares = [_part(work.flops, whole.flops) for work in works]
    byte_shares = [_part(costs.bytes(work), costs.bytes(whole)) for work in works]
    columns = [
        names("By kind", 0, [each.kind for each in kinds], at_least=LONGEST_NAME),
        numbers("FLOPs", 1, [flop_text(costs.flops(work)) for work in works]),
        _joined(numbers("", 5, flop_shares)),
        numbers("Bytes", 3, [byte_text(costs.bytes(work)) for work in works]),
        _joined(numbers("", 5, byte_shares)),
        numbers("FLOP/B", 4, [_intensity(costs, work) for work in works]),
        names("Bound", 2, [_bound(costs, work) for work in works], at_least=7),
    ]
    return ColumnTable(columns, ["none"] * len(kinds))


def _memory(costs: NetCosts) -> ColumnTable:
    inference, training = costs.inference_bytes(), costs.training_bytes()
    rows = [
        (name, _size(inference.get(name)), _size(training[name]), False)
        for name in ("weights", "gradients", "activations", "inputs")
    ]
    for name, size in costs.optimizer_bytes().items():
        rows.append((f"total, with {name}", "", _sum((*training.values(), size)), not size))
    rows.append(("total, without gradients", _sum(inference.values()), "", True))
    title = f"Memory at batch {costs.batch_size:,}, float32"
    columns = [
        names(title, 0, [row[0] for row in rows], at_least=1),
        numbers("Inference", 0, [row[1] for row in rows]),
        numbers("Training", 0, [row[2] for row in rows]),
    ]
    return ColumnTable(columns, [TITLE if row[3] else "none" for row in rows])


def _remarks(summary: NetSummary) -> list[RenderableType]:
    facts = fact_table()
    add_remarks(facts, summary)
    return [facts, Text()] if facts.row_count else []


def _sum(sizes: Iterable[int | None]) -> str:
    every = list(sizes)
    known = [each for each in every if each is not None]
    return byte_text(sum(known)) if len(known) == len(every) else "–"


def _size(size: int | None) -> str:
    return "–" if size is None else byte_text(size)


def _reading(costs: NetCosts) -> Text:
    told = [READING, WITH_TF32] if costs.has_tf32 else [READING]
    memory = costs.summary.memory
    if memory is None:
        told.append("What activations take was not asked for.")
    else:
        told.append(
            "Activations: for inference the most that live at one moment, for training what is "
            "kept for the backward pass, or that moment where it takes more; libraries take some "
            "more to work in."
        )
        if memory.training is None:
            told.append("A forward in training mode failed, so what it keeps is not known.")
    return Text(" ".join(told), style=QUIET)


def _intensity(costs: NetCosts, work: Work) -> str:
    value = costs.intensity(work)
    return "–" if value is None else f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def _bound(costs: NetCosts, work: Work) -> str:
    return costs.bound(work) or "–"


def _part(part: float, whole: float) -> str:
    return whole_percent(part / whole) if whole else ""


def flop_text(flops: int) -> str:
    """FLOPs in four digits; a dash for none."""
    return short_count(flops) if flops else "–"


def byte_text(size: float) -> str:
    """Bytes in the units in which memory is sold: ``12.3 MiB``; a dash for none."""
    if not size:
        return "–"
    for unit, name in ((2**30, "GiB"), (2**20, "MiB"), (2**10, "KiB")):
        if size >= unit:
            return (
                f"{size / unit:.3g} {name}" if size < 1000 * unit else f"{size / unit:,.0f} {name}"
            )
    return f"{size:.0f} B"


def time_text(seconds: float) -> str:
    """A time that may be far below a millisecond; a dash for none."""
    if not seconds:
        return "–"
    if seconds < MICROSECOND / 100:
        return "<0.01 µs"
    if seconds < 100 * MICROSECOND:
        return f"{seconds / MICROSECOND:.3g} µs"
    return milliseconds(seconds)
