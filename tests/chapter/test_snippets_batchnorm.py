"""The code of the batch norm topics, held to torch's own layers and the lab's blocks."""

import pytest
import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from cnn_tui.nets.blocks import ConvBNReLU, ConvReLU
from tests.chapter.printed_comments import printed_comments
from tests.chapter.snippet_runs import snippet_run


@pytest.mark.parametrize("slug", ["batchnorm-what", "batchnorm-effects", "batchnorm-placement"])
def test_prints_what_its_comments_say(slug: str) -> None:
    announced = printed_comments(slug)
    assert len(announced) >= 2
    printed = snippet_run(slug).printed.splitlines()
    assert [line for line in printed if line in announced] == announced


def test_normalizes_as_batch_norm_in_training() -> None:
    batch_norm = snippet_run("batchnorm-what").names["batch_norm"]
    x = torch.randn(5, 4, 6, 7, dtype=torch.float64) * 3 - 2
    layer = nn.BatchNorm2d(4).double()
    nn.init.normal_(layer.weight)
    nn.init.normal_(layer.bias)
    gamma, beta = (each.view(1, 4, 1, 1) for each in (layer.weight, layer.bias))
    torch.testing.assert_close(batch_norm(x, gamma, beta), layer(x))


def test_keeps_the_running_averages_that_batch_norm_keeps() -> None:
    names = snippet_run("batchnorm-train-eval").names
    layer = names["layer"]
    assert not layer.training and layer.num_batches_tracked == 10
    torch.testing.assert_close(names["mean"].flatten(), layer.running_mean)
    torch.testing.assert_close(names["var"].flatten(), layer.running_var)
    start = layer.running_mean.mean().item() / 10
    assert start == pytest.approx(0.65, abs=0.01), "as the page says"
    assert names["plain"].running_mean.mean().item() == pytest.approx(10, abs=0.1)


def test_the_loss_turns_a_longer_weight_into_a_shorter_gradient() -> None:
    names = snippet_run("batchnorm-effects").names
    assert names["gradient"] / names["gradient10"] == pytest.approx(10, rel=1e-3)


@pytest.mark.parametrize(("batch_norm", "block"), [(True, ConvBNReLU), (False, ConvReLU)])
def test_stacks_the_blocks_of_the_lab(batch_norm: bool, block: type[nn.Module]) -> None:
    ours = snippet_run("batchnorm-effects").names["stack"](batch_norm, layers=3)
    for layer in ours:
        if batch_norm and isinstance(layer, nn.Conv2d):
            layer.bias = None  # which batch norm would subtract again
    theirs = nn.Sequential(*(block(16, 16) for _ in range(3)))
    _expect_same_outputs(ours, theirs, torch.randn(4, 16, 8, 8))


def test_shows_how_much_of_the_signal_is_left() -> None:
    without, with_norm = map(float, snippet_run("batchnorm-effects").printed.split()[-2:])
    assert without == pytest.approx(0.002, abs=0.001)
    assert with_norm == pytest.approx(0.6, abs=0.05)


def test_builds_the_block_of_the_lab() -> None:
    ours = snippet_run("batchnorm-placement").names["conv_bn_relu"](3, 64)
    _expect_same_outputs(ours, ConvBNReLU(3, 64), torch.randn(4, 3, 8, 8))


def test_folds_batch_norm_as_torch_does() -> None:
    names = snippet_run("batchnorm-placement").names
    theirs = fuse_conv_bn_eval(names["conv"], names["bn"])
    torch.testing.assert_close(names["folded"].weight, theirs.weight)
    torch.testing.assert_close(names["folded"].bias, theirs.bias)


def _expect_same_outputs(ours: nn.Module, theirs: nn.Module, x: torch.Tensor) -> None:
    """With the same weights, both in training and in evaluation."""
    weights = zip(theirs.state_dict(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict(dict(weights))
    torch.testing.assert_close(ours(x), theirs(x))
    torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))
