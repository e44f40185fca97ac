"""What a run records of the inside of its network; torch-free.

A snapshot is taken at the end of an epoch, or at any step: the weights and their last update
layer by layer, what the activations of the validation images are like, the first layer's
filters, and what the network makes of a few fixed validation images.
"""

from base64 import b64decode
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class PixelStack:
    """Pictures of one size as bytes: ``count`` of ``channels`` × ``height`` × ``width``.

    ``data`` is base64 of uint8, in that order.
    """

    count: int
    channels: int
    height: int
    width: int
    data: str

    @cached_property
    def pixels(self) -> bytes:
        """Every value, the last index fastest; raises ValueError where ``data`` is damaged."""
        found = b64decode(self.data, validate=True)
        if len(found) != self.count * self.channels * self.height * self.width:
            raise ValueError("not as many pixels as the sizes say")
        return found

    def channel(self, picture: int, channel: int) -> list[list[int]]:
        """One channel of one picture, as rows of values from 0 to 255."""
        size = self.height * self.width
        start = (picture * self.channels + channel) * size
        rows = range(start, start + size, self.width)
        return [list(self.pixels[row : row + self.width]) for row in rows]


@dataclass(frozen=True)
class LayerInspection:
    """One layer with weights, after one step.

    ``weight_norm`` is the norm of its weights and biases together, ``gradient_norm`` that of
    their gradients before clipping, ``update_norm`` that of what the step changed. ``mean``
    and ``std`` are those of its outputs for validation images, ``dead`` the part (0 to 1) of
    the channels behind its ReLU that were 0 at every position of all these images: None where
    no ReLU follows, or at a step without validation. Of batch norm ``mean_gap`` is by how many
    standard deviations the running mean is off what these images have (root mean square over
    the channels), ``std_ratio`` the geometric mean of the running standard deviation over
    theirs. ``is_matrix`` says whether it has weights of two or more dimensions.
    """

    name: str
    type: str
    weight_norm: float
    gradient_norm: float
    update_norm: float
    is_matrix: bool = True
    mean: float | None = None
    std: float | None = None
    dead: float | None = None
    mean_gap: float | None = None
    std_ratio: float | None = None

    @property
    def update_ratio(self) -> float | None:
        """What one step changed, as a part of the weights; about 1e-3 is usual."""
        return self.update_norm / self.weight_norm if self.weight_norm else None


@dataclass(frozen=True)
class ImagePrediction:
    """What the network says of one of the fixed images: its first classes, the likeliest first."""

    classes: tuple[int, ...]
    probabilities: tuple[float, ...]


@dataclass(frozen=True)
class Inspection:
    """One snapshot: after ``step`` steps, of which ``epoch`` epochs were completed.

    ``rate_part`` is the learning rate of the step as a part of its peak, ``images`` how many
    validation images the statistics of the activations are of. ``maps`` are the first
    layer's outputs for the fixed images, a few channels each.
    """

    step: int
    epoch: int
    rate_part: float
    images: int
    layers: tuple[LayerInspection, ...]
    filters: PixelStack | None = None
    maps: PixelStack | None = None
    predictions: tuple[ImagePrediction, ...] = ()


@dataclass(frozen=True)
class InspectedImages:
    """The fixed validation images, with their true classes, and the names of all classes."""

    pictures: PixelStack
    labels: tuple[int, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Inspections:
    """All that a run has recorded of its inside, oldest first; ``images`` where there are any."""

    snapshots: tuple[Inspection, ...] = ()
    images: InspectedImages | None = None

    def at_epoch(self, epoch: int) -> Inspection | None:
        """The last snapshot of that many completed epochs."""
        return next((each for each in reversed(self.snapshots) if each.epoch == epoch), None)

    def to_json(self) -> dict[str, Any]:
        """All of it, with what a layer's row adds."""
        document = asdict(self)
        for snapshot, told in zip(self.snapshots, document["snapshots"], strict=True):
            for layer, row in zip(snapshot.layers, told["layers"], strict=True):
                row["update_ratio"] = layer.update_ratio
        return document
