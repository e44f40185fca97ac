"""EfficientNet's compound scaling, and the networks that were published by it; torch-free.

Tan and Le 2019, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
Networks", section 3.3 and table 1. B1 to B7 follow the rule loosely: their
factors are rounded by hand, and their depth lags behind it.
"""

import math
from dataclasses import dataclass

ALPHA, BETA, GAMMA = 1.2, 1.1, 1.15
"""What each step of φ multiplies depth, width and resolution by."""
BASE_RESOLUTION = 224
CHANNEL_MULTIPLE = 8
MOST_ROUNDED_AWAY = 0.1


@dataclass(frozen=True)
class CompoundScale:
    """What an exponent φ asks for: factors, the image's side in pixels, and the cost's factor."""

    phi: float
    depth: float
    width: float
    resolution: float
    pixels: int
    flops: float


@dataclass(frozen=True)
class Stage:
    """Some MBConv blocks one after the other, with the channels that each puts out."""

    channels: int
    blocks: int


@dataclass(frozen=True)
class Variant:
    """One published EfficientNet, by the factors of its authors' code.

    ``phi`` is the half step of the rule that comes nearest to its width and
    resolution. ``pixels`` is the image's side.
    """

    name: str
    phi: float
    width: float
    depth: float
    pixels: int

    @property
    def title(self) -> str:
        """``B4``."""
        return self.name.rpartition("_")[2].upper()


B0_STAGES = (
    Stage(16, 1),
    Stage(24, 2),
    Stage(40, 2),
    Stage(80, 3),
    Stage(112, 3),
    Stage(192, 4),
    Stage(320, 1),
)
VARIANTS = (
    Variant("efficientnet_b0", 0.0, 1.0, 1.0, 224),
    Variant("efficientnet_b1", 0.5, 1.0, 1.1, 240),
    Variant("efficientnet_b2", 1.0, 1.1, 1.2, 260),
    Variant("efficientnet_b3", 2.0, 1.2, 1.4, 300),
    Variant("efficientnet_b4", 3.5, 1.4, 1.8, 380),
    Variant("efficientnet_b5", 5.0, 1.6, 2.2, 456),
    Variant("efficientnet_b6", 6.0, 1.8, 2.6, 528),
    Variant("efficientnet_b7", 7.0, 2.0, 3.1, 600),
)


def compound_scaling(
    phi: float,
    alpha: float = ALPHA,
    beta: float = BETA,
    gamma: float = GAMMA,
    base_resolution: int = BASE_RESOLUTION,
) -> CompoundScale:
    """What ``phi`` steps of the rule ask for.

    A convolution's cost grows with depth, and with the squares of width and of
    resolution (section 3.3, equation 3).
    """
    return CompoundScale(
        phi=phi,
        depth=alpha**phi,
        width=beta**phi,
        resolution=gamma**phi,
        pixels=round(base_resolution * gamma**phi),
        flops=(alpha * beta**2 * gamma**2) ** phi,
    )


def scaled_stages(width: float, depth: float) -> tuple[Stage, ...]:
    """B0's seven stages, scaled and rounded."""
    return tuple(
        Stage(round_channels(stage.channels * width), round_blocks(stage.blocks * depth))
        for stage in B0_STAGES
    )


def round_channels(channels: float) -> int:
    """The nearest multiple of 8 that is not more than a tenth smaller."""
    nearest = int(channels + CHANNEL_MULTIPLE / 2) // CHANNEL_MULTIPLE * CHANNEL_MULTIPLE
    rounded = max(CHANNEL_MULTIPLE, nearest)
    too_small = rounded < (1 - MOST_ROUNDED_AWAY) * channels
    return rounded + CHANNEL_MULTIPLE if too_small else rounded


def round_blocks(blocks: float) -> int:
    """The next whole number: no stage gets shallower than asked for."""
    return math.ceil(blocks)
