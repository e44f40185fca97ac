"""Curves as text: readable without colour, cheap however many points there are."""

from rich.console import Console

from cnn_tui.render.curves import Series, chart, thin_out


def drawn(*series: Series, **options: bool) -> str:
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
