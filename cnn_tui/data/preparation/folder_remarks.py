"""What is worth saying of a folder of images that can be used: what it lacks, what looks wrong."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from cnn_tui.data.dataset import Prepared
from cnn_tui.data.preparation.decode import Decoded
from cnn_tui.data.preparation.depths import Depths
from cnn_tui.data.preparation.layout import listed
from cnn_tui.data.preparation.listing import ORDER, FolderListing
from cnn_tui.data.preparation.passed_over import holds_files, passed_over_words
from cnn_tui.data.records import ProgressCallback, Remark
from cnn_tui.data.splits import classes_text, missing


def remark_on_the_rest(listing: FolderListing, progress: ProgressCallback) -> None:
    """Name what is not read: files that the lab does not open, and folders beside the parts."""
    if listing.passed_over:
        words = passed_over_words(listing.passed_over)
        why = " (not named as an image that the lab opens, or in no class folder)"
        told = words + why * holds_files(listing.passed_over)
        progress(Remark(f"Passed over in {listing.root}: {told}."))
    if listing.unused:
        read = listed([listing.parts[role].root.name for role in ORDER if role in listing.parts])
        progress(
            Remark(f"Not used in {listing.root}: {listed(listing.unused)} (only {read} are read).")
        )


def remark_on_missing(listing: FolderListing, found: Prepared, progress: ProgressCallback) -> None:
    """Name the classes that a part has no images of."""
    for split, what in ((found.val, "validation"), (found.test, "test")):
        if split is None or not len(split):
            continue
        names = missing(split, found.classes)
        if names:
            why = "" if listing.is_split else ": a class of three images or more has one"
            progress(Remark(f"No {what} images of {classes_text(names)}{why}."))


def about_images(
    decoded: Decoded, names: Sequence[str], readable: NDArray[np.bool_]
) -> Iterator[str]:
    """Sentences about images that are probably not what they should be."""
    constant = [names[index] for index in decoded.constant]
    is_one = len(constant) == readable.sum()
    yield from about_constant(
        constant, is_one and _is_one_color(decoded.images[:, :, 0, 0][readable])
    )
    yield from about_depths(decoded.depths)


def about_depths(depths: Depths) -> Iterator[str]:
    """Sentences about pixels that are not read as they are."""
    if depths.cut:
        yield (
            f"{_of_images(depths.cut)} 16 bits per color, of which only the upper "
            "8 are read: if they look black, save them with 8 bits."
        )
    if depths.negative:
        yield (
            f"{_of_images(depths.negative)} pixels below 0, which are read as black: "
            "save them with 0 to 1."
        )


def _of_images(count: int) -> str:
    return f"{count:,} of the images {'has' if count == 1 else 'have'}"


def about_constant(names: Sequence[str], is_set: bool) -> Iterator[str]:
    """A sentence about images of a single color; ``is_set``: all images, and of the same one."""
    count = len(names)
    first = names[0] if names else ""
    if count and is_set:
        yield (
            f"All {count:,} images show one and the same color, such as {first}: there is nothing "
            "to learn from them. Look at one in an image viewer, and save them as it shows them."
        )
    elif count:
        which = first if count == 1 else f"{count:,} images, such as {first},"
        yield (
            f"{which} {'shows' if count == 1 else 'show'} a single color: nothing can be learned "
            "there."
        )


def _is_one_color(corners: NDArray[np.uint8]) -> bool:
    """Whether images that are each of a single color, by one pixel, have all the same one."""
    return bool((corners == corners[0]).all())
