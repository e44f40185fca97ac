"""A run judged: its accuracy by class, its confusion matrix, its mistakes and its predictions."""

from collections.abc import Iterator, Sequence

from rich.cells import cell_len
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
from cnn_tui.render.draw.numbers import percent, printable, share_bar, uneven_sentence
from cnn_tui.render.draw.states import RUN_MARKS
from cnn_tui.render.draw.styles import ACCENT, FAILED, PASSED, QUIET, STRONG, TITLE, WARNING
from cnn_tui.render.draw.tiles import Tile, cut, tiles
from cnn_tui.render.networks.confusion import LONGEST_NAME, WIDEST_HEAD, confusion_grid

TILE = 24
"""Columns of an image among others."""
WIDEST_BAR, AROUND_BAR = 30, 32
"""Cells of a class's bar, and of what else stands in its row, its name apart."""
WIDEST_MATRIX, BETWEEN = 90, 4
"""Cells of a matrix beside the bars, and of the gap before it."""
MOST_CLASSES = 30
"""Classes listed one by one; of more, those recognized least."""
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
        mistakes = mistake_tiles(evaluation.mistakes, columns=columns, color=color)
        parts += [Text(), Text("Most confident mistakes", style=TITLE), Text(), mistakes]
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
    images = prediction_tiles(predictions.images, columns=columns, color=color)
    notes = map(Text, predictions.notes)
    judged = predictions.judged
    heading = judged_heading(judged) if is_named else Text(_weights(judged))
    return Group(heading, *notes, *right, Text(), images)


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
            Text(cut(each.name, width)),
            f"{each.images:,}",
            f"{each.correct:,}",
            percent(each.accuracy),
            Text(share_bar(each.correct, each.images, room), style=ACCENT),
        )
    if len(shown) == len(classes):
        return table
    note = f"The {len(shown)} of {len(classes):,} classes that are recognized least."
    return Group(table, Text(note, style=QUIET))


def mistake_tiles(
    mistakes: Sequence[Mistake], *, columns: int = 80, color: bool | None = None
) -> RenderableType:
    """Images that were taken for something else, the most confident one first."""
    shown: list[Tile] = [
        (
            _caption(False, each.picture.title),
            _line("true", each.true),
            _line(PREDICTED, each.predicted, each.probability),
            each.picture,
        )
        for each in mistakes
    ]
    return tiles(shown, TILE, columns=columns, color=color)


def prediction_tiles(
    predictions: Sequence[Prediction], *, columns: int = 80, color: bool | None = None
) -> RenderableType:
    """Images below their true class and the three most likely classes."""
    shown: list[Tile] = [
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
    return tiles(shown, TILE, columns=columns, color=color)


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


def _caption(is_right: bool | None, title: str) -> Text:
    mark, style = MARKS[is_right]
    name = printable(title)
    # Of a long path the end tells more.
    short = name if len(name) <= TILE - 2 else f"…{name[-(TILE - 3) :]}"
    return Text.assemble((mark, style), f" {short}", no_wrap=True)


def _line(word: str, name: str, probability: float | None = None) -> Text:
    share = "" if probability is None else f" ({percent(probability, 0)})"
    if word == PREDICTED and cell_len(f"{word} {printable(name)}{share}") > TILE:
        return Text(f"{cut(name, TILE - len(share))}{share}", no_wrap=True)
    room = TILE - len(word) - 1 - len(share)
    return Text.assemble((word, QUIET), f" {cut(name, room)}{share}", no_wrap=True)
