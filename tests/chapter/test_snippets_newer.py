"""The code of the newer architectures and of the summary, held to the lab and to torchvision."""

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.chapter.run import run_demo
from tests.chapter.printed_comments import printed_comments
from tests.chapter.snippet_runs import snippet_run

NAMES_OF_TORCHVISION = {
    "self_attn": "self_attention",
    "linear1": "mlp.0",
    "linear2": "mlp.3",
    "norm1": "ln_1",
    "norm2": "ln_2",
}
"""What the parts of torch's encoder layer are called in torchvision's ViT."""


@pytest.mark.parametrize("slug", ["efficientnet", "vision-transformer", "summary-and-next"])
def test_prints_what_its_comments_say(slug: str) -> None:
    announced = printed_comments(slug)
    assert len(announced) >= 3
    assert snippet_run(slug).printed.splitlines() == announced


def test_scales_as_the_demo_does() -> None:
    names = snippet_run("efficientnet").names
    figures = run_demo("compound-scaling", phi=names["phi"]).figures
    assert names["cost"] == pytest.approx(figures["cost"] ** names["phi"])


def test_weights_channels_as_squeeze_and_excitation() -> None:
    layer = snippet_run("efficientnet").names["Squeeze"](8, 3)
    _, down, _, up, _ = layer.factors
    x = torch.randn(5, 8, 6, 7)
    squeezed = F.silu(F.linear(x.mean((2, 3)), down.weight.flatten(1), down.bias))
    factors = torch.sigmoid(F.linear(squeezed, up.weight.flatten(1), up.bias))
    torch.testing.assert_close(layer(x), x * factors[:, :, None, None])


@pytest.mark.slow  # torchvision takes seconds to import
@pytest.mark.parametrize("size", [3, 5])
def test_is_the_block_of_torchvisions_efficientnet(size: int) -> None:
    from torchvision.models.efficientnet import MBConv, MBConvConfig

    ours = snippet_run("efficientnet").names["MBConv"](16, size)
    settings = MBConvConfig(6, size, 1, 16, 16, 1)
    theirs = MBConv(settings, 0.0, nn.BatchNorm2d)
    _load(theirs, ours)
    x = torch.randn(2, 16, 8, 8)
    torch.testing.assert_close(ours(x), theirs(x))


def test_embeds_patches_as_a_linear_layer_does() -> None:
    names = snippet_run("vision-transformer").names
    patches = F.unfold(names["x"], kernel_size=8, stride=8).transpose(1, 2)
    torch.testing.assert_close(names["patches"], patches)
    torch.testing.assert_close(names["tokens"], names["linear"](patches))


def test_takes_the_class_token_from_the_last_layer() -> None:
    """What one patch shows reaches the scores through attention."""
    names = snippet_run("vision-transformer").names
    x = torch.randn(1, 3, 32, 32)
    other = x.clone()
    other[:, :, :8, :8] = 0
    with torch.no_grad():
        assert not torch.allclose(names["vit"](x), names["vit"](other))


@pytest.mark.slow  # torchvision takes seconds to import
def test_is_the_vision_transformer_of_torchvision() -> None:
    from torchvision.models.vision_transformer import VisionTransformer

    names = snippet_run("vision-transformer").names
    theirs = VisionTransformer(32, 8, 2, 4, 64, 256, num_classes=10).eval()
    theirs.load_state_dict(_weights_by_their_names(names))
    x = torch.randn(3, 3, 32, 32)
    torch.testing.assert_close(names["vit"](x), theirs(x))


def test_counts_the_multiplications_that_it_clocks() -> None:
    printed = snippet_run("choosing-an-architecture").printed
    full, thin = (line.split() for line in printed.splitlines())
    assert int(full[0].replace(",", "")) == 64 * int(thin[0].replace(",", ""))
    assert all(float(each[1]) > 0 for each in (full, thin))


def test_saves_and_loads_every_weight_and_freezes_all_but_the_last_layer() -> None:
    names = snippet_run("summary-and-next").names
    names["file"].seek(0)
    loaded = torch.load(names["file"])
    trained = names["trained"].state_dict()
    assert loaded.keys() == trained.keys()
    assert all(torch.equal(loaded[name], trained[name]) for name in trained)
    assert [each.requires_grad for each in names["net"].parameters()] == [False] * 4 + [True] * 2


def _load(theirs: nn.Module, ours: nn.Module) -> None:
    """Give one network the weights of another whose layers stand in the same order."""
    weights = zip(theirs.state_dict(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict(dict(weights))


def _weights_by_their_names(names: dict[str, Any]) -> dict[str, Tensor]:
    found = {
        "class_token": names["class_token"],
        "encoder.pos_embedding": names["positions"],
    }
    places = {"embed": "conv_proj", "norm": "encoder.ln", "head": "heads.head"}
    for ours, theirs in places.items():
        found |= {f"{theirs}.{name}": each for name, each in names[ours].state_dict().items()}
    for name, each in names["layers"].state_dict().items():
        number, part, rest = name.split(".", 2)
        layer = f"encoder.layers.encoder_layer_{number}"
        found[f"{layer}.{NAMES_OF_TORCHVISION[part]}.{rest}"] = each
    return found
