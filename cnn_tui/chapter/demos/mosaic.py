"""Several small images in one picture, which is drawn with gaps between them."""

import torch
from torch import Tensor

from cnn_tui.analysis.images import picture
from cnn_tui.chapter.records import Tiles


def mosaic(title: str, images: Tensor, per_row: int) -> Tiles:
    """Square uint8 images (N, C, S, S) in rows of ``per_row``; black where a row is not full."""
    count, channels, side, _ = images.shape
    rows = -(-count // per_row)
    missing = images.new_zeros(rows * per_row - count, channels, side, side)
    grid = torch.cat([images, missing]).view(rows, per_row, channels, side, side)
    pixels = grid.permute(2, 0, 3, 1, 4).reshape(channels, rows * side, per_row * side)
    return Tiles(picture(title, pixels), side)


def stretched(maps: Tensor) -> Tensor:
    """Feature maps (C, H, W) as uint8 images (C, 1, H, W), each from its lowest to its highest."""
    low, high = maps.amin((1, 2), keepdim=True), maps.amax((1, 2), keepdim=True)
    spread = (high - low).clamp(min=torch.finfo(maps.dtype).tiny)
    return ((maps - low) / spread * 255).round().byte()[:, None]
