"""The code of the architecture topics, held to the lab's networks and to torchvision's blocks.

torchvision takes a second to import: each test does so itself, as most workers run none.
"""

from typing import Any

import pytest
import torch
from torch import nn

from cnn_tui.analysis.gradients.flow import ARMS, gradient_flow
from cnn_tui.nets.alexnet import AlexNet
from cnn_tui.nets.blocks import ResidualBlock
from cnn_tui.nets.build import build
from cnn_tui.nets.lenet5 import LeNet5
from cnn_tui.nets.simple_resnet import SimpleResNet
from tests.chapter.printed_comments import printed_comments
from tests.chapter.snippet_runs import snippet_run

HEAVY = {"alexnet", "vgg", "resnet", "skip-connections"}
PAGES = ("lenet5", "googlenet", "densenet", *sorted(HEAVY))


def names_of(slug: str) -> dict[str, Any]:
    """What the code of a topic has defined."""
    return snippet_run(slug).names


def expect_same_outputs(ours: nn.Module, theirs: nn.Module, images: torch.Tensor) -> None:
    """With the same weights, in training mode and in evaluation mode."""
    weights = zip(ours.state_dict(), theirs.state_dict().values(), strict=True)
    ours.load_state_dict(dict(weights))
    torch.testing.assert_close(ours.train()(images), theirs.train()(images))
    torch.testing.assert_close(ours.eval()(images), theirs.eval()(images))


@pytest.mark.parametrize(
    "slug",
    [pytest.param(each, marks=[pytest.mark.slow] if each in HEAVY else []) for each in PAGES],
)
def test_prints_what_its_comments_say(slug: str) -> None:
    printed = snippet_run(slug).printed.splitlines()
    assert printed == printed_comments(slug) != []


def test_builds_the_labs_lenet() -> None:
    expect_same_outputs(names_of("lenet5")["LeNet5"](), LeNet5(), torch.rand(3, 1, 28, 28))


@pytest.mark.slow
def test_builds_the_labs_alexnet() -> None:
    names = names_of("alexnet")
    with torch.device("meta"):
        theirs = AlexNet()
    assert [each.shape for each in names["net"].parameters()] == [
        each.shape for each in theirs.parameters()
    ]
    looking = theirs.features.to_empty(device="cpu")
    looking.load_state_dict(names["features"].state_dict())
    images = torch.rand(1, 3, 224, 224)
    torch.testing.assert_close(names["features"](images), looking(images))
    assert _kinds(names["classifier"]) == ["Flatten", *_kinds(theirs.classifier)]


@pytest.mark.slow
def test_builds_the_labs_vgg() -> None:
    names = names_of("vgg")
    with torch.device("meta"):
        theirs = build("vgg16")
    ours = nn.Sequential(names["features"], names["classifier"])
    assert [each.shape for each in ours.parameters()] == [
        each.shape for each in theirs.parameters()
    ]
    layers = [each for each in ours.modules() if not isinstance(each, nn.Sequential | nn.Flatten)]
    leaves = [each for each in theirs.modules() if not list(each.children())]
    weighty = (nn.Conv2d, nn.Linear, nn.ReLU, nn.MaxPool2d, nn.Dropout)
    assert [type(each) for each in layers] == [
        type(each) for each in leaves if isinstance(each, weighty)
    ]


def test_builds_the_inception_block_of_torchvision() -> None:
    from torchvision.models.googlenet import Inception

    names = names_of("googlenet")

    def conv(c_in: int, c_out: int, kernel_size: int, padding: int = 0) -> nn.Module:
        window = 5 if (c_in, kernel_size) == (16, 3) else kernel_size  # the slip that was kept
        return names["conv"](c_in, c_out, window)

    theirs = Inception(192, 64, 96, 128, 16, 32, 32, conv_block=conv)
    expect_same_outputs(names["Inception"](), theirs, torch.rand(2, 192, 9, 7))


@pytest.mark.slow
@pytest.mark.parametrize(("c_out", "stride"), [(16, 1), (16, 2), (24, 2)])
def test_builds_the_labs_residual_block(c_out: int, stride: int) -> None:
    ours = names_of("resnet")["ResidualBlock"](16, c_out, stride)
    images = torch.rand(3, 16, 10, 10)
    expect_same_outputs(ours, ResidualBlock(16, c_out, stride), images)


@pytest.mark.slow
def test_builds_the_labs_simple_resnet() -> None:
    expect_same_outputs(names_of("resnet")["net"], SimpleResNet(), torch.rand(2, 3, 32, 32))


@pytest.mark.slow
def test_measures_the_gradient_as_the_lab_does() -> None:
    arriving = names_of("skip-connections")["arriving"]
    without_norm = [arm for arm in ARMS if not arm.batch_norm]
    for flow, skip in zip(gradient_flow((1, 4), arms=without_norm), (False, True), strict=True):
        with torch.random.fork_rng(devices=[]):
            assert [arriving(depth, skip) for depth in (1, 4)] == [
                f"{norm:.2g}" for norm in flow.norms
            ]


def test_builds_the_dense_block_of_torchvision() -> None:
    from torchvision.models.densenet import _DenseBlock, _Transition

    names = names_of("densenet")
    images = torch.rand(2, 8, 6, 6)
    theirs = _DenseBlock(3, 8, bn_size=4, growth_rate=4, drop_rate=0)
    expect_same_outputs(names["dense_block"](8, 4, 3), theirs, images)
    expect_same_outputs(names["transition"](8), _Transition(8, 4), images)


def _kinds(layers: nn.Module) -> list[str]:
    return [type(each).__name__ for each in layers.children()]
