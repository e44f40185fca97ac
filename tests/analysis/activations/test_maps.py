"""The lab turns a layer's numbers into maps, histograms and masks."""

import math

import pytest
import torch
from torch import nn

from cnn_tui.analysis.activations.maps import (
    BINS,
    LARGEST_MAP,
    LARGEST_MASK,
    as_maps,
    batch_norm_histograms,
    dropout_masks,
    feature_map,
    finite_range,
    histogram,
)
from cnn_tui.errors import UsageError

NAN, INF = math.nan, math.inf


@pytest.mark.parametrize(
    ("shape", "maps"),
    [
        ((6, 24, 24), (6, 24, 24)),
        ((10,), (1, 1, 10)),
        ((84,), (1, 7, 12)),
        ((4096,), (1, 64, 64)),
        ((197, 768), (768, 14, 14)),
        ((49, 5), (5, 7, 7)),
        ((12, 5), (1, 12, 5)),
    ],
)
def test_lays_out_maps_vectors_and_tokens(shape: tuple[int, ...], maps: tuple[int, ...]) -> None:
    values = torch.arange(math.prod(shape), dtype=torch.float32).view(shape)
    laid_out, note = as_maps(values)
    assert tuple(laid_out.shape) == maps
    assert bool(note) == (len(shape) == 2 or shape[0] > 32)
    if len(shape) == 1:
        assert torch.equal(laid_out.flatten(), values)


def test_puts_each_patch_where_it_was_cut_out_and_drops_the_class_token() -> None:
    tokens = torch.arange(5.0)[:, None].expand(5, 3)
    patches, note = as_maps(tokens)
    assert patches[0].tolist() == [[1, 2], [3, 4]]
    assert "without the class token" in note


def test_says_which_cells_of_an_awkward_vector_are_empty() -> None:
    vector = torch.arange(101.0) - 3
    laid_out, note = as_maps(vector)
    assert tuple(laid_out.shape) == (1, 10, 11)
    assert torch.equal(laid_out.flatten()[:101], vector)
    assert laid_out.flatten()[101:].unique().tolist() == [-3]
    assert "the last 9 cells are empty" in note


def test_refuses_what_is_no_map() -> None:
    with pytest.raises(UsageError, match="4 dimensions"):
        as_maps(torch.zeros(2, 2, 2, 2))


def test_scales_each_map_from_its_own_lowest_to_its_highest() -> None:
    made = feature_map(3, torch.tensor([[-1.0, 0.0], [1.0, 3.0]]))
    assert (made.channel, made.low, made.high, made.odd) == (3, -1, 3, 0)
    assert list(made.pixels) == [0, 64, 128, 255]


def test_shows_a_constant_map_as_one_level() -> None:
    made = feature_map(0, torch.full((2, 2), 0.5))
    assert (made.low, made.high, made.pixels) == (0.5, 0.5, bytes(4))


def test_names_values_that_are_not_finite_and_draws_the_others() -> None:
    made = feature_map(0, torch.tensor([[NAN, 0.0], [2.0, INF]]))
    assert (made.low, made.high, made.odd) == (0, 2, 2)
    assert list(made.pixels) == [0, 0, 255, 255]
    nothing = feature_map(0, torch.full((1, 3), NAN))
    assert math.isnan(nothing.low)
    assert (nothing.odd, nothing.pixels) == (3, bytes(3))


def test_averages_large_maps_down_but_tells_their_true_range() -> None:
    values = torch.zeros(2 * LARGEST_MAP, 2 * LARGEST_MAP)
    values[0, 0] = 4
    made = feature_map(0, values)
    assert len(made.pixels) == LARGEST_MAP**2
    assert made.high == 4
    assert made.pixels[0] == round(255 / 4)


def test_counts_every_finite_value_into_a_bin() -> None:
    values = torch.tensor([0.0, 0.1, 0.9, 1.0, NAN])
    counted = histogram("made up", values, 0, 1)
    assert (len(counted.counts), sum(counted.counts)) == (BINS, 4)
    assert (counted.counts[0], counted.counts[-1]) == (1, 1)
    assert counted.mean == pytest.approx(0.5)
    assert histogram("constant", torch.ones(7), 1, 1).counts[0] == 7
    assert math.isnan(histogram("none", torch.tensor([NAN]), NAN, NAN).mean)
    assert finite_range(torch.tensor([INF, 2.0, -1.0])) == (-1, 2)


@pytest.fixture
def batch_norm() -> nn.BatchNorm2d:
    layer = nn.BatchNorm2d(3)
    with torch.no_grad():
        layer.weight.copy_(torch.tensor([1.0, 2.0, 3.0]))
        layer.bias.copy_(torch.tensor([0.0, -1.0, 5.0]))
        layer.running_mean.fill_(10.0)
        layer.running_var.fill_(4.0)
    return layer.eval()


def test_shows_that_batch_norm_gives_a_channel_its_beta_and_gamma_in_training(batch_norm) -> None:
    inputs = 7 + 3 * torch.randn(8, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    before, training, evaluation = batch_norm_histograms(batch_norm, inputs, 1)
    assert before.mean == pytest.approx(7, abs=0.5)
    assert training.mean == pytest.approx(-1, abs=1e-4)
    assert training.std == pytest.approx(2, abs=1e-3)
    assert evaluation.mean == pytest.approx(2 * (before.mean - 10) / 2 - 1, abs=1e-3)
    assert evaluation.std == pytest.approx(2 * before.std / 2, abs=1e-3)
    assert len({(each.low, each.high) for each in (before, training, evaluation)}) == 1
    assert batch_norm.running_mean.tolist() == [10, 10, 10]
    assert not batch_norm.training


def test_leaves_training_out_where_there_is_one_value_per_channel(batch_norm) -> None:
    shown = batch_norm_histograms(batch_norm, torch.zeros(1, 3, 1, 1), 0)
    assert [each.label.split()[0] for each in shown] == ["Input", "Output"]
    assert "evaluation" in shown[1].label


@pytest.mark.parametrize("p", [0.0, 0.3, 0.8])
def test_counts_what_a_dropout_layer_lets_through(p: float) -> None:
    layer = nn.Dropout(p).eval()
    masks = dropout_masks(layer, torch.zeros(1, 10_000), 0, seed=1)
    assert masks.kept == pytest.approx(1 - p, abs=0.02)
    assert masks.scale == pytest.approx(layer.train()(torch.ones(100)).max().item())
    assert all(all(row) for row in masks.eval)
    assert masks.values == 10_000
    assert len(masks.train) == LARGEST_MASK
    shown = [value for row in masks.train for value in row]
    assert sum(shown) / len(shown) == pytest.approx(1 - p, abs=0.05)
    assert masks == dropout_masks(layer, torch.ones(1, 10_000), 0, seed=1)
    assert p in (0.0,) or masks != dropout_masks(layer, torch.zeros(1, 10_000), 0, seed=2)


def test_lets_nothing_through_where_p_is_1() -> None:
    masks = dropout_masks(nn.Dropout(1.0), torch.ones(1, 4), 0, seed=0)
    assert (masks.kept, masks.scale, masks.train) == (0, 0, ((0, 0, 0, 0),))


def test_shows_the_masks_of_the_channel_that_is_asked_for() -> None:
    masks = dropout_masks(nn.Dropout2d(0.5), torch.ones(1, 32, 2, 2), 4, seed=0)
    assert len({value for row in masks.train for value in row}) == 1
    every = [dropout_masks(nn.Dropout2d(0.5), torch.ones(1, 32, 2, 2), c, 0) for c in range(32)]
    assert {each.train[0][0] for each in every} == {0, 1}
