"""Where the learner's files live, and where data sets are cached.

A workspace is a folder that holds ``exercises/``; runs and progress are kept
beside it. A clone of the project is a workspace. ``--workspace`` wins over
``CNN_LAB_WORKSPACE``, which wins over the nearest folder at or above the
current one.
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.errors import UsageError

WORKSPACE_VARIABLE = "CNN_LAB_WORKSPACE"
DATA_VARIABLE = "CNN_LAB_DATA"


@dataclass(frozen=True)
class Workspace:
    """One learner's folder."""

    root: Path

    @property
    def exercises(self) -> Path:
        """The files that the learner edits."""
        return self.root / "exercises"

    @property
    def runs(self) -> Path:
        """The run store."""
        return self.root / "runs"

    @property
    def state(self) -> Path:
        """What the lab remembers about the learner."""
        return self.root / ".cnn-lab"

    @property
    def progress_file(self) -> Path:
        """Which exercises were checked, and how they stood."""
        return self.state / "progress.json"


def find(explicit: Path | None = None) -> Workspace:
    """The workspace to use; raises UsageError where there is none."""
    named = explicit or _from_environment()
    if named is not None:
        root = named.expanduser().resolve()
        if not (root / "exercises").is_dir():
            raise UsageError(
                f"{root} is not a workspace: it holds no exercises/ folder. "
                f"Make one with: cnn-lab init {root}"
            )
        return Workspace(root)
    here = Path.cwd()
    nearest = around(here)
    if nearest is None:
        raise UsageError(
            f"There is no workspace at or above {here}. Make one here with: cnn-lab init"
        )
    return nearest


def around(path: Path) -> Workspace | None:
    """The nearest workspace at or above an absolute path, or None where there is none."""
    folders = (path, *path.parents)
    return next((Workspace(each) for each in folders if (each / "exercises").is_dir()), None)


def find_or_none(explicit: Path | None = None) -> Workspace | None:
    """The workspace to use, or None where none was named and none is near."""
    if explicit is not None or _from_environment() is not None:
        return find(explicit)
    try:
        return find()
    except UsageError:
        return None


def create(root: Path, starters: Iterable[Path]) -> tuple[Workspace, list[Path]]:
    """Make a workspace of ``root``; returns it and the files that were written.

    A file that is already there is kept as it is.
    """
    space = Workspace(root.expanduser().resolve())
    written = []
    try:
        space.exercises.mkdir(parents=True, exist_ok=True)
        space.runs.mkdir(exist_ok=True)
        for starter in starters:
            target = space.exercises / starter.name
            if not target.exists():
                target.write_bytes(starter.read_bytes())
                written.append(target)
    except OSError as error:
        raise UsageError(
            f"No workspace could be made in {space.root}: {error.strerror}. "
            "Name a folder that you may write to: cnn-lab init FOLDER"
        ) from error
    return space, written


def data_dir(explicit: Path | None = None) -> Path:
    """Where data sets are cached: ``--data-dir``, ``CNN_LAB_DATA``, or the user's cache."""
    named = explicit or os.environ.get(DATA_VARIABLE)
    if named:
        return Path(named).expanduser().resolve()
    from platformdirs import user_cache_path

    return user_cache_path("cnn-lab") / "data"


def _from_environment() -> Path | None:
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else None
