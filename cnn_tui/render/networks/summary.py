"""A network on one page: its sketch, its layer table, and where it spends what."""

from collections.abc import Sequence
from math import prod

from rich.console import Group, RenderableType
from rich.constrain import Constrain
from rich.text import Text

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.records import UNKNOWN
from cnn_tui.render.draw.numbers import (
    giga,
    map_text,
    mebibytes,
    milliseconds,
    percent,
    printable,
    short_count,
)
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.render.networks.field_words import (
    field_legend,
    field_text,
    given_noun,
    layer_name,
)
from cnn_tui.render.networks.head import TEXT_WIDTH, counted, info_of, net_head, title_line
from cnn_tui.render.networks.layer_table import LayerRow, LayerTable, layer_table
from cnn_tui.render.networks.remarks import add_remarks, fact_table

SKETCH_LINES = 2
"""Lines of the largest box of the sketch on a page that scrolls."""
NEARLY_ALL = 0.9
"""A part with more than this share of the whole is looked into."""
PARTS_SHOWN = 3


def net_summary(
    summary: NetSummary, depth: int | None = None, *, unfold: bool = False
) -> RenderableType:
    """What the network is, with its sketch; then every module; then where it spends what.

    ``depth`` leaves out modules nested deeper than that; 1 shows the outermost.
    Neighbors that are alike are folded into one row unless ``unfold`` is set.
    """
    info = info_of(summary.net)
    table = layer_table(summary, depth, unfold=unfold)
    return Group(
        title_line(summary.title if info is None else info, summary),
        net_head(info, summary, lines=SKETCH_LINES),
        Text(),
        table,
        Text(),
        layer_notes(summary, table),
    )


def layer_notes(summary: NetSummary, table: LayerTable) -> RenderableType:
    """What belongs below a layer table: where it spends what, and how to read the table."""
    return Constrain(Group(_facts(summary), _legend(summary, table.lines)), TEXT_WIDTH)


def _facts(summary: NetSummary) -> RenderableType:
    facts = fact_table()
    for name, fact in (*_totals(summary), *_answers(summary)):
        facts.add_row(name, Text(fact))
    info = info_of(summary.net)
    if info is not None:
        facts.add_row("Paper", Text(info.paper))
    add_remarks(facts, summary)
    return facts


def _totals(summary: NetSummary) -> list[tuple[str, str]]:
    return [
        ("Parameters", _parameters(summary)),
        (
            "MACs",
            counted(
                summary, summary.total_macs, f"{summary.total_macs:,} for {summary.given.amount}"
            ),
        ),
        *_time(summary),
        (
            "Activations",
            f"{summary.total_activations:,} numbers for {summary.given.amount}, "
            f"{mebibytes(summary.total_activations)} MiB as float32",
        ),
        ("Depth", _depth(summary)),
        ("Receptive field", field_text(summary)),
    ]


def _parameters(summary: NetSummary) -> str:
    total, frozen = summary.total_parameters, summary.total_parameters - summary.total_trainable
    size = f", {mebibytes(total)} MiB as float32" if total else ""
    return counted(
        summary, total, f"{total:,}{size}" + (f"; {frozen:,} of them frozen" if frozen else "")
    )


def _depth(summary: NetSummary) -> str:
    if summary.depth is None:
        return "unknown: see the note"
    layers = "layer" if summary.depth == 1 else "layers"
    told = f"{summary.depth} {layers} with weights on the longest path"
    return counted(summary, summary.depth, told)


def _time(summary: NetSummary) -> list[tuple[str, str]]:
    if summary.total_seconds is None:
        return []
    rate = summary.macs_per_second
    told = f"{milliseconds(summary.total_seconds)} for {summary.given.amount}"
    return [("Time", f"{told}, {giga(rate)} GMACs/s" if rate else told)]


def _answers(summary: NetSummary) -> list[tuple[str, str]]:
    """Where the most of each sits: in which parts, and in which single layer."""
    layers = [layer for layer in summary.layers if not layer.reused]
    return [
        *_parts("Parameters in", summary, "parameters", summary.total_parameters),
        *_most("Most parameters", layers, "parameters", summary.total_parameters),
        *_parts("MACs in", summary, "macs", summary.total_macs),
        *_most("Most MACs", summary.layers, "macs", summary.total_macs),
        *_parts("Time in", summary, "seconds", summary.total_seconds),
        *_most_time(summary),
        *_largest_output(summary.layers),
    ]


