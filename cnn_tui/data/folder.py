"""A folder of images as tensors: decoded once, then read from one memory-mapped file.

The cache file is named after the folder's path and carries the fingerprint of
its listing: change a picture, and it is made anew.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from cnn_tui.data.dataset import Prepared, Split, split_tail
from cnn_tui.data.decode import LARGEST_SIDE, common_format, decode_all
from cnn_tui.data.listing import FileList, FolderListing, list_folder
from cnn_tui.data.records import Progress, SkippedFile
from cnn_tui.data.splits import stratified_order
from cnn_tui.data.statistics import channel_statistics
from cnn_tui.data.tensorfile import write_tensors
from cnn_tui.errors import UsageError

CACHE_VERSION = "1"
TEST_FRACTION = 0.2


def load(
    root: Path,
    data_dir: Path,
    *,
    image_size: int | None = None,
    progress: Progress | None = None,
) -> Prepared:
    """The images under ``root``, from the cache in ``data_dir`` where it still holds.

    Every image is brought to one square size: the most common one, ``image_size``
    where that is smaller. Files that cannot be read are left out and listed in
    ``skipped``. Raises UsageError for a folder that cannot be used and for a
    cache that cannot be written.
    """
    listing = list_folder(root)
    paths = [f"{part.root}/{path}" for part in _parts(listing) for path in part.paths]
    common_side, channels = common_format(paths)
    side = min(common_side, image_size or LARGEST_SIDE)
    cache = _cache_file(root, data_dir, side)
    found = _read_cache(cache, listing.fingerprint)
    if found is not None:
        return found
    images, failures = decode_all(paths, side, channels, progress)
    folder = _arrange(listing, paths, images, failures)
    _write_cache(cache, listing.fingerprint, folder)
    return folder


def _parts(listing: FolderListing) -> tuple[FileList, ...]:
    return (listing.train,) if listing.test is None else (listing.train, listing.test)


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


def _cache_file(root: Path, data_dir: Path, side: int) -> Path:
    key = hashlib.blake2b(str(root).encode(errors="surrogateescape"), digest_size=8)
    return data_dir / f"folder-{key.hexdigest()}-{side}.safetensors"


def _read_cache(cache: Path, fingerprint: str) -> Prepared | None:
    """What the cache holds; None where there is none, or it is stale or damaged."""
    try:
        with safe_open(cache, framework="pt") as file:
            facts = file.metadata() or {}
            if (facts["version"], facts["fingerprint"]) != (CACHE_VERSION, fingerprint):
                return None
            split = {
                part: Split(file.get_tensor(f"{part}_images"), file.get_tensor(f"{part}_labels"))
                for part in ("train", "test")
            }
            return Prepared(
                classes=tuple(json.loads(facts["classes"])),
                train=split["train"],
                test=split["test"],
                mean=tuple(json.loads(facts["mean"])),
                std=tuple(json.loads(facts["std"])),
                skipped=tuple(SkippedFile(*pair) for pair in json.loads(facts["skipped"])),
            )
    except (OSError, SafetensorError, KeyError, ValueError, TypeError):
        return None


def _write_cache(cache: Path, fingerprint: str, folder: Prepared) -> None:
    tensors = {
        "train_images": folder.train.images,
        "train_labels": folder.train.labels,
        "test_images": folder.test.images,
        "test_labels": folder.test.labels,
    }
    facts = {
        "version": CACHE_VERSION,
        "fingerprint": fingerprint,
        "classes": json.dumps(folder.classes),
        "mean": json.dumps(folder.mean),
        "std": json.dumps(folder.std),
        "skipped": json.dumps([astuple(each) for each in folder.skipped]),
    }
    try:
        cache.parent.mkdir(parents=True, exist_ok=True)
        write_tensors(cache, tensors, facts)
    except OSError as error:
        raise UsageError(
            f"The decoded images cannot be kept in {cache.parent} ({error.strerror}): "
            "free some space, or name another folder with --data-dir."
        ) from error
