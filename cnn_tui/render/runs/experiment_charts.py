"""The curves of an experiment: a series for each arm, with a band over its seeds."""

from collections.abc import Sequence
from statistics import fmean

from cnn_tui.render.draw.axes import MOST_TICKS, Scale, round_numbers
from cnn_tui.render.draw.curves import Band, Chart, Series
from cnn_tui.render.draw.layout import lay_out
from cnn_tui.render.draw.numbers import LARGEST, LARGEST_CLASS
from cnn_tui.render.draw.plot import COLUMN_GAP, Charts
from cnn_tui.training.studies.records import ArmCurves, ArmResult

CHARTS = 2
CHART_HEIGHT, LEAST_HEIGHT, MOST_HEIGHT = 13, 9, 32
"""Rows of a chart: as a rule, and at the least and the most where both shall fit in a page."""
SIDE_BY_SIDE_WIDTH = 126
"""Columns from which the two charts, with their legends, stand beside each other."""
ACCURACY, LOSS = Scale(most=100, starts="low"), Scale(starts="high")


def study_charts(
    arms: Sequence[ArmResult] | Sequence[ArmCurves], width: int, height: int = CHART_HEIGHT
) -> Charts:
    """Accuracy and loss, each in ``height`` rows; beside each other where there is room."""
    columns = _columns(width)
    wide = (width - COLUMN_GAP * (columns - 1)) // columns
    labels = [arm.label for arm in arms]
    last = max(len(curve) for arm in arms for curve in arm.val_accuracy)
    whole = [tick for tick in round_numbers(1, last, MOST_TICKS) if tick == int(tick)] or [1]
    x = Scale(ticks=whole, unit="epochs")
    layouts = [
        lay_out(Chart(title, series, x, y, value_text=text), wide, height)
        for title, series, y, text in (
            ("Validation accuracy", _accuracy_series(arms, labels), ACCURACY, "{:.1f} %".format),
            (
                "Training loss",
                _series(labels, [arm.train_loss for arm in arms]),
                LOSS,
                "{:.3f}".format,
            ),
        )
    ]
    return Charts([[each] for each in layouts] if columns == 2 else [layouts])


def rows_that_fit(width: int, room: int) -> int:
    """The height of a chart where both shall fit in ``room`` rows, if they can be read then."""
    rows = room * _columns(width) // CHARTS
    return CHART_HEIGHT if rows < LEAST_HEIGHT else min(rows, MOST_HEIGHT)


def _columns(width: int) -> int:
    return CHARTS if width >= SIDE_BY_SIDE_WIDTH else 1


def _accuracy_series(
    arms: Sequence[ArmResult] | Sequence[ArmCurves], labels: Sequence[str]
) -> list[Series]:
    """The curves of the arms, and their baseline where classes are uneven and all agree on it."""
    series = _series(labels, [[[100 * y for y in ys] for ys in arm.val_accuracy] for arm in arms])
    baselines = {arm.uneven_val_baseline for arm in arms if arm.val_accuracy}
    height = baselines.pop() if len(baselines) == 1 else None
    if height is not None:
        ends = 1.0, max(each.xs[-1] for each in series if each.xs)
        heights = (100 * height,) * 2
        series.append(Series(LARGEST_CLASS, ends, heights, short=LARGEST, is_level=True))
    return series


def _series(labels: Sequence[str], curves: Sequence[Sequence[Sequence[float]]]) -> list[Series]:
    """The mean of each arm's curves (one per seed), with a band where there are several.

    Where one is shorter, because its run is still being trained, the others tell the rest.
    """
    series = []
    for label, of_arm in zip(labels, curves, strict=True):
        epochs = [
            [curve[epoch] for curve in of_arm if epoch < len(curve)]
            for epoch in range(max(map(len, of_arm), default=0))
        ]
        xs = [float(epoch) for epoch in range(1, len(epochs) + 1)]
        lows, highs = ([edge(values) for values in epochs] for edge in (min, max))
        band = Band(xs, lows, highs) if len(of_arm) > 1 else None
        series.append(Series(label, xs, [fmean(values) for values in epochs], band=band))
    return series
