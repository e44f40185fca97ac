"""What each image file is, before it is brought to the size of the others; free of torch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from PIL import Image

from cnn_tui.data.preparation.decode import digest_of, map_chunks
from cnn_tui.data.preparation.depths import Depths, is_deep
from cnn_tui.data.preparation.pictures import open_picture, unreadable_reason
from cnn_tui.data.records import PreparationStep, ProgressCallback

CHUNK = 256
"""Files that a process of the pool is given at a time."""
ENOUGH = 64
"""Where a format can be decoded smaller, pixels a side that show that it can be read."""

Ranges = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class ExaminedFile:
    """One image file; ``reason`` says why it cannot be read, where it cannot.

    ``color`` is that of all its pixels, channel by channel, where they have the same one.
    """

    digest: str
    width: int = 0
    height: int = 0
    mode: str = ""
    depth: str = ""
    reason: str = ""
    depths: Depths = field(default_factory=Depths)
    color: tuple[float, ...] | None = None


def examine_all(paths: Sequence[str], progress: ProgressCallback) -> list[ExaminedFile]:
    """Open and decode every file, and keep no pixels."""
    chunks = [paths[start : start + CHUNK] for start in range(0, len(paths), CHUNK)]
    found: list[ExaminedFile] = []
    for part in map_chunks(examine_chunk, chunks, len(paths)):
        found += part
        progress(PreparationStep("looking at the images", len(found), len(paths)))
    return found


def examine_chunk(paths: Sequence[str]) -> list[ExaminedFile]:
    """What ``examine_all`` does, here and now: the work of one process."""
    return list(_examined(paths))


def _examined(paths: Sequence[str]) -> Iterator[ExaminedFile]:
    for path in paths:
        digest, depths = digest_of(path), Depths()
        try:
            with open_picture(path) as image:
                (width, height), mode = image.size, image.mode
                depths.note_cut(image)
                if is_deep(image):
                    pixels = depths.see(image)
                    ranges: Ranges = [(float(pixels.min()), float(pixels.max()))]
                else:
                    image.draft(None, (ENOUGH, ENOUGH))
                    ranges = _ranges(image)
        except Exception as error:  # PIL raises many kinds for damaged files.
            yield ExaminedFile(digest, reason=unreadable_reason(error))
        else:
            depth, color = _depth(image, mode, depths), tuple(low for low, _ in ranges)
            is_constant = all(low == high for low, high in ranges)
            yield ExaminedFile(
                digest, width, height, mode, depth, "", depths, color if is_constant else None
            )


def _ranges(image: Image.Image) -> Ranges:
    """The least and the largest value of each channel."""
    found = image.getextrema()
    return found if isinstance(found[0], tuple) else (found,)


def _depth(image: Image.Image, mode: str, depths: Depths) -> str:
    if depths.cut:
        return "16 bits per color"
    if mode == "F":
        return "fractions"
    if is_deep(image):
        return "16 bits" if mode.startswith("I;16") else "32 bits"
    return "1 bit" if mode == "1" else "8 bits"
