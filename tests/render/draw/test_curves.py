"""Curves as text: readable without colour, cheap however many points there are."""

from typing import Any

import pytest
from rich.console import Console

from cnn_tui.render.draw.curves import Scale, Series, chart, round_numbers, thin_out


def drawn(*series: Series, **options: Any) -> str:
    console = Console(width=70, color_system=None)
    with console.capture() as capture:
        console.print(chart("Loss", series, width=60, height=12, **options))
    return capture.get()


def test_tells_the_series_apart_without_colour() -> None:
    falling = Series("train", (0, 1, 2), (3.0, 2.0, 1.0))
    rising = Series("validation", (0, 1, 2), (1.0, 2.0, 3.0))
    picture = drawn(falling, rising, colour=False)
    assert "▚ train" in picture
    assert "• validation" in picture
    assert picture.count("•") > 10


def test_leaves_out_what_cannot_be_drawn() -> None:
    nan, inf = float("nan"), float("inf")
    assert drawn(Series("loss", (0, 1, 2), (1.0, nan, inf)), colour=False)
    assert "no points yet" in drawn(Series("loss", (0.0,), (nan,)))
    assert "no points yet" in drawn(Series("loss", (0.0,), (0.0,)), log_y=True)


def test_labels_a_logarithmic_axis_with_values() -> None:
    picture = drawn(Series("loss", (0, 1, 2), (100.0, 10.0, 1.0)), log_y=True, colour=False)
    assert "1e+02" in picture
    assert "-1" not in picture


def test_keeps_the_extremes_when_it_thins_out() -> None:
    ys = [0.0] * 10_000
    ys[1234], ys[8765] = 9.0, -9.0
    xs, thinned = thin_out(range(10_000), ys, 60)
    assert len(xs) <= 120
    assert (max(thinned), min(thinned)) == (9.0, -9.0)
    assert xs == sorted(xs)


def test_marks_whole_epochs_on_the_axis() -> None:
    xs = tuple(step / 10 for step in range(51))
    picture = drawn(Series("loss", xs, tuple(5 - x for x in xs)), colour=False)
    assert picture.splitlines()[-1].split() == ["0", "1", "2", "3", "4", "5"]


def test_labels_the_height_with_round_numbers() -> None:
    picture = drawn(Series("speed", (0, 1, 2), (7_349.0, 7_102.0, 7_489.0)), y=Scale(low=0))
    labels = [line.split("┤")[0].strip() for line in picture.splitlines() if "┤" in line]
    assert labels == ["6,000", "4,000", "2,000", "0"]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0.2, 10.0, 6, [2, 4, 6, 8, 10]),
        (0.0, 0.006, 4, [0, 0.002, 0.004, 0.006]),
        (3.2, 4.7, 4, [3.5, 4.0, 4.5]),
        (16.0, 20.0, 6, [16, 17, 18, 19, 20]),
        (-1.0, 1.0, 3, [-1, 0, 1]),
        (5.0, 5.0, 4, []),
        (0.0, 5e-324, 4, []),
        (-1e308, 1e308, 4, []),
    ],
)
def test_finds_round_numbers(low: float, high: float, most: int, expected: list[float]) -> None:
    assert round_numbers(low, high, most) == expected


@pytest.mark.parametrize("height", [0.0, 0.004, -3.0, 1e30])
def test_draws_a_constant_without_a_word_from_plotext(
    height: float, capfd: pytest.CaptureFixture[str]
) -> None:
    picture = drawn(Series("rate", (0, 1, 2), (height,) * 3), colour=False)
    assert any(sign in picture for sign in "▄▀▚▞")
    assert capfd.readouterr() == ("", "")


def test_shows_only_what_lies_within_its_x_axis() -> None:
    xs = tuple(float(x) for x in range(11))
    picture = drawn(Series("loss", xs, (100.0, *xs[1:])), x=Scale(5.0, 10.0), colour=False)
    assert picture.splitlines()[-1].split() == ["5", "6", "7", "8", "9", "10"]
    assert "100" not in picture
    crossing = drawn(Series("loss", (0.0, 10.0), (0.0, 100.0)), x=Scale(4.0, 6.0), colour=False)
    assert crossing.count("▄") > 10
    assert "100" not in crossing
    empty = drawn(Series("loss", xs, xs), x=Scale(20.0, 30.0))
    assert "no points yet" in empty


def test_ends_its_legend_with_a_note() -> None:
    picture = drawn(Series("train", (0, 1), (1.0, 2.0)), note="best 1 in epoch 0", colour=False)
    assert picture.splitlines()[0].rstrip() == "Loss  ▚ train  best 1 in epoch 0"
