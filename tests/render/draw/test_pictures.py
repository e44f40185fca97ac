"""Pictures as text: every cell where it belongs, with colors and without."""

import math
import random
from io import BytesIO, StringIO, TextIOWrapper

import pytest
from rich.console import Console

from cnn_tui.analysis.activations.records import DropoutMasks, FeatureMap, Histogram
from cnn_tui.analysis.records import Picture
from cnn_tui.render.draw.pictures import (
    COLD,
    HOT,
    HalfBlocks,
    dropout_view,
    feature_map_tiles,
    half_block_image,
    histogram_view,
    map_caption,
    mask_cells,
)
from tests.subprocesses import run_python

BLACK, WHITE, RED = (0, 0, 0), (255, 255, 255), (255, 0, 0)


def shown(renderable: object, width: int = 80, *, ascii_only: bool = False) -> list[str]:
    """The lines as a terminal without colors shows them."""
    stream = TextIOWrapper(BytesIO(), encoding="ascii" if ascii_only else "utf-8")
    console = Console(file=stream, width=width, color_system=None, highlight=False)
    console.print(renderable)
    stream.seek(0)
    return [line.rstrip() for line in stream.read().splitlines()]


def cells(renderable: object, **options: object) -> list[list[tuple[str, object, object]]]:
    """Each line's cells as (sign, ink, ground) in a terminal with 24-bit colors."""
    settings = {"force_terminal": True, "color_system": "truecolor", "width": 80, **options}
    console = Console(file=StringIO(), **settings)  # type: ignore[arg-type]
    return [
        [
            (sign, _rgb(segment.style and segment.style.color), _rgb(_ground(segment.style)))
            for segment in line
            for sign in segment.text
        ]
        for line in console.render_lines(renderable, pad=False)
    ]


def _ground(style: object) -> object:
    return style and style.bgcolor  # type: ignore[attr-defined]


def _rgb(color: object) -> object:
    return color and tuple(color.get_truecolor())  # type: ignore[attr-defined]


def gray(height: int, width: int, *pixels: int) -> Picture:
    return Picture("made up", height, width, 1, bytes(pixels))


def test_puts_two_pixels_into_each_cell() -> None:
    picture = gray(2, 2, 0, 255, 255, 0)
    assert cells(half_block_image(picture, 2)) == [[("▀", BLACK, WHITE), ("▀", WHITE, BLACK)]]


def test_draws_color_pixels_as_they_are() -> None:
    picture = Picture("made up", 2, 1, 3, bytes([*RED, 1, 2, 3]))
    assert cells(half_block_image(picture, 1)) == [[("▀", RED, (1, 2, 3))]]


def test_leaves_the_ground_below_an_odd_row() -> None:
    assert cells(half_block_image(gray(1, 1, 255), 1)) == [[("▀", WHITE, None)]]


def test_enlarges_a_whole_number_of_times_and_shrinks_by_averaging() -> None:
    enlarged = cells(half_block_image(gray(1, 2, 0, 255), 5))
    assert enlarged == [[("▀", BLACK, BLACK)] * 2 + [("▀", WHITE, WHITE)] * 2]
    shrunk = cells(half_block_image(gray(2, 4, 0, 100, 200, 200, 0, 100, 200, 200), 2))
    assert [ink for _, ink, _ in shrunk[0]] == [(50, 50, 50), (200, 200, 200)]


def test_does_not_run_on_for_a_tall_image() -> None:
    assert len(shown(half_block_image(gray(90, 1, *range(90)), 30))) <= 30


def test_shows_brightness_as_shades_where_there_are_no_colors() -> None:
    picture = gray(2, 5, 0, 64, 128, 191, 255, 0, 64, 128, 191, 255)
    image = half_block_image(picture, 5)
    assert shown(image) == [" ░▒▓█"]
    assert shown(image, ascii_only=True) == [" .+*#"]
    assert cells(image, no_color=True) == [[(sign, None, None) for sign in " ░▒▓█"]]
    assert cells(image, color_system="standard")[0][4] == ("█", None, None)
    assert cells(image, color_system="256")[0][0][0] == "▀"


def test_is_told_to_draw_with_or_without_colors() -> None:
    picture = gray(1, 1, 255)
    assert cells(half_block_image(picture, 1, color=False)) == [[("█", None, None)]]
    assert cells(half_block_image(picture, 1, color=True), no_color=True)[0][0][0] == "▀"


def test_cuts_an_image_into_patches() -> None:
    picture = gray(4, 4, *([255] * 16))
    assert shown(half_block_image(picture, 5, cell=2)) == ["██ ██", "", "██ ██"]
    odd = gray(6, 6, *([255] * 36))
    assert shown(half_block_image(odd, 7, cell=3)) == ["███ ███"] * 2 + [""] + ["███ ███"] * 2


def test_enlarges_patches_to_the_room_there_is() -> None:
    picture = gray(4, 4, *([255] * 16))
    lines = shown(half_block_image(picture, 80, cell=2))
    assert len(lines[0]) == 79
    assert lines.count("") == 1


def test_draws_maps_on_heat_colors() -> None:
    made = FeatureMap(0, -1.0, 2.0, bytes([0, 255]))
    (_, line) = cells(feature_map_tiles([made], 2, 1, columns=1))
    assert line[0] == ("▀", COLD, HOT)


