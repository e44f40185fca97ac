"""The pooling lab on a screen: grids in the room there is, never by color alone."""

import io

import pytest
from rich.console import Console, RenderableType

from cnn_tui.analysis.pooling.comparison import others, shifted_by_one
from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.pooling.operators import choose, pool
from cnn_tui.analysis.pooling.records import GridPosition, PoolSettings
from cnn_tui.analysis.pooling.translation import translation
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.render.draw.grid_view import Edit
from cnn_tui.render.draw.grids import number_grid
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pooling.arithmetic import arithmetic_line
from cnn_tui.render.pooling.comparison import comparison
from cnn_tui.render.pooling.facts import facts
from cnn_tui.render.pooling.settings import heading
from cnn_tui.render.pooling.view import pool_steps, pool_view, pooled_map
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


def drawn(settings: PoolSettings, cursor: GridPosition = (0, 0), width: int = 100) -> str:
    return text(pooled_map(pool(CHAPTER, settings), cursor, width=width), width)


def told(settings: PoolSettings, cursor: GridPosition = (0, 0), width: int = 100) -> str:
    result, moved = pool(CHAPTER, settings), shifted_by_one(CHAPTER, settings)
    found = facts(result, result.window(*cursor), moved, width=width, key="t")
    return "\n".join(line.plain.rstrip() for line in found)


def test_draws_heavy_lines_around_the_window_and_its_result() -> None:
    assert drawn(PoolSettings(), width=90).splitlines() == [
        "Input 4×4                                          Output 2×2",
        "┏━━━━━━━┯━━━━━━━┱───────┬───────┐                  ┏━━━━━━━┱───────┐",
        "┃   1   │   3   ┃   2   │   4   │                  ┃   6   ┃   4   │",
        "┠───────┼───────╂───────┼───────┤                  ┡━━━━━━━╃───────┤",
        "┃   5   │  (6)  ┃   1   │   2   │                  │   7   │   9   │",
        "┡━━━━━━━┿━━━━━━━╃───────┼───────┤     ──────▶      └───────┴───────┘",
        "│   7   │   2   │   8   │   3   │",
        "├───────┼───────┼───────┼───────┤                  Output (0, 0)",
        "│   1   │   4   │   6   │   9   │                  max(1, 3, 5, 6) = 6",
        "└───────┴───────┴───────┴───────┘",
    ]


def test_keeps_the_window_apart_in_ascii() -> None:
    plain = spelled_out(drawn(PoolSettings(), (0, 1), width=60)).splitlines()
    assert plain[1] == "+-------+-------#===============#       +-------#=======#"
    assert plain[2] == "|   1   |   3   #   2   |  (4)  #       |   6   #   4   #"
    assert "-->" in plain[5]


def test_draws_the_padding_around_the_map() -> None:
    zeros = drawn(choose("avg", padding=1)).splitlines()
    assert zeros[1].startswith("┏━━━━━━━━━━━━━━━┓")
    assert zeros[2].startswith("┃   0       0   ┃   0       0       0       0")
    assert drawn(choose("max", padding=1)).splitlines()[2].startswith("┃   ·       ·   ┃   ·")


def test_marks_the_cells_of_a_dilated_window_one_by_one() -> None:
    grid = drawn(choose("max", stride=1, dilation=2)).splitlines()
    assert grid[2].startswith("┃   1   ┃   3   ┃   2   ┃   4   │")
    assert grid[6].startswith("┃   7   ┃   2   ┃  (8)  ┃   3   │")
    assert grid[4].startswith("│   5   │   6   │   1   │   2   │")


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (choose("max"), "max(1, 3, 5, 6) = 6"),
        (choose("avg"), "(1 + 3 + 5 + 6) / 4 = 3.75"),
        (choose("lp"), "(1^2 + 3^2 + 5^2 + 6^2)^(1/2) = 8.426"),
        (choose("global-avg"), "/ 16 = 4"),
        (choose("global-max"), "max(1, 3, 2, 4, 5, 6, 1, 2, 7, 2, 8, 3, 1, 4, 6, 9)"),
        (choose("adaptive-max", output_size=3), "max(1, 3, 5, 6) = 6"),
        (choose("max", padding=1), "3 outside the map count as −∞"),
        (choose("avg", padding=1), "(1) / 4 = 0.25"),
        (choose("avg", padding=1), "3 of padding count as 0"),
        (choose("avg", padding=1, count_include_pad=False), "3 outside the map do not count"),
        (choose("max", kernel_size=2, stride=1, dilation=3), "max(1, 4, 1, 9) = 9"),
    ],
)
def test_spells_out_the_arithmetic_of_each_kind(settings: PoolSettings, sentence: str) -> None:
    shown = drawn(settings, width=140)
    assert "Output (0, 0)" in shown
    assert sentence in shown


