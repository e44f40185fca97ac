"""Demos on the screen, without a single color."""

import io

import pytest
from rich.console import Console

from cnn_tui.analysis.activations.records import Histogram
from cnn_tui.analysis.records import Picture
from cnn_tui.chapter.catalogue import DemoInfo, demos
from cnn_tui.chapter.records import DemoResult, Grid, Histograms, Plot, PlotCurve, Say, Table, Tiles
from cnn_tui.chapter.run import run_demo
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.demo import demo_blocks, demo_list

WIDTH, SMALLEST = 80, 60


def shown(renderable: object, width: int = WIDTH, encoding: str = "utf-8") -> str:
    file = io.TextIOWrapper(io.BytesIO(), encoding)
    console = Console(file=file, width=width, color_system=None, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    return "\n".join(line.rstrip() for line in capture.get().splitlines())


def made_up(*blocks: Grid | Say | Table | Tiles) -> str:
    return shown(demo_blocks(DemoResult("name", "A title", {"p": 0.5}, blocks, {})))


def test_names_the_parameters_of_the_run() -> None:
    assert made_up().splitlines() == ["A title", "with p 0.5"]


def test_names_parameters_as_the_form_does() -> None:
    result = DemoResult("max-and-average", "Pooling", {"kernel_size": 2, "stride": 1}, (), {})
    assert shown(demo_blocks(result)).splitlines()[1] == "with kernel size 2, stride 1"


def test_draws_curves_in_the_room_there_is_with_their_names() -> None:
    curves = (
        PlotCurve("plain", (1, 2, 4), (1e-1, 1e-2, 1e-4)),
        PlotCurve("skip", (1, 2, 4), (1, 1, 1)),
    )
    result = DemoResult("name", "A title", {}, (Plot("Norm", "blocks", curves, True),), {})
    for width in (SMALLEST, WIDTH):
        drawn = shown(demo_blocks(result), width)
        assert max(map(len, drawn.splitlines())) <= width
        legend, axis = drawn.splitlines()[2], drawn.splitlines()[-1]
        assert [name in legend for name in ("Norm", "plain", "skip")] == [True, True, True]
        assert axis.endswith("blocks")
    assert "⠀" not in shown(demo_blocks(result), encoding="ascii")


def test_draws_histograms_below_each_other_with_what_they_come_to() -> None:
    spread = tuple(
        Histogram(label, -2.0, 2.0, (1, 3, 4, 2), mean, 1.25)
        for label, mean in (("Before", 0.5), ("After", 3e-9))
    )
    result = DemoResult("name", "A title", {}, (Histograms("How values spread", spread),), {})
    drawn = shown(demo_blocks(result), SMALLEST).splitlines()
    assert drawn[2] == "How values spread"
    assert "Before  mean 0.5, standard deviation 1.25" in drawn
    assert "After  mean 0, standard deviation 1.25" in drawn
    assert max(map(len, drawn)) <= SMALLEST


def test_puts_marked_cells_in_brackets() -> None:
    grid = Grid("Map", ((1, 2), (3, 4)), marks=((0, 1),))
    assert made_up(grid).splitlines()[-2:] == [" 1 [2]", " 3  4"]


def test_puts_grids_that_follow_each_other_side_by_side() -> None:
    small = Grid("Small", ((1, 2),))
    assert made_up(small, small, Say("then")).splitlines()[3] == "Small    Small"


def test_puts_a_label_above_each_map_of_a_mosaic_where_it_has_room() -> None:
    maps = Picture("Maps", 4, 4, 1, b"\xff" * 16)
    labels = ("image", "#0", "a label wider than its map, which is left out", "#2")
    lines = made_up(Tiles(maps, 2, labels)).splitlines()[3:]
    assert lines[1] == f"{'image':<28}#0"
    assert lines[2] == f"{'█' * 27} {'█' * 27}"
    below = lines.index(f"{'':28}#2")
    assert set(lines[2:below]) == set(lines[below + 1 :]) == {lines[2]}


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ((75.0, 85.94321), ["75", "85.94"]),
        ((0.135, 2.0), ["0.135", "2"]),
        ((0.049839, 20.0), ["0.04984", "20"]),
        ((1 - 0.95, 9416.23), ["0.05", "9,416"]),
        ((42221.9, 0.001), ["42,222", "0.001"]),
        ((9.4e-27, 0.0), ["9.4e-27", "0"]),
        ((-4.7e-10, 1.0), ["-4.7e-10", "1"]),
        ((1728, 64), ["1,728", "64"]),
        ((2.5e7, 1.0), ["2.5e+07", "1"]),
    ],
)
def test_writes_numbers_as_short_as_they_can_be_read(
    cells: tuple[float, ...], expected: list[str]
) -> None:
    table = Table("Numbers", ("value",), tuple((cell,) for cell in cells))
    assert [line.strip() for line in made_up(table).splitlines()[-2:]] == expected


@pytest.mark.slow
@pytest.mark.parametrize("info", demos(), ids=lambda each: each.name)
def test_fits_every_demo_into_80_and_60_columns(info: DemoInfo) -> None:
    result = run_demo(info.name)
    for width in (WIDTH, SMALLEST):
        for encoding in ("utf-8", "ascii"):
            text = spelled(shown(demo_blocks(result), width, encoding), encoding)
            assert max(map(len, text.splitlines())) <= width
            assert "…" not in text


def spelled(text: str, encoding: str) -> str:
    return spelled_out(text) if encoding == "ascii" else text


def test_shrinks_the_gaps_of_a_table_before_it_wraps_a_word() -> None:
    table = Table("Numbers", ("one", "another one"), ((-3.7e-10, "twelve signs"),))
    result = DemoResult("name", "A title", {}, (table,), {})
    rows = {width: shown(demo_blocks(result), width).splitlines()[-1] for width in (26, 24, 22)}
    assert list(rows.values()) == [f"-3.7e-10{' ' * gap}twelve signs" for gap in (3, 2, 1)]
    assert "-3.7e-10  twelve\n" in shown(demo_blocks(result), 21)


def test_lines_up_columns_where_signs_are_spelled_out() -> None:
    table = Table("Signs", ("rule", "value"), (("α^φ", "1.2"), ("2", "1.1")))
    result = DemoResult("name", "A title", {}, (table,), {})
    lines = shown(demo_blocks(result), encoding="ascii").splitlines()[-3:]
    assert lines == ["rule        value", "alpha^phi   1.2", "2           1.1"]


def test_lists_every_parameter_with_its_default_and_limits() -> None:
    text = shown(demo_list(demos()))
    for info in demos():
        assert f"{info.name}  {info.title}" in text
    assert "--kernel-size 2  side of the window (1 to 4)" in text
    assert "--batchnorm false" in text
