"""Curves as text: readable without color, cheap however many points there are."""

from typing import Any

import pytest
from rich.console import Console
from rich.style import Style
from rich.text import Text
from rich.theme import Theme

from cnn_tui.render.draw.axes import Scale, axis_number, round_numbers, y_axis
from cnn_tui.render.draw.canvas import BLOCKS, BRAILLE, dots_for
from cnn_tui.render.draw.curves import Band, Chart, Series, thin_out
from cnn_tui.render.draw.layout import lay_out
from cnn_tui.render.draw.plot import Charts, chart
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.styles import CURVES

BRAILLE_SIGNS = frozenset(BRAILLE.signs[1:])
FALLING = Series("train", (0, 1, 2), (3.0, 2.0, 1.0))
RISING = Series("validation", (0, 1, 2), (1.0, 2.0, 3.0), short="val")


def printed(content: object, width: int = 60) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(content)
    return capture.get()


def drawn(*series: Series, **options: Any) -> str:
    return printed(chart("Loss", series, width=60, height=12, **options))


def dots(picture: str) -> int:
    return sum(sign in BRAILLE_SIGNS for sign in picture)


def test_tells_six_series_apart_without_color() -> None:
    level = [Series(name, (0, 1, 2), (1.0, 1.0, 1.0), place=n) for n, name in enumerate("abcdef")]
    rows = [drawn(each).splitlines() for each in level]
    curves = {"".join(sign for line in lines for sign in line if sign in BRAILLE_SIGNS)
              + str(max(lines, key=dots)) for lines in rows}  # fmt: skip
    assert len(curves) == len({lines[0] for lines in rows}) == 6
    assert all(dots(line) > 10 for line in curves)


def test_tells_the_current_value_once_at_the_end_of_the_curve() -> None:
    lines = drawn(FALLING, RISING).splitlines()
    assert lines[0].rstrip().endswith("train ━━━   validation ━ ━")
    ends = [line.split()[-1] for line in lines[1:-1] if line.rstrip()[-1:].isdigit()]
    assert ends == ["3", "1"]


def test_tells_the_current_value_where_another_curve_passes_the_end() -> None:
    """Ten long curves leave no cell behind the short one."""
    long = [Series(f"{n}", range(60), [(7 * n + 3 * x) % 10 for x in range(60)]) for n in range(7)]
    lines = drawn(Series("short", (0, 20), (0.0, 5.125)), *long).splitlines()
    assert sum(line.rstrip().endswith(" 5.125") for line in lines) == 1


def test_tells_the_values_in_the_head_line_where_no_rows_are_left_for_them() -> None:
    many = [Series(f"{n}", (0, 1), (0.0, n + 1.0)) for n in range(4)]
    lines = lay_out(Chart("", many), 60, 5).legend
    assert "3 ━━━ 4" not in lines[0].plain
    assert all(f" {n + 1}" in " ".join(line.plain for line in lines) for n in range(4))


def test_names_no_curve_that_has_no_points_beside_those_that_have() -> None:
    layout = lay_out(Chart("GPU", [FALLING, Series("memory", (), ())]), 60, 12)
    assert "train" in layout.legend[0].plain
    assert "memory" not in layout.legend[0].plain


@pytest.mark.parametrize("rows", range(8, 30))
@pytest.mark.parametrize("high", [1.0, 2.37, 99.1, 100.0])
def test_never_labels_more_than_one_step_above_the_curves(rows: int, high: float) -> None:
    axis = y_axis(Scale(low=0), (0.0, high), rows)
    ticks = [tick for tick, _ in axis.ticks]
    assert high <= axis.high < high + ticks[1] - ticks[0]


@pytest.mark.parametrize("rows", range(2, 31))
@pytest.mark.parametrize(
    ("low", "high"),
    [
        *((97.5, 98.9), (96.0, 98.9), (98.61, 98.61), (98.2, 98.3), (10.0, 98.0), (40.0, 98.7)),
        *((99.1, 100.0), (38.0, 90.0), (0.081, 2.31), (0.31, 0.34), (7_102.0, 7_489.0)),
    ],
)
def test_spends_the_height_of_an_axis_on_its_curves(low: float, high: float, rows: int) -> None:
    axis = y_axis(Scale(most=max(100.0, high)), (low, high), rows)
    assert axis.low <= low <= high <= axis.high + 1e-9
    assert low - axis.low <= 0.2 * (axis.high - axis.low) or low == high
    assert axis.high - axis.low <= max(1.7 * (high - low), 0.06 * high)
    assert len(axis.ticks) >= 2
    assert len({text for _, text in axis.ticks}) == len(axis.ticks)


