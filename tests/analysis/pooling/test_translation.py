"""Shifts: what they do to a pooled map, counted."""

import pytest
import torch
from torch.nn import functional as F

from cnn_tui.analysis.pooling.named_inputs import named_input
from cnn_tui.analysis.pooling.operators import KINDS, choose
from cnn_tui.analysis.pooling.records import PoolSettings, ShiftComparison
from cnn_tui.analysis.pooling.translation import bright_pixel_outputs, shifted, translation
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.errors import UsageError

GRADIENT = named_input("gradient").grid
PAIR = named_input("shifted").grid


def compared(settings: PoolSettings, grid: NumberGrid = GRADIENT) -> dict[str, ShiftComparison]:
    return {each.label: each for each in translation(grid, settings).comparisons}


def test_counts_57_percent_of_shifts_that_stay_inside_a_cell() -> None:
    result = translation(PAIR, PoolSettings())
    assert result.pixel_row == 8
    pixel = result.comparisons[0].pixel
    assert (pixel.unchanged, pixel.shifts) == (4, 7)
    assert pixel.largest_change == 1  # a pixel that changes its cell shares nothing with before


@pytest.mark.parametrize(("size", "unchanged"), [(1, 0), (2, 4), (3, 8), (4, 12)])
def test_counts_the_shifts_inside_cells_of_any_size(size: int, unchanged: int) -> None:
    pixel = compared(choose("max", kernel_size=size))["as set"].pixel
    assert (pixel.unchanged, pixel.shifts) == (unchanged, 4 * size - 1)


def test_moves_along_with_a_shift_by_the_whole_stride() -> None:
    result = translation(GRADIENT, PoolSettings(), shift=(2, -4))
    assert result.moved == (1, -2)
    assert translation(GRADIENT, PoolSettings(), shift=(0, 1)).moved is None
    assert translation(GRADIENT, PoolSettings(stride=1), shift=(-1, 1)).moved == (-1, 1)
    padded = PoolSettings("avg", kernel_size=3, stride=1, padding=1)
    assert translation(GRADIENT, padded, shift=(1, 0)).moved == (1, 0)


def test_fills_with_zeros_what_a_shift_leaves() -> None:
    assert shifted(((1, 2), (3, 4)), (0, 1)) == ((0, 1), (0, 3))
    assert shifted(((1, 2), (3, 4)), (-1, 0)) == ((3, 4), (0, 0))


def test_marks_the_cells_that_changed() -> None:
    result = translation(PAIR, PoolSettings(), shift=(0, 1))
    assert result.before.output == ((1, 1), (0, 0))
    assert result.after.output == ((0, 1), (0, 0))
    assert (result.changed, result.changed_share) == (frozenset({(0, 0)}), 0.25)
    assert not translation(PAIR, choose("global-max"), shift=(0, 1)).changed
    assert not translation(PAIR, PoolSettings(), shift=(0, 0)).changed


def test_sets_stride_1_and_blur_pool_beside_it() -> None:
    found = compared(PoolSettings())
    stride_1, blur = found["at stride 1"], found["blur-pool"]
    assert (stride_1.pixel.unchanged, stride_1.pixel.moved) == (0, 7)
    assert (stride_1.map.moved, stride_1.map.shifts) == (4, 4)
    assert (blur.pixel.unchanged, blur.pixel.moved) == (0, 0)
    as_set = found["as set"].pixel
    assert blur.pixel.mean_change < as_set.mean_change
    assert blur.pixel.largest_change < 0.6 < as_set.largest_change


def test_blurs_by_the_binomial_kernel() -> None:
    """Against blur-pool written out: max at stride 1, then [1 2 1]/4 along rows and columns."""

    def blur_pool(grid: NumberGrid) -> torch.Tensor:
        x = F.max_pool2d(torch.tensor(grid, dtype=torch.float64)[None, None], 2, 1)
        x = F.pad(x, (1, 1, 1, 1), mode="replicate")
        x = (x[..., :-2] + 2 * x[..., 1:-1] + x[..., 2:]) / 4
        return ((x[..., :-2, :] + 2 * x[..., 1:-1, :] + x[..., 2:, :]) / 4)[..., ::2, ::2]

    before = blur_pool(GRADIENT)
    afters = [blur_pool(shifted(GRADIENT, way)) for way in ((-1, 0), (1, 0), (0, -1), (0, 1))]
    changes = [float((new - before).abs().sum() / (new + before).sum()) for new in afters]
    measured = compared(PoolSettings())["blur-pool"].map
    assert measured.mean_change == pytest.approx(sum(changes) / 4)
    assert measured.largest_change == pytest.approx(max(changes))


def test_calls_a_change_whole_where_nothing_is_left() -> None:
    lone = compared(PoolSettings(), ((5.0, 0.0), (0.0, 0.0)))["blur-pool"].map
    assert lone.largest_change == 1


def test_compares_only_what_has_a_stride() -> None:
    assert set(compared(choose("global-avg"))) == {"as set"}
    assert set(compared(choose("avg", kernel_size=3, stride=1))) == {"as set"}


def test_compares_only_what_fits_at_stride_1() -> None:
    larger = choose("max", kernel_size=4, stride=3, ceil_mode=True)
    assert set(compared(larger, ((1.0, 2.0, 3.0),) * 3)) == {"as set"}


def test_lists_the_output_for_each_place_of_the_pixel() -> None:
    assert bright_pixel_outputs(PoolSettings(), 4) == ((1, 0), (1, 0), (0, 1), (0, 1))


@pytest.mark.parametrize("kind", KINDS)
def test_measures_every_kind(kind: str) -> None:
    settings = choose(kind, output_size=2 if kind.startswith("adaptive") else None)
    document = translation(GRADIENT, settings, shift=(1, 1)).to_json()
    assert document["shift"] == [1, 1]
    assert 0 <= document["changed_share"] <= 1
    for each in document["one_pixel_shifts"]:
        for measure in (each["pixel"], each["map"]):
            assert 0 <= measure["mean_change"] <= measure["largest_change"] <= 1


def test_measures_a_map_of_one_cell() -> None:
    result = translation(((3.0,),), choose("global-max"), shift=(0, 0))
    assert result.comparisons[0].pixel.shifts == 0


def test_refuses_a_shift_that_leaves_nothing() -> None:
    with pytest.raises(UsageError, match="leaves nothing of a 4×4 map"):
        translation(PAIR, PoolSettings(), shift=(0, -4))
