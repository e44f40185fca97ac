"""The tensors that a network is called with, made from the record of its inputs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.conv import _ConvNd

from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.receptive_field import Reach, of_input, of_other
from cnn_tui.analysis.records import Shape

IMAGE = 2
"""How many sides an image has; signals have one, volumes three."""


@dataclass(frozen=True)
class InputTensors:
    """What forward is called with, by position and by name."""

    args: tuple[Tensor, ...]
    kwargs: Mapping[str, Tensor]
    has_batch: bool = True

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


def without_numbers(inputs: NetInputs, examples: int | None = None) -> InputTensors:
    """Tensors on the meta device, which have a shape only."""

    def make(shape: Shape, spec: InputSpec) -> Tensor:
        return torch.empty(shape, dtype=_dtype(spec), device="meta")

    return _made(inputs, make, examples)


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


def reach_of_input(net: nn.Module, given: InputTensors, tensor: Tensor) -> Reach:
    """What one of the inputs knows of itself, where it is a map; of others, only depths count.

    Of one that is no image, the network tells: channels of a signal and tokens of a text lie
    alike, and only the first are what a convolution slides over.
    """
    shape = tuple(tensor.shape)
    sides = len(shape) - given.has_batch - 1
    is_map = sides == IMAGE or any(
        isinstance(each, _ConvNd)
        and len(each.kernel_size) == sides
        and each.in_channels == shape[given.has_batch]
        for each in net.modules()
    )
    return of_input(shape, given.has_batch) if is_map else of_other(shape)


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
