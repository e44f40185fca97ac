import torch
from torch import nn

from cnn_tui.nets.build import build


def test_drops_only_between_fully_connected_layers_and_only_in_training() -> None:
    net = build("dropoutcnn", image_size=8, p=0.25)
    dropped = [layer.p for layer in net.classifier if isinstance(layer, nn.Dropout)]
    assert dropped == [0.25, 0.25]
    assert not any(isinstance(layer, nn.Dropout) for layer in net.features)
    x = torch.randn(2, 3, 8, 8)
    assert not torch.equal(net(x), net(x))
    net.eval()
    assert torch.equal(net(x), net(x))
