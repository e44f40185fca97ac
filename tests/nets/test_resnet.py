import pytest
import torch

from cnn_tui.nets.build import build
from tests.nets.parity import assert_same_outputs


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_gives_resnets_the_outputs_of_torchvisions(name: str) -> None:
    from torchvision import models

    with torch.device("meta"):
        ours, theirs = build(name), getattr(models, name)(weights=None)
    assert ours.state_dict().keys() == theirs.state_dict().keys()
    assert_same_outputs(ours, theirs, side=224)


@pytest.mark.parametrize(
    ("stem", "side", "kernel_size", "map_side"),
    [
        ("auto", 63, 3, 8),
        ("auto", 64, 7, 2),
        ("cifar", 64, 3, 8),
        ("imagenet", 32, 7, 1),
    ],
)
def test_chooses_a_stem_by_the_images_size(stem, side, kernel_size, map_side) -> None:
    with torch.device("meta"):
        net = build("resnet18", image_size=side, stem=stem).eval()
    shapes = []
    net.layer4.register_forward_hook(lambda *call: shapes.append(call[-1].shape))
    net(torch.empty(1, 3, side, side, device="meta"))
    assert net.conv1.kernel_size == (kernel_size, kernel_size)
    assert shapes == [(1, 512, map_side, map_side)]
