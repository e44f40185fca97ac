"""Looking inside the network while it is trained, without changing a bit of it.

At a step that is due, the norms of weights, gradients and the update are taken; at the end of
an epoch, validation's own forward tells what the activations are like. A few fixed images are
classified again. Everything stays on the device until the snapshot is written.
"""

import time
from base64 import b64encode
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm

from cnn_tui.data.dataset import DataSet
from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.activation_statistics import (
    ActivationStatistics,
    LayerSums,
    by_channel,
    over_all,
)
from cnn_tui.training.loop.session import TrainingSession
from cnn_tui.training.store.inspection_records import (
    ImagePrediction,
    InspectedImages,
    Inspection,
    LayerInspection,
    PixelStack,
)
from cnn_tui.training.store.inspections import append

FIXED_IMAGES, TOP = 8, 3
LARGEST_PICTURE, LARGEST_MAP, MAPS = 32, 16, 4
FILTER_BYTES, MOST_FILTERS = 32_768, 64
MOST_SNAPSHOTS, LAYER_BYTES, MOST_BYTES = 200, 300, 8 * 2**20
"""A run keeps at most so many snapshots, and fewer where each of them is large."""
SHARE_OF_TIME, FREE_SECONDS = 0.01, 0.2
"""Between the first and the last epoch, snapshots may have taken this part of the time, or so
many seconds: each takes some milliseconds, and a short run is to have all of them."""
NETWORK_ITSELF = "(network)"
"""The name of weights that belong to no layer, but to the network itself."""


_Kind = TypeVar("_Kind")
_Numbers = tuple[_Kind | None, _Kind | None, _Kind | None, _Kind | None, _Kind | None]
"""Of a layer's outputs: mean, std, dead, mean_gap, std_ratio, as in LayerInspection."""


@dataclass
class _Norms:
    """Norms of each layer at one step, on the device, stacked in the order of the layers."""

    weights: Tensor
    gradients: Tensor
    updates: Tensor


