"""What the analyses answer: frozen records without torch."""

import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

Shape = tuple[int, ...]
Grid = tuple[tuple[float, ...], ...]

GLOBAL = "global"
"""The receptive field of a unit that sees the whole image."""


@dataclass(frozen=True)
class LayerSummary:
    """One module, at the moment it ran.

    ``output_shape`` leaves out the batch. ``parameters`` (and those of them that
    are ``trainable``), ``macs`` and ``activations`` include its children;
    ``activations`` counts the numbers written to new memory for one image, as a
    forward of a training step does that keeps them: every operation's output,
    attention as one fused operation; nothing for what works in place (its input
    is gone) and for mere views. The
    receptive field is that of one output unit, in input pixels: its side
    ``receptive_field`` (GLOBAL where it is the whole image, None where it has no
    meaning), the ``jump`` from one unit to the next, and ``start``, the centre of
    the first unit's field, where the first pixel's centre is 0.5. ``window`` is
    (kernel_size, stride, padding, dilation) of a sliding layer. ``reused`` marks
    a module that ran before: its parameters are the same ones. ``gated`` marks a
    unit that the whole image also rescales, through squeeze-and-excitation or
    normalisation by the image's own statistics. ``seconds`` is the measured time of
    its forward, None where none was measured.
    """

    name: str
    type: str
    depth: int
    is_leaf: bool
    output_shape: Shape
    parameters: int
    macs: int
    receptive_field: int | str | None
    trainable: int = 0
    activations: int = 0
    jump: int | float | None = None
    start: float | None = None
    window: tuple[int, int, int, int] | None = None
    reused: bool = False
    gated: bool = False
    seconds: float | None = None

    @property
    def macs_per_second(self) -> float | None:
        """None without a measured time, and for what costs no MACs."""
        return _rate(self.macs, self.seconds)


@dataclass(frozen=True)
class NetSummary:
    """A network taken apart: its modules in the order in which they ran.

    ``depth`` is the number of layers with weights on the longest path from input
    to output: convolutions and fully connected layers, also those of gates;
    ``receptive_field`` is the largest one before the whole image is seen;
    ``note`` says, where there is something to say, how it was found out;
    ``total_seconds`` is the measured time of one forward, None if not measured.
    """

    net: str
    title: str
    input_shape: Shape
    output_shape: Shape
    total_parameters: int
    total_macs: int
    modules: tuple[LayerSummary, ...]
    total_trainable: int = 0
    total_activations: int = 0
    depth: int = 0
    receptive_field: int | str | None = None
    note: str = ""
    total_seconds: float | None = None

    @property
    def macs_per_second(self) -> float | None:
        """None without a measured time, and for what costs no MACs."""
        return _rate(self.total_macs, self.total_seconds)

    @property
    def layers(self) -> tuple[LayerSummary, ...]:
        """The modules that have no children: the layers of the table."""
        return tuple(module for module in self.modules if module.is_leaf)

    @property
    def sliding_layers(self) -> tuple[LayerSummary, ...]:
        """The layers that slide a window over what is still a part of the image."""
        return tuple(layer for layer in self.layers if layer.window and layer.jump)

    def totals_json(self) -> dict[str, Any]:
        """The network as a whole: what ``cnn-lab compare --json`` prints of each."""
        return {
            "net": self.net,
            "input_shape": list(self.input_shape),
            "output_shape": list(self.output_shape),
            "total_parameters": self.total_parameters,
            "trainable_parameters": self.total_trainable,
            "total_macs": self.total_macs,
            "total_activations": self.total_activations,
            "total_seconds": self.total_seconds,
            "depth": self.depth,
            "receptive_field": self.receptive_field,
            "note": self.note,
        }

    def receptive_field_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab receptive-field --json`` prints."""
        settings = ("kernel_size", "stride", "padding", "dilation")
        return {
            "net": self.net,
            "input_shape": list(self.input_shape),
            "receptive_field": self.receptive_field,
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type,
                    **dict(zip(settings, layer.window or (), strict=True)),
                    "receptive_field": layer.receptive_field,
                    "jump": layer.jump,
                    "start": layer.start,
                }
                for layer in self.sliding_layers
            ],
        }

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab summary --json`` prints."""
        return {
            **self.totals_json(),
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type,
                    "output_shape": list(layer.output_shape),
                    "parameters": layer.parameters,
                    "trainable_parameters": layer.trainable,
                    "macs": layer.macs,
                    "activations": layer.activations,
                    "seconds": layer.seconds,
                    "receptive_field": layer.receptive_field,
                    "jump": layer.jump,
                    "start": layer.start,
                    "reused": layer.reused,
                    "gated": layer.gated,
                }
                for layer in self.layers
            ],
        }