def test_draws_maps_in_grays_where_there_are_256_colors() -> None:
    ramp = FeatureMap(0, 0.0, 1.0, bytes(range(0, 256, 17)))
    tiles = feature_map_tiles([ramp], 1, 16, columns=16)
    (_, line) = cells(tiles, color_system="256")
    levels = [ink for _, ink, _ in line]
    assert all(red == green == blue for red, green, blue in levels)
    assert levels == sorted(levels)
    assert len(set(levels)) > 12


def maps(count: int, side: int) -> list[FeatureMap]:
    draw = random.Random(0)
    return [FeatureMap(i, -0.5, 1.25, draw.randbytes(side * side)) for i in range(count)]


@pytest.mark.parametrize("side", [1, 2, 8, 14, 24, 28, 112])
@pytest.mark.parametrize("columns", [20, 80, 120, 200])
def test_fits_tiles_into_the_columns_that_there_are(side: int, columns: int) -> None:
    tiles = feature_map_tiles(maps(16, side), side, side, columns=columns)
    lines = shown(tiles, columns)
    assert max(map(len, cells(tiles, width=10 * columns))) <= columns
    captions = [line for line in lines if "#" in line]
    assert captions[0].split()[:2] == ["#0", "-0.5..1.2"]
    assert sum(line.count("#") for line in captions) == 16
    assert columns < 80 or captions[0].count("#") >= 3


def test_shows_as_many_tiles_as_there_are_lines_for() -> None:
    tiles = feature_map_tiles(maps(64, 24), 24, 24, columns=80, lines=28)
    assert len(tiles.tiles) == 6
    assert len(shown(tiles)) <= 28
    assert len(feature_map_tiles(maps(64, 24), 24, 24, columns=80, lines=1).tiles) == 3


def test_gives_a_single_map_the_room() -> None:
    (tile,) = feature_map_tiles(maps(1, 8), 8, 8, columns=80).tiles
    assert len(tile[1][0]) == 64


@pytest.mark.slow
def test_scales_a_screen_of_tiles_in_time() -> None:
    code = """
import random, sys, time
from io import StringIO
from rich.console import Console
from cnn_tui.analysis.activations.records import FeatureMap
from cnn_tui.render.draw.pictures import feature_map_tiles
maps = [FeatureMap(i, 0, 1, random.randbytes(56 * 56)) for i in range(32)]
console = Console(file=StringIO(), force_terminal=True, color_system="truecolor", width=200)
assert "numpy" not in sys.modules and "torch" not in sys.modules
times = []
for _ in range(8):
    start = time.process_time()
    console.render_lines(feature_map_tiles(maps, 56, 56, columns=200))
    times.append(time.process_time() - start)
assert "numpy" not in sys.modules and "torch" not in sys.modules
print(min(times))
"""
    assert float(run_python(code).stdout) < 0.06


@pytest.mark.parametrize(
    ("made", "caption"),
    [
        (FeatureMap(3, -0.314, 1234.5, b""), "#3 -0.31..1.2e+03"),
        (FeatureMap(3, 0.5, 0.5, b""), "#3 = 0.5"),
        (FeatureMap(3, 0.0, 1.0, b"", odd=7), "#3 0..1 (7 not finite)"),
        (FeatureMap(3, math.nan, math.nan, b"", odd=9), "#3 not finite"),
    ],
)
def test_captions_a_map_with_its_range(made: FeatureMap, caption: str) -> None:
    assert map_caption(made) == caption


def test_draws_a_histogram_as_bars_over_its_axis() -> None:
    made = Histogram("Input", -2.0, 2.0, (0, 1, 8, 32, 8, 1, 0), 0.0, 0.72)
    lines = shown(histogram_view(made, width=7))
    assert lines == [
        "Input  mean 0, standard deviation 0.72",
        "   █",
        "   █",
        "   █",
        " ▁███▁",
        "-2 0  2",
    ]
    plain = shown(histogram_view(made, width=7), ascii_only=True)
    assert plain[1:5] == ["   #", "   #", "   #", " #####"]


def test_draws_a_histogram_of_nothing() -> None:
    made = Histogram("Input", math.nan, math.nan, (0,) * 40, math.nan, math.nan)
    assert shown(histogram_view(made))[0] == "Input  mean nan, standard deviation nan"


def test_shows_masks_as_signs_that_need_no_color() -> None:
    assert mask_cells(((1, 0), (0, 1))).plain == "■·\n·■"
    masks = DropoutMasks(0.5, 2.0, ((1, 0),), ((1, 1),), kept=0.5, values=2)
    text = "\n".join(shown(dropout_view(masks)))
    assert "50.0 % of 2 values pass (■), multiplied by 1 / (1 − p) = 2" in text
    assert "■·" in text.splitlines()[-1]
    assert "■■" in text.splitlines()[-1]


def test_says_that_a_mask_is_a_part_and_stacks_wide_ones() -> None:
    row = (1.0,) * 64
    masks = DropoutMasks(0.5, 2.0, (row,) * 2, (row,) * 2, kept=0.5, values=4096)
    lines = shown(dropout_view(masks))
    assert "Shown are 2×64 of them." in lines
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line.startswith("In ")] == ["In training", "In evaluation"]


def test_draws_pixels_and_gaps_given_by_hand() -> None:
    assert cells(HalfBlocks(((None, WHITE), (RED, None)))) == [
        [("▄", RED, None), ("▀", WHITE, None)]
    ]