def test_says_how_torch_treats_an_lp_window_cut_short() -> None:
    shown = drawn(choose("lp", kernel_size=3, stride=2, ceil_mode=True), (1, 1), width=140)
    assert "(9/4 · (8^2 + 3^2 + 6^2 + 9^2))^(1/2) = 20.676" in shown
    assert "torch scales 4 cells up to 9" in shown


def test_sums_up_windows_of_many_cells() -> None:
    for kind, sentence in (
        ("max", "max of 49 cells, from 0 to 252, = 252"),
        ("avg", "(sum of 49 cells: 3087) / 49 = 63"),
        ("lp", "(sum of 49 cells, each ^2: 405769)^(1/2) = 637"),
    ):
        result = pool(picture(8), choose(kind, kernel_size=7))
        assert sentence in arithmetic_line(result.settings, result.window(0, 0)).plain


@pytest.mark.parametrize(
    ("settings", "formula"),
    [
        (choose("max"), "⌊(4 + 2·0 − 1·(2 − 1) − 1) / 2⌋ + 1 = 2"),
        (choose("avg"), "⌊(4 + 2·0 − 2) / 2⌋ + 1 = 2"),
        (choose("max", kernel_size=2, stride=1, dilation=2), "⌊(4 + 2·0 − 2·(2 − 1) − 1) / 1⌋ + 1"),
        (choose("avg", kernel_size=3, stride=2, ceil_mode=True), "⌈(4 + 2·0 − 3) / 2⌉ + 1 = 2"),
        (
            choose("avg", kernel_size=2, stride=3, padding=1, ceil_mode=True),
            "⌈(4 + 2·1 − 2) / 3⌉ + 1 = 3, less one that would start outside the map = 2",
        ),
        (choose("global-max"), "1×1, whatever the input's"),
        (choose("adaptive-max", output_size=3), "column 0 covers ⌊0·4/3⌋ = 0 to ⌈1·4/3⌉ − 1 = 1"),
    ],
)
def test_puts_numbers_into_the_size_formula(settings: PoolSettings, formula: str) -> None:
    assert formula in told(settings)


@pytest.mark.parametrize(
    ("settings", "fact"),
    [
        (choose("max"), "75 % fewer values: 16 → 4"),
        (choose("max", stride=1, padding=1), "56.2 % more values: 16 → 25"),
        (choose("max"), "all of it to the cell marked ( ); the other three get 0"),
        (choose("avg"), "1/4 of it to each of the four cells"),
        (choose("lp"), "to all four, to the larger ones more"),
        (choose("max"), "3 of 4 outputs change (t compares with stride-1 and blur pooling)"),
        (choose("global-max"), "the output changes (t compares)"),
        (choose("max", stride=1), "outputs change (t compares)"),
    ],
)
def test_says_what_follows(settings: PoolSettings, fact: str) -> None:
    assert fact in told(settings)


def test_shortens_facts_by_words_where_it_is_narrow() -> None:
    narrow = told(choose("max"), width=55).splitlines()
    assert max(map(len, narrow)) <= 55
    assert narrow[-1] == "Shift by 1    3 of 4 outputs change (t compares)"


@pytest.mark.parametrize(
    ("width", "height", "first_cell"),
    [
        (56, 6, "[1]"),
        (74, 12, "┃   1   │"),
        (74, 28, "┃    1    │"),
        (140, 38, "┃         1         │"),
    ],
)
def test_lets_cells_grow_while_there_is_room(width: int, height: int, first_cell: str) -> None:
    block = pooled_map(pool(CHAPTER, PoolSettings()), width=width, height=height)
    assert block.width <= width
    assert block.height <= height
    assert any(line.plain.startswith(first_cell) for line in block.lines)
    assert "max(1, 3, 5, 6) = 6" in text(block, width)


def test_sets_numbers_apart_where_lines_around_them_do_not_fit() -> None:
    result = pool(CHAPTER, PoolSettings(kernel_size=3, stride=1, padding=1))
    block = pooled_map(result, (0, 0), width=76, height=11)
    assert "[  · ][  1 ][  3 ]   2     4     ·" in text(block)
    narrow = pooled_map(result, (0, 0), width=46, height=11)
    assert "[·][1][3] 2  4  ·" in text(narrow)


