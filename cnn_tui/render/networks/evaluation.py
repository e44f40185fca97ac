"""A run judged: its accuracy by class, its confusion matrix, its mistakes and its predictions."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.evaluation_records import (
    ClassAccuracy,
    Evaluation,
    JudgedRun,
    Mistake,
    Prediction,
    Predictions,
)
from cnn_tui.analysis.records import Picture
from cnn_tui.render.draw.heat import heat_style, shade
from cnn_tui.render.draw.numbers import percent, printable, share_bar, uneven_sentence
from cnn_tui.render.draw.pictures import half_block_image
from cnn_tui.render.draw.states import RUN_MARKS
from cnn_tui.render.draw.styles import ACCENT, FAILED, PASSED, QUIET, STRONG, TITLE, WARNING

Tile = tuple[Text | Picture, ...]
"""Lines of text, and an image below them."""

TILE, GAP = 24, 2
"""Columns of an image among others, and between two of them."""
LONGEST_NAME = 14
NARROWEST_NAME = 4
"""Cells of a class's name beside the confusion matrix."""
WIDEST_HEAD = 6
"""Cells of a column of the confusion matrix, whose numbers may need fewer."""
WIDEST_BAR, AROUND_BAR = 30, 32
"""Cells of a class's bar, and of what else stands in its row, its name apart."""
WIDEST_MATRIX, BETWEEN = 90, 4
"""Cells of a matrix beside the bars, and of the gap before it."""
MOST_CLASSES = 30
"""Classes listed one by one; of more, those recognized least."""
MOST_CONFUSIONS = 5
PREDICTED = "predicted"

MARKS = {True: ("✓", PASSED), False: ("✗", FAILED), None: ("?", WARNING)}
"""Whether a prediction is right → its mark and its style."""


def evaluation_view(
    evaluation: Evaluation,
    *,
    columns: int = 80,
    color: bool | None = None,
    is_named: bool = True,
) -> RenderableType:
    """All of an evaluation; ``color`` None leaves to the console how images are drawn.

    Without ``is_named`` it does not say which run it is: that stands above it.
    """
    heading = evaluation_heading(evaluation) if is_named else _result(evaluation)
    notes = (Text(printable(note), WARNING) for note in evaluation.notes)
    parts: list[RenderableType] = [heading, *notes, Text(), *_by_class(evaluation, columns)]
    if evaluation.mistakes:
        tiles = mistake_tiles(evaluation.mistakes, columns=columns, color=color)
        parts += [Text(), Text("Most confident mistakes", style=TITLE), Text(), tiles]
    return Group(*parts)


def _by_class(evaluation: Evaluation, columns: int) -> Iterator[RenderableType]:
    """The accuracy by class, and the confusion matrix beside it, or below."""
    names = [cell_len(printable(name)) for name in evaluation.classes]
    left = min(max(names), LONGEST_NAME) + AROUND_BAR + WIDEST_BAR
    right = min(WIDEST_MATRIX, columns - left - BETWEEN)
    if right >= min(max(names), LONGEST_NAME) + 3 + len(names) * WIDEST_HEAD:
        table = Table.grid(padding=(0, BETWEEN, 0, 0))
        table.add_column(width=left)
        table.add_column(width=right)
        bars = class_bars(evaluation, columns=left)
        table.add_row(Group(Text(), bars), confusion_grid(evaluation, columns=right))
        yield table
        return
    yield class_bars(evaluation, columns=columns)
    yield Text()
    yield confusion_grid(evaluation, columns=columns)


def predictions_view(
    predictions: Predictions,
    *,
    columns: int = 80,
    color: bool | None = None,
    is_named: bool = True,
) -> RenderableType:
    """Every image below its true and its predicted class; ``is_named`` as for an evaluation."""
    known = [each.is_right for each in predictions.images if each.is_right is not None]
    right = [Text(f"{sum(known)} of {len(known)} right.")] if known else []
    tiles = prediction_tiles(predictions.images, columns=columns, color=color)
    notes = map(Text, predictions.notes)
    judged = predictions.judged
    heading = judged_heading(judged) if is_named else Text(_weights(judged))
    return Group(heading, *notes, *right, Text(), tiles)


def judged_heading(judged: JudgedRun) -> Text:
    """Which run it is, how it stands, and which of its weights were taken."""
    return Text("\n").join([_run_line(judged), Text(_weights(judged))])


def _run_line(judged: JudgedRun) -> Text:
    mark, style = RUN_MARKS.get(judged.state, ("", ""))
    return Text.assemble(
        (printable(judged.net), STRONG),
        f" on {printable(judged.data)}, run {judged.run}, ",
        (f"{mark} {judged.state}", style),
    )


def evaluation_heading(evaluation: Evaluation) -> Text:
    """The run, and the result in one line."""
    return Text("\n").join([_run_line(evaluation.judged), _result(evaluation)])


def _result(evaluation: Evaluation) -> Text:
    """Which of a run's weights were taken, and how good they are."""
    split = "Test" if evaluation.split == "test" else "Validation"
    result = Text.assemble(
        f"{_weights(evaluation.judged)}\n{split} accuracy ",
        (percent(evaluation.accuracy), STRONG),
        f" ({evaluation.correct:,} of {evaluation.images:,} images), loss ",
        (f"{evaluation.loss:.4g}", STRONG),
        f", {evaluation.images_per_second:,.0f} images/s",
    )
    if evaluation.is_uneven:
        baseline, balanced = evaluation.baseline_accuracy, evaluation.balanced_accuracy
        result.append(f"\n{uneven_sentence(baseline, balanced)}", WARNING)
    return result


