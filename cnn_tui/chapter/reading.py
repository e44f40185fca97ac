"""What the lab remembers of a learner's reading: ``.cnn-lab/reading.json``.

It holds the topics that were read and the one that was looked at last.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cnn_tui.errors import LabFault
from cnn_tui.processes import keeps_no_locks
from cnn_tui.state_file import StateFile
from cnn_tui.workspace import Workspace


@dataclass(frozen=True)
class ReadingMarks:
    """The slugs of the topics that were read, and of the one looked at last; "" for none."""

    read: frozenset[str] = frozenset()
    last: str = ""


def load(workspace: Workspace | None) -> ReadingMarks:
    """What is remembered; nothing without a workspace, or where the file is missing or damaged."""
    return ReadingMarks() if workspace is None else _file(workspace).read()


def with_marks(before: ReadingMarks, last: str, marks: Mapping[str, bool]) -> ReadingMarks:
    """``before`` with what ``marks`` say of topics, and another one looked at last."""
    read = {slug for slug in before.read if marks.get(slug, True)}
    read |= {slug for slug, is_read in marks.items() if is_read}
    return ReadingMarks(frozenset(read), last)


def remember(workspace: Workspace, last: str, marks: Mapping[str, bool]) -> ReadingMarks:
    """Remember the topic looked at last, and for the topics in ``marks`` whether each is read.

    Marks that another session made meanwhile are kept; returns all of them. A
    damaged file is kept aside. Raises LabFault where nothing can be written.
    """
    file = _file(workspace)
    try:
        return file.change(lambda before: with_marks(before, last, marks))
    except OSError as error:
        lockless = keeps_no_locks(error)
        way_out = "put the workspace on another one" if lockless else "make it writable"
        raise LabFault(
            f"What you have read could not be saved to {file.path} ({error.strerror}): "
            f"{way_out}, else it is forgotten when you leave."
        ) from error


def _file(workspace: Workspace) -> StateFile[ReadingMarks]:
    path = workspace.state / "reading.json"
    return StateFile(path, version=1, empty=ReadingMarks(), decode=_decoded, encode=_encoded)


def _decoded(fields: dict[str, Any]) -> ReadingMarks:
    read, last = fields["read"], fields["last"]
    if type(read) is not list or not all(isinstance(slug, str) for slug in (*read, last)):
        raise ValueError("read and last are not slugs")
    return ReadingMarks(frozenset(read), last)


def _encoded(reading: ReadingMarks) -> dict[str, Any]:
    return {"last": reading.last, "read": sorted(reading.read)}
