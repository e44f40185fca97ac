"""A folder of images as tensors: decoded once, then read from one memory-mapped file.

The cache file is named after the folder's path and carries the fingerprint of
its listing: change a picture, and it is made again. It holds the parts that the folder
has; what its val/ is for is decided when it is read.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from cnn_tui.data.catalogue import FOLDER_PREFIX
from cnn_tui.data.dataset import Prepared, Split, channel_statistics, stratified_order
from cnn_tui.data.paths import cache_file, folder_cache_name
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.preparation.decode import (
    LARGEST_SIDE,
    Decoded,
    PixelFormat,
    common_format,
    decode_all,
    holds_deep,
    put_in_order,
)
from cnn_tui.data.preparation.depths import DEEPEST_SCALE
from cnn_tui.data.preparation.folder_remarks import (
    about_images,
    remark_on_missing,
    remark_on_the_rest,
)
from cnn_tui.data.preparation.listing import (
    ORDER,
    FolderListing,
    list_folder,
    refuse_no_validation,
)
from cnn_tui.data.preparation.older import as_before
from cnn_tui.data.preparation.part_names import WORDS, PartRole
from cnn_tui.data.preparation.room import refuse_no_room
from cnn_tui.data.records import (
    FIRST_SPLIT_RULE,
    SPLIT_RULE,
    ProgressCallback,
    Remark,
    SkippedFile,
    silent,
)
from cnn_tui.data.splits import (
    TEST_FRACTION,
    VAL_FRACTION,
    NothingToSpareError,
    divide,
)
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step

FORMAT = 3
"""Of what is kept of a folder; one that an older lab kept is made again."""


def load(
    root: Path,
    data_dir: Path,
    *,
    image_size: int | None = None,
    form: PixelFormat | None = None,
    val_is_validation: bool = False,
    rule: int = SPLIT_RULE,
    progress: ProgressCallback = silent,
) -> Prepared:
    """The images under ``root``, from the cache in ``data_dir`` where it still holds.

    Every image is brought to one square size: the most common one, ``image_size``
    where that is smaller, or to the ``form`` that is given. Files that cannot be read are
    left out and listed in ``skipped``; ``progress`` receives remarks about those that the
    lab does not open, and about what the folder lacks. Where there is val/ and no test/, val/
    is the test set, unless ``val_is_validation``: then there is none. ``rule`` is how
    images are held out.
    Raises UsageError for a folder that cannot be used and for a cache that cannot be
    written.
    """
    listing = list_folder(root, rule)
    if val_is_validation:
        refuse_no_validation(listing)
    remark_on_the_rest(listing, progress)
    found = _cached(listing, data_dir, image_size, form, rule, progress)
    if rule == FIRST_SPLIT_RULE:
        return as_before(found, is_split=listing.is_split)
    for remark in found.remarks:
        progress(Remark(remark))
    if found.val is not None and not len(found.test) and not val_is_validation:
        val, train = listing.name_of("val"), listing.name_of("train")
        progress(
            Remark(
                f"{val} is the test set, and validation images are held out of {train}. "
                "It can be the validation set instead, and then there is no test set.",
                (step(Action.TRAIN_AGAIN, val_is_validation=True),),
            )
        )
        found = replace(found, val=None, test=found.val)
    remark_on_missing(listing, found, progress)
    return found


def _cached(
    listing: FolderListing,
    data_dir: Path,
    image_size: int | None,
    form: PixelFormat | None,
    rule: int,
    progress: ProgressCallback,
) -> Prepared:
    """The folder's images in a form of their own, or in the ``form`` of a run of before."""
    paths = listing.paths
    own = common_format(paths)
    own = replace(own, side=min(own.side, image_size or LARGEST_SIDE))
    older = "-before" if rule == FIRST_SPLIT_RULE and _has_changed(listing) else ""

    def made(name: str, shown: PixelFormat) -> Prepared:
        def make() -> Prepared:
            refuse_no_room(str(listing.root), len(paths), shown, data_dir)
            return _arrange(listing, decode_all(paths, shown, progress))

        made_of = f"{FORMAT}-{listing.fingerprint}"
        cache = cache_file(data_dir, folder_cache_name(listing.root, f"{name}{older}"))
        return kept(cache, f"{FOLDER_PREFIX}{listing.root}", made_of, make, progress)

    if form is None and rule == FIRST_SPLIT_RULE and holds_deep(paths):
        form = replace(own, scale=DEEPEST_SCALE)  # older runs took every file for one of 16 bits
    elif form is None or (form.side, form.channels) == (own.side, own.channels):
        found = made(str(own.side), own)
        if form is None or form.scale == found.scale:
            return found
    return made(f"{form.side}-{form.channels}-{form.scale:g}", form)


