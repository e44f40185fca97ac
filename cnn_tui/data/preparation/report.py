"""What a data set holds: counted, compared and sampled, without preparing a folder first."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median_low

import numpy as np
from numpy.typing import NDArray

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.dataset import Prepared, Split
from cnn_tui.data.preparation.decode import decode_picture
from cnn_tui.data.preparation.depths import Depths
from cnn_tui.data.preparation.examine import ExaminedFile, examine_all
from cnn_tui.data.preparation.folder import divided, rows_of_parts
from cnn_tui.data.preparation.folder_remarks import about_constant, about_depths
from cnn_tui.data.preparation.listing import (
    ORDER,
    FolderListing,
    list_folder,
    refuse_no_validation,
)
from cnn_tui.data.preparation.part_names import PartRole
from cnn_tui.data.preparation.prepare import prepare
from cnn_tui.data.records import BYTE_SCALE, ClassCount, DataSpec, ProgressCallback, silent
from cnn_tui.data.records import SkippedFile as Unreadable
from cnn_tui.data.report_records import (
    Copies,
    DataReport,
    Duplicates,
    ImageCount,
    Sample,
    Sizes,
    Spread,
)
from cnn_tui.errors import UsageError

SAMPLES = 24
SAMPLES_PER_CLASS = 6
SAMPLE_SIDE = 64
MOST_EXAMPLES = 5
"""Sets of copies that a report names."""

PartRows = Mapping[PartRole, NDArray[np.int64]]


def report(
    spec: DataSpec,
    data_dir: Path,
    *,
    val_is_validation: bool = False,
    progress: ProgressCallback = silent,
) -> DataReport:
    """What the data set that ``spec`` names holds.

    Of a folder every file is opened, and nothing is kept; another data set is read from
    the cache in ``data_dir`` or made ready there, but not fetched. Raises UsageError as
    ``prepare`` does.
    """
    if spec.path is None:
        return _of_prepared(spec, prepare(spec, data_dir, progress=progress))
    listing = list_folder(spec.path)
    if val_is_validation:
        refuse_no_validation(listing)
    return _of_folder(spec, listing, val_is_validation, progress)


def _of_folder(
    spec: DataSpec, listing: FolderListing, val_is_validation: bool, progress: ProgressCallback
) -> DataReport:
    paths, names = listing.paths, listing.names
    files = examine_all(paths, progress)
    labels = np.array(listing.labels, dtype=np.int64)
    rows, notes = _rows(listing, labels, files, val_is_validation)
    depths = Depths()
    for each in files:
        depths.add(each.depths)
    digests = {role: [files[row].digest for row in part] for role, part in rows.items()}
    named = {role: [names[row] for row in part] for role, part in rows.items()}
    classes = {role: [listing.classes[labels[row]] for row in part] for role, part in rows.items()}
    readable = [each for each in files if not each.reason]
    return DataReport(
        name=spec.name,
        title="Your own images",
        is_split=listing.is_split,
        parts=_parts(rows),
        per_class=_per_class(listing.classes, {role: labels[part] for role, part in rows.items()}),
        sizes=_sizes(readable),
        modes=_tallies(each.mode for each in readable),
        depths=_tallies(each.depth for each in readable),
        scale=depths.scale,
        duplicates=_duplicates(digests, named, classes),
        unreadable=tuple(
            Unreadable(name, each.reason)
            for name, each in zip(names, files, strict=True)
            if each.reason
        ),
        passed_over=listing.passed_over,
        notes=(
            *notes,
            *_about_the_rest(listing),
            *_about_constant(names, files),
            *about_depths(depths),
        ),
        samples=tuple(_folder_samples(listing, paths, names, labels, rows, depths.scale)),
    )


def _rows(
    listing: FolderListing,
    labels: NDArray[np.int64],
    files: Sequence[ExaminedFile],
    val_is_validation: bool,
) -> tuple[PartRows, list[str]]:
    """Which readable files are of which part, as ``prepare`` has it, and what to say of that."""
    readable = np.array([not each.reason for each in files])
    rows = dict(rows_of_parts(listing, labels, readable))
    if not listing.is_split:
        try:
            rows["train"], rows["test"] = divided(listing, labels, rows["train"])
        except UsageError as error:
            return rows, [str(error)]
        return rows, ["The lab holds out the test images: the folder has none of its own."]
    if "test" not in rows and not val_is_validation:
        rows["test"] = rows.pop("val")
        return rows, [f"{listing.name_of('val')} is the test set: there is no other."]
    return rows, []


def _about_the_rest(listing: FolderListing) -> Iterator[str]:
    if listing.unused:
        yield f"Not used: {', '.join(f'{name}/' for name in listing.unused)}"


def _about_constant(names: Sequence[str], files: Sequence[ExaminedFile]) -> Iterator[str]:
    found = [name for name, each in zip(names, files, strict=True) if each.color is not None]
    colors = {each.color for each in files if not each.reason}
    return about_constant(found, len(colors) == 1)


def _parts(rows: Mapping[PartRole, Sequence[int] | NDArray[np.int64]]) -> tuple[ImageCount, ...]:
    return tuple(ImageCount(role, len(rows[role])) for role in ORDER if role in rows)


def _per_class(
    classes: Sequence[str], labels: Mapping[PartRole, NDArray[np.int64]]
) -> tuple[ClassCount, ...]:
    def counts(role: PartRole) -> list[int]:
        found: list[int] = np.bincount(
            labels.get(role, np.zeros(0, dtype=np.int64)), minlength=len(classes)
        ).tolist()
        return found

    val = counts("val") if "val" in labels else [None] * len(classes)
    return tuple(map(ClassCount, classes, counts("train"), val, counts("test")))


def _tallies(kinds: "Iterator[str]") -> tuple[ImageCount, ...]:
    return tuple(ImageCount(*pair) for pair in Counter(kinds).most_common())


def _sizes(files: Sequence[ExaminedFile]) -> Sizes | None:
    if not files:
        return None
    kinds = _tallies(f"{each.width}×{each.height}" for each in files)
    return Sizes(
        _spread([each.width for each in files]),
        _spread([each.height for each in files]),
        kinds[0],
        len(kinds),
    )


def _spread(sides: Sequence[int]) -> Spread:
    return Spread(min(sides), median_low(sides), max(sides))


def _duplicates(
    digests: Mapping[PartRole, Sequence[str]],
    names: Mapping[PartRole, Sequence[str]],
    classes: Mapping[PartRole, Sequence[str]],
) -> Duplicates:
    """Which contents are there more than once, by their digests."""
    places: dict[str, list[tuple[PartRole, int]]] = defaultdict(list)
    within: Counter[str] = Counter()
    across: Counter[str] = Counter()
    learned = set(digests["train"])
    for role in (role for role in ORDER if role in digests):
        seen: set[str] = set()
        for row, digest in enumerate(digests[role]):
            within[role] += digest in seen
            across[role] += role != "train" and digest in learned
            seen.add(digest)
            places[digest].append((role, row))
    several = [each for each in places.values() if len(each) > 1]
    groups = [
        Copies(
            tuple(names[role][row] for role, row in group),
            tuple(classes[role][row] for role, row in group),
        )
        for group in several
    ]
    worst = sorted(
        zip(groups, several, strict=True),
        key=lambda pair: (len({role for role, _ in pair[1]}) == 1, len(set(pair[0].classes)) == 1),
    )
    roles = [role for role in ORDER if role in digests]
    return Duplicates(
        within=tuple(ImageCount(role, within[role]) for role in roles),
        across=tuple(ImageCount(role, across[role]) for role in roles if role != "train"),
        between_classes=sum(len(set(group.classes)) > 1 for group in groups),
        examples=tuple(group for group, _ in worst[:MOST_EXAMPLES]),
    )


def _chosen(labels: NDArray[np.int64], classes: int) -> list[int]:
    """Rows of samples, class by class; of many classes, an even choice of them."""
    each = max(1, min(SAMPLES_PER_CLASS, SAMPLES // classes))
    step = max(1, -(-classes // SAMPLES))
    rows: list[int] = []
    for label in range(0, classes, step):
        rows += np.flatnonzero(labels == label)[:each].tolist()
    return rows


def _folder_samples(
    listing: FolderListing,
    paths: Sequence[str],
    names: Sequence[str],
    labels: NDArray[np.int64],
    rows: PartRows,
    scale: float,
) -> Iterator[Sample]:
    train = rows["train"]
    for place in _chosen(labels[train], len(listing.classes)):
        row = int(train[place])
        pixels = decode_picture(paths[row], SAMPLE_SIDE, scale)
        yield _sample(names[row], listing.classes[labels[row]], pixels)


def _sample(name: str, label: str, pixels: NDArray[np.uint8]) -> Sample:
    """The middle square of an image, which is what a network sees of it."""
    channels, height, width = pixels.shape
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    square = pixels[:, top : top + side, left : left + side].transpose(1, 2, 0)
    return Sample(name, label, side, side, channels, square.tobytes())


def _of_prepared(spec: DataSpec, prepared: Prepared) -> DataReport:
    """The report of images that are no files: they have one size, and their pixels are compared."""
    parts: dict[PartRole, Split] = {"train": prepared.train, "test": prepared.test}
    if prepared.val is not None:
        parts["val"] = prepared.val
    labels = {role: part.labels.numpy() for role, part in parts.items()}
    channels, height, width = prepared.train.images.shape[1:]
    total = sum(map(len, parts.values()))
    names = {
        role: [f"{role} image {row:,}" for row in range(len(part))] for role, part in parts.items()
    }
    classes = {role: [prepared.classes[each] for each in part] for role, part in labels.items()}
    digests = {role: _pixel_digests(part) for role, part in parts.items()}
    return DataReport(
        name=spec.name,
        title=data_info(spec).title,
        is_split=True,
        parts=tuple(ImageCount(role, len(parts[role])) for role in ORDER if role in parts),
        per_class=prepared.per_class,
        sizes=Sizes(
            Spread(width, width, width),
            Spread(height, height, height),
            ImageCount(f"{width}×{height}", total),
            1,
        ),
        modes=(ImageCount("L" if channels == 1 else "RGB", total),),
        depths=(ImageCount("8 bits", total),),
        scale=BYTE_SCALE,
        duplicates=_duplicates(digests, names, classes),
        unreadable=prepared.skipped,
        notes=prepared.remarks,
        samples=tuple(_prepared_samples(prepared, names["train"])),
    )


def _pixel_digests(split: Split) -> list[str]:
    images = split.images.contiguous().numpy()
    return [hashlib.blake2b(image.data, digest_size=8).hexdigest() for image in images]


def _prepared_samples(prepared: Prepared, names: Sequence[str]) -> Iterator[Sample]:
    labels = prepared.train.labels.numpy()
    for row in _chosen(labels, len(prepared.classes)):
        pixels = prepared.train.images[row].numpy()
        yield _sample(names[row], prepared.classes[labels[row]], pixels)
