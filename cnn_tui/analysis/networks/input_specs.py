"""What a network is given: the shape, type and name of each of its inputs. Torch-free.

A shape is that of one example and never includes the batch, which is put before it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

from cnn_tui.analysis.records import Shape, shape_text
from cnn_tui.errors import UsageError

LARGEST_SIDE = 10_000_000
"""Channels, pixels or samples along one side: ten minutes of audio at 16 kHz."""
LARGEST_INPUT = 10**11
"""Numbers in one input: far beyond any, and far from overflow."""
USUAL_TYPE = "float32"


@dataclass(frozen=True)
class InputSpec:
    """One input for one example; ``name`` is that of a parameter of forward, empty by position."""

    shape: Shape
    dtype: str = USUAL_TYPE
    name: str = ""

    @property
    def is_image(self) -> bool:
        """Whether it is what the lab's own networks take: channels, height and width."""
        return len(self.shape) == 3 and self.dtype == USUAL_TYPE

    def to_json(self) -> dict[str, Any]:
        """Name (None by position), shape and type."""
        return {"name": self.name or None, "shape": list(self.shape), "dtype": self.dtype}


@dataclass(frozen=True)
class NetInputs:
    """All inputs of a network.

    ``batch`` is how many examples its forward wants, None where it takes any number;
    ``has_batch`` is False for a forward that takes one example without a batch.
    """

    specs: tuple[InputSpec, ...]
    batch: int | None = None
    has_batch: bool = True

    @classmethod
    def of(cls, given: "NetInputs | Sequence[int]") -> "NetInputs":
        """The inputs themselves, or one input of numbers of the shape ``given``."""
        return given if isinstance(given, NetInputs) else cls((InputSpec(tuple(given)),))

    @property
    def noun(self) -> str:
        """What a run is for: ``image``, ``example``, ``batch of 8``."""
        if self.batch:
            return f"batch of {self.batch}"
        is_image = len(self.specs) == 1 and len(self.specs[0].shape) == 3
        return "image" if is_image else "example"

    @property
    def amount(self) -> str:
        """What counts and times are for: ``one image``, ``one example``, ``a batch of 8``."""
        return f"{'a' if self.batch else 'one'} {self.noun}"

    @property
    def examples(self) -> int | None:
        """How many examples a run takes at once, 1 where any number will do; None: no batch."""
        return (self.batch or 1) if self.has_batch else None

    def full_shape(self, spec: InputSpec, examples: int | None = None) -> Shape:
        """The shape of the tensor, of ``examples`` where its forward takes any number."""
        count = self.examples if self.batch or examples is None else examples
        return (count, *spec.shape) if self.has_batch and count is not None else spec.shape

    @property
    def text(self) -> str:
        """As sentences write it: ``3×224×224``, ``16 (int64) and mask=16 (bool)``."""
        batch = f" in a batch of {self.batch}" if self.batch else ""
        without = "" if self.has_batch else " without a batch"
        return " and ".join(map(_text, self.specs)) + batch + without

    def image_of(self, title: str, native: Shape) -> Shape:
        """The shape of the one image that a network of the lab takes; raises UsageError.

        ``native`` is its own, for inputs that say no more than the batch.
        """
        specs = self.specs or NetInputs.of(native).specs
        if len(specs) > 1 or not specs[0].is_image or specs[0].name or not self.has_batch:
            given = self.text.strip() or "nothing"
            instead = (
                f"not {given}" if self.has_batch else "and do not ask for a run without a batch"
            )
            raise UsageError(
                f"{title} takes batches of images and nothing else: give channels,height,width, "
                f"such as {','.join(map(str, native))}, {instead}.",
                fields=("input_shape",) if self.has_batch else ("no_batch",),
            )
        return specs[0].shape

    def checked(self) -> "NetInputs":
        """The same; raises UsageError where a shape is impossible."""
        for each in self.specs:
            outside = any(not 1 <= side <= LARGEST_SIDE for side in each.shape)
            if outside or prod(each.shape) > LARGEST_INPUT:
                raise UsageError(
                    f"An input shape is that of one example, such as channels,height,width, with "
                    f"sides from 1 to {LARGEST_SIDE:,}; got {','.join(map(str, each.shape))}.",
                    fields=("input_shape",),
                )
        return self


def _text(spec: InputSpec) -> str:
    name = f"{spec.name}=" if spec.name else ""
    dtype = "" if spec.dtype == USUAL_TYPE else f" ({spec.dtype})"
    return f"{name}{shape_text(spec.shape) or 'scalar'}{dtype}"
