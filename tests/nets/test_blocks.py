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


def test_a_residual_block_without_batch_norm_differs_in_nothing_else() -> None:
    block, plain = (ResidualBlock(4, 8, stride=2, batch_norm=on).eval() for on in (True, False))
    names = {name.replace("downsample.0", "") for name in plain.state_dict()}
    assert not any("bn" in name or "running" in name for name in names)
    plain.load_state_dict(block.state_dict(), strict=False)
    convolutions = [each for each in plain.modules() if isinstance(each, torch.nn.Conv2d)]
    assert len(convolutions) == 3
    for each in convolutions:
        assert each.bias is not None
        torch.nn.init.zeros_(each.bias)
    x = torch.randn(2, 4, 6, 6)
    # Fresh batch norm in evaluation mode divides by √(1 + ε) and does nothing else.
    torch.testing.assert_close(plain(x), block(x), rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("block", [ConvReLU, ConvBNReLU])
def test_keeps_the_maps_size_in_a_convolution_block(block) -> None:
    y = block(3, 4)(torch.randn(2, 3, 5, 7))
    assert y.shape == (2, 4, 5, 7)
    assert (y >= 0).all()
