"""The counts of an Inception block and of a dense block, and the numbers of a data set."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.chapter.records import Table
from cnn_tui.chapter.run import run_demo
from cnn_tui.data.preparation.digits import prepared
from cnn_tui.errors import UsageError

INCEPTION_3A = {
    "in_channels": 192,
    "ch1x1": 64,
    "ch3x3red": 96,
    "ch3x3": 128,
    "ch5x5red": 16,
    "ch5x5": 32,
    "pool_proj": 32,
}
INCEPTION_4A = {
    "in_channels": 480,
    "ch1x1": 192,
    "ch3x3red": 96,
    "ch3x3": 208,
    "ch5x5red": 16,
    "ch5x5": 48,
    "pool_proj": 64,
}


def counted(module: nn.Module) -> int:
    return sum(each.numel() for each in module.parameters())


def test_counts_the_branches_of_an_inception_block_as_the_paper_does() -> None:
    figures = run_demo("googlenet-inception").figures
    assert (figures["out_channels"], figures["weights"]) == (256, 163_328)
    assert figures["direct_weights"] == 163_328 - 129_024 - 15_872 + 9 * 192 * 128 + 25 * 192 * 32
    assert figures["million_macs"] == 163_328 * 28 * 28 / 1e6


@pytest.mark.slow
def test_counts_an_inception_block_as_torchvision_builds_it() -> None:
    from torchvision.models.googlenet import Inception

    for channels in (INCEPTION_3A, INCEPTION_4A):
        figures = run_demo("googlenet-inception", **channels).figures
        with torch.device("meta"):
            block = Inception(*channels.values())
        assert counted(block) == figures["torchvision_parameters"]
        output = block(torch.empty(2, channels["in_channels"], 28, 28, device="meta"))
        assert output.shape[1] == figures["out_channels"]


@pytest.mark.slow
@pytest.mark.parametrize(("in_channels", "growth", "layers"), [(64, 32, 6), (5, 3, 2)])
def test_counts_a_dense_block_as_torchvision_builds_it(
    in_channels: int, growth: int, layers: int
) -> None:
    from torchvision.models.densenet import _DenseBlock, _Transition

    given = {"in_channels": in_channels, "growth": growth, "layers": layers, "size": 8}
    figures = run_demo("densenet-growth", **given).figures
    out = in_channels + layers * growth
    with torch.device("meta"):
        block = _DenseBlock(layers, in_channels, 4, growth, 0.0)
        transition = _Transition(out, out // 2)
    assert (figures["out_channels"], figures["parameters"]) == (out, counted(block))
    assert figures["transition_parameters"] == counted(transition)
    shape = (in_channels, 8, 8)
    summary = summarize_module(block, shape, net_name="block", title="A dense block")
    assert figures["million_macs"] == summary.total_macs / 1e6


def test_compares_a_dense_block_with_a_stack_of_its_width() -> None:
    figures = run_demo("densenet-growth").figures
    layer = [nn.Conv2d(256, 256, 3, bias=False, device="meta"), nn.BatchNorm2d(256, device="meta")]
    assert figures["stack_parameters"] == 6 * sum(map(counted, layer))
    assert figures["transition_channels"] == 128


def test_finds_the_digits_numbers() -> None:
    figures = run_demo("cifar10-numbers").figures
    pixels = prepared().train.images.double() / 255
    assert (figures["train"], figures["test"]) == (1438, 359)
    assert figures["mean"] == pytest.approx(pixels.mean().item())
    assert figures["std"] == pytest.approx(pixels.std(correction=0).item())
    alone = pixels.flatten(1).std(1, correction=0)
    assert figures["mean_of_stds"] == pytest.approx(alone.mean().item(), rel=1e-5)


def test_quotes_cifar10_where_it_is_not_computed() -> None:
    tables = [each for each in run_demo("cifar10-numbers").blocks if isinstance(each, Table)]
    quoted = [row for row in tables[1].rows if "quoted" in str(row[0])]
    published = ((0.4914, 0.2470), (0.4822, 0.2435), (0.4465, 0.2616))
    for row, (mean, std) in zip(quoted, published, strict=True):
        assert mean in row and std in row


def test_refuses_an_image_that_the_set_does_not_have() -> None:
    with pytest.raises(UsageError, match="digits has 359 test images"):
        run_demo("cifar10-numbers", image=359)


def test_says_when_a_data_set_is_not_prepared(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setenv("CNN_LAB_DATA", str(tmp_path))
    with pytest.raises(UsageError, match="cifar10 is not"):
        run_demo("cifar10-numbers", data="cifar10")
