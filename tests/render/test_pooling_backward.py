"""The way back on a screen: where the gradient goes, what ties and overlaps do, unpooling."""

import pytest

from cnn_tui.analysis.pooling.backward import backward
from cnn_tui.analysis.pooling.comparison import others
from cnn_tui.analysis.pooling.operators import choose, pool
from cnn_tui.analysis.pooling.records import GridPosition, PoolSettings
from cnn_tui.render.draw.blocks import GridBlock
from cnn_tui.render.draw.grid_view import Edit
from cnn_tui.render.draw.heat import HEAT
from cnn_tui.render.pooling.backward import (
    BackWords,
    gradient_map,
    gradient_steps,
    gradient_view,
)
from cnn_tui.render.pooling.comparison import gradients_compared
from cnn_tui.render.pooling.unpooling import indices_view, unpooled_map, unpooled_view
from tests.render.test_pooling import CHAPTER, lines, picture, text


def shown(settings: PoolSettings, cursor: GridPosition = (0, 0)) -> str:
    return text(gradient_view(backward(pool(CHAPTER, settings)), cursor, width=170), 170)


@pytest.mark.parametrize(
    ("settings", "cursor", "sentences"),
    [
        (choose("max"), (0, 0), ("goes to (1, 1), its maximum", "(1, 1) gets 1, from this window")),
        (choose("max", stride=1), (0, 0), ("(1, 1) gets 1 + 1 = 2",)),
        (choose("avg"), (0, 0), ("goes to 4 cells, 1/4 of it to each: 0.25",)),
        (
            choose("avg", kernel_size=3, stride=1),
            (0, 0),
            ("0.111 + 0.111 + 0.111 + 0.111 = 0.444",),
        ),
        (choose("avg", padding=1), (0, 0), ("goes to 1 cell, 1/4", "padding takes the rest")),
        (choose("lp"), (0, 0), ("goes to 4 cells: 0.119, 0.356, 0.593, 0.712",)),
        (choose("lp", norm_type=float("inf")), (0, 0), ("goes to (1, 1), the largest |x|",)),
        (choose("global-avg"), (0, 0), ("16 cells, 1/16 of it to each: 0.062",)),
        (choose("global-max"), (0, 0), ("x.amax() shares it",)),
        (
            choose("adaptive-avg", output_size=8),
            (0, 0),
            ("goes to 1 cell", "(0, 0) gets 1 + 1 + 1 + 1 = 4", "64 in the input, in 16 of 16"),
        ),
    ],
)
def test_says_where_the_gradient_goes(
    settings: PoolSettings, cursor: GridPosition, sentences: tuple[str, ...]
) -> None:
    for sentence in sentences:
        assert sentence in shown(settings, cursor)


def test_marks_the_window_and_its_choice_in_the_map_and_in_its_gradient() -> None:
    drawn = shown(choose("max")).splitlines()
    assert drawn[0].split("  ")[0] == "Input 4×4"
    assert "Gradient 4×4" in drawn[0]
    assert drawn[4].count("(6)") == drawn[4].count("(1)") == 1
    edited = gradient_map(backward(pool(CHAPTER, choose("max"))), width=100, edited=Edit(0, 0, "7"))
    assert ">7_<" in text(edited, 100) or "7_" in text(edited, 100)


def test_sets_the_gradients_of_other_kinds_beside_it() -> None:
    settings = choose("max")
    compared, shown = others(CHAPTER, settings), pool(CHAPTER, settings)
    block = gradients_compared(compared, shown, (0, 0), width=40, height=32)
    assert block.width <= 40
    assert block.height <= 32
    average, lp = text(block).split("Lp pooling ← 4×4")
    assert "Average pooling ← 4×4" in average
    assert average.count("0.25") == 17
    assert "0.712" in lp
    padded = choose("max", stride=1, padding=1)
    compared, shown = others(CHAPTER, padded), pool(CHAPTER, padded)
    block = gradients_compared(compared, shown, (1, 1), width=40, height=32)
    average, lp = text(block).split("Lp pooling ← 4×4")
    assert "[  1 ]" in average
    assert "1/4 of it" in average
    assert "[" not in lp
    assert "━" not in lp


