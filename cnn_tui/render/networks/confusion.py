"""The confusion matrix of an evaluation as a heat grid, in whatever form there is room for."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.evaluation_records import Evaluation
from cnn_tui.render.draw.heat import heat_style, shade
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.render.draw.tiles import cut

LONGEST_NAME = 14
NARROWEST_NAME = 4
"""Cells of a class's name beside the confusion matrix."""
WIDEST_HEAD = 6
"""Cells of a column of the confusion matrix, whose numbers may need fewer."""
MOST_CONFUSIONS = 5


def confusion_grid(evaluation: Evaluation, *, columns: int = 80) -> RenderableType:
    """The confusion matrix as a heat grid, and the classes confused most often.

    Numbers where they fit, what is right in brackets; else one shade for each
    count. A matrix that is wider than ``columns`` even so is left out.
    """
    title = Text.assemble(("Confusion matrix", TITLE))
    title.append("  rows: the true class, columns: the predicted one", QUIET)
    return Group(title, *_matrix(evaluation, columns), _confusions(evaluation))


def _matrix(evaluation: Evaluation, columns: int) -> Iterator[Text]:
    """The lines of the matrix, or one that says why there are none."""
    count = len(evaluation.classes)
    longest = max(len(str(cell)) for row in evaluation.confusion for cell in row)
    names = [printable(name) for name in evaluation.classes]
    label = min(max(map(cell_len, names)), LONGEST_NAME)
    for width in range(max(WIDEST_HEAD, longest + 2), longest, -1):
        left = min(label + 3, columns - count * width)
        if left >= min(label, NARROWEST_NAME) + 1:
            yield from _number_lines(evaluation, left, width)
            return
    left = min(label + 1, columns - count)
    if left > NARROWEST_NAME:
        yield from _shade_lines(evaluation, left)
        return
    yield Text(f"{count:,} classes are too many for {columns} columns.", style=QUIET)


def _number_lines(evaluation: Evaluation, left: int, width: int) -> Iterator[Text]:
    heads, labels = _names(evaluation.classes, left - 1, width - 1)
    line = Text(" " * left, no_wrap=True)
    for head in heads:
        line.append(" " * (width - 1 - cell_len(head)) + f"{head} ", TITLE)
    yield line
    for index, row in enumerate(evaluation.confusion):
        line = Text(_padded(labels[index], left), no_wrap=True)
        for place, cell in enumerate(row):
            line.append(
                _number(cell, width, place == index), heat_style(_heat_share(cell, sum(row)))
            )
        yield line


def _number(count: int, width: int, is_right: bool) -> str:
    """A cell: in brackets what is right, where there is room for them, and a dot for nothing."""
    if is_right and width >= len(str(count)) + 2:
        return f"[{count}]".rjust(width)
    return f"{count or '·'} ".rjust(width) if width > len(str(count)) else str(count)


def _shade_lines(evaluation: Evaluation, left: int) -> Iterator[Text]:
    yield Text("Columns in the order of the rows; the brighter, the more images.", style=QUIET)
    for name, row in zip(evaluation.classes, evaluation.confusion, strict=True):
        line = Text(_padded(cut(name, left - 1), left), no_wrap=True)
        for cell in row:
            line.append(*shade(_heat_share(cell, sum(row))))
        yield line


def _heat_share(count: int, total: int) -> float:
    """The root of the share, so that a few mistakes can be told from none."""
    return float((count / total) ** 0.5) if total else 0.0


def _names(classes: Sequence[str], label: int, head: int) -> tuple[list[str], list[str]]:
    """Short names above and beside the matrix; numbers above where names cut are the same."""
    names = [printable(name) for name in classes]
    heads = [set_cell_size(name, min(head, cell_len(name))) for name in names]
    if len(set(heads)) == len(heads):
        return heads, [cut(name, label) for name in names]
    numbers = [str(index) for index in range(len(names))]
    return numbers, [cut(f"{i} {name}", label) for i, name in enumerate(names)]


def _confusions(evaluation: Evaluation) -> Text:
    found = evaluation.confusions
    if not found:
        return Text("No class was taken for another.")
    told = ", ".join(
        f"{printable(each.true)} taken for {printable(each.predicted)} ({each.count:,}×)"
        for each in found[:MOST_CONFUSIONS]
    )
    return Text(f"Most often: {told}.")


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
