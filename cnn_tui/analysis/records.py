"""What the analyses answer: frozen records without torch."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

Shape = tuple[int, ...]
NumberGrid = tuple[tuple[float, ...], ...]

GLOBAL = "global"
"""The receptive field of a unit that sees the whole image."""
UNKNOWN = "unknown"
"""The receptive field of a unit after an operation that cannot be followed."""


@dataclass(frozen=True)
class Picture:
    """An image of one (gray) or three (RGB) channels; ``pixels`` are its bytes, (H, W, C)."""

    title: str
    height: int
    width: int
    channels: int
    pixels: bytes

    def rows(self, first: int, end: int) -> "Picture":
        """The rows of pixels from ``first`` to before ``end``, as an image of their own."""
        bytes_per_row = self.width * self.channels
        kept = self.pixels[first * bytes_per_row : end * bytes_per_row]
        return replace(self, height=end - first, pixels=kept)


def shape_text(shape: Sequence[int]) -> str:
    """A shape as the lab writes it everywhere: ``6×24×24``."""
    return "×".join(map(str, shape))
