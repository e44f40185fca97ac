import pytest
import torch

from cnn_tui.nets.build import build
from tests.subprocesses import run_python


@pytest.mark.slow
def test_imports_torchvision_only_for_the_nets_that_need_it() -> None:
    code = """
import sys, torch
from cnn_tui.nets.build import build
with torch.device("meta"):
    build("vgg16"), build("resnet50")
print("torchvision" in sys.modules, "sympy" in sys.modules)
"""
    assert run_python(code).stdout.split() == ["False", "False"]


def test_adds_googlenets_auxiliary_outputs_in_training_only() -> None:
    with torch.device("meta"):
        net = build("googlenet,aux_logits=true", num_classes=7)
    x = torch.empty(2, 3, 224, 224, device="meta")
    assert [output.shape for output in net.train()(x)] == [(2, 7)] * 3
    assert net.eval()(x).shape == (2, 7)


@pytest.mark.parametrize(
    ("name", "first"),
    [
        ("densenet121", "features.conv0"),
        ("efficientnet_b0", "features.0.0"),
    ],
)
def test_draws_a_gray_images_first_layer_as_wide_as_torchvisions(name: str, first: str) -> None:
    torch.manual_seed(0)
    gray = build(name, in_channels=1).get_submodule(first).weight
    color = build(name).get_submodule(first).weight
    fan_in = 3 if name == "densenet121" else 1
    assert gray.shape[1:] == (1, *color.shape[2:])
    spread, expected = gray.std().item(), color.std().item() * fan_in**0.5
    assert spread == pytest.approx(expected, rel=0.15)
