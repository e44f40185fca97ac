"""Which data a run trains on: ``data.json``, and once for all runs which file is in which split.

The list of files lies in ``runs/.data/FINGERPRINT.json.gz``: of 60,000 images it takes a
megabyte, and most runs share it with others. Torch-free.
"""

import gzip
import json
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cnn_tui.data.records import DataFacts
from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.training.store.folder import RunFolder

if TYPE_CHECKING:
    from cnn_tui.data.dataset import DataSet

FORMAT = 1
"""Of what both files hold; a lab leaves those of a later one alone."""
SUFFIX = ".json.gz"
SPLITS = ("train", "val", "test")
DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, AttributeError, zlib.error)


class ListedFile(NamedTuple):
    """One image of a split: its file in the data set's folder, its class, and what it shows."""

    name: str
    label: int
    digest: str


FileLists = Mapping[str, tuple[ListedFile, ...]]
"""The files of each split, in its order."""


@dataclass(frozen=True)
class DataRecord:
    """What ``data.json`` holds: ``counts`` are the images of each split."""

    fingerprint: str
    facts: DataFacts
    counts: Mapping[str, int]


def record_of(data: "DataSet") -> tuple[DataRecord, FileLists]:
    """What is to be kept of ``data``; no files where its images are none."""
    splits = {"train": data.train, "val": data.val, "test": data.test}
    record = DataRecord(
        data.fingerprint, data.facts, {name: len(split) for name, split in splits.items()}
    )
    if not data.train.files:
        return record, {}
    return record, {
        name: tuple(map(ListedFile, split.files, split.labels.tolist(), split.digests))
        for name, split in splits.items()
    }


def write_data_record(run: RunFolder, record: DataRecord, files: FileLists) -> None:
    """Keep what a run trains on; ``files`` are empty where its images are no files.

    Raises OSError where nothing can be written.
    """
    document = {
        "format": FORMAT,
        "fingerprint": record.fingerprint,
        **record.facts.to_json(),
        "counts": dict(record.counts),
    }
    text = json.dumps(document, indent=2)
    write_atomically(run.data_file, lambda path: path.write_text(text))
    # After the name of the list, so that nobody takes it for one that no run needs.
    keep_files(run, record, files)


def keep_files(run: RunFolder, record: DataRecord, files: FileLists) -> None:
    """Keep which file is in which split, unless that is known; raises OSError as above."""
    target = _list_file(run, record.fingerprint)
    if not files or target.exists():
        return
    target.parent.mkdir(exist_ok=True)
    document = {"format": FORMAT, "files": files}
    # Without a time in its header the same list is the same file everywhere.
    content = gzip.compress(json.dumps(document).encode(), mtime=0)
    write_atomically(target, lambda path: path.write_bytes(content))


def read_data_record(run: RunFolder) -> DataRecord | None:
    """What the run trains on; None where it does not say, as runs of older versions do not.

    Raises UsageError where that cannot be read.
    """
    try:
        document = json.loads(run.data_file.read_bytes())
        return DataRecord(
            fingerprint=str(document["fingerprint"]),
            facts=DataFacts.from_json(document),
            counts={name: int(document["counts"][name]) for name in SPLITS},
        )
    except FileNotFoundError:
        return None
    except DAMAGED as error:
        raise UsageError(
            f"{run.data_file}, which says what run {run.run} trained on, is damaged: put back a "
            "copy of it, or train the network again."
        ) from error


def read_files(run: RunFolder, record: DataRecord) -> FileLists | None:
    """The files of each split; None where the images are no files, or the list is not here."""
    try:
        with gzip.open(_list_file(run, record.fingerprint), "rt", encoding="utf-8") as file:
            lists = json.load(file)["files"]
        return {
            name: tuple(
                ListedFile(str(path), int(label), str(digest)) for path, label, digest in rows
            )
            for name, rows in lists.items()
        }
    except FileNotFoundError:
        return None
    except DAMAGED as error:
        raise UsageError(
            f"{_list_file(run, record.fingerprint)}, which lists the files of run {run.run}, is "
            "damaged: put back a copy of it, or train the network again."
        ) from error


def list_of_files(run: RunFolder) -> Path | None:
    """Where the run's list of files lies, if it has one; None where it does not know its data."""
    fingerprint = _fingerprint(run.data_file)
    return None if fingerprint is None else _list_file(run, str(fingerprint))


def sweep_file_lists(folder: Path) -> None:
    """Remove from ``folder`` the lists that no run beside it names."""
    used = {_fingerprint(file) for file in folder.parent.glob("*/data.json")}
    for each in folder.glob(f"*{SUFFIX}"):
        if each.name.removesuffix(SUFFIX) not in used:
            with suppress(OSError):
                each.unlink()


def _list_file(run: RunFolder, fingerprint: str) -> Path:
    return run.file_lists / f"{fingerprint}{SUFFIX}"


def _fingerprint(file: Path) -> object:
    try:
        return json.loads(file.read_bytes())["fingerprint"]
    except DAMAGED:
        return None
