"""What is said of published networks, which are right in nearly everything."""

import pytest
import torch
from torch import nn

from cnn_tui.analysis.networks.records import NetNote
from cnn_tui.analysis.networks.summary import summarize, summarize_module
from cnn_tui.nets.catalogue import all_nets

BIAS = "bias-before-batch-norm"
SAID = {
    "vgg11_bn": [(BIAS, "features.0")],
    "vgg13_bn": [(BIAS, "features.0")],
    "vgg16_bn": [(BIAS, "features.0")],
    "vgg19_bn": [(BIAS, "features.0")],
}
"""All that is said of torchvision's networks, and it is true: those keep their biases."""
LARGE_BUILT_ON_CPU = ("regnet",)
SMALL_REGNETS = ("regnet_x_400mf", "regnet_y_400mf")
TWO_IMAGES = ("raft",)
DETECTORS = ("fasterrcnn_mobilenet_v3_large_320_fpn", "ssdlite320_mobilenet_v3_large")
"""Those that are small enough to run with numbers."""


def said(notes: tuple[NetNote, ...]) -> list[tuple[str, str]]:
    return [(note.kind, note.layer) for note in notes]


def networks_of_torchvision() -> list[str]:
    from torchvision import models

    detectors = models.list_models(models.detection)
    passed_over = (*LARGE_BUILT_ON_CPU, *TWO_IMAGES, "quantized")
    others = [
        name
        for name in models.list_models()
        if name not in detectors and not name.startswith(passed_over)
    ]
    return [*others, *SMALL_REGNETS, *DETECTORS]


def notes_of_torchvision(name: str) -> list[tuple[str, str]]:
    from torchvision import models

    def make() -> nn.Module:
        has_backbone = any(name in models.list_models(each) for each in with_backbones)
        more = {"weights_backbone": None} if has_backbone else {}
        net: nn.Module = models.get_model(name, weights=None, **more)
        return net

    with_backbones = models.detection, models.segmentation
    with torch.device("cpu" if name in (*SMALL_REGNETS, *DETECTORS) else "meta"):
        net = make()
    side = 299 if name.startswith("inception") else 224
    is_video = name in models.list_models(models.video)
    shape = (3, 16, side, side) if is_video else (3, side, side)
    rebuild = make if name in DETECTORS else None
    return said(summarize_module(net, shape, net_name="", title="", rebuild=rebuild).notes)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_says_of_torchvisions_networks_only_what_is_true() -> None:
    names = networks_of_torchvision()
    assert len(names) > 80
    found = {name: notes for name in names if (notes := notes_of_torchvision(name))}
    assert found == SAID


@pytest.mark.slow
def test_says_nothing_of_the_labs_own_networks() -> None:
    names = [info.name for info in all_nets()]
    names += ["vgg16,batch_norm=true", "lenet5,batch_norm=true", "resnet18,stem=cifar"]
    assert {name: notes for name in names if (notes := said(summarize(name).notes))} == {}


@pytest.mark.slow
def test_says_where_an_image_is_too_small_for_a_network() -> None:
    assert said(summarize("googlenet", (3, 32, 32)).notes) == [("nothing-to-pool", "avgpool")]
    assert said(summarize("googlenet", (3, 64, 64)).notes) == []