def test_names_the_first_of_equal_maxima() -> None:
    tied = backward(pool(((2.0, 2.0), (2.0, 2.0)), choose("max")))
    assert "goes to (0, 0), the first of 4 equal maxima" in text(
        gradient_view(tied, width=140), 140
    )
    assert "of equal maxima, torch takes the first" in text(gradient_view(tied, width=140), 140)


def test_walks_the_way_back_window_by_window() -> None:
    steps = [text(each) for each in gradient_steps(backward(pool(CHAPTER, choose("avg"))))]
    assert sum("Sent to the input" in each for each in steps) == 4
    assert steps[0].count("0.25") == 4
    assert "Gradient 4×4" in steps[-1]


def test_puts_maxima_back_and_names_their_indices() -> None:
    result = pool(CHAPTER, choose("max"))
    unpooled = text(unpooled_view(result, (1, 0)))
    assert "7 goes back to index 8: row 2, column 0" in unpooled
    assert "[[5, 3], [8, 15]]" in unpooled
    assert "nn.MaxUnpool2d(2, 2)(y, indices, output_size=x.size())" in unpooled
    assert "12 of 16 values are not known any more" in unpooled
    several = pool(CHAPTER, choose("max", kernel_size=3, stride=1, padding=1))
    assert "windows kept this cell" in text(unpooled_view(several, (1, 1)))
    indices = text(indices_view(result, (1, 0)))
    assert "7 stood in row 2, column 0" in indices
    assert "2 · 4 + 0 = 8" in indices


def colors(block: GridBlock, sign: str) -> set[str]:
    """The heat of a number, wherever it stands."""
    spans = (
        (line.plain[span.start : span.end], str(span.style))
        for line in block.lines
        for span in line.spans
    )
    return {style for piece, style in spans if piece.strip(" ()") == sign and style in HEAT}


def test_colors_what_every_cell_gets_alike() -> None:
    assert colors(gradient_map(backward(pool(CHAPTER, choose("avg")))), "0.25") == {HEAT[-1]}


def test_gives_a_maximum_the_color_of_the_same_value_in_the_output() -> None:
    block = unpooled_map(pool(CHAPTER, choose("max")))
    assert [len(colors(block, each)) for each in "46790"] == [1, 1, 1, 1, 1]


def test_shows_gradients_that_are_not_finite() -> None:
    zeros = pool(((0.0, 4.0), (0.0, 1.0)), choose("lp", norm_type=0.5))
    assert "inf" in text(gradient_view(backward(zeros)))
    empty = pool(((0.0, 0.0), (0.0, 0.0)), choose("lp", norm_type=0.5))
    assert "nan" in text(gradient_view(backward(empty)))


@pytest.mark.parametrize("size", [(54, 12), (74, 16), (110, 40)])
@pytest.mark.parametrize("kind", ["max", "avg", "lp"])
def test_keeps_its_grids_in_their_places_while_the_window_moves(
    kind: str, size: tuple[int, int]
) -> None:
    width, height = size
    with_ties = ((1.0, 1.0, 5.0, 0.0), (1.0, 1.0, 2.0, 0.1), (9.0, 3.0, 4.0, 0.3))
    result = pool(with_ties, PoolSettings(kind, 2, 1))
    gradient = backward(result)
    drawn = [
        gradient_map(gradient, (window.row, window.column), width=width, height=height)
        for window in result.windows()
    ]
    assert all(block.grids == drawn[0].grids for block in drawn)
    assert len({(block.width, block.height) for block in drawn}) == 1  # it is centered by them
    assert max(block.width for block in drawn) <= width


def test_keeps_room_for_the_longest_sentences_of_other_windows() -> None:
    sentences = (("gradient 1 goes to (1, 1)", "short"), ("wraps " * 10, "wraps " * 8))
    heights = {
        (is_steady, BackWords((0, 0), each, is_steady).block(30, 2).height)
        for is_steady in (True, False)
        for each in sentences
    }
    assert heights == {(True, 5), (False, 3), (False, 5)}


@pytest.mark.parametrize(("side", "width"), [(8, 60), (32, 80), (64, 60)])
def test_keeps_within_its_width_and_height(side: int, width: int) -> None:
    result = pool(picture(side), PoolSettings())
    for block in (
        gradient_map(backward(result), width=width, height=18),
        unpooled_map(result, width=width, height=18),
    ):
        drawn = lines(block, width)
        assert len(drawn) <= 18
        assert max(map(len, drawn)) <= width
