"""What the chapter once said wrongly: it stays mended, and what it says now is so."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch

from cnn_tui.chapter.catalogue import topic, topics
from cnn_tui.data.dataset import Split, with_wrong_labels
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.training.studies.catalogue import find_study

if TYPE_CHECKING:
    from torchvision.models.vision_transformer import VisionTransformer

README = Path(__file__).parents[2] / "README.md"
TAKEN_BACK = {
    "labels that are made wrong are not drawn at random": "(?:labels )?drawn at random, three",
    "plain networks of 18 and 20 layers do train": "With (?:18|twenty) it would",
    "SimpleResNet was never measured against CIFAR10Net": "reaches as far",
    "an MLP and a patch embedding treat all patches alike": "then has neither",
    "attention treats all patches alike": "attention, has neither",
    "a ViT begins with a convolution": "does without convolution|^No convolution",
    "plain networks with batch norm have healthy gradients": "way around (?:every|each) block",
    "the gradient of the input says nothing of Adam's step": "no learning rate makes a step",
    "MNIST is older than LeNet-5": "put together for it",
    "the published networks' φ is inferred": "B7 stands at about φ",
}
"""What is so → how the opposite was worded."""
PATCH, SIDE = 4, 16


def _told() -> dict[str, str]:
    """Everything that the chapter, the catalogue and the README say, in one line each."""
    pages = {page.slug: page.text for page in topics()}
    nets = {f"{net.name}.{name}": getattr(net, name) for net in all_nets() for name in SENTENCES}
    texts = {**pages, **nets, "README.md": README.read_text("utf-8")}
    return {where: " ".join(text.split()) for where, text in texts.items()}


SENTENCES = ("idea", "changed", "use_when")


@pytest.mark.parametrize("worded", TAKEN_BACK.values(), ids=TAKEN_BACK)
def test_does_not_say_again_what_was_wrong(worded: str) -> None:
    assert [where for where, text in _told().items() if re.search(worded, text)] == []


def test_says_how_many_labels_the_dropout_experiment_makes_wrong() -> None:
    noise = find_study("dropout").recipe["label_noise"]
    assert isinstance(noise, float)
    right = Split(torch.zeros(500, 1, 1, 1, dtype=torch.uint8), torch.arange(500) % 10)
    wrong = with_wrong_labels(right, noise, 10, seed=0).labels != right.labels
    page = " ".join(topic("dropout-why").text.split())
    assert f"{wrong.float().mean().item():.0%}".replace("%", " %") == "30 %"
    assert "30 % of the training labels made wrong" in page
    assert f"so {noise * (1 - 1 / 10):.0%} are wrong".replace("%", " %") in page


@pytest.fixture(scope="module")
def transformer() -> "VisionTransformer":
    from torchvision.models.vision_transformer import VisionTransformer  # seconds

    torch.manual_seed(0)
    return VisionTransformer(SIDE, PATCH, 1, 2, 8, 16).eval()


@torch.no_grad()
def test_finds_that_a_patch_embedding_shifts_with_whole_patches(
    transformer: "VisionTransformer",
) -> None:
    image = torch.randn(1, 3, SIDE, SIDE)
    embedded = transformer.conv_proj(image)
    for pixels in (1, PATCH):
        shifted = transformer.conv_proj(image.roll(pixels, 3))
        follows = torch.allclose(shifted[..., 1:], embedded[..., :-1], atol=1e-5)
        assert follows == (pixels == PATCH)


@torch.no_grad()
def test_finds_that_of_a_layers_two_parts_only_attention_mixes_the_patches(
    transformer: "VisionTransformer",
) -> None:
    layer = transformer.encoder.layers[0]
    tokens = torch.randn(1, 5, 8)
    other = tokens.index_fill(1, torch.tensor([0]), 1.0)
    alone = layer.mlp(tokens)[:, 1:], layer.mlp(other)[:, 1:]
    mixed = (layer.self_attention(each, each, each)[0][:, 1:] for each in (tokens, other))
    assert torch.allclose(*alone, atol=1e-6)
    assert not torch.allclose(*mixed, atol=1e-3)
    backwards = layer.mlp(tokens.flip(1)).flip(1)
    assert torch.allclose(backwards, layer.mlp(tokens), atol=1e-6), "the same weights for all"
    turned = layer.self_attention(*[tokens.flip(1)] * 3)[0].flip(1)
    attended = layer.self_attention(*[tokens] * 3)[0]
    assert torch.allclose(turned, attended, atol=1e-6), "alike without position vectors"