class Inspector:
    """Takes snapshots of one session; ``file`` is where they go."""

    def __init__(self, session: TrainingSession, data: DataSet, file: Path) -> None:
        self._file = file
        self._names, self._layers = _layers_of(session.net)
        self._steps = len(session.train)
        self._epochs = session.config.epochs
        self._interval = _interval(session.config.inspect, self._steps * self._epochs)
        self._every = _epochs_between(self._epochs, len(self._layers))
        self._spent = 0.0
        self._before: list[Tensor] = []
        self._norms: _Norms | None = None
        self._statistics: ActivationStatistics | None = None
        self._fixed = _fixed(data.val.labels)
        self._images = session.val.picked(self._fixed)
        self._conv = next((each for each in self._layers if isinstance(each, nn.Conv2d)), None)
        if session.progress.step == 0:
            append(file, _fixed_images(data, self._fixed))

    def is_due(self, session: TrainingSession) -> bool:
        """Whether a snapshot is to be taken of the step that is under way."""
        step = session.progress.step + 1
        if self._interval and step % self._interval == 0:
            return True
        epoch, rest = divmod(step, self._steps)
        if rest or (epoch % self._every and epoch != self._epochs):
            return False
        is_cheap = self._spent <= max(FREE_SECONDS, SHARE_OF_TIME * session.progress.seconds)
        return is_cheap or epoch in (1, self._epochs)

    def before_update(self) -> None:
        """Remember the weights, whose gradients are there."""
        started = time.monotonic()
        self._before = [each.detach().clone() for each in self._parameters()]
        self._spent += time.monotonic() - started

    def after_update(self, session: TrainingSession) -> None:
        """Take the norms; between two epochs validation completes the snapshot."""
        started = time.monotonic()
        self._norms = self._taken()
        self._before = []
        if session.progress.step % self._steps:
            self._write(session)
        else:
            self._statistics = ActivationStatistics(self._layers)
        self._spent += time.monotonic() - started

    def watching(self, net: nn.Module) -> AbstractContextManager[None]:
        """Look at the activations of what ``net`` validates in here, where that is due."""
        return nullcontext() if self._statistics is None else self._statistics.watching(net)

    def end_epoch(self, session: TrainingSession) -> None:
        """Write the snapshot of the epoch that has ended, where one was taken."""
        if self._norms is not None:
            started = time.monotonic()
            if self._statistics is not None:
                self._spent += self._statistics.seconds
            self._write(session)
            self._spent += time.monotonic() - started

    def _parameters(self) -> list[Tensor]:
        return [each for layer in self._layers for each in _own(layer)]

    @torch.no_grad()
    def _taken(self) -> _Norms:
        parameters = self._parameters()
        gradients = [torch.zeros_like(p) if p.grad is None else p.grad for p in parameters]
        updates = torch._foreach_sub([each.detach() for each in parameters], self._before)
        return _Norms(
            self._by_layer([each.detach() for each in parameters]),
            self._by_layer(gradients),
            self._by_layer(list(updates)),
        )

    def _by_layer(self, tensors: list[Tensor]) -> Tensor:
        """The norm of each layer's tensors together."""
        squares = iter(torch.stack([each.float() for each in torch._foreach_norm(tensors)]) ** 2)
        sums = [sum(next(squares) for _ in _own(layer)) for layer in self._layers]
        return torch.stack([torch.as_tensor(each) for each in sums]).sqrt()

    def _write(self, session: TrainingSession) -> None:
        assert self._norms is not None
        norms, statistics = self._norms, self._statistics
        self._norms = self._statistics = None
        maps, predictions = self._looked_at(session)
        layers = self._inspected(norms, statistics)
        progress = session.progress
        snapshot = Inspection(
            step=progress.step,
            epoch=progress.step // self._steps,
            rate_part=session.optimizer.param_groups[0]["lr"] / session.config.lr,
            images=statistics.images if statistics else 0,
            layers=layers,
            filters=None if self._conv is None else _filters(self._conv.weight.detach()),
            maps=maps,
            predictions=predictions,
        )
        append(self._file, snapshot)

    def _inspected(
        self, norms: _Norms, statistics: ActivationStatistics | None
    ) -> tuple[LayerInspection, ...]:
        """A row per layer; those of the activations are empty without ``statistics``."""
        sums = statistics.sums if statistics else [LayerSums() for _ in self._layers]
        rows = torch.stack([norms.weights, norms.gradients, norms.updates]).T.tolist()
        told = _told([_of_outputs(*each) for each in zip(self._layers, sums, strict=True)])
        return tuple(
            LayerInspection(
                name,
                type(layer).__name__,
                *(weight, gradient, update),
                _is_matrix(layer),
                *outputs,
            )
            for name, layer, (weight, gradient, update), outputs in zip(
                self._names, self._layers, rows, told, strict=True
            )
        )

    @torch.inference_mode()
    def _looked_at(
        self, session: TrainingSession
    ) -> tuple[PixelStack | None, tuple[ImagePrediction, ...]]:
        """The first layer's maps of the fixed images, and what the network says of them."""
        if not len(self._images):
            return None, ()
        net, was_training, seen = session.net, session.net.training, []
        hook = None
        if self._conv is not None:
            hook = self._conv.register_forward_hook(lambda *of: seen.append(of[2]))
        try:
            net.eval()
            with autocast(session.config):
                output = net(self._images)
        finally:
            net.train(was_training)
            if hook is not None:
                hook.remove()
        logits = output if isinstance(output, Tensor) else output[0]
        maps = _maps(seen[0].float()) if seen else None
        if not bool(torch.isfinite(logits).all()):
            return maps, ()
        likely = logits.float().softmax(1).topk(min(TOP, logits.shape[1]))
        predictions = tuple(
            ImagePrediction(tuple(classes), tuple(probabilities))
            for classes, probabilities in zip(
                likely.indices.tolist(), likely.values.tolist(), strict=True
            )
        )
        return maps, predictions


def _layers_of(net: nn.Module) -> tuple[list[str], list[nn.Module]]:
    """The modules that have weights of their own, shared ones once, with their names."""
    found = [(name or NETWORK_ITSELF, each) for name, each in net.named_modules() if _own(each)]
    return [name for name, _ in found], [each for _, each in found]


def _own(module: nn.Module) -> list[Tensor]:
    """The module's own parameters that are trained."""
    return [each for each in module.parameters(recurse=False) if each.requires_grad]


def _is_matrix(module: nn.Module) -> bool:
    return any(each.ndim > 1 for each in _own(module))


