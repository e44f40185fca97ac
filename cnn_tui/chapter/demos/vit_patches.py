"""An image as the Vision Transformer reads it: patches, tokens, and pairs of tokens."""

from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.images import load_image, picture
from cnn_tui.analysis.records import Picture
from cnn_tui.chapter.records import DemoContent, Say, Table, Tiles
from cnn_tui.errors import UsageError

WIDTH, LAYERS, CHANNELS = 768, 12, 3
"""ViT-B (Dosovitskiy et al. 2021, table 1): numbers per token, layers; RGB images."""
DRAWN_SIDE = 56
"""Columns of the drawing: patches and the gaps between them."""
FURTHEST_NEIGHBOR = 4
"""Other patch sizes are shown up to so many times smaller or larger."""


def vit_patches(image: str = "digit", patch_size: int = 16, image_size: int = 224) -> DemoContent:
    """Cut an image, and count what the cutting costs.

    The middle square of the image is brought to ``image_size`` pixels a side.
    Attention compares every token with every other, in each layer.
    """
    _refuse_uneven(patch_size, image_size)
    title, pixels = load_image(image)
    per_side = image_size // patch_size
    tokens = per_side**2 + 1
    sizes = [each for each in _divisors(image_size) if _is_near(each, patch_size)]
    return DemoContent(
        blocks=(
            _drawing(title, pixels, per_side, patch_size),
            Say(
                f"{per_side} · {per_side} = {per_side**2:,} patches of {patch_size}×{patch_size} "
                f"pixels, and a class token: {tokens:,} tokens of {WIDTH} numbers. One linear "
                f"layer embeds every patch: ({CHANNELS}·{patch_size}·{patch_size} + 1)·{WIDTH} = "
                f"{_embedding_parameters(patch_size):,} parameters."
            ),
            Table(
                f"Patch sizes that divide {image_size}, and what attention costs in ViT-B",
                ("patch", "tokens", "embedding", "pairs of tokens", "attention, MMACs"),
                tuple(_row(each, patch_size, image_size) for each in sizes),
            ),
            Say(
                f"* is yours. {_about_half(patch_size, image_size)}An MMAC is a million "
                "multiply-accumulates, here of the products of tokens with tokens in all "
                f"{LAYERS} layers; the linear layers come on top and grow with the tokens only."
            ),
        ),
        figures={
            "patches": tokens - 1,
            "tokens": tokens,
            "pairs": tokens**2,
            "embedding_parameters": _embedding_parameters(patch_size),
            "attention_gmacs": _attention_gmacs(tokens),
        },
    )


def _about_half(patch_size: int, image_size: int) -> str:
    """What patches of half the side would come to, where there are such."""
    if patch_size % 2:
        return ""
    pairs, more = (((image_size // side) ** 2 + 1) ** 2 for side in (patch_size, patch_size // 2))
    return (
        f"Half the patch size makes four times the patches and {more / pairs:.3g} times the pairs. "
    )


def _refuse_uneven(patch_size: int, image_size: int) -> None:
    if image_size % patch_size:
        near = sorted(_divisors(image_size), key=lambda each: abs(each - patch_size))[:2]
        raise UsageError(
            f"Patches of {patch_size} pixels do not fill a side of {image_size}: take "
            f"patch_size {' or '.join(map(str, sorted(near)))}, or an image_size that is a "
            f"multiple of {patch_size}."
        )


def _divisors(number: int) -> list[int]:
    return [each for each in range(1, number + 1) if number % each == 0]


def _is_near(size: int, patch_size: int) -> bool:
    return patch_size <= size * FURTHEST_NEIGHBOR and size <= patch_size * FURTHEST_NEIGHBOR


def _drawing(title: str, pixels: Tensor, per_side: int, patch_size: int) -> Tiles:
    """The image, each patch as large as the drawing has room for."""
    gaps = per_side - 1
    drawn = min(patch_size, (DRAWN_SIDE - gaps) // per_side)
    if drawn < 1:
        return Tiles(_square(f"{title}, too finely cut to show", pixels, DRAWN_SIDE), 0)
    return Tiles(_square(f"{title}, cut", pixels, per_side * drawn), drawn)


def _square(title: str, pixels: Tensor, side: int) -> Picture:
    """The middle square of an image (C, H, W), brought to ``side`` pixels a side."""
    height, width = pixels.shape[1:]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    middle = pixels[:, top : top + short, left : left + short]
    resized = F.interpolate(middle[None].float(), (side, side), mode="bilinear", antialias=True)[0]
    return picture(title, resized.clamp(0, 255).round().byte())


def _row(size: int, chosen: int, image_size: int) -> tuple[str, int, int, int, int]:
    tokens = (image_size // size) ** 2 + 1
    mark = " *" if size == chosen else ""
    return (
        f"{size}×{size}{mark}",
        tokens,
        _embedding_parameters(size),
        tokens**2,
        round(1000 * _attention_gmacs(tokens)),
    )


def _embedding_parameters(patch_size: int) -> int:
    """Weights and biases of the linear layer from a patch's numbers to a token's."""
    return (CHANNELS * patch_size**2 + 1) * WIDTH


def _attention_gmacs(tokens: int) -> float:
    """Queries with keys, then weights with values: each pair costs twice ``WIDTH``."""
    return 2 * tokens**2 * WIDTH * LAYERS / 1e9
