"""What a token of a tiny, trained Vision Transformer attends to: one grid for each head."""

import torch
from torch import Tensor

from cnn_tui.analysis.images import picture
from cnn_tui.chapter.demos.shared import digit_batches, rows_of
from cnn_tui.chapter.records import DemoContent, Grid, Say, Table, Tiles
from cnn_tui.chapter.tiny_vit import HEADS, LAYERS, PATCH, PATCHES_PER_SIDE, SIDE, trained
from cnn_tui.data.preparation import digits

DIGITS_SHOWN = 3
INK = 0.25
"""The mean gray, of at most 1, from which on a patch counts as one with ink."""


@torch.no_grad()
def vit_attention(image: int = 7, layer: int = 2, token: int = 0) -> DemoContent:
    """Send test image ``image`` through the network, and read one row of each head's weights.

    Token 0 is the class token; 1 to 16 are the patches, row by row.
    """
    data = digits.prepared()
    images, labels = next(digit_batches(data, data.test, len(data.test), SIDE).in_order())
    logits, weights = trained().with_attention(images)
    right = int((logits.argmax(1) == labels).sum())
    row = weights[layer - 1, image, :, token]  # (heads, tokens)
    maps = 100 * row[:, 1:].view(HEADS, PATCHES_PER_SIDE, PATCHES_PER_SIDE)
    ink = _ink(data.test.images[image])
    on_ink = 100 * row[:, 1:][:, ink.flatten()].sum(1)
    likely = logits[image].softmax(0).topk(DIGITS_SHOWN)
    label = int(labels[image])
    return DemoContent(
        blocks=(
            Tiles(
                picture(f"Test image {image}, the digit {label}, cut", data.test.images[image]),
                PATCH,
            ),
            *(
                Grid(f"Head {head}, in %", rows_of(each.round()), (_strongest(each),))
                for head, each in enumerate(maps, 1)
            ),
            Say(
                f"Layer {layer} of {LAYERS}: the share of its attention that {_name(token)} gives "
                f"to each patch; what is missing from 100 % goes to the class token. "
                f"{_about_heads(maps)}"
            ),
            Table(
                f"Attention to the {int(ink.sum())} of {ink.numel()} patches with ink on them",
                ("head", "on ink, %", "on the class token, %", "strongest patch, %"),
                tuple(
                    (head, *map(Tensor.item, each))
                    for head, each in enumerate(
                        zip(on_ink, 100 * row[:, 0], maps.amax((1, 2)), strict=True), 1
                    )
                ),
            ),
            Say(_about_ink(on_ink, ink)),
            Table(
                "What the network takes the image for",
                ("digit", "probability, %"),
                tuple(
                    (f"{digit}, the true one" if digit == label else str(digit), 100 * probability)
                    for probability, digit in zip(*map(Tensor.tolist, likely), strict=True)
                ),
            ),
            Say(
                f"Of all {len(labels)} test digits, the network gets {right} right: "
                f"{100 * right / len(labels):.1f} %. Attention shows where information comes "
                "from; it does not explain the answer by itself."
            ),
        ),
        figures={
            "right_percent": 100 * right / len(labels),
            "strongest_patches": len({_strongest(each) for each in maps}),
            "ink_patches": int(ink.sum()),
            **{f"ink_percent_{head}": share.item() for head, share in enumerate(on_ink, 1)},
        },
    )


def _ink(pixels: Tensor) -> Tensor:
    """Which patches of a uint8 image (1, 8, 8) have ink on them: (4, 4) as bool."""
    patches = pixels.float().view(PATCHES_PER_SIDE, PATCH, PATCHES_PER_SIDE, PATCH)
    return patches.mean((1, 3)) / 255 > INK


def _strongest(weights: Tensor) -> tuple[int, int]:
    row, column = divmod(int(weights.argmax()), PATCHES_PER_SIDE)
    return row, column


def _name(token: int) -> str:
    if token == 0:
        return "the class token"
    row, column = divmod(token - 1, PATCHES_PER_SIDE)
    return f"patch {token} (row {row}, column {column}, counted from 0)"


def _about_heads(maps: Tensor) -> str:
    """How many patches the heads (heads, 4, 4) look at most."""
    places = {_strongest(each) for each in maps}
    if len(places) == 1:
        return "All heads look at the same patch most (in brackets)."
    return f"Their strongest patches (in brackets) are {len(places)} different ones."


def _about_ink(on_ink: Tensor, ink: Tensor) -> str:
    """Attention (heads,) on patches with ink against what an even look would put there."""
    even = 100 * ink.sum().item() / (ink.numel() + 1)
    above = int((on_ink > even).sum())
    which = {0: "None of the heads looks", 1: "One head looks", HEADS: "All heads look"}.get(
        above, f"{above} of {HEADS} heads look"
    )
    return (
        f"A head that looked at all {ink.numel() + 1} tokens alike would put {even:.0f} % there. "
        f"{which} at the ink more than that."
    )
