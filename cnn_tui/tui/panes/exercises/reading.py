"""What the Exercises pane reads beside the event loop: standings and the learner's files.

It is read once before the pane is opened, and from then on whenever a file was written.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.isolation.source import UNREADABLE, digest, read_regular_file
from cnn_tui.grading.learner.status import Standing, standings
from cnn_tui.grading.learner.watch import FileStamp, stamp
from cnn_tui.workspace import Workspace

Stamps = Mapping[Path, FileStamp | None]


@dataclass(frozen=True)
class LearnerFile:
    """What a learner's file holds; ``source`` is "" where it cannot be read."""

    source: str = ""
    digest: str = UNREADABLE


@dataclass(frozen=True)
class Reading:
    """How the learner stands, and by the exercises' names what the files hold."""

    standings: tuple[Standing, ...] = ()
    files: Mapping[str, LearnerFile] = field(default_factory=dict)
    stamps: Stamps = field(default_factory=dict)


def read_again(workspace: Workspace, before: Reading) -> Reading:
    """What there is to read now; ``before`` itself where nothing was written since."""
    paths = {each.name: workspace.exercises / each.file_name for each in exercises()}
    # Before what they hold: what is written meanwhile is read with the next look.
    stamps = {path: stamp(path) for path in (*paths.values(), workspace.progress_file)}
    if stamps == before.stamps:
        return before
    files = {name: read_file(path) for name, path in paths.items()}
    return Reading(standings(workspace), files, stamps)


def read_file(path: Path) -> LearnerFile:
    """What a learner's file holds."""
    try:
        held = read_regular_file(path)
    except UsageError:
        return LearnerFile()
    return LearnerFile(held.decode("utf-8", errors="replace"), digest(held))
