"""The layers of a network for other programs: CSV, a Markdown table, and a page of HTML."""

import csv
import html
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cnn_tui.analysis.networks.costs import NetCosts
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.render.draw.numbers import map_text, mebibytes, milliseconds, short_count
from cnn_tui.render.networks.costs import byte_text, flop_text, time_text
from cnn_tui.render.networks.field_words import field_text
from cnn_tui.render.networks.head import counted, given_text
from cnn_tui.render.networks.layer_table import parameter_text, receptive_field
from cnn_tui.render.networks.remarks import remarks

FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What spreadsheets take for the beginning of a formula."""
STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:2em;color:#222;background:#fff}"
    "table{border-collapse:collapse}th,td{padding:.2em .7em;border-bottom:1px solid #ddd}"
    "th{position:sticky;top:0;background:#fff;text-align:left}"
    "td.number{text-align:right;font-variant-numeric:tabular-nums}"
)


def layer_records(summary: NetSummary, costs: NetCosts | None = None) -> list[dict[str, Any]]:
    """One record per layer, as ``summary --json`` has them, with its costs where they are known."""
    document: list[dict[str, Any]] = summary.to_json()["layers"]
    records = [{**each, "output_shape": _sides(each["output_shape"])} for each in document]
    if costs is not None:
        priced = costs.to_json()["layers"]
        for record, price in zip(records, priced, strict=True):
            record |= {f"batch_{name}": price[name] for name in ("flops", "bytes_moved")}
            record |= {"flops_per_byte": price["flops_per_byte"], "bound": price["bound"]}
            record |= {"estimated_seconds": price["seconds"]}
    return records


def csv_text(summary: NetSummary, costs: NetCosts | None = None) -> str:
    """Comma-separated values with a header."""
    records = layer_records(summary, costs)
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_columns(records))
    writer.writerows([_harmless(value) for value in each.values()] for each in records)
    return file.getvalue()


def markdown_text(summary: NetSummary, costs: NetCosts | None = None) -> str:
    """A heading, a table of GitHub's Markdown with totals, and what is to be known of it."""
    columns = _readable(summary, costs)
    lines = [
        f"# {_markdown(summary.title)}",
        "",
        *(f"- {_markdown(name)}: {_markdown(value)}" for name, value in _facts(summary, costs)),
        "",
        _row(_markdown(each.title) for each in columns),
        _row("---:" if each.is_number else "---" for each in columns),
        *(_row(map(_markdown, cells)) for cells in _rows(columns)),
    ]
    return "\n".join(lines) + "\n"


def html_text(summary: NetSummary, costs: NetCosts | None = None) -> str:
    """A whole page, which needs nothing beside it."""
    columns = _readable(summary, costs)
    facts = "".join(
        f"<li>{html.escape(name)}: {html.escape(value)}</li>"
        for name, value in _facts(summary, costs)
    )
    head = "".join(f"<th>{html.escape(each.title)}</th>" for each in columns)
    body = "\n".join(f"<tr>{''.join(map(_cell, columns, cells))}</tr>" for cells in _rows(columns))
    title = html.escape(summary.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head><meta charset="utf-8">'
        f"<title>{title}</title><style>{STYLE}</style></head>\n"
        f"<body><h1>{title}</h1><ul>{facts}</ul>\n"
        f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></body></html>\n"
    )


FORMATS: Mapping[str, Callable[[NetSummary, NetCosts | None], str]] = {
    "csv": csv_text,
    "markdown": markdown_text,
    "html": html_text,
}
"""Name → what writes it."""


def _facts(summary: NetSummary, costs: NetCosts | None) -> list[tuple[str, str]]:
    facts = [
        ("Network", summary.net),
        ("Input", given_text(summary.given).partition(" ")[2]),
        ("Receptive field", field_text(summary)),
    ]
    if costs is not None:
        device = f"{costs.device.name} ({costs.device.source}), {costs.precision}"
        facts += [("Device", device), ("Batch", f"{costs.batch_size:,}")]
    return [*facts, *remarks(summary)]


def _sides(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def _columns(records: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(records[0]) if records else ["name"]


@dataclass(frozen=True)
class _Column:
    """A column for people: a cell for each layer, and the total below."""

    title: str
    cells: Sequence[str]
    total: str = ""
    is_number: bool = True


def _readable(summary: NetSummary, costs: NetCosts | None) -> list[_Column]:
    """What the table of layers shows, in the format of its numbers."""
    layers = summary.layers
    columns = [
        _Column("Layer", [each.name for each in layers], "Total", is_number=False),
        _Column("Type", [each.type for each in layers], is_number=False),
        _Column("Output", [map_text(each.output_shape) or "–" for each in layers], is_number=False),
        _Column(
            "Parameters",
            [parameter_text(each) for each in layers],
            counted(summary, summary.total_parameters, f"{summary.total_parameters:,}"),
        ),
        _Column(
            "MACs",
            [short_count(each.macs) if each.macs else "–" for each in layers],
            counted(summary, summary.total_macs, short_count(summary.total_macs)),
        ),
    ]
    if costs is not None:
        return columns + _costs(summary, costs)
    if summary.total_seconds is not None:
        columns.append(_Column("Time", _times(summary), milliseconds(summary.total_seconds)))
    activations = [mebibytes(each.activations) for each in layers]
    columns.append(_Column("Act. MiB", activations, mebibytes(summary.total_activations)))
    if any(each.receptive_field is not None for each in layers):
        columns.append(_Column("RF", [receptive_field(each) for each in layers]))
    return columns


def _times(summary: NetSummary) -> list[str]:
    return ["–" if each.seconds is None else milliseconds(each.seconds) for each in summary.layers]


def _costs(summary: NetSummary, costs: NetCosts) -> list[_Column]:
    priced, whole = costs.summary.layers, summary.work
    works = [each.work for each in priced]
    return [
        _Column(
            "FLOPs", [flop_text(costs.flops(each)) for each in works], flop_text(costs.flops(whole))
        ),
        _Column(
            "Bytes", [byte_text(costs.bytes(each)) for each in works], byte_text(costs.bytes(whole))
        ),
        _Column("Bound", [costs.bound(each) or "–" for each in works], is_number=False),
        _Column(
            "Time ≥", [time_text(each.estimate or 0) for each in priced], time_text(costs.seconds)
        ),
    ]


def _rows(columns: Sequence[_Column]) -> list[list[str]]:
    """The layers, and the totals below them."""
    layers = zip(*(each.cells for each in columns), strict=True)
    return [*map(list, layers), [each.total for each in columns]]


def _harmless(value: Any) -> Any:
    """A name that no spreadsheet computes: a file of somebody else's may call its layers so."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(text: str) -> str:
    """The text on one line, with the signs escaped that Markdown and HTML take for their own."""
    plain = html.escape(" ".join(text.split()), quote=False)
    return "".join(f"\\{each}" if each in "\\`*_[]|#" else each for each in plain)


def _cell(column: _Column, text: str) -> str:
    kind = ' class="number"' if column.is_number else ""
    return f"<td{kind}>{html.escape(text)}</td>"
