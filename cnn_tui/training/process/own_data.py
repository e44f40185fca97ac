"""A run goes on with the data that it began with, or not at all."""

from collections.abc import Mapping

from cnn_tui.data.dataset import DataSet
from cnn_tui.errors import UsageError
from cnn_tui.training.store.data_changes import data_changes
from cnn_tui.training.store.data_record import (
    DataRecord,
    FileLists,
    read_data_record,
    read_files,
    record_of,
)
from cnn_tui.training.store.folder import RunFolder

WORDS = {"train": "training", "val": "validation", "test": "test"}
"""What the images of a split are called."""


def refuse_other_data(run: RunFolder, data: DataSet) -> None:
    """Raise UsageError where ``data`` is not what the run began with, and say what has changed.

    Where ``data.json`` is damaged, too.
    """
    record = read_data_record(run)
    if record is None or record.fingerprint == data.fingerprint:
        return
    changes = what_changed(record, read_files(run, record), data)
    raise UsageError(
        f"{data.name} has changed since run {run.run} began: {changes}. "
        "A run goes on with its own data only: put that back, or start a new run.",
        fields=("data",),
    )


def what_changed(record: DataRecord, files: FileLists | None, data: DataSet) -> str:
    """What is different in ``data``, which is not what a run began with, in a few words.

    ``record`` and ``files`` are what the run has noted of its data.
    """
    now, files_now = record_of(data)
    changes = ""
    if files and files_now:
        changes = str(data_changes(files, record.facts.classes, files_now, now.facts.classes))
    return changes or _told_by_counts(record.counts, now.counts)


def _told_by_counts(before: Mapping[str, int], now: Mapping[str, int]) -> str:
    changed = [
        f"{now[name]:,} instead of {count:,} {WORDS[name]} images"
        for name, count in before.items()
        if now[name] != count
    ]
    return ", ".join(changed) or "the same number of images, and other ones"
