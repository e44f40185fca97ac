"""A workspace for a learner who has none."""

from pathlib import Path

from cnn_tui.grading.catalogue import exercises, starters
from cnn_tui.grading.learner.progress import record_starters
from cnn_tui.workspace import Workspace, create


def make_workspace(folder: Path) -> tuple[Workspace, list[Path]]:
    """Make a workspace of ``folder`` with the exercises; returns it and the files written.

    A file that is already there is kept as it is. Raises UsageError where nothing can
    be written.
    """
    space, written = create(folder, starters())
    names = {path.name for path in written}
    record_starters(space, [each for each in exercises() if each.file_name in names])
    return space, written
