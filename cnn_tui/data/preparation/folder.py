"""A folder of images as tensors: decoded once, then read from one memory-mapped file.

The cache file is named after the folder's path and carries the fingerprint of
its listing: change a picture, and it is made anew.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cnn_tui.data.catalogue import FOLDER_PREFIX
from cnn_tui.data.dataset import Prepared, Split, channel_statistics, split_tail, stratified_order
from cnn_tui.data.paths import cache_file, folder_cache_name
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.preparation.decode import LARGEST_SIDE, common_format, decode_all
from cnn_tui.data.preparation.listing import FileList, FolderListing, list_folder, passed_over_words
from cnn_tui.data.records import ProgressCallback, Remark, SkippedFile, silent
from cnn_tui.errors import UsageError

TEST_FRACTION = 0.2


def load(
    root: Path,
    data_dir: Path,
    *,
    image_size: int | None = None,
    progress: ProgressCallback = silent,
) -> Prepared:
    """The images under ``root``, from the cache in ``data_dir`` where it still holds.

    Every image is brought to one square size: the most common one, ``image_size``
    where that is smaller. Files that cannot be read are left out and listed in
    ``skipped``; ``progress`` receives a remark about those that the lab does not open.
    Raises UsageError for a folder that cannot be used and for a cache that cannot be
    written.
    """
    listing = list_folder(root)
    _remark_on_the_rest(listing, progress)
    paths = [f"{part.root}/{path}" for part in _parts(listing) for path in part.paths]
    common_side, channels = common_format(paths)
    side = min(common_side, image_size or LARGEST_SIDE)
    cache = cache_file(data_dir, folder_cache_name(root, side))

    def make() -> Prepared:
        images, failures = decode_all(paths, side, channels, progress)
        return _arrange(listing, paths, images, failures)

    return kept(cache, f"{FOLDER_PREFIX}{root}", listing.fingerprint, make, progress)


def _parts(listing: FolderListing) -> tuple[FileList, ...]:
    return (listing.train,) if listing.test is None else (listing.train, listing.test)


def _remark_on_the_rest(listing: FolderListing, progress: ProgressCallback) -> None:
    if listing.passed_over:
        words = passed_over_words(listing.passed_over)
        why = "not named as an image that the lab opens, or in no class folder"
        progress(Remark(f"Passed over in {listing.root}: {words} ({why})."))
    if listing.unused:
        names = ", ".join(f"{name}/" for name in listing.unused)
        progress(Remark(f"Not used in {listing.root}: {names} (only train/ and test/ are read)."))


def _arrange(
    listing: FolderListing,
    paths: Sequence[str],
    images: NDArray[np.uint8],
    failures: Sequence[tuple[int, str]],
) -> Prepared:
    """The readable images in their parts, each in stratified order."""
    labels = np.array([each for part in _parts(listing) for each in part.labels], dtype=np.int64)
    readable = np.ones(len(paths), dtype=bool)
    readable[[index for index, _ in failures]] = False
    first_test = len(paths) if listing.test is None else len(listing.train.paths)
    train = _ordered(images, labels, np.flatnonzero(readable[:first_test]))
    if listing.test is None:
        train, test = split_tail(train, TEST_FRACTION)
    else:
        test = _ordered(images, labels, first_test + np.flatnonzero(readable[first_test:]))
    skipped = tuple(
        SkippedFile(paths[index].removeprefix(f"{listing.root}/"), reason)
        for index, reason in failures
    )
    _refuse_unreadable(listing, train, test, skipped)
    mean, std = channel_statistics(train.images)
    return Prepared(listing.classes, train, test, mean, std, skipped)


def _ordered(
    images: NDArray[np.uint8], labels: NDArray[np.int64], rows: NDArray[np.int64]
) -> Split:
    rows = rows[stratified_order(labels[rows])]
    return Split(torch.from_numpy(images[rows]), torch.from_numpy(labels[rows]))


def _refuse_unreadable(
    listing: FolderListing, train: Split, test: Split, skipped: tuple[SkippedFile, ...]
) -> None:
    counts = torch.bincount(train.labels, minlength=len(listing.classes)).tolist()
    missing = [name for name, count in zip(listing.classes, counts, strict=True) if count == 0]
    if not missing and len(test):
        return
    what = f"no training image of class {missing[0]}" if missing else "no test image"
    example = f", such as {skipped[0].path} ({skipped[0].reason})" if skipped else ""
    raise UsageError(
        f"The image folder {listing.root} gives {what}: {len(skipped):,} of its files cannot "
        f"be read{example}. Add images that can be read."
    )
