"""The numbers that the demos show."""

import pytest

from cnn_tui.chapter.records import Grid, Table
from cnn_tui.chapter.run import run_demo


def grids(name, **parameters):
    blocks = run_demo(name, **parameters).blocks
    return [each.rows for each in blocks if isinstance(each, Grid)]


def table(name, **parameters):
    blocks = run_demo(name, **parameters).blocks
    return next(each.rows for each in blocks if isinstance(each, Table))


def test_pools_the_chapters_map():
    _, maximum, average = grids("max-and-average")
    assert maximum == ((6, 4), (7, 9))
    assert average == ((3.75, 2.25), (3.5, 6.5))


def test_pools_the_square_outline_as_the_topic_prints_it():
    _, maximum, average = grids("max-and-average", input="edges")
    assert maximum == ((1, 1, 1), (1, 0, 1), (1, 1, 1))
    assert average == ((0.25, 0.5, 0.25), (0.5, 0, 0.5), (0.25, 0.5, 0.25))


def test_works_out_by_hand_what_torch_puts_into_that_cell():
    parameters = {"input": "gradient", "kernel_size": 3, "stride": 1, "row": 2, "column": 4}
    _, maximum, average = grids("max-and-average", **parameters)
    figures = run_demo("max-and-average", **parameters).figures
    assert figures["max"] == maximum[2][4]
    assert figures["average"] == pytest.approx(average[2][4])


def test_marks_the_window_that_belongs_to_the_cell():
    blocks = run_demo("max-and-average", row=1, column=0).blocks
    assert blocks[0].marks == ((2, 0), (2, 1), (3, 0), (3, 1))


def test_shows_a_pair_that_pools_alike_and_a_true_shift_that_does_not():
    original, pooled, moved, moved_pooled, _, _, shifted, shifted_pooled = grids(
        "translation-invariance"
    )
    assert original != moved
    assert pooled == moved_pooled == ((1, 1), (0, 0))
    assert [row[1:] for row in shifted] == [row[:-1] for row in original]
    assert shifted_pooled == ((0, 1), (0, 0))


@pytest.mark.parametrize(("kernel_size", "cells"), [(1, 4), (2, 4), (3, 5), (4, 8)])
def test_counts_the_shifts_that_stay_inside_a_cell(kernel_size, cells):
    figures = run_demo("translation-invariance", kernel_size=kernel_size, cells=cells).figures
    share = 100 * cells * (kernel_size - 1) / (cells * kernel_size - 1)
    assert figures["unchanged_percent"] == pytest.approx(share)


def test_finds_four_of_seven_shifts_unnoticed_in_a_row_of_eight():
    figures = run_demo("translation-invariance").figures
    assert (figures["unchanged_shifts"], figures["shifts"]) == (4, 7)


def test_measures_output_sizes_and_reduction_rates():
    rows = table("pooling-parameters", size=7, kernel_size=5, stride=3, padding=2)
    assert [row[3] for row in rows] == ["3×3", "3×3", "6×6", "3×3"]
    assert rows[-1][-1] == pytest.approx(100 * (1 - 9 / 49), abs=0.05)


def test_makes_one_number_per_channel_of_any_map():
    rows = table("global-average", channels=16, classes=3)
    assert {row[1] for row in rows} == {"2 × 16"}
    assert {row[3] for row in rows} == {17 * 3}
    assert [row[2] for row in rows] == [(16 * area + 1) * 3 for area in (16, 49, 196, 45)]


def test_sees_as_far_with_two_small_filters_as_with_one_large():
    figures = run_demo("small-filters", channels=10).figures
    assert figures["small_side"] == figures["large_side"] == 5
    assert (figures["two_small"], figures["one_large"]) == (1800, 2500)


def test_measures_that_the_skip_keeps_the_gradient_alive():
    figures = run_demo("residual-gradient").figures
    assert figures["plain_32"] < 1e-20
    assert 0.1 < figures["residual_32"] < 10
    plain = [figures[f"plain_{blocks}"] for blocks in (1, 2, 4, 8, 16, 32)]
    assert plain == sorted(plain, reverse=True)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_finds_the_same_for_other_weights(seed):
    figures = run_demo("residual-gradient", depth=16, seed=seed).figures
    assert figures["residual_16"] > 1e6 * figures["plain_16"]


def test_measures_that_the_skip_alone_is_not_enough():
    he = run_demo("residual-gradient", initialisation="he").figures
    assert he["residual_32"] > 100 > 1 > he["plain_32"]
    with_batchnorm = run_demo("residual-gradient", batchnorm=True).figures
    assert with_batchnorm["plain_32"] > 100 * with_batchnorm["residual_32"]


def test_ends_at_the_depth_that_was_asked_for():
    assert [row[0] for row in table("residual-gradient", depth=6)] == [1, 2, 4, 6]


@pytest.mark.parametrize("parameters", [{}, {"input_mean": 3, "input_std": 5}])
def test_brings_every_channel_to_mean_0_and_variance_1_before_the_relu(parameters):
    figures = run_demo("batchnorm-statistics", **parameters).figures
    assert figures["bn_mean"] == pytest.approx(0, abs=1e-5)
    assert figures["bn_std"] == pytest.approx(1, abs=1e-3)


def test_finds_the_half_bell_curve_after_the_relu():
    figures = run_demo("batchnorm-statistics").figures
    assert figures["relu_mean"] == pytest.approx(0.40, abs=0.01)
    assert figures["relu_std"] == pytest.approx(0.58, abs=0.01)


def test_finds_that_an_image_depends_on_its_batch_in_training_only():
    figures = run_demo("batchnorm-statistics").figures
    assert figures["alone_in_training"] > 0.1
    assert figures["alone_in_evaluation"] < 1e-5


def test_finds_that_running_statistics_catch_up_with_the_batches():
    result = run_demo("batchnorm-statistics")
    catching_up = [each for each in result.blocks if isinstance(each, Table)][1].rows
    gaps = [row[-1] for row in catching_up]
    assert gaps[0] > gaps[1] > gaps[2]


def test_finds_that_batch_norm_takes_the_bias_away():
    figures = run_demo("conv-bn-relu", bias=5).figures
    assert figures["mean_before_bn"] == pytest.approx(5, abs=0.1)
    assert figures["mean_after_bn"] == pytest.approx(0, abs=1e-5)
    assert figures["difference"] < 1e-4
    assert figures["bias_gradient"] < 1e-5 * figures["weight_gradient"]


@pytest.mark.parametrize("p", [0.0, 0.3, 0.5, 0.9])
def test_drops_a_share_p_and_scales_the_rest(p):
    figures = run_demo("dropout-mask", p=p).figures
    assert figures["kept"] == pytest.approx(1 - p, abs=0.01)
    assert figures["survivor"] == pytest.approx(1 / (1 - p))
    assert figures["mean"] == pytest.approx(1, abs=0.03)
    assert figures["evaluation_mean"] == 1


def test_draws_another_mask_in_each_pass():
    training, evaluation = grids("dropout-mask", trials=4)
    assert len(set(training)) == 4
    assert {value for row in training for value in row} == {0, 2}
    assert evaluation == ((1,) * 10,)


def test_nearly_doubles_the_cost_with_each_step_of_compound_scaling():
    rows = table("compound-scaling", steps=2)
    assert [row[-1] for row in rows] == [1, 2, 4]
    assert rows[1][1:5] == pytest.approx((1.2, 1.1, 1.15, 1.92), abs=0.001)
