"""Why a run failed, as one process of it leaves word for another: torch-free."""

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from cnn_tui.errors import LabError
from cnn_tui.next_steps import steps_from
from cnn_tui.training.records import Reason


def reason_of(error: LabError) -> Reason:
    """What an error says, as a record."""
    return Reason(str(error), error.fields, error.next_steps)


def leave_word(file: Path, reason: Reason) -> None:
    """Write the reason down for the process that has the last word."""
    file.write_text(json.dumps(asdict(reason)))


def left_word(file: Path) -> Reason | None:
    """The reason that was left in ``file``; None where there is none that can be read."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        kept = json.loads(file.read_text())
        return Reason(kept["sentence"], tuple(kept["fields"]), steps_from(kept["next_steps"]))
    return None