def test_two_values_at_the_same_height_make_way_for_each_other() -> None:
    same = [Series(name, (0, 1), (0.0, 2.5), place=n) for n, name in enumerate("ab")]
    assert sum(line.rstrip().endswith(" 2.5") for line in drawn(*same).splitlines()[1:]) == 2


@pytest.mark.parametrize(
    "scale", [(0.0, 9.0), (9.0, 0.0), (5.0, 5.0)], ids=["top", "foot", "middle"]
)
@pytest.mark.parametrize("ends", [(0.02, 0.03, 0.01), (0.01, 0.02, 0.03)])
def test_a_higher_value_stands_above_a_lower_one_that_ends_near_it(
    scale: tuple[float, float], ends: tuple[float, ...]
) -> None:
    begin, end = scale
    far = [Series("far", (0, 0.5), (begin + 5, end - 5))]
    near = [
        Series(name, (0, 1), (begin, end + each)) for name, each in zip("abc", ends, strict=True)
    ]
    told = drawn(*near, *far).splitlines()[2:-1]
    values = [line.split()[-1] for line in told if line.rstrip()[-1:].isdigit()]
    wanted = [f"{end + each:g}" for each in sorted(ends, reverse=True)]
    assert [each for each in values if each in wanted] == wanted


@pytest.mark.parametrize("height", [8, 9])
@pytest.mark.parametrize("top", [(96.5, 97.6), (97.6, 96.5)])
def test_keeps_the_order_of_values_whose_curves_end_a_step_apart(
    top: tuple[float, float], height: int
) -> None:
    """While a run trains, its training curve is a few steps ahead of its validation curve."""
    train = Series("train", (0, 1, 5, 14.3), (10.0, 90.0, 97.0, top[0]))
    validation = Series("validation", (1, 2, 14), (80.0, 99.0, top[1]))
    of_epochs = Scale(0, 40), Scale(0, 100)
    shown = chart(
        "Accuracy", [train, validation], width=60, height=height, x=of_epochs[0], y=of_epochs[1]
    )
    words = printed(shown).split("\n", 1)[1].split()
    assert [each for each in words if each in map(str, top)] == [
        str(each) for each in sorted(top, reverse=True)
    ]


def test_marks_a_star_and_reads_off_at_the_cursor() -> None:
    starred = Series("validation", (0, 1, 2), (1.0, 2.0, 3.0), star=1.0)
    layout = lay_out(Chart("Loss", [FALLING, starred], cursor=0.9), 60, 12)
    picture = printed(Charts([[layout]]))
    assert picture.count("★") == 1
    assert "train ━━━ 2   validation ━ ━ 2" in picture
    assert sum("│" in line[6:] for line in picture.splitlines()[1:-1]) > 6
    assert " 0.9 " in picture.splitlines()[-1]


def test_names_the_step_at_the_cursor_in_few_digits() -> None:
    layout = lay_out(Chart("Loss", [FALLING], cursor=141 / 162), 60, 12)
    assert " 0.87 " in printed(Charts([[layout]])).splitlines()[-1]


def test_leaves_out_what_cannot_be_drawn() -> None:
    nan, inf = float("nan"), float("inf")
    assert dots(drawn(Series("loss", (0, 1, 2), (1.0, nan, inf)))) == 1
    assert "No points yet" in drawn(Series("loss", (0.0,), (nan,)))
    assert "No points yet" in drawn(Series("loss", (0.0,), (0.0,)), log_y=True)


def test_labels_a_logarithmic_axis_with_values() -> None:
    picture = drawn(Series("loss", (0, 1, 2), (100.0, 10.0, 1.0)), log_y=True)
    assert [line.split("┤")[0].strip() for line in picture.splitlines() if "┤" in line] == [
        "100",
        "10",
    ]
    assert picture.splitlines()[-1].lstrip().startswith("1┼")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (0.001, "0.001"),
        (0.25, "0.25"),
        (2500, "2,500"),
        (1e8, "100 M"),
        (1e-6, "10⁻⁶"),
        (2.5e-6, "2.5·10⁻⁶"),
        (1e20, "10²⁰"),
    ],
)
def test_writes_numbers_as_people_do(value: float, text: str) -> None:
    assert axis_number(value) == text


def test_keeps_the_extremes_when_it_thins_out() -> None:
    ys = [0.0] * 10_000
    ys[1234], ys[8765] = 9.0, -9.0
    xs, thinned = thin_out(range(10_000), ys, 60)
    assert len(xs) <= 120
    assert (max(thinned), min(thinned)) == (9.0, -9.0)
    assert xs == sorted(xs)


