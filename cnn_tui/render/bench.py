"""Benchmark results as a table, and what is told while they are measured."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.bench.records import BenchResult, Talk
from cnn_tui.render.draw.styles import FAILED, PASSED, TITLE, WARNING

STYLES = {"within": PASSED, "missed": FAILED, "undecided": WARNING}


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
    """One line per measurement: medians, ratio, its spread, budget and verdict; then notes."""
    table = Table(box=None, pad_edge=False, header_style=TITLE)
    table.add_column("Measured")
    for title in ("Median", "Reference", "Ratio", "Spread", "Budget"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for result in results:
        table.add_row(
            Text(result.name),
            f"{_number(result.value)} {result.unit}",
            "–" if result.reference is None else _number(result.reference),
            "–" if result.ratio is None else _number(result.ratio),
            _spread(result),
            result.budget or "–",
            Text(result.verdict or "", style=STYLES.get(result.verdict or "", "")),
        )
    notes = [Text(f"{result.name}: {result.note}.") for result in results if result.note]
    return Group(table, *([Text(), *notes] if notes else []))


def _spread(result: BenchResult) -> str:
    """The interval that the budget is compared with; none is known of a single round."""
    if result.low is None or result.high is None or result.rounds == 1:
        return "–"
    return f"{_number(result.low)} – {_number(result.high)}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}"
