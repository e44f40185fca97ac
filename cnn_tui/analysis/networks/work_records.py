"""How much a network has to do, and what its activations take: frozen records without torch."""

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

FLOAT32 = 4
"""Bytes of a number."""


class WorkKind(Enum):
    """Kinds of operations."""

    CONVOLUTION = "convolution"
    CONNECTED = "fully connected"
    ATTENTION = "attention"
    """Every product of two activations."""
    NORMALIZATION = "normalization"
    ACTIVATION = "activation"
    POOLING = "pooling"
    """With other sums and means over positions or channels."""
    ELEMENTWISE = "elementwise"
    OTHER = "copies"
    """Concatenating, padding, reordering, resizing: bytes, but hardly any FLOPs."""


class Work(NamedTuple):
    """FLOPs for one image, activations read and written for it, and weights read once a batch."""

    flops: int = 0
    moved: int = 0
    weights_read: int = 0

    def __add__(self, other: "Work") -> "Work":  # type: ignore[override]
        return Work(*(ours + theirs for ours, theirs in zip(self, other, strict=True)))

    def __sub__(self, other: "Work") -> "Work":
        return Work(*(ours - theirs for ours, theirs in zip(self, other, strict=True)))

    @property
    def bytes_moved(self) -> int:
        """What has to be fetched and stored as float32."""
        return (self.moved + self.weights_read) * FLOAT32


@dataclass(frozen=True)
class KindWork:
    """The work of all operations of one kind."""

    kind: str
    flops: int
    moved: int
    weights_read: int

    @property
    def work(self) -> Work:
        """Its numbers."""
        return Work(self.flops, self.moved, self.weights_read)


@dataclass(frozen=True)
class BytesAtBatch:
    """Memory that grows with the batch in a straight line."""

    per_image: int
    fixed: int

    def at(self, batch_size: int) -> int:
        """Bytes for a batch of that size."""
        return max(0, self.fixed + self.per_image * batch_size)


@dataclass(frozen=True)
class MemoryUse:
    """What activations take besides the weights, as float32.

    ``inputs`` are the batch itself. ``inference`` is the most that live at one moment of a
    forward without gradients, where each goes as soon as nothing needs it; ``training`` is
    what autograd keeps of a forward for the backward pass. The batch is in neither. None is
    what could not be found out.
    """

    inputs: BytesAtBatch
    inference: BytesAtBatch | None
    training: BytesAtBatch | None