def _parts(
    title: str, summary: NetSummary, part: str, whole: float | None
) -> list[tuple[str, str]]:
    """The outermost modules with the most; what holds nearly all is looked into."""
    if not whole:
        return []
    inside, parts = "", _children("", summary)
    while parts and _amount(largest := _largest(parts, part), part) > NEARLY_ALL * whole:
        inside, parts = largest.name, _children(largest.name, summary)
    shares = {each: _amount(each, part) / whole for each in parts}
    told = sorted(shares, key=lambda each: -shares[each])
    if len(told) < 2 or all(each.is_leaf for each in told):
        return []
    if len(told) > PARTS_SHOWN and shares[told[0]] == shares[told[-1]]:
        share = percent(shares[told[0]], 0)
        return [(title, f"{printable(inside)}: {len(told)} parts alike, {share} each")]
    words = (f"{printable(each.name)} {percent(shares[each], 0)}" for each in told[:PARTS_SHOWN])
    return [(title, ", ".join(words))]


def _children(name: str, summary: NetSummary) -> list[LayerSummary]:
    depth = name.count(".") + 1 if name else 0
    return [
        each
        for each in summary.modules
        if each.depth == depth and not each.reused and each.name.startswith(f"{name}." * bool(name))
    ]


def _largest(modules: Sequence[LayerSummary], part: str) -> LayerSummary:
    return max(modules, key=lambda each: _amount(each, part))


def _amount(module: LayerSummary, part: str) -> float:
    return getattr(module, part) or 0


def _most(
    title: str, layers: Sequence[LayerSummary], part: str, whole: int
) -> list[tuple[str, str]]:
    if not whole or not layers:
        return []
    amounts = [getattr(layer, part) for layer in layers]
    most = max(amounts)
    top = layers[amounts.index(most)]
    alike = amounts.count(most) - 1
    others = f", and as many in {alike} more" if alike else ""
    return [(title, f"{layer_name(top)}: {short_count(most)}, {percent(most / whole, 0)}{others}")]


def _most_time(summary: NetSummary) -> list[tuple[str, str]]:
    seconds = {each: each.seconds for each in summary.layers if each.seconds is not None}
    if not summary.total_seconds or not seconds:
        return []
    top = max(seconds, key=lambda each: seconds[each])
    share = percent(seconds[top] / summary.total_seconds, 0)
    return [("Most time", f"{layer_name(top)}: {milliseconds(seconds[top])}, {share}")]


def _largest_output(layers: Sequence[LayerSummary]) -> list[tuple[str, str]]:
    written = [layer for layer in layers if layer.activations]
    if not written:
        return []
    top = max(written, key=lambda layer: prod(layer.output_shape))
    size = f"{map_text(top.output_shape)}, {mebibytes(prod(top.output_shape))} MiB"
    return [("Largest activation", f"{layer_name(top)}: {size}")]


def _legend(summary: NetSummary, lines: Sequence[LayerRow]) -> Text:
    """What the signs mean that occur in this table."""
    shown = [line.module for line in lines]
    told = [
        (any(each.receptive_field is not None for each in shown), field_legend(summary)),
        (
            any(each.gated for each in shown),
            f"47+: also rescaled by numbers computed from the whole {given_noun(summary)}, as in "
            "squeeze-and-excitation or group norm.",
        ),
        (
            any(each.receptive_field == UNKNOWN for each in shown),
            "?: unknown, after an operation that cannot be followed.",
        ),
        (
            any(line.is_sum for line in lines),
            "A row with rows inset under it sums those up.",
        ),
        (
            any(line.is_sum and line.module.seconds is not None for line in lines),
            "Its time also holds what it does itself, between them.",
        ),
        (
            any(line.row.count > 1 for line in lines),
            "3 × …: three alike in a row; that row sums all of them up, "
            "the rows inset under it show the first.",
        ),
        (
            any(each.reused and each.parameters for each in shown),
            "(…): ran before; its parameters are the same ones and count once.",
        ),
        (any(each.parameters and not each.trainable for each in shown), "*: frozen."),
        (
            any(each.type == "function" for each in shown),
            "function: a call in the forward, no module.",
        ),
    ]
    sentences = [sentence for occurs, sentence in told if occurs] if lines else ["No layer ran."]
    return Text("".join(f"\n{each}" for each in sentences), style=QUIET)