def test_marks_whole_epochs_on_the_axis() -> None:
    xs = tuple(step / 10 for step in range(51))
    picture = drawn(Series("loss", xs, tuple(5 - x for x in xs)), x=Scale(unit="epochs"))
    words = picture.splitlines()[-1].replace("─", " ").split()
    assert words == ["0┼", "1", "2", "3", "4", "5", "epochs"]


def test_labels_the_height_with_round_numbers() -> None:
    picture = drawn(Series("speed", (0, 1, 2), (7_349.0, 7_102.0, 7_489.0)), y=Scale(low=0))
    labels = [line.split("┤")[0].strip() for line in picture.splitlines() if "┤" in line]
    assert labels == ["7,500", "5,000", "2,500"]
    assert picture.splitlines()[-1].lstrip().startswith("0┼")


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
def test_draws_a_constant(height: float) -> None:
    assert dots(drawn(Series("rate", (0, 1, 2), (height,) * 3))) > 30


def test_shows_only_what_lies_within_its_x_axis() -> None:
    xs = tuple(float(x) for x in range(11))
    picture = drawn(Series("loss", xs, (100.0, *xs[1:])), x=Scale(5.0, 10.0))
    words = picture.splitlines()[-1].replace("─", " ").split()
    assert words[-6:] == ["5", "6", "7", "8", "9", "10"]
    assert "100" not in picture
    crossing = drawn(Series("loss", (0.0, 10.0), (0.0, 100.0)), x=Scale(4.0, 6.0))
    assert dots(crossing) > 10
    empty = drawn(Series("loss", xs, xs), x=Scale(20.0, 30.0))
    assert "No points yet" in empty


def test_shades_a_band_without_color() -> None:
    line = Series("mean", (0, 1, 2), (5.0, 5.0, 5.0))
    band = Band((0, 1, 2), (1.0, 1.0, 1.0), (9.0, 9.0, 9.0))
    shaded = Series("mean", line.xs, line.ys, band=band)
    alone, together = (dots(drawn(each, y=Scale(0, 10))) for each in (line, shaded))
    assert together > 4 * alone


def test_charts_of_a_page_share_their_edges() -> None:
    large = Series("", (0, 1), (0.0, 123_456.0))
    layouts = [lay_out(Chart(name, [each]), 60, 8) for name, each in (("a", large), ("b", RISING))]
    lines = printed(Charts([layouts])).splitlines()
    axes = {line.index(sign) for line in lines for sign in "┼└" if sign in line}
    assert len(axes) == 1
    assert len(lines) == 16


def test_takes_the_colors_of_the_console_that_prints_it() -> None:
    console = Console(width=60, force_terminal=True, color_system="truecolor")
    console.push_theme(Theme({CURVES[0]: Style.parse("#123456")}))
    with console.capture() as capture:
        console.print(chart("Loss", [FALLING], width=60, height=8))
    assert "38;2;18;52;86" in capture.get()


def test_finds_dots_for_every_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert dots_for("utf-8") is BRAILLE
    assert dots_for("cp437") is BLOCKS
    monkeypatch.setenv("TERM", "linux")
    assert dots_for("utf-8") is BLOCKS
    layout = lay_out(Chart("Loss", [FALLING]), 60, 8)
    blocks = printed(Charts([[layout]], BLOCKS))
    assert set("▀▄") & set(blocks)
    assert dots(blocks) == 0


def test_keeps_the_shape_of_a_curve_in_ascii() -> None:
    picture = drawn(FALLING, RISING)
    plain = spelled_out(picture).splitlines()
    assert [len(line.rstrip()) for line in plain[1:-1]] == [
        len(line.rstrip()) for line in picture.splitlines()[1:-1]
    ]
    inside = "".join(plain[1:-1])
    assert "?" not in inside
    assert set("'-.\\/") & set(inside)


@pytest.mark.parametrize("width", range(30, 90, 3))
def test_never_cuts_a_legend_but_counts_what_is_left_out(width: int) -> None:
    many = [Series(f"a-long-name-{n}", (0, 1), (0.0, 1.0)) for n in range(9)]
    layout = lay_out(Chart("Loss", many), width, 12)
    legend = [line.plain for line in layout.legend]
    assert all(Text(line).cell_len <= width for line in legend)
    told = sum(line.count("a-long-name") for line in legend)
    assert told == 9 or legend[-1].rstrip().endswith(f"+{9 - told} more")


def test_writes_all_ticks_of_an_axis_in_one_way() -> None:
    axis = y_axis(Scale(), [0.0, 0.00014], 12)
    assert [text for _, text in axis.ticks] == ["0", "0.00005", "0.0001", "0.00015"]
