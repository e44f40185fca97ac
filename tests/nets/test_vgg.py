import pytest
import torch
from torch import nn

from cnn_tui.nets.build import build
from tests.nets.parity import assert_same_outputs


@pytest.mark.slow
def test_gives_vgg16_the_outputs_of_torchvisions() -> None:
    from torchvision.models import vgg16

    with torch.device("meta"):
        ours, theirs = build("vgg16"), vgg16(weights=None, init_weights=False)
    assert_same_outputs(ours, theirs, side=224)


def test_starts_vgg16_with_a_signal_that_reaches_its_end() -> None:
    torch.manual_seed(0)
    net = build("vgg16", num_classes=10, image_size=32).eval()
    with torch.no_grad():
        features = net.features(torch.randn(2, 3, 32, 32))
    assert features.std() > 0.02  # 0.04 as it is; 0.006 with PyTorch's default


def test_puts_batch_norm_between_convolution_and_relu_and_leaves_out_the_bias() -> None:
    first_block = build("vggcifar", batch_norm=True).features[0]
    kinds = [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]
    assert [type(layer) for layer in first_block] == [*kinds, *kinds, nn.MaxPool2d]
    assert first_block[0].bias is None
    assert build("vggcifar").features[0][0].bias is not None