def _interval(asked: int | None, total: int) -> int:
    """Steps between snapshots beside those of the epochs; no more than a run keeps."""
    return max(asked, -(-total // MOST_SNAPSHOTS)) if asked else 0


def _epochs_between(epochs: int, layers: int) -> int:
    """After how many epochs a snapshot is taken, so that all of them are bounded."""
    size = layers * LAYER_BYTES + 2 * FILTER_BYTES
    most = max(2, min(MOST_SNAPSHOTS, MOST_BYTES // size))
    return -(-epochs // most)


def _fixed(labels: Tensor) -> Tensor:
    """Which images are looked at: the first of each class in turn, then the second, and so on."""
    seen: dict[int, int] = {}
    order = []
    for index, label in enumerate(labels.tolist()):
        seen[label] = seen.get(label, 0) + 1
        order.append((seen[label], label, index))
    return torch.tensor([index for *_, index in sorted(order)[:FIXED_IMAGES]], dtype=torch.long)


def _fixed_images(data: DataSet, indices: Tensor) -> InspectedImages:
    images = data.val.images[indices].float()
    side = max(images.shape[-2:], default=1) if len(images) else 1
    if side > LARGEST_PICTURE:
        sides = [max(1, each * LARGEST_PICTURE // side) for each in images.shape[-2:]]
        images = F.interpolate(images, sides, mode="area")
    labels = tuple(data.val.labels[indices].tolist())
    return InspectedImages(_stack(images), labels, tuple(data.classes))


def _filters(weight: Tensor) -> PixelStack:
    """The first layer's filters; 0 is the gray in the middle, the largest weight black or white."""
    picture = weight if weight.shape[1] in (1, 3) else weight.mean(1, keepdim=True)
    count = max(1, min(MOST_FILTERS, FILTER_BYTES // picture[0].numel()))
    shown = picture[:count].float()
    return _stack(127.5 + 127.5 * shown / shown.abs().amax().clamp_min(1e-12))


def _maps(output: Tensor) -> PixelStack | None:
    """A few channels of each image, each stretched to the whole range of grays."""
    if output.ndim != 4:
        return None
    sides = min(LARGEST_MAP, output.shape[-2]), min(LARGEST_MAP, output.shape[-1])
    small = F.adaptive_avg_pool2d(output[:, :MAPS], sides)
    low, high = small.amin((2, 3), keepdim=True), small.amax((2, 3), keepdim=True)
    return _stack(255 * (small - low) / (high - low).clamp_min(1e-12))


def _stack(pictures: Tensor) -> PixelStack:
    pixels = pictures.nan_to_num(127.0).round().clamp(0, 255).to("cpu", torch.uint8).contiguous()
    data = b64encode(pixels.numpy().tobytes()).decode()
    count, channels, height, width = pixels.shape
    return PixelStack(count, channels, height, width, data)


def _of_outputs(layer: nn.Module, sums: LayerSums) -> _Numbers[Tensor]:
    """Mean, standard deviation, dead part, and how far a batch norm's averages are off."""
    overall = over_all(sums)
    mean, std = overall if overall is not None else (None, None)
    dead = None if sums.alive is None else 1 - sums.alive.float().mean()
    channels = by_channel(sums)
    gap = ratio = None
    if channels is not None and isinstance(layer, _BatchNorm):
        assert layer.running_mean is not None and layer.running_var is not None
        running = (layer.running_var + layer.eps).sqrt()
        means, stds = channels
        own = (stds**2 + layer.eps).sqrt()
        gap = ((layer.running_mean - means) / running).square().mean().sqrt()
        ratio = (running.log() - own.log()).mean().exp()
    return mean, std, dead, gap, ratio


def _told(rows: Sequence[_Numbers[Tensor]]) -> list[_Numbers[float]]:
    """The numbers of all layers, fetched from the device at once."""
    there = [each.float().reshape(()) for row in rows for each in row if each is not None]
    numbers = iter(torch.stack(there).tolist() if there else [])
    told: list[_Numbers[float]] = []
    for row in rows:
        mean, std, dead, gap, ratio = (None if each is None else next(numbers) for each in row)
        told.append((mean, std, dead, gap, ratio))
    return told
