"""The numbers of the demos on layers that do otherwise in training than in evaluation."""

import pytest
import torch

from cnn_tui.chapter.demos import dropout_in_a_cnn
from cnn_tui.chapter.records import Table
from cnn_tui.chapter.run import run_demo


def tables(name, **parameters):
    blocks = run_demo(name, **parameters).blocks
    return [each.rows for each in blocks if isinstance(each, Table)]


@pytest.mark.parametrize("parameters", [{}, {"batch_size": 2, "batches": 7, "momentum": 0.3}])
def test_works_out_what_the_batch_norm_layer_does(parameters):
    assert run_demo("batchnorm-modes", **parameters).figures["rounding"] < 1e-5
    running, pixels, *_ = tables("batchnorm-modes", **parameters)
    for _, _, training, by_formula, evaluation, by_running_formula in pixels:
        assert training == pytest.approx(by_formula, abs=1e-5)
        assert evaluation == pytest.approx(by_running_formula, abs=1e-5)
    for _, mean, mean_by_formula, variance, variance_by_formula, _ in running[:-1]:
        assert mean == pytest.approx(mean_by_formula, abs=1e-6)
        assert variance == pytest.approx(variance_by_formula, abs=1e-6)


def test_moves_the_running_averages_from_their_start_to_the_datas():
    rows = tables("batchnorm-modes")[0]
    *history, (_, data_mean, _, data_variance, *_) = rows
    assert history[0][1:5] == (0, 0, 1, 1)
    means, variances = [row[1] for row in history], [row[3] for row in history]
    assert means == sorted(means)
    assert variances == sorted(variances, reverse=True)
    assert means[-1] == pytest.approx(data_mean, abs=0.01)
    assert variances[-1] == pytest.approx(data_variance, abs=0.01)


def test_moves_the_running_averages_by_the_momentum_that_is_given():
    assert run_demo("batchnorm-modes", momentum=0).figures["running_variance"] == 1
    only_last = run_demo("batchnorm-modes", momentum=1, batches=1).figures
    assert only_last["start_weight_percent"] == 0
    assert only_last["modes_differ"] < 0.01  # what is left is the m - 1 of the running variance
    slow = run_demo("batchnorm-modes", momentum=0.01).figures
    assert slow["start_weight_percent"] == pytest.approx(100 * 0.99**50)
    assert slow["modes_differ"] > 0.5


def test_finds_that_an_image_depends_on_its_batch_in_training_only():
    figures = run_demo("batchnorm-modes").figures
    assert figures["alone_in_training"] > 0.1
    assert figures["alone_in_evaluation"] < 1e-6


def test_finds_what_batches_of_one_and_two_do_in_training():
    many, two, one, one_image = tables("batchnorm-modes")[-1]
    assert many[2] != two[2]
    assert two[2] == "1.00 to 1.00"
    assert (one[1], one[2]) == (1, "refused")
    assert one[3] != "refused"
    assert one_image[1] == 64
    assert one_image[2] != "refused"
    assert 0 < run_demo("batchnorm-modes").figures["like_instance_norm"] < 1e-5


@pytest.mark.parametrize("p", [0.0, 0.5, 0.9])
def test_works_out_by_hand_what_dropout_does_to_one_input(p):
    (inputs, mask, by_hand, training, _, evaluation), *_ = tables("dropout-modes", p=p, seed=2)
    for x, kept, scaled, out, later in zip(
        inputs[1:], mask[1:], by_hand[1:], training[1:], evaluation[1:], strict=True
    ):
        assert kept in (0, 1)
        assert out == scaled == pytest.approx(kept * x / (1 - p))
        assert later == x


@pytest.mark.parametrize("p", [0.2, 0.5, 0.9])
def test_finds_evaluation_in_the_mean_over_many_masks(p):
    figures = run_demo("dropout-modes", p=p, masks=20_000).figures
    apart = abs(figures["mean"] - figures["evaluation"])
    assert apart < 4 * figures["expected_standard_error"]
    assert figures["standard_error"] == pytest.approx(figures["expected_standard_error"], rel=0.1)
    assert figures["after_relu"] > 10 * figures["standard_error"]