def _has_changed(older: FolderListing) -> bool:
    """Whether new runs see other images in the folder than those of an ``older`` version."""
    try:
        return list_folder(older.root).fingerprint != older.fingerprint
    except UsageError:
        return True


def _arrange(listing: FolderListing, decoded: Decoded) -> Prepared:
    """The readable images in their parts, each in stratified order."""
    labels, names = np.array(listing.labels, dtype=np.int64), listing.names
    readable = np.ones(len(names), dtype=bool)
    readable[[index for index, _ in decoded.failures]] = False
    skipped = tuple(SkippedFile(names[index], reason) for index, reason in decoded.failures)
    rows = rows_of_parts(listing, labels, readable)
    _refuse_unreadable(listing, labels, rows, skipped)
    _refuse_mixed(listing, decoded)
    if not listing.is_split:
        rows |= zip(("train", "test"), divided(listing, labels, rows["train"]), strict=True)
    if "val" not in rows:  # what a run holds out of them by default is then at their end
        rows["train"] = np.concatenate(_divided_again(labels, rows["train"]))
    remarks = tuple(about_images(decoded, names, readable))
    splits = _splits(decoded, labels, names, rows)
    mean, std = channel_statistics(splits["train"].images)
    return Prepared(
        classes=listing.classes,
        train=splits["train"],
        test=splits.get("test") or splits["train"].emptied(),
        mean=mean,
        std=std,
        skipped=skipped,
        scale=decoded.scale,
        val=splits.get("val"),
        remarks=remarks,
    )


def rows_of_parts(
    listing: FolderListing, labels: NDArray[np.int64], readable: NDArray[np.bool_]
) -> dict[PartRole, NDArray[np.int64]]:
    """Which files are those of each part that can be read, in stratified order.

    ``labels`` and ``readable`` are of all files, those of each part of ``ORDER`` in turn.
    """
    rows: dict[PartRole, NDArray[np.int64]] = {}
    first = 0
    for role in ORDER:
        if role in listing.parts:
            end = first + len(listing.parts[role].paths)
            there = first + np.flatnonzero(readable[first:end])
            rows[role] = there[stratified_order(labels[there])]
            first = end
    return rows


def divided(
    listing: FolderListing, labels: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The rows of training images, and of the test images that the lab holds out of them.

    Raises UsageError where there is none to spare.
    """
    try:
        stays, held = divide(labels[rows], TEST_FRACTION, again=True)
    except NothingToSpareError as error:
        raise UsageError(
            f"The image folder {listing.root} has too few images to hold some out for testing: "
            "add images until a class has three."
        ) from error
    return rows[stays], rows[held]


def _divided_again(
    labels: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[NDArray[np.int64], ...]:
    try:
        stays, held = divide(labels[rows], VAL_FRACTION)
    except NothingToSpareError:
        return (rows,)  # whoever trains on them will say so
    return rows[stays], rows[held]


def _splits(
    decoded: Decoded,
    labels: NDArray[np.int64],
    names: Sequence[str],
    rows: Mapping[PartRole, NDArray[np.int64]],
) -> dict[PartRole, Split]:
    """The parts, as views of the decoded images, which are put in their order where they lie."""
    put_in_order(decoded.images, np.concatenate(list(rows.values())))
    found: dict[PartRole, Split] = {}
    first = 0
    for role, each in rows.items():
        end = first + len(each)
        found[role] = Split(
            torch.from_numpy(decoded.images[first:end]),
            torch.from_numpy(labels[each]),
            tuple(names[row] for row in each.tolist()),
            tuple(decoded.digests[row] for row in each.tolist()),
        )
        first = end
    return found


def _refuse_unreadable(
    listing: FolderListing,
    labels: NDArray[np.int64],
    rows: Mapping[PartRole, NDArray[np.int64]],
    skipped: tuple[SkippedFile, ...],
) -> None:
    counts = np.bincount(labels[rows["train"]], minlength=len(listing.classes)).tolist()
    lacking = [name for name, count in zip(listing.classes, counts, strict=True) if count == 0]
    unread = [WORDS[role] for role, each in rows.items() if not len(each)]
    if not lacking and not unread:
        return
    what = f"no training image of class {lacking[0]}" if lacking else f"no {unread[0]} image"
    example = f", such as {skipped[0].path} ({skipped[0].reason})" if skipped else ""
    raise UsageError(
        f"The image folder {listing.root} gives {what}: {len(skipped):,} of its files cannot "
        f"be read{example}. Add images that can be read."
    )


def _refuse_mixed(listing: FolderListing, decoded: Decoded) -> None:
    if decoded.depths.is_mixed and decoded.scale != DEEPEST_SCALE:
        raise UsageError(
            f"Some images of {listing.root} have pixels of whole numbers up to "
            f"{decoded.depths.whole:,}, others of fractions up to {decoded.depths.real:.3g}: no "
            "scale suits both, so save all of them alike, such as with 8 bits."
        )
