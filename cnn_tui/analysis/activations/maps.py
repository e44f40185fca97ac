"""From a layer's numbers to what a terminal can show: maps, histograms and masks."""

import copy
import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.modules.batchnorm import _BatchNorm as AnyBatchNorm
from torch.nn.modules.dropout import _DropoutNd as AnyDropout

from cnn_tui.analysis.activations.records import DropoutMasks, FeatureMap, Histogram
from cnn_tui.analysis.records import shape_text
from cnn_tui.errors import UsageError

LARGEST_MAP = 112
"""Cells along a map's side; larger ones are averaged down, as no terminal could show them."""
LARGEST_MASK = 64
"""Cells along a mask's side; of a larger one the upper left corner is shown."""
SHORT_VECTOR = 32
"""Up to so many values stand in one row."""
LONGEST_TO_WIDEST = 4
BINS = 40


def as_maps(output: Tensor) -> tuple[Tensor, str]:
    """One image's output as maps (C, H, W), and a sentence where that is a matter of choice.

    A vector is laid out as one map, row by row. Tokens (T, D) of a square image
    become D maps, without the class token. Raises UsageError for what is neither.
    """
    if output.ndim == 3:
        return output, ""
    if output.ndim == 1:
        return _laid_out(output)
    if output.ndim == 2:
        return _token_maps(output)
    raise UsageError(
        f"An output of {output.ndim} dimensions ({shape_text(output.shape)}) "
        "cannot be shown as maps: choose another layer."
    )


def feature_map(channel: int, values: Tensor) -> FeatureMap:
    """One map (H, W) in bytes, from its own lowest value (0) to its highest (255).

    Values that are not finite are counted in ``odd``; NaN is drawn like the lowest.
    """
    odd = int(values.numel() - values.isfinite().sum())
    low, high = finite_range(values)
    scaled = (_shrunk(values.double()) - low) / ((high - low) or 1.0)
    pixels = scaled.nan_to_num(0.0, 1.0, 0.0).clamp(0, 1).mul(255).round().to(torch.uint8)
    return FeatureMap(channel, low, high, pixels.numpy().tobytes(), odd)


def shown_size(height: int, width: int) -> tuple[int, int]:
    """The (height, width) at which maps of that size are kept."""
    return min(height, LARGEST_MAP), min(width, LARGEST_MAP)


@torch.no_grad()
def batch_norm_histograms(
    layer: AnyBatchNorm, inputs: Tensor, channel: int
) -> tuple[Histogram, ...]:
    """One channel before batch norm, and after it: in training, and in evaluation.

    ``inputs`` are (N, C, …). In training this batch's own mean and variance are
    used, which takes more than one value per channel; in evaluation the running
    ones. All histograms have the same bins.
    """
    values = {"Input": inputs[:, channel]}
    if inputs[:, channel].numel() > 1:
        in_training = _copy_of(layer, training=True)(inputs)
        values["Output in training (this batch's statistics)"] = in_training[:, channel]
    running = "running" if layer.track_running_stats else "this batch's"
    in_evaluation = _copy_of(layer, training=False)(inputs)
    values[f"Output in evaluation ({running} statistics)"] = in_evaluation[:, channel]
    low, high = finite_range(torch.cat([each.flatten() for each in values.values()]))
    return tuple(histogram(label, each, low, high) for label, each in values.items())


def histogram(label: str, values: Tensor, low: float, high: float) -> Histogram:
    """How the finite ones of ``values`` spread over equal bins from ``low`` to ``high``."""
    finite = _finite(values)
    if not finite.numel():
        return Histogram(label, low, high, (0,) * BINS, math.nan, math.nan)
    if low == high:
        counts = (finite.numel(), *(0,) * (BINS - 1))
    else:
        counts = tuple(map(int, finite.histc(BINS, low, high).tolist()))
    mean, std = finite.mean().item(), finite.std(correction=0).item()
    return Histogram(label, low, high, counts, mean, std)


def finite_range(values: Tensor) -> tuple[float, float]:
    """The lowest and the highest finite value; NaN and NaN where there is none."""
    finite = _finite(values)
    if not finite.numel():
        return math.nan, math.nan
    return finite.min().item(), finite.max().item()


def dropout_masks(layer: AnyDropout, inputs: Tensor, channel: int, seed: int) -> DropoutMasks:
    """Which values of one image's input (1, …) a dropout layer lets through.

    The masks shown are those of ``channel``, where there are channels; the share
    that is kept is counted over all values.
    """
    ones = torch.ones_like(inputs)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        in_training = _copy_of(layer, training=True)(ones)[0] != 0
    in_evaluation = _copy_of(layer, training=False)(ones)[0] != 0
    return DropoutMasks(
        p=layer.p,
        scale=1 / (1 - layer.p) if layer.p < 1 else 0.0,
        train=_mask(in_training, channel),
        eval=_mask(in_evaluation, channel),
        kept=in_training.double().mean().item(),
        values=in_training.numel(),
    )


def _finite(values: Tensor) -> Tensor:
    exact = values.double()
    return exact[exact.isfinite()]


def _laid_out(vector: Tensor) -> tuple[Tensor, str]:
    """A vector as one map: in one row, or near a square."""
    size = len(vector)
    if size <= SHORT_VECTOR:
        return vector.view(1, 1, size), ""
    height = max(rows for rows in range(1, math.isqrt(size) + 1) if size % rows == 0)
    width = size // height
    if width <= LONGEST_TO_WIDEST * height:
        return vector.view(1, height, width), _row_by_row(size, height, width)
    height = math.isqrt(size)
    width = -(-size // height)
    empty = height * width - size
    padded = F.pad(vector, (0, empty), value=vector.min().item())
    note = f"{_row_by_row(size, height, width)[:-1]}; the last {empty} cells are empty."
    return padded.view(1, height, width), note


def _row_by_row(size: int, height: int, width: int) -> str:
    return f"{size:,} values, laid out row by row as {height}×{width}."


def _token_maps(tokens: Tensor) -> tuple[Tensor, str]:
    count, dimensions = tokens.shape
    for class_tokens in (0, 1):
        side = math.isqrt(count - class_tokens)
        if side > 1 and side * side == count - class_tokens:
            patches = tokens[class_tokens:].T.reshape(dimensions, side, side)
            without = ", without the class token" if class_tokens else ""
            return patches, f"Each map is one of {dimensions} numbers per patch{without}."
    return tokens[None], f"One map: {count} tokens from top to bottom, {dimensions} numbers each."


def _shrunk(values: Tensor) -> Tensor:
    size = shown_size(*values.shape)
    return values if size == values.shape else F.adaptive_avg_pool2d(values[None], size)[0]


def _copy_of(layer: nn.Module, *, training: bool) -> nn.Module:
    """The layer in a mode of its own: running statistics of the original stay as they are."""
    return copy.deepcopy(layer).train(training)


def _mask(kept: Tensor, channel: int) -> tuple[tuple[float, ...], ...]:
    maps, _ = as_maps(kept.float())
    shown = maps[channel if len(maps) > 1 else 0, :LARGEST_MASK, :LARGEST_MASK]
    return tuple(tuple(row) for row in shown.tolist())
