"""The pooling lab on a screen: numbers or shades, in the room there is, never by colour alone."""

import io

import pytest
from rich.console import Console, RenderableType

from cnn_tui.analysis.pooling.inputs import named_input
from cnn_tui.analysis.pooling.operators import choose, pool
from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.analysis.pooling.translation import translation
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw.grids import Edit, number_grid
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pooling import heading, pool_steps, pool_view
from cnn_tui.render.translation import translation_view

CHAPTER = named_input("chapter").grid


def picture(side: int) -> NumberGrid:
    """A map of ``side`` × ``side`` values from 0 to 255."""
    return tuple(tuple(float(7 * i * j % 256) for j in range(side)) for i in range(side))


def lines(shown: RenderableType, width: int = 80) -> list[str]:
    console = Console(file=io.StringIO(), width=width, no_color=True)
    console.print(shown)
    text = console.file.getvalue()  # type: ignore[attr-defined]
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]


def text(shown: RenderableType, width: int = 80) -> str:
    return "\n".join(lines(shown, width))


def test_marks_the_window_and_its_result() -> None:
    shown = lines(pool_view(pool(CHAPTER, PoolSettings()), (0, 1)))
    assert shown[1].split("   ")[0] == " 1  3 [2][4]"
    assert shown[1].endswith("6 [4]")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (choose("max"), "max(1, 3, 5, 6) = 6"),
        (choose("avg"), "(1 + 3 + 5 + 6) / 4 = 3.75"),
        (choose("lp"), "(1^2 + 3^2 + 5^2 + 6^2)^(1/2) = 8.426"),
        (choose("global-avg"), "/ 16 = 4"),
        (choose("adaptive-max", output_size=3), "column 0: ⌊0·4/3⌋ = 0 to ⌈1·4/3⌉ − 1 = 1"),
        (choose("max", padding=1), "max(1) = 1   (3 outside the map count as −∞)"),
        (choose("avg", padding=1), "(1) / 4 = 0.25   (3 of padding count as 0)"),
        (
            choose("avg", padding=1, count_include_pad=False),
            "(1) / 1 = 1   (3 outside the map do not count)",
        ),
        (choose("max", kernel_size=2, stride=1, dilation=3), "max(1, 4, 1, 9) = 9"),
    ],
)
def test_spells_out_the_arithmetic_of_each_kind(settings: PoolSettings, sentence: str) -> None:
    assert sentence in text(pool_view(pool(CHAPTER, settings)))


def test_says_how_torch_treats_an_lp_window_cut_short() -> None:
    result = pool(CHAPTER, choose("lp", kernel_size=3, stride=2, ceil_mode=True))
    shown = text(pool_view(result, (1, 1)))
    assert "(9/4 · (8^2 + 3^2 + 6^2 + 9^2))^(1/2) = 20.676" in shown
    assert "torch scales 4 cells up to 9" in shown


def test_sums_up_windows_of_many_cells() -> None:
    for kind, sentence in (
        ("max", "max of 49 cells, from 0 to 252, = 252"),
        ("avg", "(sum of 49 cells: 3087) / 49 = 63"),
        ("lp", "(sum of 49 cells, each ^2: 405769)^(1/2) = 637"),
    ):
        shown = text(pool_view(pool(picture(8), choose(kind, kernel_size=7))))
        assert sentence in shown


@pytest.mark.parametrize(
    ("settings", "formula"),
    [
        (choose("max"), "⌊(4 + 2·0 − 2) / 2⌋ + 1 = 2"),
        (choose("max", kernel_size=2, stride=1, dilation=2), "⌊(4 + 2·0 − 2·(2 − 1) − 1) / 1⌋ + 1"),
        (choose("avg", kernel_size=3, stride=2, ceil_mode=True), "⌈(4 + 2·0 − 3) / 2⌉ + 1 = 2"),
        (
            choose("avg", kernel_size=2, stride=3, padding=1, ceil_mode=True),
            "⌈(4 + 2·1 − 2) / 3⌉ + 1 = 3, less one that would start outside the map = 2",
        ),
        (choose("global-max"), "1×1 whatever the input's"),
    ],
)
def test_puts_numbers_into_the_size_formula(settings: PoolSettings, formula: str) -> None:
    assert formula in " ".join(lines(pool_view(pool(CHAPTER, settings))))


def test_says_when_padding_adds_cells() -> None:
    shown = text(pool_view(pool(CHAPTER, choose("max", stride=1, padding=1))))
    assert "4×4 = 16 cells to 5×5 = 25: 56.2 % more" in shown


