"""One image to look at, from a data set or a file, and a picture of it for the screen.

A data set's images are counted from 0 in the order of its test images. Of a
folder only the one file is decoded. Torch and Pillow are imported on first use.
"""

import shlex
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnn_tui.analysis.records import Picture
from cnn_tui.data.catalogue import FOLDER_PREFIX, parse
from cnn_tui.data.preparation.pictures import SUFFIXES, is_picture_name
from cnn_tui.data.records import DataSpec
from cnn_tui.errors import UsageError
from cnn_tui.workspace import expanded

if TYPE_CHECKING:
    from torch import Tensor

NICE_DIGIT = "digits#30"
"""What ``digit`` stands for: a 3 whose bows are easy to see in 8×8 pixels."""

LARGEST_SIDE = 1024
"""Larger pictures are shrunk to this side: no network of the lab takes more."""

WILD = "*?["
"""What makes a path a pattern."""

DIGITS_OF_AN_INDEX = 9

LUMA = (0.299, 0.587, 0.114)
"""How bright red, green and blue are: ITU-R BT.601."""


@dataclass(frozen=True)
class Image:
    """Pixels (C, H, W) as uint8 with C 1 or 3, and the class that the data set says it is of."""

    name: str
    pixels: "Tensor"
    label: str | None = None

    @property
    def title(self) -> str:
        """The name, with the class where it is known."""
        return self.name if self.label is None else f"{self.name} ({self.label})"


def picture_files(line: str) -> tuple[str, ...]:
    """The picture files that a line names: paths with ``~``, ``*`` and quotes as in a shell.

    A line that is the path of a file as it stands is that file, blanks and all. Raises
    UsageError for a name that no picture file has.
    """
    whole = expanded(Path(line))
    if whole.is_file():
        return (_picture_file(str(whole)),)
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{line}: a quotation mark has no other one. Close it.") from error
    return tuple(_picture_file(path) for word in words for path in _paths(word))


def _paths(word: str) -> list[str]:
    """The files that a path means, which may be a pattern."""
    path = expanded(Path(word))
    if path.exists() or not any(sign in word for sign in WILD):
        return [str(path)]
    root = Path(path.anchor)
    found: list[str] = []
    with suppress(ValueError):  # such as a**
        found = [str(each) for each in sorted(root.glob(str(path.relative_to(root))))]
    found = [each for each in found if is_picture_name(each)]
    if not found:
        raise UsageError(f"No picture file has a name such as {word}: check the path.")
    return found


def _picture_file(path: str) -> str:
    if Path(path).is_dir():
        raise UsageError(f"{path} is a folder: name its pictures, such as {path}/*.png")
    if not Path(path).is_file():
        raise UsageError(f"There is no file {path}: check the path.")
    if not is_picture_name(path):
        raise UsageError(f"{path} is no picture file: those end in {' '.join(SUFFIXES)}.")
    return path


def load_image(spec: str, data_dir: Path | None = None) -> "tuple[str, Tensor]":
    """The image that ``spec`` names, as ``find_image`` does: its title and its pixels."""
    found = find_image(spec, data_dir)
    return found.title, found.pixels


def find_image(spec: str, data_dir: Path | None = None, scale: float | None = None) -> Image:
    """The image that ``spec`` names.

    ``scale`` is that of the data set of the network that a picture file is for.

    ``spec`` is ``digit``, ``DATA#N`` (test image N of a data set, such as
    ``digits#17`` or ``folder:PATH#17``) or the path of an image file. Raises
    UsageError where there is no such image or it cannot be read.
    """
    if names_image_file(spec):
        return Image(Path(spec).name, _decoded(expanded(Path(spec)), scale))
    data, index = parse_image(spec)
    if data.path is not None:
        return _folder_image(data, data.path, index)
    return _data_set_image(data, index, data_dir)


def parse_image(spec: str) -> tuple[DataSpec, int]:
    """The data set and the number in it that ``spec``, which is no file, names.

    Raises UsageError where it names neither.
    """
    name, mark, number = (NICE_DIGIT if spec.casefold() == "digit" else spec).rpartition("#")
    if not mark:
        raise UsageError(
            f"{spec!r} is no image: name a picture file ({' '.join(SUFFIXES)}), digit, or a "
            "test image of a data set, such as digits#17 or folder:PATH#17."
        )
    return parse(name), _index(number, spec)


