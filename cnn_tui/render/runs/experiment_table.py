"""The table of an experiment: one row per arm, and how to read it."""

from collections.abc import Sequence
from statistics import fmean

from rich.console import RenderableType
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from cnn_tui.render.draw.numbers import percent
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE, WARNING
from cnn_tui.render.runs.page import WIDEST
from cnn_tui.training.studies.records import ArmResult, StudyResult

NOTES = (
    "Shaded around a curve: from the lowest to the highest of the seeds. Loss gap: test loss minus "
    "training loss, both of the trained network in evaluation mode. "
    "Converged: the first epoch within one point of the best validation accuracy."
)
NOTES_ON_WRONG_LABELS = (
    " The training loss of the gap is that of the images whose label was left right. Wrong "
    "learned: the share of the wrongly labeled training images whose wrong label the network "
    "reproduces."
)
UNKNOWN_GAP = (
    "Runs without a loss gap were trained by an earlier version, which did not measure it. "
    "Delete them and repeat the experiment to see it."
)
LONGEST = {
    "Test accuracy": "90.3 % (90.3–91.9)",
    "Loss gap": "Loss gap",
    "Wrong learned": "Wrong learned",
    "Parameters": "Parameters",
    "s/epoch": "s/epoch",
    "Converged": "epoch 10.0",
}
"""What a column takes where each row of the table stands on one line."""
LONGEST_WORDS = {
    "": "residual",
    "Test accuracy": "(90.3–91.9)",
    "Loss gap": "+0.154",
    "Wrong learned": "learned",
    "Parameters": "Parameters",
    "s/epoch": "s/epoch",
    "Converged": "Converged",
}
"""What a column must have room for where the screen is narrower than the table: words are
not broken, and nothing is cut."""


def table_with_notes(result: StudyResult, width: int) -> list[RenderableType]:
    """The table, in words where there is no room for its columns, and how to read it."""
    fits = width >= _narrowest_table(result)
    table = study_table(result, width) if fits else _table_in_words(result)
    notes = NOTES + (NOTES_ON_WRONG_LABELS if _has_wrong_labels(result) else "")
    shown: list[RenderableType] = [Text(), table, Constrain(Text(notes, QUIET), WIDEST)]
    if any(gap is None for arm in result.arms for gap in arm.loss_gap):
        shown.append(Constrain(Text(UNKNOWN_GAP, WARNING), WIDEST))
    return shown


def study_table(result: StudyResult, width: int = 80) -> Table:
    """One row per arm: means over the seeds, and the lowest and highest accuracy."""
    narrow = width < _widest_table(result)
    gap = 1 if narrow else 2
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, gap, 0, 0))
    columns = _columns(result)
    widths = {title: len(LONGEST_WORDS[title]) for title in columns}
    widths[""] += max(0, min(width - _narrowest_table(result), _longest_label(result) - widths[""]))
    for title in columns:
        table.add_column(
            title,
            justify="right" if title else "left",
            width=widths[title] if narrow else None,
            no_wrap=not narrow,
        )
    for arm in result.arms:
        cells = _cells(arm)
        table.add_row(*(cells[title] for title in columns))
    return table


def _cells(arm: ArmResult) -> dict[str, str]:
    """What the table says of an arm, by the titles of its columns."""
    return {
        "": arm.label,
        "Test accuracy": f"{percent(fmean(arm.accuracy))} ({_spread(arm)})",
        "Loss gap": _gap(arm),
        "Wrong learned": percent(_mean(arm.wrong_labels_learned)),
        "Parameters": f"{arm.parameters:,}",
        "s/epoch": f"{fmean(arm.seconds_per_epoch):.2f}",
        "Converged": f"epoch {fmean(arm.epochs_to_convergence):.1f}",
    }


def _columns(result: StudyResult) -> list[str]:
    """The titles of the columns: that of wrong labels only where some were wrong."""
    return [each for each in LONGEST_WORDS if each != "Wrong learned" or _has_wrong_labels(result)]


def _has_wrong_labels(result: StudyResult) -> bool:
    return any(share is not None for arm in result.arms for share in arm.wrong_labels_learned)


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean over the seeds; None where it is not known of each."""
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _gap(arm: ArmResult) -> str:
    gap = _mean(arm.loss_gap)
    return "–" if gap is None else f"{gap:+.3f}"


def _widest_table(result: StudyResult) -> int:
    """Columns that the table takes with each row on one line."""
    cells = sum(2 + len(LONGEST[title]) for title in _columns(result) if title)
    return _longest_label(result) + cells


def _longest_label(result: StudyResult) -> int:
    return max(len(arm.label) for arm in result.arms)


def _narrowest_table(result: StudyResult) -> int:
    columns = _columns(result)
    return sum(len(LONGEST_WORDS[title]) for title in columns) + len(columns) - 1


def _table_in_words(result: StudyResult) -> Text:
    """What the table says, for pages that have no room for its columns."""
    lines = Text()
    for arm in result.arms:
        cells = _cells(arm)
        lines.append(f"{arm.label}\n", STRONG)
        lines.append(
            f"  test accuracy {cells['Test accuracy']}\n"
            f"  loss gap {cells['Loss gap']}, {cells['Parameters']} parameters\n"
            f"  {cells['s/epoch']} s/epoch, converged: {cells['Converged']}\n"
        )
        if _has_wrong_labels(result):
            lines.append(f"  wrong labels learned {cells['Wrong learned']}\n")
    return lines


def _spread(arm: ArmResult) -> str:
    """The lowest and the highest accuracy, in percent."""
    return f"{100 * min(arm.accuracy):.1f}–{100 * max(arm.accuracy):.1f}"
