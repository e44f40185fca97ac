"""The tensors that a network is called with, made from the record of its inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.shape_rules import ShapeError
from cnn_tui.analysis.records import Shape, shape_text

MAPS = {
    1: "sequences (channels,length)",
    2: "images (channels,height,width)",
    3: "volumes (channels,depth,height,width)",
}
"""What a layer takes, by the number of sides of its kernel."""


@dataclass(frozen=True)
class InputTensors:
    """What forward is called with, by position and by name."""

    args: tuple[Tensor, ...]
    kwargs: Mapping[str, Tensor]
    has_batch: bool = True

    def refuse_rank(self, layer: nn.Module, tensor: Tensor) -> None:
        """Raise ShapeError where a convolution would take the batch for channels."""
        if not isinstance(layer, _ConvNd):
            return
        sides = len(layer.kernel_size)
        if tensor.dim() - self.has_batch != 1 + sides:
            given = shape_text(tensor.shape[self.has_batch :])
            raise ShapeError(f"it slides over {MAPS[sides]}, but got {given}")

    @property
    def all(self) -> tuple[Tensor, ...]:
        """Every tensor, those by position first."""
        return *self.args, *self.kwargs.values()

    def to(self, device: str) -> "InputTensors":
        """The same on another device."""
        return InputTensors(
            tuple(each.to(device) for each in self.args),
            {name: each.to(device) for name, each in self.kwargs.items()},
            self.has_batch,
        )

    def call(self, net: nn.Module) -> Any:
        """What ``net`` answers to them."""
        return net(*self.args, **self.kwargs)


def without_numbers(inputs: NetInputs) -> InputTensors:
    """Tensors on the meta device, which have a shape only."""

    def make(shape: Shape, spec: InputSpec) -> Tensor:
        return torch.empty(shape, dtype=_dtype(spec), device="meta")

    return _made(inputs, make)


def with_numbers(inputs: NetInputs, examples: int | None = None) -> InputTensors:
    """Tensors on the CPU: random numbers from a fixed seed; zeros where they are whole or bool.

    Every vocabulary has a token 0. ``examples`` is the batch where the network takes any.
    """
    random = torch.Generator().manual_seed(0)

    def make(shape: Shape, spec: InputSpec) -> Tensor:
        dtype = _dtype(spec)
        if dtype.is_floating_point or dtype.is_complex:
            return torch.rand(shape, generator=random).to(dtype)
        return torch.zeros(shape, dtype=dtype)

    return _made(inputs, make, examples)


def _made(
    inputs: NetInputs, make: Callable[[Shape, InputSpec], Tensor], examples: int | None = None
) -> InputTensors:
    tensors = [(each.name, make(inputs.full_shape(each, examples), each)) for each in inputs.specs]
    return InputTensors(
        tuple(tensor for name, tensor in tensors if not name),
        {name: tensor for name, tensor in tensors if name},
        inputs.has_batch,
    )


def _dtype(spec: InputSpec) -> torch.dtype:
    dtype: torch.dtype = getattr(torch, spec.dtype)
    return dtype
