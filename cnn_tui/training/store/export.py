"""A run's numbers as comma-separated values, for spreadsheets and data frames."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, fields
from pathlib import Path
from typing import TextIO

from cnn_tui.errors import UsageError
from cnn_tui.training.records import EpochMetrics, Event, StepMetrics

ROWS: dict[type[Event], str] = {StepMetrics: "step", EpochMetrics: "epoch"}
"""The events that become rows, and what their first column calls them."""

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
        raise UsageError(
            f"{path} cannot be written: {error.strerror}. Name a file in a folder that is yours."
        ) from error
