"""The numbers that the demos show."""

import pytest
import torch
from torch import nn

from cnn_tui.chapter.records import Grid, Histograms, Plot, Table
from cnn_tui.chapter.run import run_demo
from cnn_tui.errors import UsageError


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


def test_measures_the_output_sizes_of_torch():
    for size, kernel, stride, padding in ((9, 4, 3, 1), (8, 3, 2, 1), (16, 5, 1, 2)):
        given = {"kernel_size": kernel, "stride": stride, "padding": padding}
        output = nn.MaxPool2d(**given)(torch.zeros(1, 1, size, size))
        rows = table("pooling-parameters", size=size, **given)
        assert rows[-1][3] == f"{output.shape[2]}×{output.shape[3]}"
        assert rows[-1][-1] == pytest.approx(100 * (1 - output.numel() / size**2), abs=0.05)


def test_makes_one_number_per_channel_of_any_map():
    rows = table("global-average", channels=16, classes=3)
    assert {row[1] for row in rows} == {"2×16"}
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
    he = run_demo("residual-gradient", initialization="he").figures
    assert he["residual_32"] > 100 > 1 > he["plain_32"]
    with_batchnorm = run_demo("residual-gradient", batchnorm=True).figures
    assert with_batchnorm["plain_32"] > 100 * with_batchnorm["residual_32"]


def test_draws_the_gradient_by_depth_as_the_curve_of_its_table():
    curves, shown = run_demo("residual-gradient", depth=8).blocks[:2]
    depths, plain, residual = map(tuple, zip(*shown.rows, strict=True))
    assert curves.log_y
    assert [(each.label, each.xs, each.ys) for each in curves.curves] == [
        ("plain", depths, plain),
        ("residual", depths, residual),
    ]
    assert not any(isinstance(each, Plot) for each in run_demo("residual-gradient", depth=1).blocks)


def test_ends_at_the_depth_that_was_asked_for():
    assert [row[0] for row in table("residual-gradient", depth=6)] == [1, 2, 4, 6]


@pytest.mark.parametrize("parameters", [{}, {"input_mean": 3, "input_std": 5}])
def test_brings_every_channel_to_mean_0_and_variance_1_before_the_relu(parameters):
    figures = run_demo("batchnorm-statistics", **parameters).figures
    assert figures["bn_mean"] == pytest.approx(0, abs=1e-5)
    assert figures["bn_std"] == pytest.approx(1, abs=1e-3)


