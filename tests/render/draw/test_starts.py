"""Curves of a network that learns most in its first steps: the rest of them is still readable."""

import math
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from cnn_tui.render.draw.axes import AxisEnd, Scale
from cnn_tui.render.draw.curves import Band, Chart, Series
from cnn_tui.render.draw.layout import Layout, lay_out
from cnn_tui.render.draw.plot import Charts
from cnn_tui.render.draw.view import AxisWindow, View
from cnn_tui.render.runs.experiment_charts import study_charts
from cnn_tui.render.runs.history import RunHistory
from cnn_tui.render.runs.training import charts
from cnn_tui.training.records import EpochMetrics, Event, StepMetrics
from cnn_tui.training.studies.records import ArmCurves
from tests.made_up_runs import events

EPOCHS = tuple(float(epoch) for epoch in range(1, 41))
SOON = tuple(98.5 - 88 * math.exp(-1.2 * (epoch - 1)) for epoch in EPOCHS)
"""An accuracy that is near 98 % from the fourth epoch on."""
ACCURACY = Scale(most=100, starts="low")


def laid_out(*series: Series, y: Scale = ACCURACY, **options: Any) -> Layout:
    return lay_out(Chart("Accuracy", series, y=y, **options), 60, 14)


def printed(content: object) -> str:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def lows(drawn: Charts) -> list[float]:
    """Where the y axes begin."""
    return [each.y.low for column in drawn.columns for each in column if each.y is not None]


def learned_soon(label: str = "run") -> RunHistory:
    def soon(event: Event) -> dict[str, float]:
        share = (98.5 - 88 * math.exp(-1.2 * event.step / 10)) / 100
        if isinstance(event, StepMetrics):
            return {"accuracy": share, "loss": 2.5 - 2.4 * share}
        if isinstance(event, EpochMetrics):
            return {"val_accuracy": share, "val_loss": 2.5 - 2.4 * share}
        return {}

    return RunHistory(label, [replace(each, **soon(each)) for each in events(40, 40, None)])


def test_leaves_out_a_start_that_would_squeeze_the_rest() -> None:
    layout = laid_out(Series("", EPOCHS, SOON))
    assert layout.y is not None
    assert layout.y.low > 90
    picture = printed(Charts([[layout]]))
    assert picture.count("▾") == 1
    assert "98.5" in picture


def test_enters_where_the_curve_crosses_the_end_of_the_axis() -> None:
    steep = Series("", EPOCHS, (10.0, 90.0, *(98.0 + n % 3 / 2 for n in range(38))))
    (series,) = laid_out(steep).series
    axis = laid_out(steep).y
    assert axis is not None
    assert 2 < series.xs[0] <= 3
    assert series.ys[0] == axis.low
    assert series.enters == "low"


@pytest.mark.parametrize(
    "ys",
    [
        tuple(10 + 2.2 * n for n in range(40)),
        tuple(98.5 - 88 * math.exp(-0.1 * n) for n in range(40)),
        (60.0, 80.0, *(10.0,) * 38),
        (10.0, *(98.0 + n % 2 for n in range(8))),
    ],
    ids=["steady", "slow", "diverged", "few points"],
)
def test_shows_all_of_a_curve_that_goes_on_learning_and_what_it_was_better_at(
    ys: tuple[float, ...],
) -> None:
    layout = laid_out(Series("", EPOCHS[: len(ys)], ys))
    assert layout.y is not None
    assert layout.y.low <= min(ys)
    assert layout.y.high >= max(ys)
    assert not {"▾", "▴"} & set(printed(Charts([[layout]])))


@pytest.mark.parametrize(("starts", "sign"), [("high", "▴"), ("low", ""), (None, "")])
def test_leaves_out_the_start_at_the_end_of_the_axis_where_curves_begin(
    starts: AxisEnd | None, sign: str
) -> None:
    falling = Series("", EPOCHS, tuple(100 - y for y in SOON))
    picture = printed(Charts([[laid_out(falling, y=Scale(starts=starts))]]))
    assert [each for each in picture if each in "▾▴"] == list(sign)


def test_the_axis_of_a_run_that_goes_on_stays_as_it_is_for_a_while() -> None:
    axes = []
    for epochs in range(80, 160):
        learned = tuple(98.5 - 88 * math.exp(-0.15 * epoch) for epoch in range(epochs))
        axis = laid_out(Series("", tuple(map(float, range(epochs))), learned)).y
        assert axis is not None
        axes.append(axis.low)
    assert set(axes) == {70.0}


def test_leaves_out_nothing_on_a_logarithmic_scale() -> None:
    layout = laid_out(Series("", EPOCHS, SOON), log_y=True)
    assert layout.y is not None
    assert layout.y.low == pytest.approx(math.log10(SOON[0]))


def test_keeps_a_ribbon_within_its_chart() -> None:
    band = Band(EPOCHS, tuple(y - 1 for y in SOON), tuple(y + 1 for y in SOON))
    layout = laid_out(Series("", EPOCHS, SOON, band=band))
    (series,) = layout.series
    assert layout.y is not None
    assert series.band is not None
    assert min(series.band.lows) >= layout.y.low > 90


def test_runs_overlays_and_experiments_choose_their_axes_alike() -> None:
    runs = [learned_soon("one"), learned_soon("two")]
    alone, together = (charts(each, width=80, height=30) for each in (runs[:1], runs))
    shares = tuple(y / 100 for y in SOON)
    arm = ArmCurves("with", (shares,), (tuple(2.5 - 2.4 * each for each in shares),))
    for shown, accuracy in ((alone, 1), (together, 1), (study_charts([arm], 80), 0)):
        assert lows(shown)[accuracy] > 85
        assert {each for each in printed(shown) if each in "▾▴"} == {"▴", "▾"}


def test_shows_the_start_where_it_is_zoomed_in_on() -> None:
    start, end = (
        charts([learned_soon()], width=80, height=30, view=View(window=window))
        for window in (AxisWindow(0, 4), AxisWindow(last=30))
    )
    assert lows(start)[1] < 40
    assert lows(end)[1] > 95
    assert not {"▾", "▴"} & set(printed(start) + printed(end))
