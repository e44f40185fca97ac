"""The numbers in the topics' diagrams are those of the networks that they draw.

torchvision takes a second to import: each test does so itself, as most workers run none.
"""

import re

import torch
from torch import Tensor, nn

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.page import FENCED

SHAPE = re.compile(r"(\d+)×(\d+)×(\d+)$")


def _rows(slug: str, first: str) -> list[str]:
    """The lines of the diagram whose first line begins with ``first``."""
    (block,) = (
        each
        for language, each in FENCED.findall(topic(slug).text)
        if not language and each.lstrip().startswith(first)
    )
    return block.splitlines()


def _outputs(layers: list[nn.Module], x: Tensor) -> list[tuple[int, ...]]:
    """The shape behind each layer, without the batch."""
    shapes = []
    with torch.no_grad():
        for layer in layers:
            x = layer(x)
            shapes.append(tuple(x.shape[1:]))
    return shapes


def test_draws_the_stages_of_resnet18() -> None:
    from torchvision.models import resnet18

    net = resnet18().eval()
    stem = nn.Sequential(net.conv1, net.bn1, net.relu)
    stages = [net.layer1, net.layer2, net.layer3, net.layer4]
    image, *rows, average, _ = _rows("resnet", "image")
    drawn = [tuple(map(int, match.groups())) for row in rows if (match := SHAPE.search(row))]
    assert _outputs([stem, net.maxpool, *stages], torch.zeros(1, 3, 224, 224)) == drawn
    assert image.endswith("3×224×224") and average.endswith(str(net.fc.in_features))
    blocks = [int(number) for row in rows for number in re.findall(r": (\d+) blocks", row)]
    assert blocks == [len(stage) for stage in stages]


def test_draws_the_channels_of_an_inception_block() -> None:
    from torchvision.models import googlenet

    block = googlenet(weights=None, init_weights=False, aux_logits=False).inception3a.eval()
    text = "\n".join(_rows("googlenet", "input: 192"))
    with torch.no_grad():
        x = torch.zeros(1, 192, 28, 28)
        branches = [
            branch(x).shape[1]
            for branch in (block.branch1, block.branch2, block.branch3, block.branch4)
        ]
    assert f"{' + '.join(map(str, branches))} = {sum(branches)} channels" in text
    thin = [block.branch2[0].conv.out_channels, block.branch3[0].conv.out_channels]
    assert re.findall(r"1×1: (\d+)", text)[:2] == list(map(str, thin))


def test_counts_the_channels_of_a_dense_block() -> None:
    from torchvision.models import densenet121

    block = densenet121(weights=None).features.denseblock1
    read = [layer.norm1.num_features for layer in block.values()][:3]
    growth = block["denselayer1"].conv2.out_channels
    _, *layers, output = _rows("densenet", "x₀ (64")
    numbers = [tuple(map(int, re.findall(r"(?<![₀-₉\w])\d+", row))) for row in layers]
    assert numbers == [(at, width, growth) for at, width in enumerate(read, 1)]
    assert output.endswith(f"{read[0] + len(layers) * growth} channels")