def test_shows_how_a_channel_spreads_before_and_after_batch_norm():
    result = run_demo("batchnorm-statistics", input_mean=3, batch_size=4)
    (shown,) = (each for each in result.blocks if isinstance(each, Histograms))
    convolved, normalized, activated = shown.histograms
    statistics = result.blocks[0].rows[0][1:]
    told = [value for each in shown.histograms for value in (each.mean, each.std)]
    assert told == pytest.approx(statistics, rel=1e-3, abs=1e-5)
    assert len({(each.low, each.high) for each in shown.histograms}) == 1
    assert {sum(each.counts) for each in shown.histograms} == {4 * 32 * 32}
    below_zero = sum(normalized.counts[: len(normalized.counts) // 2])
    assert sum(convolved.counts) > below_zero > sum(activated.counts[:10]) == 0


def test_finds_the_half_bell_curve_after_the_relu():
    figures = run_demo("batchnorm-statistics").figures
    assert figures["relu_mean"] == pytest.approx(0.40, abs=0.01)
    assert figures["relu_std"] == pytest.approx(0.58, abs=0.01)


def test_finds_that_only_batch_norm_makes_the_inputs_scale_harmless():
    once, tenfold = (run_demo("batchnorm-statistics", input_std=std).figures for std in (1, 10))
    assert tenfold["without_bn_std"] == pytest.approx(10 * once["without_bn_std"], rel=1e-3)
    assert tenfold["relu_std"] == pytest.approx(once["relu_std"], rel=1e-3)


def test_says_where_epsilon_keeps_batch_norm_from_standard_deviation_1():
    assert "ε" not in run_demo("batchnorm-statistics").blocks[1].text
    faint = run_demo("batchnorm-statistics", input_std=0.01)
    assert faint.figures["bn_std"] < 0.99
    assert "less than 1, as the ε" in faint.blocks[1].text


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


@pytest.mark.parametrize(
    ("phi", "depth", "width", "pixels", "flops"),
    [(0, 1, 1, 224, 1), (1, 1.2, 1.1, 258, 1.92), (2.5, 1.577, 1.269, 318, 5.110)],
)
def test_calculates_what_an_exponent_asks_for(phi, depth, width, pixels, flops):
    figures = run_demo("compound-scaling", phi=phi).figures
    assert figures["depth"] == pytest.approx(depth, abs=0.001)
    assert figures["width"] == pytest.approx(width, abs=0.001)
    assert figures["pixels"] == pixels
    assert figures["flops"] == pytest.approx(flops, abs=0.001)


def test_sets_the_published_networks_beside_the_rule():
    *_, published, _ = run_demo("compound-scaling", phi=3, alpha=2).blocks
    assert [row[0] for row in published.rows] == [f"B{number}" for number in range(8)]
    assert published.rows[4] == (
        "B4",
        "3.5",
        "1.8 (1.89)",
        "1.4 (1.40)",
        "380 (365)",
        "4.39",
        "11.4 (9.8)",
    )


def test_rounds_the_stages_of_an_exponent_of_ones_own():
    stages = run_demo("compound-scaling", phi=1).blocks[2]
    assert [row[2] for row in stages.rows] == [16, 24, 48, 88, 120, 208, 352]
    assert [row[4] for row in stages.rows] == [2, 3, 3, 4, 4, 5, 2]


def test_tells_the_evolution_from_lenet_to_vit():
    rows = table("architectures")
    assert [row[1] for row in rows][::7] == ["LeNet-5", "ViT-B/16"]
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)
    assert rows[0][2].strip() == "44,426"


def test_lists_the_networks_within_a_budget_by_cost():
    rows = table("which-network", million_parameters=10, gmacs=2)
    costs = [float(row[3]) for row in rows]
    assert costs == sorted(costs)
    assert max(costs) <= 2
    assert max(float(row[2].removesuffix(" M")) for row in rows) <= 10
    assert "GoogLeNet" in {row[0] for row in rows}
    assert "VGG-16" not in {row[0] for row in rows}


def test_says_where_no_network_fits_a_budget():
    (told,) = run_demo("which-network", gmacs=0.0001).blocks
    assert told.text.startswith("0 of ")


def test_cuts_an_image_as_the_vision_transformer_does():
    result = run_demo("vit-patches")
    tiles, _, costs, _ = result.blocks
    assert result.figures["tokens"] == 197
    assert result.figures["pairs"] == 197**2
    assert tiles.picture.width == tiles.picture.height == 14 * tiles.side
    assert next(row for row in costs.rows if row[0] == "16×16 *")[2] == 590_592


def test_counts_patches_as_torchvisions_network_has_them():
    from cnn_tui.nets.build import build

    with torch.device("meta"):
        net = build("vit_b_16", image_size=96, patch_size=32)
    figures = run_demo("vit-patches", image_size=96, patch_size=32).figures
    counted = sum(each.numel() for each in net.conv_proj.parameters())
    assert figures["embedding_parameters"] == counted
    assert figures["tokens"] == net.encoder.pos_embedding.shape[1]


def test_shows_the_image_that_is_named():
    parameters = {"image_size": 8, "patch_size": 4}
    first, second = (
        run_demo("vit-patches", image=spec, **parameters).blocks[0].picture
        for spec in ("digits#0", "digits#1")
    )
    assert first.title.startswith("digits#0")
    assert first.pixels != second.pixels


def test_leaves_an_image_whole_that_is_cut_too_finely_to_show():
    tiles = run_demo("vit-patches", patch_size=1).blocks[0]
    assert tiles.side == 0
    assert "too finely cut" in tiles.picture.title


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"patch_size": 5}, "take patch_size 4 or 7, or an image_size that is a multiple of 5"),
        ({"patch_size": 32, "image_size": 16}, "do not fill a side of 16: take patch_size 8 or 16"),
        ({"image": "digits#9999"}, "there is no #9999"),
        ({"image": "nothing"}, "'nothing' is no image"),
    ],
)
def test_says_which_cut_or_image_cannot_be(parameters, sentence):
    with pytest.raises(UsageError, match=sentence):
        run_demo("vit-patches", **parameters)
