"""What the analyses answer: frozen records without torch."""

from dataclasses import dataclass
from typing import Any

Shape = tuple[int, ...]
Grid = tuple[tuple[float, ...], ...]

GLOBAL = "global"
"""The receptive field of a unit that sees the whole image."""


@dataclass(frozen=True)
class LayerSummary:
    """One module, at the moment it ran.

    ``output_shape`` leaves out the batch; ``parameters`` and ``macs`` include
    its children; ``receptive_field`` is a side in input pixels, GLOBAL, or None
    where it has no meaning.
    """

    name: str
    type: str
    depth: int
    is_leaf: bool
    output_shape: Shape
    parameters: int
    macs: int
    receptive_field: int | str | None


@dataclass(frozen=True)
class NetSummary:
    """A network taken apart: its modules in the order in which they ran."""

    net: str
    title: str
    input_shape: Shape
    output_shape: Shape
    total_parameters: int
    total_macs: int
    modules: tuple[LayerSummary, ...]

    @property
    def layers(self) -> tuple[LayerSummary, ...]:
        """The modules that have no children: the layers of the table."""
        return tuple(module for module in self.modules if module.is_leaf)

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab summary --json`` prints."""
        return {
            "net": self.net,
            "input_shape": list(self.input_shape),
            "output_shape": list(self.output_shape),
            "total_parameters": self.total_parameters,
            "total_macs": self.total_macs,
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type,
                    "output_shape": list(layer.output_shape),
                    "parameters": layer.parameters,
                    "macs": layer.macs,
                    "receptive_field": layer.receptive_field,
                }
                for layer in self.layers
            ],
        }


@dataclass(frozen=True)
class PoolSettings:
    """What to pool with; ``kernel_size`` and ``stride`` are square, in cells."""

    kind: str = "max"
    kernel_size: int = 2
    stride: int = 2
    padding: int = 0
    ceil_mode: bool = False


@dataclass(frozen=True)
class PoolWindow:
    """One output cell and the input cells it was made from.

    ``top``, ``left``, ``bottom`` and ``right`` bound the window inside the
    input, without its padding; ``cells`` are the values there in reading order,
    ``divisor`` what an average divides their sum by.
    """

    row: int
    column: int
    top: int
    left: int
    bottom: int
    right: int
    cells: tuple[float, ...]
    divisor: int
    value: float


@dataclass(frozen=True)
class PoolResult:
    """One map, pooled: the numbers, and every window on the way."""

    settings: PoolSettings
    input: Grid
    output: Grid
    windows: tuple[PoolWindow, ...]

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

    def window(self, row: int, column: int) -> PoolWindow:
        """The window behind output cell (``row``, ``column``)."""
        return self.windows[row * self.output_size[1] + column]

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab pool --json`` prints."""
        return {
            "kind": self.settings.kind,
            "kernel_size": self.settings.kernel_size,
            "stride": self.settings.stride,
            "padding": self.settings.padding,
            "ceil_mode": self.settings.ceil_mode,
            "input": [list(row) for row in self.input],
            "output": [list(row) for row in self.output],
            "reduction_percent": round(self.reduction_percent, 4),
        }
