import pytest
import torch

from cnn_tui.nets.blocks import BottleneckBlock, ConvBNReLU, ConvReLU, ResidualBlock


@pytest.mark.parametrize("block", [ResidualBlock, BottleneckBlock])
def test_adds_the_input_back_in_a_residual_block(block) -> None:
    net = block(8, 8).eval()
    last = net.conv3 if block is BottleneckBlock else net.conv2
    torch.nn.init.zeros_(last.weight)
    x = torch.randn(2, 8, 5, 5)
    torch.testing.assert_close(net(x), torch.relu(x))


@pytest.mark.parametrize("block", [ResidualBlock, BottleneckBlock])
def test_halves_the_map_and_widens_it_in_both_branches(block) -> None:
    assert block(8, 16, stride=2)(torch.randn(2, 8, 6, 6)).shape == (2, 16, 3, 3)


@pytest.mark.parametrize("block", [ConvReLU, ConvBNReLU])
def test_keeps_the_maps_size_in_a_convolution_block(block) -> None:
    y = block(3, 4)(torch.randn(2, 3, 5, 7))
    assert y.shape == (2, 4, 5, 7)
    assert (y >= 0).all()
