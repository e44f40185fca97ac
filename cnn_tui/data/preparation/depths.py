"""Pixels of more than 8 bits, brought to 8: by one scale for a whole data set.

A file does not say how many of its 16 bits its camera used, nor what is white among
floating-point numbers: the largest value of all files of a data set tells.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from cnn_tui.data.records import BYTE_SCALE

BITS = (8, 10, 12, 14, 16)
"""That cameras and scanners use; the smallest that holds all values counts."""

DEEPEST_SCALE = 65_535.0
UNIT_SCALE = 1.0
"""What is white among floating-point numbers that go up to 1."""
OVERSHOOT = 0.25
"""Part of white by which resized pictures leave the range from black to white, at edges."""

SIXTEEN_BITS_PER_COLOR = ("RGB;16", "RGBA;16", "RGBX;16", "LA;16")
"""Raw modes of which Pillow reads the upper 8 bits alone."""


@dataclass
class Depths:
    """The largest whole number and the largest fraction seen in files of more than 8 bits.

    ``cut`` counts files of 16 bits per color, of which only the upper 8 are read, and
    ``negative`` files of fractions of which some are well below 0, and read as black.
    """

    whole: int = 0
    real: float = 0.0
    cut: int = 0
    negative: int = 0

    @property
    def is_mixed(self) -> bool:
        """Whether no single scale suits them all."""
        return bool(self.whole and self.real)

    @property
    def scale(self) -> float:
        """What stands for white in all files that were seen."""
        return scale_for(self.whole) if self.whole or not self.real else _scale_of_real(self.real)

    def add(self, other: "Depths") -> None:
        """What was seen elsewhere."""
        self.whole = max(self.whole, other.whole)
        self.real = max(self.real, other.real)
        self.cut += other.cut
        self.negative += other.negative

    def see(self, image: Image.Image) -> NDArray[np.generic]:
        """The pixels of a deep ``image``; raises ValueError where no scale suits them."""
        pixels: NDArray[np.generic] = np.asarray(image)
        if image.mode == "F":
            pixels = np.nan_to_num(pixels, nan=0.0, posinf=np.inf, neginf=0.0)
            smallest, largest = float(pixels.min()), float(pixels.max())
            white = _scale_of_real(largest)
            if largest > white * (1 + OVERSHOOT):
                raise ValueError(
                    f"its pixels are fractions up to {largest:.3g}: save it with 0 to 1"
                )
            self.real = max(self.real, largest)
            self.negative += smallest < -white * OVERSHOOT
            return pixels
        most = int(pixels.max())
        if most > DEEPEST_SCALE:
            raise ValueError(f"its pixels go up to {most:,}: save it with 16 bits")
        self.whole = max(self.whole, most)
        return pixels

    def shallow(self, image: Image.Image, scale: float) -> Image.Image:
        """A deep ``image`` with 8 bits, ``scale`` being white; raises ValueError as ``see``."""
        pixels = self.see(image)
        if image.mode == "F":
            if scale not in (UNIT_SCALE, BYTE_SCALE):
                raise ValueError("its pixels are fractions, those of other files whole numbers")
            scaled = np.rint(pixels.clip(0, scale) * (BYTE_SCALE / scale))
            return Image.fromarray(scaled.astype(np.uint8))
        if scale == UNIT_SCALE:
            raise ValueError("its pixels are whole numbers, those of other files fractions")
        white = int(scale)
        unused = white.bit_length() - BITS[0]
        return Image.fromarray((pixels.clip(0, white).astype(np.int32) >> unused).astype(np.uint8))

    def note_cut(self, image: Image.Image) -> None:
        """Count an ``image``, not yet decoded, that has more bits than are read of it."""
        if not isinstance(image, ImageFile) or not image.tile:
            return
        told = image.tile[0][3]  # how the first part of it is stored
        mode = told[0] if isinstance(told, tuple) and told else told
        if isinstance(mode, str) and mode.startswith(SIXTEEN_BITS_PER_COLOR):
            self.cut += 1


def is_deep(image: Image.Image) -> bool:
    """Whether it has more than 8 bits that are read."""
    return image.mode == "F" or image.mode.startswith("I")


def is_gray(image: Image.Image) -> bool:
    """Whether it has no colors."""
    return image.mode in ("1", "L", "LA") or is_deep(image)


def scale_for(largest: int) -> float:
    """What stands for white where whole numbers go up to ``largest``."""
    whites = (2**bits - 1 for bits in BITS)
    return float(next((white for white in whites if white >= largest), DEEPEST_SCALE))


def fitting_scale(image: Image.Image, scale: float | None) -> float:
    """What stands for white in a deep picture that is shown to a network, or looked at.

    ``scale`` is that of the network's data set: where the picture holds larger values,
    or fractions, it is scaled by what it holds.
    """
    seen = Depths()
    seen.see(image)
    return seen.scale if scale is None or image.mode == "F" else max(seen.scale, scale)


def _scale_of_real(largest: float) -> float:
    return UNIT_SCALE if largest <= UNIT_SCALE * (1 + OVERSHOOT) else BYTE_SCALE