def class_bars(evaluation: Evaluation, *, columns: int = 80) -> RenderableType:
    """How many of each class's images were recognized, as numbers and as a bar."""
    classes = evaluation.per_class
    shown = classes if len(classes) <= MOST_CLASSES else _hardest(classes)
    width = min(max(cell_len(printable(each.name)) for each in shown), LONGEST_NAME)
    table = Table(box=None, pad_edge=False, header_style=TITLE, padding=(0, 2, 0, 0))
    table.add_column("Class", no_wrap=True, min_width=width)
    for title in ("Images", "Right", "Accuracy"):
        table.add_column(title, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    room = max(1, min(WIDEST_BAR, columns - width - AROUND_BAR))
    for each in shown:
        table.add_row(
            Text(_cut(each.name, width)),
            f"{each.images:,}",
            f"{each.correct:,}",
            percent(each.accuracy),
            Text(share_bar(each.correct, each.images, room), style=ACCENT),
        )
    if len(shown) == len(classes):
        return table
    note = f"The {len(shown)} of {len(classes):,} classes that are recognized least."
    return Group(table, Text(note, style=QUIET))


def confusion_grid(evaluation: Evaluation, *, columns: int = 80) -> RenderableType:
    """The confusion matrix as a heat grid, and the classes confused most often.

    Numbers where they fit, what is right in brackets; else one shade for each
    count. A matrix that is wider than ``columns`` even so is left out.
    """
    title = Text.assemble(("Confusion matrix", TITLE))
    title.append("  rows: the true class, columns: the predicted one", QUIET)
    return Group(title, *_matrix(evaluation, columns), _confusions(evaluation))


def mistake_tiles(
    mistakes: Sequence[Mistake], *, columns: int = 80, color: bool | None = None
) -> RenderableType:
    """Images that were taken for something else, the most confident one first."""
    tiles: list[Tile] = [
        (
            _caption(False, each.picture.title),
            _line("true", each.true),
            _line(PREDICTED, each.predicted, each.probability),
            each.picture,
        )
        for each in mistakes
    ]
    return _tiles(tiles, columns, color)


def prediction_tiles(
    predictions: Sequence[Prediction], *, columns: int = 80, color: bool | None = None
) -> RenderableType:
    """Images below their true class and the three most likely classes."""
    tiles: list[Tile] = [
        (
            _caption(each.is_right, each.picture.title),
            _line("true", "not known" if each.true is None else each.true),
            *(
                _line(PREDICTED if place == 0 else "then", guess.name, guess.probability)
                for place, guess in enumerate(each.guesses)
            ),
            each.picture,
        )
        for each in predictions
    ]
    return _tiles(tiles, columns, color)


def _weights(judged: JudgedRun) -> str:
    kind = "best" if judged.has_best else "last"
    epoch = "" if judged.weights_epoch is None else f", after epoch {judged.weights_epoch}"
    of = f" of {judged.epochs}" if epoch else ""
    if judged.state == "running":
        return f"The run still goes on: these are its {kind} weights so far{epoch}{of}."
    return f"With its {kind} weights{epoch}{of}."


def _hardest(classes: Sequence[ClassAccuracy]) -> Sequence[ClassAccuracy]:
    there = [each for each in classes if each.images]
    return sorted(there, key=lambda each: each.correct / each.images)[:MOST_CLASSES]


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
        line = Text(_padded(_cut(name, left - 1), left), no_wrap=True)
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
        return heads, [_cut(name, label) for name in names]
    numbers = [str(index) for index in range(len(names))]
    return numbers, [_cut(f"{i} {name}", label) for i, name in enumerate(names)]


def _confusions(evaluation: Evaluation) -> Text:
    found = evaluation.confusions
    if not found:
        return Text("No class was taken for another.")
    told = ", ".join(
        f"{printable(each.true)} taken for {printable(each.predicted)} ({each.count:,}×)"
        for each in found[:MOST_CONFUSIONS]
    )
    return Text(f"Most often: {told}.")


def _caption(is_right: bool | None, title: str) -> Text:
    mark, style = MARKS[is_right]
    name = printable(title)
    # Of a long path the end tells more.
    short = name if len(name) <= TILE - 2 else f"…{name[-(TILE - 3) :]}"
    return Text.assemble((mark, style), f" {short}", no_wrap=True)


def _line(word: str, name: str, probability: float | None = None) -> Text:
    share = "" if probability is None else f" ({percent(probability, 0)})"
    if word == PREDICTED and cell_len(f"{word} {printable(name)}{share}") > TILE:
        return Text(f"{_cut(name, TILE - len(share))}{share}", no_wrap=True)
    room = TILE - len(word) - 1 - len(share)
    return Text.assemble((word, QUIET), f" {_cut(name, room)}{share}", no_wrap=True)


def _tiles(tiles: Sequence[Tile], columns: int, color: bool | None) -> RenderableType:
    """As many side by side as there is room for."""
    per_line = max(1, (columns + GAP) // (TILE + GAP))
    table = Table.grid(padding=(0, GAP, 0, 0))
    for _ in range(min(per_line, len(tiles))):
        table.add_column(width=TILE, no_wrap=True)
    for start in range(0, len(tiles), per_line):
        if start:
            table.add_row()
        table.add_row(*(_tile(tile, color) for tile in tiles[start : start + per_line]))
    return table


def _tile(tile: Tile, color: bool | None) -> Group:
    return Group(
        *(
            half_block_image(part, TILE, color=color) if isinstance(part, Picture) else part
            for part in tile
        )
    )


def _cut(name: str, width: int) -> str:
    shown = printable(name)
    if cell_len(shown) <= width:
        return shown
    return f"{set_cell_size(shown, max(0, width - 1))}…"


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
