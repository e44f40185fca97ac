"""The submissions of a class that are alike: the pairs, and who could not be compared."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from cnn_tui.grading.classroom.similarity.files import CAUTION, heading, lines_text, percent
from cnn_tui.grading.classroom.similarity.records import NotCompared, SimilarityReport, SimilarPair
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import QUIET, TITLE

MOST = 50
"""Pairs that a terminal shows; a file has all of them."""
NAME_WIDTH = 28
NAMED = 5
"""Learners that are named of those who are left out for one reason."""


def similarity_page(report: SimilarityReport) -> RenderableType:
    """The pairs, the most alike first, then who was not compared and why."""
    parts: list[RenderableType] = [Text(heading(report), style=TITLE)]
    if report.pairs:
        parts += [_pairs(report.pairs[:MOST]), *_more(report), Text(CAUTION), Text()]
    if report.not_compared:
        title = f"Not compared: {len(report.not_compared)}"
        parts += [Text(title, style=TITLE), _left_out(report.not_compared)]
    return Group(*parts)


def _more(report: SimilarityReport) -> list[Text]:
    more = len(report.pairs) - MOST
    return [Text(f"and {more} more pairs", style=QUIET)] if more > 0 else []


def _pairs(pairs: Sequence[SimilarPair]) -> Table:
    """Two rows for each pair: each file with how much of it the other has too, and where."""
    table = Table(box=None, pad_edge=False, header_style=QUIET, padding=(0, 2, 0, 0))
    table.add_column("Exercise", overflow="fold")
    table.add_column("Learner", max_width=NAME_WIDTH, overflow="fold")
    table.add_column("In the other", justify="right")
    table.add_column("Matching lines", overflow="fold")
    for pair in pairs:
        for exercise, learner, share, lines in (
            (pair.exercise, pair.learner, pair.share, pair.lines_by_file),
            ("", pair.other, pair.other_share, pair.other_lines_by_file),
        ):
            name = Text(printable(learner))
            table.add_row(Text(exercise), name, percent(share), Text(printable(lines_text(lines))))
        table.add_row()
    return table


def _left_out(left_out: Sequence[NotCompared]) -> RenderableType:
    """One row for each reason and exercise, with the learners whom it concerns."""
    groups: dict[tuple[str, str], list[str]] = {}
    for each in left_out:
        groups.setdefault((each.exercise, each.reason), []).append(printable(each.learner))
    table = Table.grid(padding=(0, 2, 0, 0))
    for width in (NAME_WIDTH, None, None):
        table.add_column(max_width=width, overflow="fold")
    for (exercise, reason), learners in groups.items():
        more = len(learners) - NAMED
        named = [*learners[:NAMED], f"and {more} more"] if more > 0 else learners
        table.add_row(Text(", ".join(named)), Text(exercise), Text(printable(reason)))
    return Padding(table, (0, 0, 0, 2), expand=False)
