"""The tiny Vision Transformer whose attention is shown: exact, trained, and trained again."""

import pytest
import torch
from torch.nn import functional as F

from cnn_tui.chapter import tiny_vit
from cnn_tui.chapter.demos.shared import digit_batches
from cnn_tui.chapter.tiny_vit import HEADS, LAYERS, TOKENS, WIDTH, TinyViT, trained
from cnn_tui.data.preparation import digits
from cnn_tui.errors import LabFault
from tests.trained_vit import train


@torch.no_grad()
def accuracy(net: TinyViT) -> float:
    data = digits.prepared()
    images, labels = next(digit_batches(data, data.test, len(data.test), 8).in_order())
    return (net(images).argmax(1) == labels).float().mean().item()


def test_knows_the_digits() -> None:
    assert accuracy(trained()) > 0.95


@torch.no_grad()
def test_attends_as_torch_does() -> None:
    torch.manual_seed(0)
    attention = trained().layers[0].attention
    x = torch.randn(3, TOKENS, WIDTH)
    mixed, weights = attention(x)
    parts = attention.queries_keys_values(x).view(3, TOKENS, 3, HEADS, -1).permute(2, 0, 3, 1, 4)
    theirs = F.scaled_dot_product_attention(*parts).transpose(1, 2).flatten(2)
    torch.testing.assert_close(mixed, attention.out(theirs))
    torch.testing.assert_close(weights.sum(-1), torch.ones(3, HEADS, TOKENS))


@torch.no_grad()
def test_hands_out_the_weights_of_each_layer_beside_its_answer() -> None:
    images = torch.randn(2, 1, 8, 8)
    logits, weights = trained().with_attention(images)
    assert torch.equal(logits, trained()(images))
    assert weights.shape == (LAYERS, 2, HEADS, TOKENS, TOKENS)


def test_says_what_to_do_where_its_weights_are_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: object
) -> None:
    monkeypatch.setattr(tiny_vit, "FILE", f"{tmp_path}/none.safetensors")
    with pytest.raises(LabFault, match="install the lab again"):
        trained.__wrapped__()


@pytest.mark.slow
def test_learns_again_from_its_script() -> None:
    assert accuracy(train(epochs=30)) > 0.8
