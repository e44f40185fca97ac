"""The layers of a network for other programs: CSV, a Markdown table, and a page of HTML."""

import csv
import html
import io
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cnn_tui.analysis.networks.costs import NetCosts
from cnn_tui.analysis.networks.records import NetSummary
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
    """A heading and a table of GitHub's Markdown."""
    records = layer_records(summary, costs)
    columns = _columns(records)
    are_numbers = [_is_number(records, name) for name in columns]
    lines = [
        f"# {_markdown(summary.title)}",
        "",
        *(f"- {_markdown(name)}: {_markdown(value)}" for name, value in _facts(summary, costs)),
        "",
        _row(map(_markdown, columns)),
        _row("---:" if each else "---" for each in are_numbers),
        *(_row(_markdown(_shown(value)) for value in each.values()) for each in records),
    ]
    return "\n".join(lines) + "\n"


def html_text(summary: NetSummary, costs: NetCosts | None = None) -> str:
    """A whole page, which needs nothing beside it."""
    records = layer_records(summary, costs)
    columns = _columns(records)
    facts = "".join(
        f"<li>{html.escape(name)}: {html.escape(value)}</li>"
        for name, value in _facts(summary, costs)
    )
    head = "".join(f"<th>{html.escape(name)}</th>" for name in columns)
    body = "\n".join(f"<tr>{''.join(map(_cell, each.values()))}</tr>" for each in records)
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
        ("network", summary.net),
        ("input shape", _sides(summary.input_shape)),
        ("parameters", f"{summary.total_parameters:,}"),
        ("MACs", f"{summary.total_macs:,}"),
        ("FLOPs", f"{summary.work.flops:,}"),
    ]
    if costs is not None:
        facts += [
            ("device", f"{costs.device.name} ({costs.device.source}), {costs.precision}"),
            ("batch size", f"{costs.batch_size:,}"),
        ]
    return [*facts, *remarks(summary)]


def _sides(shape: Sequence[int]) -> str:
    return "x".join(map(str, shape))


def _columns(records: Sequence[Mapping[str, Any]]) -> list[str]:
    return list(records[0]) if records else ["name"]


def _is_number(records: Sequence[Mapping[str, Any]], name: str) -> bool:
    return any(type(each[name]) in (int, float) for each in records)


def _shown(value: Any) -> str:
    if value is None:
        return ""
    return f"{value:.6g}" if type(value) is float else str(value)


def _harmless(value: Any) -> Any:
    """A name that no spreadsheet computes: a file of somebody else's may call its layers so."""
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _row(cells: Any) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown(text: str) -> str:
    """The text on one line, with the signs escaped that Markdown and HTML take for their own."""
    plain = html.escape(" ".join(text.split()), quote=False)
    return "".join(f"\\{each}" if each in "\\`*_[]|#" else each for each in plain)


def _cell(value: Any) -> str:
    kind = ' class="number"' if type(value) in (int, float) else ""
    return f"<td{kind}>{html.escape(_shown(value))}</td>"
