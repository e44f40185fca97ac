"""Where a split's images lie: on the device, or on the host where they do not fit there.

From the host, each block is brought over through pinned memory, on a stream of
its own, while the block before it is computed. Either way gives the same bits.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

SURELY_FITS = 256 * 2**20
"""Bytes of images for which any GPU has room, where none tells how much it has."""

LARGEST_SHARE = 0.5
"""What images may take of the device's free memory; the rest is the network's."""

Rows = Tensor | slice
"""Which images: their indices (n,), or a range of them."""


class Images(Protocol):
    """One split's uint8 images, wherever they lie."""

    where: torch.device
    shape: torch.Size

    def fetch(self, selections: Iterable[Rows]) -> Iterator[Tensor]:
        """The images (n, C, H, W) of each selection, on the device; indices lie on ``where``."""


def place(images: Tensor, device: torch.device, placement: str) -> Images:
    """``images`` on the device, or on the host with ``placement`` "host"."""
    if placement != "host" or device.type == "cpu":
        return _Resident(images.to(device))
    return _Streamed(images, device) if device.type == "cuda" else _Copied(images, device)


def settle_placement(wanted: str, size: int, device: str) -> str:
    """Where ``size`` bytes of images are kept, "device" or "host", unless ``wanted`` says it."""
    if wanted != "auto":
        return wanted
    kind, _, number = device.partition(":")
    if kind != "cuda":
        return "device"
    try:
        free, _ = torch.cuda.mem_get_info(int(number)) if number else torch.cuda.mem_get_info()
    except RuntimeError:  # Some virtual GPUs do not tell.
        return "device" if size <= SURELY_FITS else "host"
    return "device" if size <= LARGEST_SHARE * free else "host"


class _Resident:
    def __init__(self, images: Tensor) -> None:
        self._images = images
        self.where = images.device
        self.shape = images.shape

    def fetch(self, selections: Iterable[Rows]) -> Iterator[Tensor]:
        for rows in selections:
            yield _pick(self._images, rows)


class _Copied:
    """Images on the host of a device that has no streams to copy on."""

    def __init__(self, images: Tensor, device: torch.device) -> None:
        self._images = images
        self._device = device
        self.where = torch.device("cpu")
        self.shape = images.shape

    def fetch(self, selections: Iterable[Rows]) -> Iterator[Tensor]:
        for rows in selections:
            yield _pick(self._images, rows).to(self._device)


@dataclass
class _Staging:
    """Pinned memory for one block, and the moment at which its copy has left."""

    pinned: Tensor = field(default_factory=lambda: torch.empty(0))
    left: torch.cuda.Event = field(default_factory=torch.cuda.Event)


class _Streamed:
    """Images on the host of a CUDA device: one block is computed, the next is on its way."""

    def __init__(self, images: Tensor, device: torch.device) -> None:
        self._images = images
        self._device = device
        self._stream = torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._staging = [_Staging(), _Staging()]
        self.where = torch.device("cpu")
        self.shape = images.shape

    def fetch(self, selections: Iterable[Rows]) -> Iterator[Tensor]:
        ahead: tuple[Tensor, torch.cuda.Event] | None = None
        for rows in selections:
            coming = self._send(rows)
            if ahead is not None:
                yield self._receive(*ahead)
            ahead = coming
        if ahead is not None:
            yield self._receive(*ahead)

    def _send(self, rows: Rows) -> tuple[Tensor, torch.cuda.Event]:
        staging = self._staging[0]
        self._staging.reverse()
        staging.left.synchronize()  # of two blocks ago: long done
        pinned = self._gather(rows, staging)
        with torch.cuda.stream(self._stream):
            there = pinned.to(self._device, non_blocking=True)
            staging.left.record(self._stream)
        return there, staging.left

    def _gather(self, rows: Rows, staging: _Staging) -> Tensor:
        n = len(rows) if isinstance(rows, Tensor) else len(range(self.shape[0])[rows])
        if len(staging.pinned) < n:
            # An evaluation asks first: what it makes, training must be able to write to.
            with torch.inference_mode(False):
                staging.pinned = torch.empty(
                    (n, *self.shape[1:]), dtype=torch.uint8, pin_memory=True
                )
        pinned = staging.pinned[:n]
        if isinstance(rows, Tensor):
            return torch.index_select(self._images, 0, rows, out=pinned)
        return pinned.copy_(self._images[rows])

    def _receive(self, images: Tensor, arrived: torch.cuda.Event) -> Tensor:
        current = torch.cuda.current_stream(self._device)
        current.wait_event(arrived)
        images.record_stream(current)  # its memory is of the other stream's
        return images


def _pick(images: Tensor, rows: Rows) -> Tensor:
    return images.index_select(0, rows) if isinstance(rows, Tensor) else images[rows]