def test_halves_the_standard_error_with_four_times_the_masks():
    few, many = (run_demo("dropout-modes", masks=masks).figures for masks in (5_000, 20_000))
    ratio = few["standard_error"] / many["standard_error"]
    assert ratio == pytest.approx(2, rel=0.1)


def test_sets_the_papers_scaling_beside_pytorchs():
    factors, means, weights, sums = tables("dropout-modes", p=0.75, masks=20_000)[-1]
    assert (factors[1:], weights[1:]) == ((1, 4), (0.25, 1))
    for mean, evaluated in zip(means[1:], sums[1:], strict=True):
        assert mean == pytest.approx(evaluated, rel=0.05)
    assert sums[1] == pytest.approx(sums[2] / 4)


def test_claims_no_difference_where_nothing_is_dropped():
    *_, last = tables("dropout-modes", p=0)[1]
    assert last[-1] == "–"
    told = " ".join(block.text for block in run_demo("dropout-modes", p=0).blocks[2::2])
    assert "All masks are alike" in told


@pytest.mark.parametrize(("seed", "is_likely"), [(0, True), (4, False), (16, False)])
def test_says_when_a_mean_is_further_off_than_chance_makes_likely(seed, is_likely):
    result = run_demo("dropout-modes", masks=100, seed=seed)
    apart = abs(result.figures["mean"] - result.figures["evaluation"])
    assert (apart <= 2 * result.figures["standard_error"]) == is_likely
    assert result.blocks[2].text.startswith("Mean and evaluation agree") == is_likely


@pytest.mark.slow
def test_follows_which_units_a_mask_drops_and_which_learn_nothing():
    rows = tables("dropout-in-a-cnn")[0]
    for mode, layer, active, dropped, kept, idle in rows:
        assert dropped + kept == active
        assert idle == int(layer.split()[0]) - kept
        expected = active / 2 if mode == "training" else 0
        assert dropped == pytest.approx(expected, abs=3 * active**0.5 / 2)


def test_gives_one_answer_in_evaluation_and_many_in_training():
    figures = run_demo("dropout-in-a-cnn").figures
    assert figures["twice_in_training"] > 0.1
    assert figures["twice_in_evaluation"] == 0
    rows = tables("dropout-in-a-cnn")[2]
    assert all(lowest < mean < highest for _, _, mean, _, lowest, highest in rows)
    assert figures["otherwise"] > 0


def test_finds_all_units_together_better_than_one_mask_and_says_so():
    result = run_demo("dropout-in-a-cnn")
    assert result.figures["evaluation_percent"] > result.figures["one_mask_percent"] > 80
    assert "more than chance, all units together do better" in result.blocks[-1].text


@pytest.mark.slow
def test_finds_no_doubt_without_dropout():
    result = run_demo("dropout-in-a-cnn", p=0)
    assert result.figures["twice_in_training"] == result.figures["otherwise"] == 0
    assert result.figures["one_mask_percent"] == result.figures["evaluation_percent"]
    assert "they answer alike" in result.blocks[-1].text


@pytest.mark.slow
def test_shows_the_same_for_a_network_that_is_trained_already():
    trained = run_demo("dropout-in-a-cnn", image=7)
    dropout_in_a_cnn._trained.cache_clear()
    assert run_demo("dropout-in-a-cnn", image=7) == trained


@pytest.mark.parametrize(
    ("only_evaluation", "only_mask", "verdict"),
    [
        (20, 7, "all units together do better"),
        (7, 20, "the mask does better"),
        (9, 5, "chance may"),
    ],
)
def test_claims_nothing_about_masks_that_chance_may_do(only_evaluation, only_mask, verdict):
    evaluation = torch.arange(40) < only_evaluation
    one_mask = torch.arange(40) >= 40 - only_mask
    assert verdict in dropout_in_a_cnn._verdict(evaluation, one_mask)
