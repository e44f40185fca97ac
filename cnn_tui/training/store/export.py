"""A run's numbers as comma-separated values, and a whole run as an archive."""

import csv
import zipfile
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import TextIO

from cnn_tui.errors import UsageError
from cnn_tui.files import write_atomically
from cnn_tui.training.records import EpochMetrics, Event, StepMetrics
from cnn_tui.training.store.data_record import list_of_files
from cnn_tui.training.store.folder import RunFolder

ROWS: dict[type[Event], str] = {StepMetrics: "step", EpochMetrics: "epoch"}
"""The events that become rows, and what their first column calls them."""

ARCHIVE = ".zip"
"""The ending of a file that takes a whole run."""
OF_THE_PROCESS = ("run.lock", "rank.lock", "worker.pid")
"""Files of a run that mean something only where it runs."""

COLUMNS = ("event", *dict.fromkeys(field.name for kind in ROWS for field in fields(kind)))


def write_csv(events: Iterable[Event], file: TextIO) -> None:
    """Write one row per flush and per epoch, in the order in which they were told.

    What an event does not have stays empty.
    """
    table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
    table.writeheader()
    for event in events:
        if type(event) in ROWS:
            table.writerow({"event": ROWS[type(event)], **asdict(event)})


def save_csv(events: Iterable[Event], path: Path) -> None:
    """Write the rows to a file, in place of what it held; raises UsageError where that fails."""
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            write_csv(events, file)
    except OSError as error:
        raise _unwritable(path, error) from error


def save_archive(run: RunFolder, path: Path) -> None:
    """Write all of a run, with the list of its files, so that it can be unpacked among others.

    ``path`` replaces what it held, whole or not at all. Raises UsageError where that fails.
    """

    def write(target: Path) -> None:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in sorted(run.path.rglob("*")):
                if file.is_file() and file.name not in OF_THE_PROCESS:
                    archive.write(file, file.relative_to(run.path.parent))
            files = list_of_files(run)
            if files is not None and files.is_file():
                archive.write(files, files.relative_to(run.path.parent))

    try:
        write_atomically(path, write)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror}. Name a file in a folder that is yours."
    )