def test_puts_the_input_above_the_output_in_a_narrow_tall_window() -> None:
    shown = lines(pooled_map(pool(CHAPTER, PoolSettings()), width=45, height=40), 45)
    assert [line for line in shown if "put" in line and "(" not in line] == [
        "Input 4×4",
        "Output 2×2",
    ]


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
    shown = lines(pooled_map(result, (0, 0), width=width, height=18), width)
    assert len(shown) <= 18
    assert max(map(len, shown)) <= width
    assert any("[" in line or "┏" in line for line in shown)
    moved = lines(translation_view(translation(picture(side), settings), width=width), width)
    assert max(map(len, moved)) <= width


def test_shows_a_digit_whole_on_the_smallest_screen() -> None:
    digit = picture(8)
    block = pooled_map(pool(digit, PoolSettings()), width=76, height=12)
    assert len(set(block.grids[0].rows.values())) == 8
    moved = lines(translation_view(translation(digit, PoolSettings()), height=20))
    assert len(moved) <= 20
    assert not any("rows" in line for line in moved[:3])


def test_shades_what_does_not_fit_and_outlines_the_window() -> None:
    result = pool(picture(32), PoolSettings())
    shown = lines(pooled_map(result, (3, 3)))
    assert shown[7][6] == "[" and shown[7][9] == "]"
    assert set("".join(shown[1:33])) <= set(" ░▒▓█[]─▶")


def test_tells_shades_apart_in_ascii() -> None:
    shown = text(pooled_map(pool(picture(32), PoolSettings())))
    assert set(".:%#") <= set(spelled_out(shown))


def test_shows_the_part_around_the_cursor() -> None:
    result = pool(picture(64), PoolSettings())
    shown = lines(pooled_map(result, (31, 31), height=20))
    assert shown[1].startswith("rows 50–63")
    assert "columns" in shown[2] and "–63" in shown[2]
    assert sum("[" in line for line in shown) == 2


def test_shows_a_cell_while_it_is_edited() -> None:
    result = pool(CHAPTER, PoolSettings())
    shown = text(pool_view(result, edited=Edit(2, 1, "12.")))
    assert ">12._<" in shown
    assert "Input (2, 1) = 2 → 12._" in shown
    assert ">2<" in text(pool_view(result, edited=Edit(2, 1)))
    edited = Edit(40, 50, "1")
    large = pooled_map(pool(picture(64), PoolSettings()), height=20, edited=edited)
    assert "+" in text(large) and "Input (40, 50)" in text(large)


def test_keeps_its_cells_while_a_longer_number_is_typed() -> None:
    result = pool(CHAPTER, PoolSettings())
    edges = [
        lines(pooled_map(result, (0, 0), width=44, height=14, edited=edited))[1]
        for edited in (None, Edit(0, 0, "25"))
    ]
    assert edges[0] == edges[1]


@pytest.mark.parametrize(("width", "height"), [(76, 12), (56, 6), (140, 38)])
def test_knows_which_cell_stands_where(width: int, height: int) -> None:
    block = pooled_map(pool(CHAPTER, PoolSettings()), width=width, height=height)
    places = {
        block.cell_at(line, place) for line in range(block.height) for place in range(block.width)
    }
    inputs = {("input", (row, column)) for row in range(4) for column in range(4)}
    assert places - {None} == inputs | {("output", (i, j)) for i in range(2) for j in range(2)}
    line = next(i for i, each in enumerate(block.lines) if "9" in each.plain)
    assert block.cell_at(line, block.lines[line].plain.rindex("9"))[1] in {(3, 3), (1, 1)}  # type: ignore[index]


def test_sets_other_kinds_of_pooling_beside_it() -> None:
    measured = translation(CHAPTER, PoolSettings()).comparisons
    shown, results = pool(CHAPTER, PoolSettings()), others(CHAPTER, PoolSettings())
    block = comparison(results, shown, (1, 0), measured, width=40, height=32)
    assert block.width <= 40
    shown = text(block)
    assert "Average pooling → 2×2" in shown
    assert "(7 + 2 + 1 + 4) / 4 = 3.5" in shown
    assert "Lp pooling" in shown
    assert "blur-pool" in shown and "4/7" in shown


def test_marks_no_window_in_a_kind_that_has_another_one_there() -> None:
    settings = PoolSettings(kernel_size=2, stride=1, padding=1)
    shown, results = pool(CHAPTER, settings), others(CHAPTER, settings)
    block = comparison(results, shown, (1, 1), width=40, height=32)
    average, lp = text(block).split("Lp pooling")
    assert lp.startswith(" → 3×3, it has no padding")
    assert "━" in average and "(1 + 3 + 5 + 6) / 4 = 3.75" in average
    assert "━" not in lp and "^2" not in lp
    narrow = text(comparison(results, shown, (1, 1), width=30, height=32))
    assert "Lp pooling → 3×3\n" in narrow and "\nit has no padding" in narrow


