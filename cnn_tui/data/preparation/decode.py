"""Image files to arrays of one size, on all cores; free of torch, so that a pool starts fast."""

import hashlib
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import current_process, get_context
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnn_tui.data.cores import cores
from cnn_tui.data.preparation.depths import Depths, fitting_scale, is_deep, is_gray
from cnn_tui.data.preparation.pictures import open_picture, unreadable_reason
from cnn_tui.data.records import BYTE_SCALE, PreparationStep, ProgressCallback, silent
from cnn_tui.errors import LabFault
from cnn_tui.processes import die_with_owner

FEWEST_FOR_POOL = 2_000
"""Below this, decoding here is faster than starting processes."""

CHUNK_BYTES = 2 * 2**20
"""Decoded pixels that cross from a process of the pool at a time."""

SAMPLE = 256
"""Headers looked at to find the common size."""

DIGEST_BYTES = 8
"""Of one file: that any two of a million differing ones agree has a chance below 1 in 10⁷."""

LARGEST_SIDE = 224
"""Larger pictures are stored at this size unless the user asks for a smaller one."""


T = TypeVar("T")


@dataclass(frozen=True)
class PixelFormat:
    """How the pictures of a data set are kept: ``side``×``side`` pixels of ``channels``.

    ``scale`` is the value of a file's pixels that stands for white, in files of more than
    8 bits; None: whatever suits all of them.
    """

    side: int
    channels: int
    scale: float | None = None


@dataclass(frozen=True)
class Decoded:
    """Images (N, C, side, side), black where unreadable, and (index, reason) of those.

    ``digests`` are of the files' bytes: they stay the same in any format. ``constant`` are
    the indices of images of a single color. ``depths`` are those of the files, and ``scale``
    what they were scaled by.
    """

    images: NDArray[np.uint8]
    failures: list[tuple[int, str]]
    digests: list[str]
    constant: list[int]
    depths: Depths
    scale: float


def common_format(paths: Sequence[str]) -> PixelFormat:
    """What fits most of ``paths``, judged by an even sample of their headers.

    The side is the most common shorter side; 3 channels where any picture of the
    sample is colored. One gray pixel where none of them can be read.
    """
    sides: Counter[int] = Counter()
    channels = 1
    for path in _sample(paths):
        try:
            with open_picture(path) as image:
                sides[min(image.size)] += 1
                if not is_gray(image):
                    channels = 3
        except Exception:  # Whatever a damaged header raises: decoding names the file.
            continue
    side = sides.most_common(1)[0][0] if sides else 1
    return PixelFormat(side, channels)


