"""Image files to arrays of one size, on all cores; free of torch, so that a pool starts fast."""

from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnn_tui.data.cores import cores
from cnn_tui.data.preparation.pictures import open_picture, unreadable_reason
from cnn_tui.data.records import PreparationStep, ProgressCallback, silent
from cnn_tui.errors import LabFault
from cnn_tui.processes import die_with_owner

FEWEST_FOR_POOL = 2_000
"""Below this, decoding here is faster than starting processes."""

CHUNK_BYTES = 2 * 2**20
"""Decoded pixels that cross from a process of the pool at a time."""

SAMPLE = 256
"""Headers looked at to find the common size."""

LARGEST_SIDE = 224
"""Larger pictures are stored at this size unless the user asks for a smaller one."""

Decoded = tuple[NDArray[np.uint8], list[tuple[int, str]]]
"""Images (N, C, side, side), black where unreadable, and (index, reason) of those."""


def common_format(paths: Sequence[str]) -> tuple[int, int]:
    """(side, channels) that fit most of ``paths``, judged by an even sample of their headers.

    The side is the most common shorter side; 3 channels where any picture of the
    sample is coloured. (1, 1) where none of them can be read.
    """
    every = max(1, len(paths) // SAMPLE)
    sides: Counter[int] = Counter()
    channels = 1
    for path in paths[::every]:
        try:
            with open_picture(path) as image:
                sides[min(image.size)] += 1
                if not _is_grey(image):
                    channels = 3
        except Exception:  # Whatever a damaged header raises: decoding names the file.
            continue
    side = sides.most_common(1)[0][0] if sides else 1
    return side, channels


def decode_all(
    paths: Sequence[str], side: int, channels: int, progress: ProgressCallback = silent
) -> Decoded:
    """Every picture, scaled and cropped around its middle to ``side``×``side`` pixels."""
    images = np.zeros((len(paths), channels, side, side), dtype=np.uint8)
    failures: list[tuple[int, str]] = []
    length = max(1, CHUNK_BYTES // (channels * side * side))
    chunks = [paths[start : start + length] for start in range(0, len(paths), length)]
    done = 0
    for pixels, failed in _map_chunks(chunks, side, channels, len(paths)):
        images[done : done + len(pixels)] = pixels
        failures += [(done + index, reason) for index, reason in failed]
        done += len(pixels)
        progress(PreparationStep("reading the data set", done, len(paths)))
    return images, failures


def decode_chunk(paths: Sequence[str], side: int, channels: int) -> Decoded:
    """What ``decode_all`` does, here and now; the unit of work of one process."""
    images = np.zeros((len(paths), channels, side, side), dtype=np.uint8)
    failures = []
    for index, path in enumerate(paths):
        try:
            images[index] = _decode(path, side, channels)
        except Exception as error:  # PIL raises many kinds for damaged files.
            failures.append((index, unreadable_reason(error)))
    return images, failures


def decode_picture(path: str, largest_side: int) -> NDArray[np.uint8]:
    """One picture as it is: (C, H, W), C 1 or 3, shrunk only to fit ``largest_side``.

    Raises ValueError with the reason where it cannot be read.
    """
    try:
        with open_picture(path) as file:
            mode = "L" if _is_grey(file) else "RGB"
            file.draft(mode, (largest_side, largest_side))
            image = _flatten(ImageOps.exif_transpose(file)).convert(mode)
            image.thumbnail((largest_side, largest_side))
    except Exception as error:  # PIL raises many kinds for damaged files.
        raise ValueError(unreadable_reason(error)) from error
    pixels = np.array(image, dtype=np.uint8)
    return pixels[None] if mode == "L" else pixels.transpose(2, 0, 1).copy()


def _map_chunks(
    chunks: Sequence[Sequence[str]], side: int, channels: int, total: int
) -> Iterator[Decoded]:
    if total < FEWEST_FOR_POOL:
        yield from (decode_chunk(chunk, side, channels) for chunk in chunks)
        return
    pool = ProcessPoolExecutor(
        max_workers=cores(),
        mp_context=get_context("spawn"),
        initializer=die_with_owner,
    )
    try:
        sides, depths = [side] * len(chunks), [channels] * len(chunks)
        yield from pool.map(decode_chunk, chunks, sides, depths)
    except BrokenProcessPool as error:
        raise LabFault(
            "A process that decodes images was killed, perhaps for want of memory: "
            "free some, or store the images smaller.",
            fields=("image_size",),
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _decode(path: str, side: int, channels: int) -> NDArray[np.uint8]:
    mode = "L" if channels == 1 else "RGB"
    with open_picture(path) as file:
        file.draft(mode, (side, side))
        image = _flatten(ImageOps.exif_transpose(file)).convert(mode)
    if image.size != (side, side):
        image = ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels[None] if channels == 1 else pixels.transpose(2, 0, 1)


def _flatten(image: Image.Image) -> Image.Image:
    """16-bit grays scaled to 8 bits, and transparent pictures laid on white."""
    if image.mode == "F":
        raise ValueError("its pixels are floating-point numbers: save it with 8 or 16 bits")
    if image.mode.startswith("I"):
        wide = np.asarray(image)
        return Image.fromarray((wide.clip(0, 65_535) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image)
    return image


def _is_grey(image: Image.Image) -> bool:
    return image.mode in ("1", "L", "LA", "F") or image.mode.startswith("I")
