"""What the analyses answer: frozen records without torch."""

from dataclasses import dataclass

Shape = tuple[int, ...]
NumberGrid = tuple[tuple[float, ...], ...]

GLOBAL = "global"
"""The receptive field of a unit that sees the whole image."""


@dataclass(frozen=True)
class Picture:
    """An image of one (grey) or three (RGB) channels; ``pixels`` are its bytes, (H, W, C)."""

    title: str
    height: int
    width: int
    channels: int
    pixels: bytes
