import pytest
import torch

from cnn_tui.nets.build import build


def parameters(net: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in net.parameters())


def test_gives_lenet5_the_layers_of_the_chapters_table() -> None:
    net = build("lenet5")
    layers = [net.conv1, net.conv2, net.fc1, net.fc2, net.fc3]
    assert [parameters(layer) for layer in layers] == [156, 2_416, 30_840, 10_164, 850]


def test_puts_batch_norm_after_each_convolution_in_place_of_its_bias() -> None:
    net = build("lenet5,batch_norm=true")
    for conv, norm in (net.conv1, net.conv2):
        assert conv.bias is None
        assert norm.num_features == conv.out_channels
    assert parameters(net) == 44_426 + 6 + 16
    assert net(torch.zeros(2, 1, 28, 28)).shape == (2, 10)


def test_takes_the_images_of_1998() -> None:
    net = build("lenet5", image_size=32, activation="tanh")
    assert parameters(net) == 61_706
    assert net.pool2(net.conv2(torch.zeros(1, 6, 14, 14))).shape == (1, 16, 5, 5)


@pytest.mark.parametrize(("activation", "function"), [("relu", torch.relu), ("tanh", torch.tanh)])
def test_squashes_with_the_activation_asked_for(activation, function) -> None:
    net = build("lenet5", activation=activation).eval()
    inputs = {}
    net.fc1.register_forward_hook(lambda layer, args, out: inputs.update(fc1=out))
    net.fc2.register_forward_pre_hook(lambda layer, args: inputs.update(fc2=args[0]))
    net(torch.randn(2, 1, 28, 28))
    torch.testing.assert_close(inputs["fc2"], function(inputs["fc1"]))
