"""The networks: what they cost, the sizes that they take, and what they refuse."""

import inspect

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build, factory
from cnn_tui.nets.catalogue import all_nets, names, net_info

PARAMETERS = {
    "lenet5": 44_426,
    "alexnet": 62_378_344,
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
    "googlenet": 6_624_904,
    "simpleresnet": 2_777_674,
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "cifar10net": 4_507_722,
    "densenet121": 7_978_856,
    "efficientnet_b0": 5_288_548,
    "efficientnet_b1": 7_794_184,
    "efficientnet_b2": 9_109_994,
    "efficientnet_b3": 12_233_232,
    "efficientnet_b4": 19_341_616,
    "efficientnet_b5": 30_389_784,
    "efficientnet_b6": 43_040_704,
    "efficientnet_b7": 66_347_960,
    "vit_b_16": 86_567_656,
}
"""Published, or counted from the published code."""

GIGA_MACS = {
    "vgg11": 7.609,
    "vgg13": 11.308,
    "vgg16": 15.470,
    "vgg19": 19.632,
    "googlenet": 1.498,
    "resnet18": 1.814,
    "resnet34": 3.664,
    "resnet50": 4.089,
    "densenet121": 2.834,
    "efficientnet_b0": 0.386,
    "efficientnet_b1": 0.687,
    "efficientnet_b3": 1.827,
    "efficientnet_b4": 4.394,
    "efficientnet_b5": 10.266,
    "efficientnet_b6": 19.068,
    "efficientnet_b7": 37.746,
    "vit_b_16": 17.564,
}
"""As torchvision publishes them, where its input is the catalogue's (not so for B2)."""

FAMILY_IS_ENOUGH = [f"efficientnet_b{scale}" for scale in range(1, 8)]
"""Nets that differ from their siblings in numbers only, and take long to run on paper."""

every_net = pytest.mark.parametrize("name", names())
every_net_that_is_quick = pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.slow) if name in FAMILY_IS_ENOUGH else name
        for name in names()
    ],
)


def count(net: nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


def images(name: str, side: int) -> Tensor:
    return torch.empty(2, net_info(name).in_channels, side, side, device="meta")


@every_net
def test_builds_each_net_with_its_published_size(name: str) -> None:
    info = net_info(name)
    with torch.device("meta"):
        net = build(name)
    assert count(net) == info.parameters == PARAMETERS.get(name, info.parameters)


@pytest.mark.slow
@every_net_that_is_quick
def test_counts_each_nets_published_cost(name: str) -> None:
    info = net_info(name)
    with torch.device("meta"):
        net = build(name).eval()
    with FlopCounterMode(display=False) as flops:
        logits = net(images(name, info.image_size)[:1])
    macs = flops.get_total_flops() / 2
    assert logits.shape == (1, info.num_classes)
    assert macs == info.macs == pytest.approx(1e9 * GIGA_MACS.get(name, macs / 1e9), rel=0.005)


@pytest.mark.slow
@every_net_that_is_quick
def test_maps_images_of_the_smallest_size_to_logits(name: str) -> None:
    side = net_info(name).min_image_size
    with torch.device("meta"):
        net = build(name, num_classes=3, in_channels=2, image_size=side)
    x = torch.empty(2, 2, side, side, device="meta")
    assert net.eval()(x).shape == (2, 3)
    assert net.train()(x).shape == (2, 3)


@pytest.mark.filterwarnings("ignore:Initializing zero-element tensors")
@pytest.mark.parametrize("name", [net.name for net in all_nets() if net.min_image_size > 1])
def test_refuses_exactly_the_sizes_that_cannot_work(name: str) -> None:
    info = net_info(name)
    too_small = info.min_image_size - 1
    with pytest.raises(UsageError, match=f"smallest size that works is {info.min_image_size}"):
        build(name, image_size=too_small)
    with pytest.raises((RuntimeError, AssertionError)), torch.device("meta"):
        net = factory(info)(image_size=too_small, in_channels=info.in_channels)
        net.eval()(images(name, too_small))


@pytest.mark.parametrize("info", all_nets(), ids=lambda info: info.name)
def test_has_the_catalogues_options_and_defaults_in_each_constructor(info) -> None:
    accepted = inspect.signature(factory(info)).parameters
    assert {name: accepted[name].default for name in info.defaults} == info.defaults


@pytest.mark.parametrize(
    ("spec", "options", "parameters"),
    [
        ("vgg16", {"batch_norm": True}, 138_361_768),  # 2 · 4,224 for BN, less 4,224 biases
        ("vgg16,batch_norm=true", {}, 138_361_768),
        ("vgg16,batch_norm=true", {"batch_norm": False}, 138_357_544),
        ("googlenet,aux_logits=yes", {}, 13_004_888),
        ("resnet18,stem=cifar", {}, 11_681_832),
        ("vit_b_16,patch_size=32", {}, 88_224_232),
    ],
)
def test_takes_options_by_keyword_and_by_specification(spec, options, parameters) -> None:
    with torch.device("meta"):
        assert count(build(spec, **options)) == parameters


@pytest.mark.parametrize(
    ("spec", "arguments", "sentence"),
    [
        ("vgg16", {"bn": True}, "no option of VGG-16 named 'bn'"),
        ("densenet121", {"p": 0.5}, "DenseNet-121 has no options"),
        ("lenet5", {"activation": "gelu"}, "named 'gelu'.* Choose relu or tanh"),
        ("vit_b_16", {"patch_size": 0}, "whole number from 1 to 1,024, not 0"),
        ("lenet5", {"num_classes": 0}, "at least 1 class"),
        ("lenet5", {"in_channels": -1}, "at least 1 class and 1 input channel"),
        ("resnet18", {"image_size": 0}, "smallest size that works is 1"),
        ("vit_b_16", {"image_size": 230}, "nearest sizes that work are 224 and 240"),
        ("vit_b_16,patch_size=8", {"image_size": 7}, "smallest size that works is 8"),
        ("vit_b_16,patch_size=10", {}, "nearest sizes that work are 220 and 230"),
    ],
)
def test_answers_what_cannot_be_built_with_a_sentence(spec, arguments, sentence) -> None:
    with pytest.raises(UsageError, match=sentence):
        build(spec, **arguments)


def test_gives_vit_patches_of_any_size_that_divides_its_image() -> None:
    with torch.device("meta"):
        net = build("vit_b_16,patch_size=4", image_size=8, num_classes=3)
    assert net(images("vit_b_16", 8)).shape == (2, 3)
