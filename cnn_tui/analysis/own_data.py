"""The images that a run trained on and is judged by, wherever its folder has gone since.

Where images were added to a folder, or some have vanished, the run's own are picked out by
the list that it keeps: one that it has trained on never becomes a test image.
"""

from dataclasses import dataclass, replace

import torch

from cnn_tui.data.dataset import DataSet, Split, joined
from cnn_tui.data.preparation import prepare
from cnn_tui.data.preparation.decode import PixelFormat
from cnn_tui.errors import UsageError
from cnn_tui.training.process.own_data import what_changed
from cnn_tui.training.store.data_changes import data_changes, in_renamed_class
from cnn_tui.training.store.data_record import (
    SPLITS,
    DataRecord,
    FileLists,
    read_data_record,
    read_files,
    record_of,
)
from cnn_tui.training.store.folder import RunFolder, RunHeader
from cnn_tui.training.store.source import changed_source

UNKNOWN = (
    "This run is of an older cnn-lab, which did not note its images: if the folder has changed "
    "since, it may be judged on images that it has trained on."
)


@dataclass(frozen=True)
class OwnData:
    """A run's data set as it is here, and what must be said of it; ``notes`` are sentences."""

    data: DataSet
    notes: tuple[str, ...] = ()


def own_data(run: RunFolder, header: RunHeader) -> OwnData:
    """What the run trained on, of what is here of it; the notes also say if its source has changed.

    Raises UsageError where it is not here, or holds none of the run's images.
    """
    found = _own_images(run, header)
    changed = changed_source(run, header.config.net)
    return replace(found, notes=(changed, *found.notes)) if changed else found


def _own_images(run: RunFolder, header: RunHeader) -> OwnData:
    record = read_data_record(run)
    found = _loaded(header, record)
    if record is None:
        return OwnData(found, (UNKNOWN,) if found.train.files else ())
    if found.fingerprint == record.fingerprint:
        return OwnData(found)
    files = read_files(run, record)
    if not files or not found.train.files:
        what = "" if files else _no_list(run, record, found)
        raise UsageError(
            f"{found.name} is not what run {run.run} was trained on: "
            f"{what_changed(record, files, found)}.{what}",
            fields=("data_dir",),
        )
    return _picked(run, record, files, found)


def _no_list(run: RunFolder, record: DataRecord, found: DataSet) -> str:
    if not found.train.files:
        return ""
    return (
        f" Which of its images the run trained on is listed in {run.file_lists}/"
        f"{record.fingerprint}.json.gz, which is not here: copy it along with the run."
    )


def _loaded(header: RunHeader, record: DataRecord | None) -> DataSet:
    config, form = header.config, None
    if record is not None:
        facts = record.facts
        form = PixelFormat(facts.image_size, facts.in_channels, facts.scale)
    try:
        return prepare.load(
            config.data,
            header.data_dir,
            image_size=config.image_size,
            form=form,
            val_fraction=config.val_fraction,
            val_is_validation=config.val_is_validation,
            rule=config.split_rule,
        )
    except UsageError as error:
        raise UsageError(
            f"The run's data set is needed for this. {error}",
            fields=error.fields,
            next_steps=error.next_steps,
        ) from error


def _picked(run: RunFolder, record: DataRecord, files: FileLists, found: DataSet) -> OwnData:
    """The run's own images among those that are ``found``."""
    _, now = record_of(found)
    changes = data_changes(files, record.facts.classes, now, found.classes)
    everything = joined([found.train, found.val, found.test])
    files_there = zip(everything.files, everything.digests, strict=True)
    rows = {file: row for row, file in enumerate(files_there)}

    def picked(split: str) -> Split:
        names = (in_renamed_class(each.name, changes) for each in files[split])
        listed = zip(names, files[split], strict=True)
        there = [(rows.get((name, each.digest)), each.label) for name, each in listed]
        kept = [(row, label) for row, label in there if row is not None]
        images = everything.at([row for row, _ in kept])
        return replace(images, labels=torch.tensor([label for _, label in kept]))

    splits = {name: picked(name) for name in SPLITS}
    if not any(map(len, splits.values())):
        raise UsageError(
            f"{found.name} holds none of the images that run {run.run} was trained on: {changes}.",
            fields=("data",),
        )
    facts = record.facts
    own = replace(
        found,
        train=splits["train"],
        val=splits["val"],
        test=splits["test"],
        classes=facts.classes,
        mean=facts.mean,
        std=facts.std,
        scale=facts.scale,
        fingerprint=record.fingerprint,
    )
    note = (
        f"{found.name} has changed since the run began ({changes}): only the "
        "run's own images that are still there are used."
    )
    return OwnData(own, (note,))
