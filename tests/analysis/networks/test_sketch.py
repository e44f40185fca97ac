"""Networks as stages of blocks: every one of the catalogue, and a learner's own."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.sketch import Sketch, SketchStage, sketch_of
from cnn_tui.analysis.networks.summary import summarize, summarize_module


def stages(sketch: Sketch) -> list[tuple[str, int, tuple[int, ...], tuple[int, ...]]]:
    return [(each.kind, each.count, each.channels, each.size) for each in sketch.stages]


def sketched(net: nn.Module, shape: tuple[int, ...] = (3, 32, 32)) -> Sketch:
    return sketch_of(summarize_module(net, shape, net_name="own", title="Own"))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "lenet5",
            [
                ("conv", 1, (6,), (24, 24)),
                ("conv", 1, (16,), (8, 8)),
                ("fc", 3, (120, 84), (4, 4)),
            ],
        ),
        (
            "vgg16",
            [
                ("conv", 2, (64,), (224, 224)),
                ("conv", 2, (128,), (112, 112)),
                ("conv", 3, (256,), (56, 56)),
                ("conv", 3, (512,), (28, 28)),
                ("conv", 3, (512,), (14, 14)),
                ("fc", 3, (4096,), (7, 7)),
            ],
        ),
        (
            "resnet50",
            [
                ("conv", 1, (64,), (112, 112)),
                ("bottleneck", 3, (256,), (56, 56)),
                ("bottleneck", 4, (512,), (28, 28)),
                ("bottleneck", 6, (1024,), (14, 14)),
                ("bottleneck", 3, (2048,), (7, 7)),
                ("fc", 1, (), (1, 1)),
            ],
        ),
    ],
)
def test_finds_the_stages_of_a_network(
    name: str, expected: list[tuple[str, int, tuple[int, ...], tuple[int, ...]]]
) -> None:
    assert stages(sketch_of(summarize(name))) == expected


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "stage"),
    [
        ("googlenet", SketchStage("inception", 5, (512, 832), (14, 14))),
        ("densenet121", SketchStage("dense", 24, (1024,), (14, 14))),
        ("efficientnet_b0", SketchStage("MBConv", 6, (80, 112), (14, 14))),
        ("vit_b_16", SketchStage("attention", 12, (768,), (197,), is_sequence=True)),
    ],
)
def test_finds_the_blocks_of_torchvisions_networks(name: str, stage: SketchStage) -> None:
    assert stage in sketch_of(summarize(name)).stages


class MyBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.one = nn.Conv2d(channels, channels, 3, padding=1)
        self.two = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.two(self.one(x))


def test_draws_a_learners_module_as_one_block_and_what_holds_those_in_parts() -> None:
    with torch.device("meta"):
        net = nn.Sequential(
            nn.Conv2d(3, 8, 3, padding=1),
            nn.Sequential(MyBlock(8), MyBlock(8)),
            nn.MaxPool2d(2),
            MyBlock(8),
            nn.Flatten(),
            nn.Linear(8 * 16 * 16, 10),
        )
    sketch = sketched(net)
    assert stages(sketch) == [
        ("conv", 1, (8,), (32, 32)),
        ("MyBlock", 2, (8,), (32, 32)),
        ("MyBlock", 1, (8,), (16, 16)),
        ("fc", 1, (), (16, 16)),
    ]
    assert sketch.output_shape == (10,)


def test_draws_a_network_without_layers() -> None:
    assert sketched(nn.Identity()).stages == ()