def _rate(macs: int, seconds: float | None) -> float | None:
    return macs / seconds if macs and seconds else None


@dataclass(frozen=True)
class Picture:
    """An image of one (grey) or three (RGB) channels; ``pixels`` are its bytes, (H, W, C)."""

    title: str
    height: int
    width: int
    channels: int
    pixels: bytes


@dataclass(frozen=True)
class GradientFlow:
    """One kind of stack, and the norm of the gradient at its input for each depth in blocks."""

    label: str
    depths: tuple[int, ...]
    norms: tuple[float, ...]

    @property
    def change(self) -> float | None:
        """The last norm over the first; None where either is zero or not finite."""
        first, last = self.norms[0], self.norms[-1]
        return last / first if 0 < first < math.inf and 0 < last < math.inf else None

    @property
    def factor_per_block(self) -> float | None:
        """What one block more multiplies the gradient by, on average; None for one depth."""
        blocks = self.depths[-1] - self.depths[0]
        return None if self.change is None or blocks == 0 else self.change ** (1 / blocks)

    def to_json(self) -> dict[str, Any]:
        """One arm of the document that ``cnn-lab gradients --json`` prints."""
        return {**asdict(self), "factor_per_block": self.factor_per_block}


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
    train: Grid
    eval: Grid
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


Cell = tuple[int, int]
"""(row, column) of a cell, or (rows, columns) of a shift, down and to the right."""

POOL_OPTIONS: dict[str, tuple[str, ...]] = {
    "max": ("kernel_size", "stride", "padding", "dilation", "ceil_mode"),
    "avg": ("kernel_size", "stride", "padding", "ceil_mode", "count_include_pad"),
    "lp": ("kernel_size", "stride", "ceil_mode", "norm_type"),
    "global-max": (),
    "global-avg": (),
    "adaptive-max": ("output_size",),
    "adaptive-avg": ("output_size",),
}
"""The kinds of pooling, and the options that each of them takes."""


@dataclass(frozen=True)
class PoolSettings:
    """What to pool with, alike for rows and columns except for ``output_size``.

    Each kind of pooling looks only at its own options: ``dilation`` is max
    pooling's, ``count_include_pad`` average pooling's, ``norm_type`` the p of Lp
    pooling, and ``output_size`` (rows, columns) belongs to the adaptive kinds.
    """

    kind: str = "max"
    kernel_size: int = 2
    stride: int = 2
    padding: int = 0
    ceil_mode: bool = False
    dilation: int = 1
    count_include_pad: bool = True
    norm_type: float = 2.0
    output_size: tuple[int, int] = (2, 2)

    def to_json(self) -> dict[str, Any]:
        """The kind and every option by name; None for an option that the kind does not take."""
        taken = ("kind", *POOL_OPTIONS[self.kind])
        return {name: value if name in taken else None for name, value in asdict(self).items()}


@dataclass(frozen=True)
class PoolSpan:
    """Where one row (or column) of windows lies along its side of the input.

    ``cells`` are the indices inside the input, ``length`` all positions of the
    window, those in the padding and beyond it included, and ``divided`` how many
    of them an average counts.
    """

    cells: tuple[int, ...]
    length: int
    divided: int


@dataclass(frozen=True)
class PoolWindow:
    """Output cell (``row``, ``column``), and the input cells it was made from.

    The window covers every crossing of ``rows`` and ``columns`` of the input;
    ``cells`` are the values there in reading order. ``size`` counts the cells of
    the whole window, those outside of the input included; ``divisor`` is what an
    average divides the sum by.
    """

    row: int
    column: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    cells: tuple[float, ...]
    size: int
    divisor: int
    value: float


