"""What the analyses answer: frozen records without torch."""

from collections.abc import Sequence
from dataclasses import dataclass

from cnn_tui.errors import UsageError

Shape = tuple[int, ...]
NumberGrid = tuple[tuple[float, ...], ...]

GLOBAL = "global"
"""The receptive field of a unit that sees the whole image."""


@dataclass(frozen=True)
class Picture:
    """An image of one (gray) or three (RGB) channels; ``pixels`` are its bytes, (H, W, C)."""

    title: str
    height: int
    width: int
    channels: int
    pixels: bytes


def parse_shape(text: str) -> Shape:
    """``3,224,224`` or ``3x224x224`` as (channels, height, width); raises UsageError."""
    try:
        channels, height, width = (int(side) for side in text.replace("x", ",").split(","))
    except ValueError:
        raise UsageError(
            f"{text!r} is no input shape: write channels,height,width, such as 3,224,224."
        ) from None
    return channels, height, width


def shape_text(shape: Sequence[int]) -> str:
    """A shape as the lab writes it everywhere: ``6×24×24``."""
    return "×".join(map(str, shape))
