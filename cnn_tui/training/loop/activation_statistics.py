"""What activations are like while validation images go through a network anyway.

Hooks on the layers with weights and a mode that sees each ReLU add up means, variances and
which channels were ever above 0. Nothing is computed again, and nothing waits for the device.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm
from torch.overrides import TorchFunctionMode

ENOUGH_IMAGES, IMAGES_FOR_MEANS = 512, 128
"""A channel is called dead only after so many images; fewer will do for means and deviations,
of which each image gives as many numbers as a map has positions."""
RELUS: frozenset[Any] = frozenset(
    {F.relu, F.relu_, torch.relu, torch.relu_, Tensor.relu, Tensor.relu_, F.relu6}
)


@dataclass
class LayerSums:
    """What one layer's outputs add up to, on the device: one entry per batch."""

    images: list[int] = field(default_factory=list)
    variances: list[Tensor] = field(default_factory=list)
    means: list[Tensor] = field(default_factory=list)
    channel_variances: list[Tensor] = field(default_factory=list)
    channel_means: list[Tensor] = field(default_factory=list)
    alive: Tensor | None = None


class ActivationStatistics:
    """Adds up what ``layers`` put out for up to ENOUGH_IMAGES images."""

    def __init__(self, layers: Sequence[nn.Module]) -> None:
        self.images = 0
        self.seconds = 0.0
        self.sums = [LayerSums() for _ in layers]
        self._layers = layers
        self._last: int | None = None
        self._is_on = self._means_on = True

    @contextmanager
    def watching(self, net: nn.Module) -> Iterator[None]:
        """Watch every forward of ``net`` in here until there were enough images."""
        with ExitStack() as stack:
            stack.callback(net.register_forward_pre_hook(self._begin).remove)
            for index, layer in enumerate(self._layers):
                stack.callback(layer.register_forward_hook(self._adder(index)).remove)
            with _WatchedReLUs(self._add_relu):
                yield

    def _begin(self, net: nn.Module, args: Any) -> None:
        self._is_on = self.images < ENOUGH_IMAGES
        self._means_on = self.images < IMAGES_FOR_MEANS
        self._last = None
        if self._is_on:
            self.images += len(args[0])

    def _adder(self, index: int) -> Callable[[nn.Module, Any, Any], None]:
        sums, layer = self.sums[index], self._layers[index]
        is_norm = isinstance(layer, _BatchNorm) and layer.running_mean is not None

        def add(module: nn.Module, args: Any, output: Any) -> None:
            self._last = index
            if not (self._means_on and isinstance(output, Tensor) and output.is_floating_point()):
                return
            started = time.perf_counter()
            variance, mean = _moments(output.flatten() if output.ndim < 2 else _rows(output))
            sums.images.append(len(output))
            # That of all numbers: the mean of the channels' variances, and that of their means.
            sums.variances.append(variance.mean() + mean.var(correction=0))
            sums.means.append(mean.mean())
            if is_norm:
                variances, means = _moments(_rows(args[0]))
                sums.channel_variances.append(variances)
                sums.channel_means.append(means)
            self.seconds += time.perf_counter() - started

        return add

    def _add_relu(self, output: Any) -> None:
        """Note which channels a ReLU let through; it belongs to the layer that ran before it."""
        if not self._is_on or self._last is None or not isinstance(output, Tensor):
            return
        if output.ndim < 2:
            return
        started = time.perf_counter()
        sums = self.sums[self._last]
        alive = _rows(output).amax((0, -1) if output.is_contiguous() else 0) > 0
        if sums.alive is None:
            sums.alive = alive
        elif len(sums.alive) == len(alive):
            sums.alive = sums.alive | alive
        self.seconds += time.perf_counter() - started


class _WatchedReLUs(TorchFunctionMode):
    """Hands on what each ReLU returns, whether it is a module or a function."""

    def __init__(self, add: Callable[[Any], None]) -> None:
        super().__init__()
        self._add = add

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if func in RELUS:
            self._add(result)
        return result


def _rows(output: Tensor) -> Tensor:
    """The same numbers, whose channels are dimension 1, in a shape that is fast to reduce.

    (N, channels, positions) where memory has them so, else (N · positions, channels), which
    is a view of channels_last.
    """
    if output.is_contiguous():
        return output.reshape(*output.shape[:2], -1)
    return output.movedim(1, -1).reshape(-1, output.shape[1])


def _moments(rows: Tensor) -> tuple[Tensor, Tensor]:
    """Variance and mean of each channel of ``_rows``."""
    rows = rows.float()
    dims = (0, -1) if rows.ndim == 3 else (0,)
    mean = rows.mean(dims)
    return (rows.square().mean(dims) - mean.square()).clamp_min(0), mean


def over_all(sums: LayerSums) -> tuple[Tensor, Tensor] | None:
    """Mean and standard deviation over all batches; None where nothing was seen."""
    return _pooled(sums.images, sums.means, sums.variances) if sums.images else None


def by_channel(sums: LayerSums) -> tuple[Tensor, Tensor] | None:
    """The same of each channel of a batch norm's input."""
    if not sums.channel_means:
        return None
    return _pooled(sums.images, sums.channel_means, sums.channel_variances)


def _pooled(
    images: Sequence[int], means: Sequence[Tensor], variances: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    first = torch.stack(list(means))
    shares = torch.tensor(images, dtype=torch.float32, device=first.device) / sum(images)
    shares = shares.view(-1, *[1] * (first.ndim - 1))
    mean = (shares * first).sum(0)
    square = (shares * (torch.stack(list(variances)) + (first - mean) ** 2)).sum(0)
    return mean, square.clamp_min(0).sqrt()
