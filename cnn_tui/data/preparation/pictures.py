"""The one way to open a picture file, and the names that such files have.

A file is opened by a fixed list of decoders, whatever its name says: some of
Pillow's others start a program (PostScript starts Ghostscript). Importing this
module imports neither Pillow nor numpy, because listings need only the names.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "PPM", "TIFF", "WEBP")
"""Pillow's decoders that are used; none of them starts a program or opens another file."""

SUFFIXES = (
    ".apng", ".bmp", ".gif", ".jfif", ".jpe", ".jpeg", ".jpg", ".pbm", ".pgm", ".png", ".pnm",
    ".ppm", ".tif", ".tiff", ".webp",
)  # fmt: skip
"""Endings of the names of such files, in lower case."""


def is_picture_name(name: str) -> bool:
    """Whether a file of this name is expected to be a picture."""
    return name.casefold().endswith(SUFFIXES)


@contextmanager
def open_picture(path: str) -> Iterator["Image"]:
    """The picture at ``path``, its pixels not yet decoded; of an animation, the first frame.

    Raises what Pillow raises for a damaged file, here or while the pixels are
    decoded; ``unreadable_reason`` turns it into words. A picture of a size meant
    to exhaust memory is an error too, and what else Pillow warns about is not shown.
    """
    from PIL import Image

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path, formats=FORMATS) as image:
            yield image


def unreadable_reason(error: Exception) -> str:
    """Why a picture could not be read, in a few words, from what Pillow raised."""
    from PIL import Image, UnidentifiedImageError

    if isinstance(error, UnidentifiedImageError):
        return "not an image, or damaged from the start"
    if isinstance(error, Image.DecompressionBombError | Image.DecompressionBombWarning):
        return "it has more pixels than the lab opens"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).split("\n")[0][:120] or type(error).__name__
