"""Benchmark results as a table, and what is told while they are measured."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.bench.records import BenchResult, Talk


@contextmanager
def telling(console: Console) -> Iterator[Talk]:
    """A benchmark's talk on ``console``: one line that changes, or a log where none can."""
    if console.is_terminal and not console.is_dumb_terminal:
        with console.status("Measuring …") as status:
            yield Talk(
                doing=lambda what: status.update(Text(f"Measuring {what} …")),
                remark=lambda sentence: console.print(Text(sentence)),
            )
    else:
        yield Talk(
            doing=lambda what: console.print(Text(f"Measuring {what} …")),
            remark=lambda sentence: console.print(Text(sentence)),
        )


def bench_table(results: Sequence[BenchResult]) -> RenderableType:
    """One line per measurement: value, reference, ratio, budget, whether it is kept; then notes."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("Measured")
    for title in ("Value", "Reference", "Ratio", "Budget"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for result in results:
        table.add_row(
            Text(result.name),
            f"{_number(result.value)} {result.unit}",
            "–" if result.reference is None else _number(result.reference),
            "–" if result.ratio is None else f"{result.ratio:.3f}",
            result.budget or "–",
            _verdict(result.within),
        )
    notes = [Text(f"{result.name}: {result.note}.") for result in results if result.note]
    return Group(table, *([Text(), *notes] if notes else []))


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"


def _verdict(within: bool | None) -> Text:
    if within is None:
        return Text("")
    return Text("within", style="green") if within else Text("missed", style="red")
