"""What the lab remembers of a learner's reading: ``.cnn-lab/reading.json``.

It holds the topics that were read and the one that was looked at last. Two
sessions may write at once, and the machine may stop at any moment: writers take
turns by a lock, and the file is replaced as a whole or not at all.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.data.atomic import write_atomically
from cnn_tui.errors import LabFault
from cnn_tui.processes import taking_turns
from cnn_tui.workspace import Workspace

VERSION = 1


@dataclass(frozen=True)
class Reading:
    """The slugs of the topics that were read, and of the one looked at last; "" for none."""

    read: frozenset[str] = frozenset()
    last: str = ""


class NewerReadingError(LabFault):
    """The file was written by a newer lab, whose fields this one would lose."""


def load(workspace: Workspace | None) -> Reading:
    """What is remembered; nothing without a workspace, or where the file is missing or damaged."""
    if workspace is None:
        return Reading()
    try:
        return _parsed(_file(workspace))
    except (OSError, ValueError, NewerReadingError):
        return Reading()


def remember(workspace: Workspace, last: str, marks: Mapping[str, bool]) -> Reading:
    """Remember the topic looked at last, and for the topics in ``marks`` whether each is read.

    Marks that another session made meanwhile are kept; returns all of them. A
    damaged file is kept aside. Raises LabFault where nothing can be written.
    """
    file = _file(workspace)
    try:
        with taking_turns(workspace.state / "reading.lock"):
            before = _load_or_keep_aside(file)
            read = {slug for slug in before.read if marks.get(slug, True)}
            read |= {slug for slug, is_read in marks.items() if is_read}
            now = Reading(frozenset(read), last)
            if now != before:
                _replace(file, now)
            return now
    except OSError as error:
        raise LabFault(
            f"What you have read could not be saved to {file} ({error.strerror}): make it "
            "writable, else it is forgotten when you leave."
        ) from error


def _file(workspace: Workspace) -> Path:
    return workspace.state / "reading.json"


def _parsed(file: Path) -> Reading:
    """Raises ValueError for what is no such file, NewerReadingError for a newer lab's."""
    try:
        fields = json.loads(file.read_bytes())
        version, read, last = fields["version"], fields["read"], fields["last"]
        if type(version) is not int or version < 1:
            raise ValueError(f"version {version}")
        if version > VERSION:
            raise NewerReadingError(
                f"{file} was written by a newer cnn-lab and is left as it is: "
                "update this one, or move the file away to begin anew."
            )
        if type(read) is not list or not all(isinstance(slug, str) for slug in (*read, last)):
            raise ValueError("read and last are not slugs")
        return Reading(frozenset(read), last)
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("not such a file") from error


def _load_or_keep_aside(file: Path) -> Reading:
    try:
        return _parsed(file)
    except FileNotFoundError:
        return Reading()
    except ValueError:
        file.replace(file.with_suffix(".damaged.json"))
        return Reading()


def _replace(file: Path, reading: Reading) -> None:
    document = {"version": VERSION, "last": reading.last, "read": sorted(reading.read)}
    text = json.dumps(document, indent=2)
    write_atomically(file, lambda temporary: temporary.write_text(text, encoding="utf-8"))