@dataclass(frozen=True)
class PoolResult:
    """One map, pooled: the numbers, and where the windows of each output row and column lie."""

    settings: PoolSettings
    input: Grid
    output: Grid
    rows: tuple[PoolSpan, ...]
    columns: tuple[PoolSpan, ...]

    @property
    def input_size(self) -> tuple[int, int]:
        """(height, width) of the input."""
        return len(self.input), len(self.input[0])

    @property
    def output_size(self) -> tuple[int, int]:
        """(height, width) of the output."""
        return len(self.output), len(self.output[0])

    @property
    def reduction_percent(self) -> float:
        """How many of the input's cells are gone, in percent of them."""
        (height, width), (out_height, out_width) = self.input_size, self.output_size
        return 100.0 * (1 - (out_height * out_width) / (height * width))

    def windows(self) -> Iterator[PoolWindow]:
        """Every window, in the order of the output's cells."""
        for row in range(len(self.rows)):
            for column in range(len(self.columns)):
                yield self.window(row, column)

    def window(self, row: int, column: int) -> PoolWindow:
        """The window behind output cell (``row``, ``column``)."""
        down, across = self.rows[row], self.columns[column]
        return PoolWindow(
            row=row,
            column=column,
            rows=down.cells,
            columns=across.cells,
            cells=tuple(self.input[i][j] for i in down.cells for j in across.cells),
            size=down.length * across.length,
            divisor=down.divided * across.divided,
            value=self.output[row][column],
        )

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab pool --json`` prints; null is an option not used."""
        return {
            **self.settings.to_json(),
            "input": [list(row) for row in self.input],
            "output": [list(row) for row in self.output],
            "reduction_percent": round(self.reduction_percent, 4),
        }


@dataclass(frozen=True)
class ShiftMeasure:
    """What one-pixel shifts did to one pooling's output.

    Of ``shifts``, so many left the output ``unchanged``, and so many ``moved`` it
    along exactly. ``mean_change`` and ``largest_change`` are shares of 1: all
    differences between the two outputs against all that both hold, 0 for the
    same numbers and 1 for nothing in common.
    """

    shifts: int
    unchanged: int
    moved: int
    mean_change: float
    largest_change: float


@dataclass(frozen=True)
class ShiftComparison:
    """One way to pool, measured on a single bright pixel and on the map itself."""

    label: str
    pixel: ShiftMeasure
    map: ShiftMeasure


@dataclass(frozen=True)
class TranslationResult:
    """A map and the same map shifted by (rows, columns), both pooled.

    What the shift uncovers is filled with zeros; nothing wraps around. ``moved``
    is by how many cells the output moved along exactly, wherever windows lie
    whole inside the map; None where it did something else. ``pixel_row`` is the
    width of the row that the single bright pixel of ``comparisons`` walks along.
    """

    settings: PoolSettings
    shift: Cell
    before: PoolResult
    after: PoolResult
    moved: Cell | None
    pixel_row: int
    comparisons: tuple[ShiftComparison, ...]

    @property
    def changed(self) -> frozenset[Cell]:
        """The output cells, as (row, column), that the shift changed."""
        return frozenset(
            (i, j)
            for i, (old, new) in enumerate(zip(self.before.output, self.after.output, strict=True))
            for j, (was, now) in enumerate(zip(old, new, strict=True))
            if was != now
        )

    @property
    def changed_share(self) -> float:
        """The share of output cells that the shift changed."""
        height, width = self.before.output_size
        return len(self.changed) / (height * width)

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab pool --shift … --json`` prints."""
        return {
            **self.before.to_json(),
            "shift": list(self.shift),
            "shifted_input": [list(row) for row in self.after.input],
            "shifted_output": [list(row) for row in self.after.output],
            "changed_cells": len(self.changed),
            "changed_share": round(self.changed_share, 4),
            "moved": None if self.moved is None else list(self.moved),
            "pixel_row": self.pixel_row,
            "one_pixel_shifts": [
                {"label": each.label, "pixel": asdict(each.pixel), "map": asdict(each.map)}
                for each in self.comparisons
            ],
        }