@pytest.mark.parametrize(
    ("kind", "side", "width"),
    [
        ("max", 64, 60),
        ("max", 32, 80),
        ("avg", 8, 60),
        ("avg", 32, 120),
        ("global-avg", 64, 80),
        ("adaptive-avg", 8, 60),
        ("adaptive-avg", 64, 80),
    ],
)
def test_keeps_within_its_width_and_height(kind: str, side: int, width: int) -> None:
    settings = choose(kind, output_size=3 if kind == "adaptive-avg" else None)
    result = pool(picture(side), settings)
    shown = lines(pool_view(result, (0, 0), width=width, height=18), width)
    assert len(shown) <= 18
    assert max(map(len, shown)) <= width
    assert any("[" in line for line in shown[1:-4])
    moved = lines(translation_view(translation(picture(side), settings), width=width), width)
    assert max(map(len, moved)) <= width


def test_shows_a_digit_whole_on_the_smallest_screen() -> None:
    digit = picture(8)
    shown = lines(pool_view(pool(digit, PoolSettings()), height=20))
    assert sum("[" in line or "0" in line for line in shown[1:9]) == 8
    assert len(shown) <= 20
    moved = lines(translation_view(translation(digit, PoolSettings()), height=20))
    assert len(moved) <= 20
    assert not any("rows" in line for line in moved[:3])


def test_shades_what_does_not_fit_and_outlines_the_window() -> None:
    result = pool(picture(32), PoolSettings())
    shown = lines(pool_view(result, (3, 3)))
    assert shown[7][6] == "[" and shown[7][9] == "]"
    assert set("".join(shown[1:33])) <= set(" ░▒▓█[]→")


def test_tells_shades_apart_in_ascii() -> None:
    shown = text(pool_view(pool(picture(32), PoolSettings())))
    assert set(".:%#") <= set(spelled_out(shown))


def test_shows_the_part_around_the_cursor() -> None:
    result = pool(picture(64), PoolSettings())
    shown = lines(pool_view(result, (31, 31), height=20))
    assert shown[1].startswith("rows 51–63")
    assert "columns" in shown[2] and "–63" in shown[2]
    assert sum("[" in line for line in shown) == 2


def test_shows_a_cell_while_it_is_edited() -> None:
    result = pool(CHAPTER, PoolSettings())
    shown = text(pool_view(result, edited=Edit(2, 1, "12.")))
    assert ">12._<" in shown
    assert "Input (2, 1) = 2 → 12._" in shown
    assert ">2<" in text(pool_view(result, edited=Edit(2, 1)))
    large = text(pool_view(pool(picture(64), PoolSettings()), height=20, edited=Edit(40, 50, "1")))
    assert "+" in large and "Input (40, 50)" in large


def test_walks_every_window() -> None:
    steps = list(pool_steps(pool(CHAPTER, PoolSettings())))
    assert sum("Output (" in text(each) for each in steps[:-1]) == 4


def test_writes_numbers_of_any_size_short() -> None:
    assert number_grid(((1e300, -2e-5), (0.25, -0.0))).plain.split() == [
        "1e+300",
        "-2e-05",
        "0.25",
        "0",
    ]


@pytest.mark.parametrize("pair", [(1e308, -1e308), (5e-324, 0.0), (1e308, 5e-324), (0.0, 0.0)])
def test_draws_numbers_however_far_apart(pair: tuple[float, float]) -> None:
    grid = (pair * 16,) * 32
    settings = PoolSettings(stride=1)
    assert "[" in text(pool_view(pool(grid, settings)))
    assert "nan" not in text(translation_view(translation(grid, PoolSettings())))


def test_heads_a_map_with_its_settings() -> None:
    shown = heading("edges", "thin edges", choose("lp", norm_type=3)).plain
    assert shown == "lp pooling   kernel_size 2   stride 2   norm_type 3\nedges: thin edges"
    assert "\x1b" not in heading("\x1b[31m.csv", "\x1b[31m.csv", choose("max")).plain
    average = heading("a.png", "a.png, red", choose("avg", count_include_pad=False)).plain
    assert average.splitlines()[0].endswith("padding 0   padding not counted")
    assert average.splitlines()[1] == "a.png, red"


def test_tells_what_a_shift_did() -> None:
    pair = named_input("shifted").grid
    shown = text(translation_view(translation(pair, PoolSettings(), shift=(0, 1))))
    assert "shifted 1 column to the right; zeros move in" in shown
    assert "1 of 4 output cells changed (25 %)" in shown
    assert "[0] 1" in shown
    assert "4/7 57 %" in shown
    moved = text(translation_view(translation(CHAPTER, PoolSettings(), shift=(-2, 0))))
    assert "moved along by exactly 1 row up" in moved
    stayed = text(translation_view(translation(CHAPTER, PoolSettings(), shift=(0, 0))))
    assert "0 of 4 output cells changed (0 %): the output stayed exactly as it was" in stayed


def test_draws_the_change_where_cells_cannot_be_marked() -> None:
    shown = text(translation_view(translation(picture(32), PoolSettings())))
    assert "Change" in shown