def _sample(paths: Sequence[str]) -> Sequence[str]:
    return paths[:: max(1, len(paths) // SAMPLE)]


def _deep_of_sample(paths: Sequence[str]) -> list[str]:
    deep = []
    for path in _sample(paths):
        with suppress(Exception), open_picture(path) as image:
            if is_deep(image):
                deep.append(path)
    return deep


def holds_deep(paths: Sequence[str]) -> bool:
    """Whether any of an even sample of ``paths`` has more than 8 bits."""
    return bool(_deep_of_sample(paths))


def decode_all(
    paths: Sequence[str], form: PixelFormat, progress: ProgressCallback = silent
) -> Decoded:
    """Every picture, scaled and cropped around its middle to ``form``.

    Where that leaves the scale open, it is taken from a sample of the files, and they are
    read again where another file turns out to need another one.
    """
    if form.scale is not None:
        return _decode_all(paths, form, progress)
    scale = scale_of_sample(paths)
    while True:
        decoded = _decode_all(paths, replace(form, scale=scale), progress)
        scale = decoded.depths.scale
        if scale == decoded.scale:
            return decoded
        del decoded  # before there are others


def _decode_all(paths: Sequence[str], form: PixelFormat, progress: ProgressCallback) -> Decoded:
    decoded = _nothing_yet(len(paths), form)
    length = max(1, CHUNK_BYTES // (form.channels * form.side**2))
    chunks = [paths[start : start + length] for start in range(0, len(paths), length)]
    for part in map_chunks(partial(decode_chunk, form=form), chunks, len(paths)):
        done = len(decoded.digests)
        decoded.images[done : done + len(part.images)] = part.images
        decoded.failures.extend((done + index, reason) for index, reason in part.failures)
        decoded.constant.extend(done + index for index in part.constant)
        decoded.digests.extend(part.digests)
        decoded.depths.add(part.depths)
        progress(PreparationStep("reading the data set", len(decoded.digests), len(paths)))
    return decoded


def put_in_order(images: NDArray[np.uint8], order: NDArray[np.int64]) -> None:
    """Move image ``order[n]`` to place ``n``, where the images are: another array has no room.

    The images that are not in ``order`` come last.
    """
    rest = np.ones(len(images), dtype=bool)
    rest[order] = False
    sources = np.concatenate([order, np.flatnonzero(rest)]).tolist()
    for start in range(len(sources)):
        if sources[start] == start:
            continue
        kept, place = images[start].copy(), start
        while (source := sources[place]) != start:
            images[place], sources[place] = images[source], place
            place = source
        images[place], sources[place] = kept, place


def decode_chunk(paths: Sequence[str], form: PixelFormat) -> Decoded:
    """What ``decode_all`` does of a form with a scale, here and now: the work of one process."""
    decoded = _nothing_yet(len(paths), form)
    for index, path in enumerate(paths):
        decoded.digests.append(digest_of(path))
        try:
            decoded.images[index] = _decode(path, form, decoded.scale, decoded.depths)
        except Exception as error:  # PIL raises many kinds for damaged files.
            decoded.failures.append((index, unreadable_reason(error)))
    constant = (decoded.images == decoded.images[:, :, :1, :1]).all((1, 2, 3))
    constant[[index for index, _ in decoded.failures]] = False
    decoded.constant.extend(np.flatnonzero(constant).tolist())
    return decoded


def _nothing_yet(count: int, form: PixelFormat) -> Decoded:
    scale = BYTE_SCALE if form.scale is None else form.scale
    return Decoded(_black(count, form), [], [], [], Depths(), scale)


def scale_of_sample(paths: Sequence[str]) -> float:
    """What probably stands for white in ``paths``, judged by an even sample of them."""
    depths = Depths()
    for path in _deep_of_sample(paths):
        with suppress(Exception), open_picture(path) as image:  # decoding names the file
            depths.see(image)
    return depths.scale


def _black(count: int, form: PixelFormat) -> NDArray[np.uint8]:
    return np.zeros((count, form.channels, form.side, form.side), dtype=np.uint8)


def digest_of(path: str) -> str:
    """Of the file's bytes; empty where it cannot be read."""
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a Path for each of a million files is slow
            return hashlib.blake2b(file.read(), digest_size=DIGEST_BYTES).hexdigest()
    except OSError:
        return ""


def decode_picture(path: str, largest_side: int, scale: float | None = None) -> NDArray[np.uint8]:
    """One picture as it is: (C, H, W), C 1 or 3, shrunk only to fit ``largest_side``.

    ``scale`` is what stands for white in the data set of the network that it is for; where
    the picture does not fit that, or there is none, it is scaled by what it holds.
    Raises ValueError with the reason where it cannot be read.
    """
    try:
        with open_picture(path) as file:
            mode = "L" if is_gray(file) else "RGB"
            file.draft(mode, (largest_side, largest_side))
            upright = ImageOps.exif_transpose(file)
            fitting = fitting_scale(upright, scale) if is_deep(upright) else BYTE_SCALE
            image = _flatten(upright, fitting, Depths()).convert(mode)
            image.thumbnail((largest_side, largest_side))
    except Exception as error:  # PIL raises many kinds for damaged files.
        raise ValueError(unreadable_reason(error)) from error
    pixels = np.array(image, dtype=np.uint8)
    return pixels[None] if mode == "L" else pixels.transpose(2, 0, 1).copy()


def map_chunks(
    work: Callable[[Sequence[str]], T], chunks: Sequence[Sequence[str]], total: int
) -> Iterator[T]:
    """What ``work`` gives for each of the chunks, in their order, on all cores.

    Where there are few files in ``total``, and in a process that may have no children, here.
    """
    if total < FEWEST_FOR_POOL or current_process().daemon:
        yield from map(work, chunks)
        return
    pool = ProcessPoolExecutor(
        max_workers=cores(),
        mp_context=get_context("spawn"),
        initializer=_be_helper,
    )
    try:
        with _interrupts_spared():
            results = pool.map(work, chunks)  # starts the processes
        yield from results
    except BrokenProcessPool as error:
        raise LabFault(
            "A process that decodes images was killed, perhaps for want of memory: "
            "free some, or store the images smaller.",
            fields=("image_size",),
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _be_helper() -> None:
    """End with the worker, and not by a signal that asks it for a checkpoint."""
    die_with_owner()
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)


@contextmanager
def _interrupts_spared() -> Iterator[None]:
    """Let processes that are started meanwhile hear no Ctrl+C: who started them ends them."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT,))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _decode(path: str, form: PixelFormat, scale: float, depths: Depths) -> NDArray[np.uint8]:
    side, mode = form.side, "L" if form.channels == 1 else "RGB"
    with open_picture(path) as file:
        depths.note_cut(file)
        file.draft(mode, (side, side))
        image = _flatten(ImageOps.exif_transpose(file), scale, depths).convert(mode)
    if image.size != (side, side):
        image = ImageOps.fit(image, (side, side), Image.Resampling.BILINEAR)
    pixels = np.asarray(image, dtype=np.uint8)
    return pixels[None] if mode == "L" else pixels.transpose(2, 0, 1)


def _flatten(image: Image.Image, scale: float, depths: Depths) -> Image.Image:
    """Deep grays scaled to 8 bits, and transparent pictures laid on white."""
    if is_deep(image):
        return depths.shallow(image, scale)
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image)
    return image