@dataclass(frozen=True)
class JudgedRun:
    """Which run's weights were judged, and which of its weights.

    ``epochs`` is how many it was asked for. The weights are those after epoch
    ``weights_epoch`` (None if unknown): with ``has_best`` the best on the
    validation images so far, else the last.
    """

    run: str
    net: str
    data: str
    state: str
    epochs: int
    has_best: bool
    weights_epoch: int | None

    def to_json(self) -> dict[str, Any]:
        """The beginning of what ``cnn-lab evaluate`` and ``predict`` print as JSON."""
        kind = {"weights": "best" if self.has_best else "last"}
        return {key: value for key, value in asdict(self).items() if key != "has_best"} | kind


@dataclass(frozen=True)
class ClassAccuracy:
    """How many of the images of one class were recognised; ``accuracy`` is None without any."""

    name: str
    images: int
    correct: int

    @property
    def accuracy(self) -> float | None:
        """The recognised part of its images, 0 to 1."""
        return self.correct / self.images if self.images else None


@dataclass(frozen=True)
class Mistake:
    """An image of the split that the network took for another class, and how sure it was."""

    index: int
    true: str
    predicted: str
    probability: float
    picture: Picture


@dataclass(frozen=True)
class Confusion:
    """How often images of one class were taken for another."""

    true: str
    predicted: str
    count: int


@dataclass(frozen=True)
class Evaluation:
    """A run's network judged on every image of one split, ``test`` or ``val``.

    ``loss`` is the mean cross-entropy per image. ``confusion`` counts images: a
    row is a true class, a column a predicted one, both in the order of
    ``classes``. ``mistakes`` are those that the network was surest of, the
    surest first.
    """

    judged: JudgedRun
    split: str
    classes: tuple[str, ...]
    images: int
    correct: int
    loss: float
    images_per_second: float
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]

    @property
    def accuracy(self) -> float:
        """The part of the images that were classified right, 0 to 1."""
        return self.correct / self.images

    @property
    def per_class(self) -> tuple[ClassAccuracy, ...]:
        """Every class in its order."""
        return tuple(
            ClassAccuracy(name, sum(row), row[index])
            for index, (name, row) in enumerate(zip(self.classes, self.confusion, strict=True))
        )

    @property
    def confusions(self) -> tuple[Confusion, ...]:
        """Every two classes that were confused, the most frequent first."""
        found = [
            Confusion(self.classes[i], self.classes[j], count)
            for i, row in enumerate(self.confusion)
            for j, count in enumerate(row)
            if i != j and count
        ]
        return tuple(sorted(found, key=lambda each: -each.count))

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab evaluate --json`` prints: no pixels."""
        is_test = self.split == "test"
        return {
            **self.judged.to_json(),
            "split": self.split,
            "images": self.images,
            "accuracy": self.accuracy,
            "loss": self.loss,
            "test_accuracy": self.accuracy if is_test else None,
            "test_loss": self.loss if is_test else None,
            "images_per_second": self.images_per_second,
            "classes": list(self.classes),
            "per_class": [asdict(each) | {"accuracy": each.accuracy} for each in self.per_class],
            "confusion": [list(row) for row in self.confusion],
            "mistakes": [
                {key: value for key, value in vars(each).items() if key != "picture"}
                for each in self.mistakes
            ],
        }


@dataclass(frozen=True)
class Guess:
    """A class, and the probability that the network gives it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """An image, the class that it truly is of (None if unknown), and the likeliest guesses."""

    picture: Picture
    true: str | None
    guesses: tuple[Guess, ...]

    @property
    def predicted(self) -> str:
        """The class that the network takes it for."""
        return self.guesses[0].name

    @property
    def is_right(self) -> bool | None:
        """Whether that is the true one; None where nobody knows."""
        return None if self.true is None else self.true == self.predicted


@dataclass(frozen=True)
class Predictions:
    """What a run's network takes some images for; ``notes`` say how they were chosen and seen."""

    judged: JudgedRun
    images: tuple[Prediction, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab predict --json`` prints: no pixels."""
        return {
            **self.judged.to_json(),
            "images": [
                {
                    "image": each.picture.title,
                    "true": each.true,
                    "predicted": each.predicted,
                    "right": each.is_right,
                    "guesses": [asdict(guess) for guess in each.guesses],
                }
                for each in self.images
            ],
            "notes": list(self.notes),
        }