def test_leaves_out_other_kinds_that_cannot_pool_the_map() -> None:
    negative = ((-1.0, 2.0), (3.0, 4.0))
    cubic = choose("lp", norm_type=3)
    assert [each.settings.kind for each in others(negative, choose("max"))] == ["avg", "lp"]
    assert [each.settings.kind for each in others(CHAPTER, cubic)] == ["max", "avg"]


def test_walks_every_window() -> None:
    steps = list(pool_steps(pool(CHAPTER, PoolSettings())))
    assert sum("Output (" in text(each) for each in steps[:-1]) == 4
    assert "Output (0, 0)   max(1, 3, 5, 6) = 6" in text(steps[1])


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
    assert shown == "Lp pooling   kernel size 2×2   stride 2   p 3\nedges: thin edges"
    assert "\x1b" not in heading("\x1b[31m.csv", "\x1b[31m.csv", choose("max")).plain
    average = heading("a.png", "a.png, red", choose("avg", count_include_pad=False)).plain
    assert average.splitlines()[0].endswith("padding 0   padding not counted")
    assert average.splitlines()[1] == "a.png, red"


def test_tells_what_a_shift_did() -> None:
    pair = named_input("shifted").grid
    view = translation_view(translation(pair, PoolSettings(), shift=(0, 1)))
    shown = text(view)
    assert "shifted 1 column to the right; zeros move in" in shown
    assert "1 of 4 output cells changed (25 %)" in shown
    assert "┃   0   ┃   1   │" in shown
    assert "4/7 57 %" in shown
    moved = text(translation_view(translation(CHAPTER, PoolSettings(), shift=(-2, 0))))
    assert "moved along by exactly 1 row up" in moved
    stayed = text(translation_view(translation(CHAPTER, PoolSettings(), shift=(0, 0))))
    assert "0 of 4 output cells changed (0 %): the output stayed exactly as it was" in stayed


def test_sets_shifted_maps_apart_in_two_rows_where_there_is_room() -> None:
    measured = translation(named_input("edges").grid, PoolSettings(), shift=(0, 1))
    roomy = lines(translation_view(measured, width=74, height=33))
    assert roomy[0].split() == ["Input", "6×6", "Shifted"]
    assert "  0    1    1    1    1    0  " in roomy[2]
    tight = lines(translation_view(measured, width=74, height=16))
    assert "Output 3×3" in tight[0]


@pytest.mark.parametrize("width", [42, 55, 75, 120])
def test_measures_shifts_in_the_room_there_is(width: int) -> None:
    shown = lines(translation_view(translation(CHAPTER, PoolSettings()), width=width), 140)
    assert max(map(len, shown)) <= width
    assert sum("blur-pool" in line for line in shown) in (1, 2)


def test_draws_the_change_where_cells_cannot_be_marked() -> None:
    shown = text(translation_view(translation(picture(32), PoolSettings())))
    assert "Change" in shown


def test_puts_blocks_nowhere_near_each_other_in_an_empty_one() -> None:
    assert GridBlock().cell_at(0, 0) is None


@pytest.mark.slow
@pytest.mark.parametrize("size", [(54, 12), (74, 10), (70, 26), (110, 40)])
@pytest.mark.parametrize(("kind", "padding"), [("max", 1), ("avg", 1), ("lp", 0)])
def test_keeps_both_grids_in_their_places_while_the_window_moves(
    kind: str, padding: int, size: tuple[int, int]
) -> None:
    width, height = size
    for kernel, stride in ((2, 1), (3, 1), (4, 2)):
        settings = PoolSettings(kind, kernel, stride, padding)
        result = pool(CHAPTER, settings)
        blocks = [
            pooled_map(result, (window.row, window.column), width=width, height=height)
            for window in result.windows()
        ]
        assert all(block.grids == blocks[0].grids for block in blocks)
        assert len({block.width for block in blocks}) == 1  # where it stands depends on that


@pytest.mark.parametrize("size", [(54, 12), (74, 10), (74, 13), (70, 26), (110, 40)])
@pytest.mark.parametrize("kind", ["max", "avg", "global-max", "adaptive-avg"])
def test_keeps_both_grids_in_their_places_when_a_cell_is_edited(
    kind: str, size: tuple[int, int]
) -> None:
    width, height = size
    result = pool(CHAPTER, PoolSettings(kind))
    before, begun = (
        pooled_map(result, width=width, height=height, edited=edited)
        for edited in (None, Edit(0, 0))
    )
    assert begun.grids == before.grids
    assert begun.height <= height or begun.height == before.height