def refuse_missing(data: str, index: int, count: int) -> None:
    """Raise UsageError where a data set of ``count`` test images has no image ``index``."""
    if index >= count:
        raise UsageError(
            f"{data} has {count:,} test images, #0 to #{count - 1}: there is no #{index}."
        )


def names_image_file(spec: str) -> bool:
    """Whether ``spec`` is the path of an image file, judged by its ending."""
    return is_picture_name(spec) and not spec.casefold().startswith(FOLDER_PREFIX)


def names_image(spec: str) -> bool:
    """Whether ``spec`` means an image: ``digit``, a data set's ``DATA#N``, or an image file."""
    return spec.casefold() == "digit" or "#" in spec or names_image_file(spec)


def gray(image: "Tensor") -> "Tensor":
    """The luma (1, H, W) of an RGB ``image`` (3, H, W), uint8."""
    import torch

    weights = torch.tensor(LUMA)[:, None, None]
    return (image * weights).sum(0, keepdim=True).round().to(torch.uint8)


def picture(title: str, image: "Tensor", largest_side: int | None = None) -> Picture:
    """A picture of ``image`` (C, H, W), uint8 with C 1 or 3, shrunk to fit ``largest_side``."""
    shown = image if largest_side is None else shrink(image, largest_side)
    channels, height, width = shown.shape
    pixels = shown.permute(1, 2, 0).contiguous().numpy().tobytes()
    return Picture(title, height, width, channels, pixels)


def shrink(image: "Tensor", largest_side: int) -> "Tensor":
    """``image`` (C, H, W), uint8 with C 1 or 3, averaged down to fit ``largest_side``."""
    if max(image.shape[1:]) <= largest_side:
        return image
    import numpy as np
    import torch
    from PIL import Image

    rows = image.permute(1, 2, 0).contiguous().numpy()
    small = Image.fromarray(rows[..., 0] if rows.shape[2] == 1 else rows)
    small.thumbnail((largest_side, largest_side), Image.Resampling.BOX)
    pixels = torch.from_numpy(np.array(small, dtype=np.uint8))
    return pixels[None] if pixels.ndim == 2 else pixels.permute(2, 0, 1).contiguous()


def _index(text: str, spec: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= DIGITS_OF_AN_INDEX):
        raise UsageError(
            f"{spec}: {text!r} is not the number of an image; write one from 0 on, "
            "such as digits#17."
        )
    return int(text)


def _folder_image(data: DataSpec, root: Path, index: int) -> Image:
    """A test image of a folder: those that training would be judged on, in the same order."""
    import numpy as np

    from cnn_tui.data.dataset import stratified_order
    from cnn_tui.data.preparation.decode import scale_of_sample
    from cnn_tui.data.preparation.listing import list_folder
    from cnn_tui.data.splits import TEST_FRACTION, divide

    listing = list_folder(root)
    files = listing.parts.get("test") or listing.parts.get("val") or listing.parts["train"]
    labels = np.array(files.labels, dtype=np.int64)
    order = stratified_order(labels)
    if not listing.is_split:
        order = order[divide(labels[order], TEST_FRACTION, again=True)[1]]
    refuse_missing(data.name, index, len(order))
    chosen = int(order[index])
    label = listing.classes[files.labels[chosen]]
    scale = scale_of_sample([f"{files.root}/{path}" for path in files.paths])
    return Image(f"{root.name}#{index}", _decoded(files.root / files.paths[chosen], scale), label)


def _data_set_image(data: DataSpec, index: int, data_dir: Path | None) -> Image:
    from cnn_tui.data.preparation.prepare import load
    from cnn_tui.workspace import data_dir as default_data_dir

    found = load(data, data_dir or default_data_dir())
    refuse_missing(data.name, index, len(found.test))
    label = found.classes[int(found.test.labels[index])]
    return Image(f"{data.name}#{index}", found.test.images[index], label)


def _decoded(path: Path, scale: float | None = None) -> "Tensor":
    _refuse_no_file(path)
    import torch

    from cnn_tui.data.preparation.decode import decode_picture

    try:
        return torch.from_numpy(decode_picture(str(path), LARGEST_SIDE, scale))
    except ValueError as error:
        raise UsageError(
            f"The image {path} cannot be read: {error}. Name a picture that an image viewer opens."
        ) from error


def _refuse_no_file(path: Path) -> None:
    try:
        if path.is_file():
            return
        what = "is not a file" if path.exists() else "does not exist"
    except OSError as error:
        what = f"cannot be opened ({error.strerror})"
    raise UsageError(f"The image {path} {what}: check its path.")
