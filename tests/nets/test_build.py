"""The networks: their sizes, their shapes, and what they refuse."""

import pytest
import torch

from cnn_tui.errors import UsageError
from cnn_tui.nets.build import FACTORIES, build
from cnn_tui.nets.catalogue import NETS, names, net_info

PARAMETERS = {
    "lenet5": 44_426,
    "alexnet": 62_378_344,
    "vgg16": 138_357_544,
    "simpleresnet": 2_777_674,
    "cifar10net": 4_507_722,
}


def count(net: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


@pytest.mark.parametrize(("name", "parameters"), PARAMETERS.items())
def test_builds_each_net_with_its_published_size(name: str, parameters: int) -> None:
    with torch.device("meta"):
        net = build(name)
    assert count(net) == parameters == net_info(name).parameters


def test_lists_every_net_it_can_build() -> None:
    assert set(names()) == set(FACTORIES)
    assert [net.year for net in NETS] == sorted(net.year for net in NETS)


def test_gives_lenet5_the_layers_of_the_chapters_table() -> None:
    net = build("lenet5")
    layers = [net.conv1, net.conv2, net.fc1, net.fc2, net.fc3]
    assert [count(layer) for layer in layers] == [156, 2_416, 30_840, 10_164, 850]


@pytest.mark.parametrize("name", ["lenet5", "simpleresnet", "cifar10net", "alexnet"])
def test_maps_images_of_the_smallest_size_to_logits(name: str) -> None:
    info = net_info(name)
    net = build(name, num_classes=3, in_channels=2, image_size=info.min_image_size).eval()
    images = torch.rand(2, 2, info.min_image_size, info.min_image_size)
    assert net(images).shape == (2, 3)


def test_adds_the_input_back_in_a_residual_block() -> None:
    from cnn_tui.nets.blocks import ResidualBlock

    block = ResidualBlock(4, 4).eval()
    torch.nn.init.zeros_(block.conv2.weight)
    x = torch.randn(2, 4, 5, 5)
    torch.testing.assert_close(block(x), torch.relu(x))


@pytest.mark.parametrize("spelling", ["VGG16", "vgg-16", "Vgg_16"])
def test_reads_a_name_in_any_spelling(spelling: str) -> None:
    assert net_info(spelling).name == "vgg16"


def test_suggests_the_nearest_name() -> None:
    with pytest.raises(UsageError, match="did you mean vgg16"):
        net_info("vgg61")


def test_names_the_smallest_size_that_works() -> None:
    with pytest.raises(UsageError, match="smallest size that works is 16"):
        build("lenet5", image_size=15)


def test_starts_vgg16_with_a_signal_that_reaches_its_end() -> None:
    torch.manual_seed(0)
    net = build("vgg16", num_classes=10, image_size=32).eval()
    with torch.no_grad():
        features = net.features(torch.randn(2, 3, 32, 32))
    assert features.std() > 0.02  # 0.04 as it is; 0.006 with PyTorch's default
