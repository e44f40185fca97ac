"""What several demos share: rows of layer tables, plain numbers, mosaics, and batches of digits."""

from collections.abc import Iterable

import torch
from torch import Tensor

from cnn_tui.analysis.images import picture
from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.records import GLOBAL, UNKNOWN
from cnn_tui.chapter.records import Tiles
from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.loading.loader import Loader


def sees(layer: LayerSummary) -> str:
    """The part of the image that one output unit depends on, in pixels: ``14×14``."""
    side = layer.receptive_field
    if side == UNKNOWN:
        return "unknown"
    return "the whole image" if side == GLOBAL else f"{side}×{side}"


def percent(part: float, whole: float) -> float:
    """``part`` in percent of ``whole``, with one decimal; 0 of nothing."""
    return round(100 * part / whole, 1) if whole else 0.0


def short(number: float) -> str:
    """A positive number in a sentence: two significant digits, or all before the point."""
    return f"{number:.2g}" if number < 99.5 else f"{number:,.0f}"


def rows_of(matrix: Tensor) -> tuple[tuple[float, ...], ...]:
    """The numbers of a tensor (H, W), row by row."""
    return tuple(tuple(row) for row in matrix.tolist())


def mosaic(title: str, images: Tensor, per_row: int, labels: Iterable[str] = ()) -> Tiles:
    """Square uint8 images (N, C, S, S) in rows of ``per_row``; black where a row is not full.

    Each has one of the ``labels``, where there are any.
    """
    count, channels, side, _ = images.shape
    rows = -(-count // per_row)
    missing = images.new_zeros(rows * per_row - count, channels, side, side)
    grid = torch.cat([images, missing]).view(rows, per_row, channels, side, side)
    pixels = grid.permute(2, 0, 3, 1, 4).reshape(channels, rows * side, per_row * side)
    return Tiles(picture(title, pixels), side, tuple(labels))


def channel_labels(count: int) -> tuple[str, ...]:
    """What stands above the maps of a layer: ``#0``, ``#1`` and so on."""
    return tuple(f"#{channel}" for channel in range(count))


def stretched(maps: Tensor) -> Tensor:
    """Feature maps (C, H, W) as uint8 images (C, 1, H, W), each from its lowest to its highest."""
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    spread = (high - low).clamp(min=torch.finfo(maps.dtype).tiny)
    return ((maps - low) / spread * 255).round().byte()[:, None]


def digit_batches(digits: Prepared, split: Split, batch_size: int, image_size: int) -> Loader:
    """Normalized batches of ``split``, enlarged to ``image_size``, without augmentation."""
    return Loader(
        split,
        mean=digits.mean,
        std=digits.std,
        batch_size=batch_size,
        image_size=image_size,
        device=torch.device("cpu"),
    )
