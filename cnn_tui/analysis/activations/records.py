"""What one layer did with one image: frozen records without torch."""

from dataclasses import asdict, dataclass
from typing import Any

from cnn_tui.analysis.records import NumberGrid, Picture, Shape


@dataclass(frozen=True)
class FeatureMap:
    """One channel of a layer's output: bytes from its ``low`` (0) to its ``high`` (255).

    ``odd`` of its values are NaN or infinite; ``low`` and ``high`` are of the
    others, and NaN where there are none.
    """

    channel: int
    low: float
    high: float
    pixels: bytes
    odd: int = 0


@dataclass(frozen=True)
class Histogram:
    """How values spread: ``counts`` in equal bins from ``low`` to ``high``."""

    label: str
    low: float
    high: float
    counts: tuple[int, ...]
    mean: float
    std: float


@dataclass(frozen=True)
class DropoutMasks:
    """One dropout layer: which values pass, as rows of 1 and 0, in training and in evaluation.

    What passes in training is multiplied by ``scale``. The rows may be a part of
    the layer's ``values``, of all of which the share ``kept`` passed in training.
    """

    p: float
    scale: float
    train: NumberGrid
    eval: NumberGrid
    kept: float = 1.0
    values: int = 0


@dataclass(frozen=True)
class LayerShape:
    """One layer as it ran: its type, and its output's shape without the batch."""

    name: str
    type: str
    output_shape: Shape


@dataclass(frozen=True)
class Activations:
    """What one layer of a network does with one image.

    ``layers`` are all layers that can be looked at, in forward order, and
    ``layer_shapes`` what each of them is. ``maps`` have ``height`` × ``width``
    cells; a vector is laid out as one map. They are some of the ``channels``
    that there are; ``channel`` is the first of them, and the one that
    ``histograms`` (the input and the outputs of a batch norm) and ``masks`` (of
    a dropout layer) belong to: both are empty for any other layer. Where no
    layer was asked for, ``layer`` is empty and there are no maps. ``notes`` are
    sentences on how the rest is to be read.
    """

    net: str
    source: str
    image: Picture
    layers: tuple[str, ...]
    layer: str
    type: str
    output_shape: Shape
    height: int
    width: int
    maps: tuple[FeatureMap, ...]
    histograms: tuple[Histogram, ...] = ()
    masks: DropoutMasks | None = None
    layer_shapes: tuple[LayerShape, ...] = ()
    channel: int = 0
    channels: int = 0
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab activations --json`` prints: no pixels."""
        return {
            "net": self.net,
            "source": self.source,
            "image": self.image.title,
            "layer": self.layer,
            "type": self.type,
            "output_shape": list(self.output_shape),
            "channels": self.channels,
            "maps": [
                {"channel": each.channel, "low": each.low, "high": each.high, "odd": each.odd}
                for each in self.maps
            ],
            "histograms": [asdict(each) for each in self.histograms],
            "masks": None if self.masks is None else asdict(self.masks),
            "notes": list(self.notes),
            "layers": [asdict(each) for each in self.layer_shapes],
        }
