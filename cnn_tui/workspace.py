"""Where the learner's files live, and where data sets are cached.

A workspace is a folder that holds ``exercises/``; runs and progress are kept
beside it. A clone of the project is a workspace. ``--workspace`` wins over
``CNN_LAB_WORKSPACE``, which wins over the nearest folder at or above the
current one.

This is also the only module that asks for the user's home. A user may have
none: a container's user without an entry in the password file and without
``HOME``, or one whose home is read-only or does not exist.
"""

import os
import pwd
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step

APP = "cnn-lab"
"""The name of the lab's own folders among those of the user."""

EXERCISES = "exercises"
"""The folder that makes its parent a workspace."""
WORKSPACE_VARIABLE = "CNN_LAB_WORKSPACE"
DATA_VARIABLE = "CNN_LAB_DATA"


@dataclass(frozen=True)
class Workspace:
    """One learner's folder."""

    root: Path

    @property
    def is_there(self) -> bool:
        """Whether it is a workspace still: others may have deleted or moved it."""
        return os.path.isdir(self.exercises)  # noqa: PTH112 - unreadable is no folder, too

    @property
    def exercises(self) -> Path:
        """The files that the learner edits."""
        return self.root / EXERCISES

    @property
    def runs(self) -> Path:
        """The run store."""
        return self.root / "runs"

    @property
    def scratch(self) -> Path:
        """The code of topics, to change and to run; made with the first of them."""
        return self.root / "scratch"

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
        root = expanded(named).resolve()
        if not os.path.isdir(root / EXERCISES):  # noqa: PTH112 - unreadable is no folder, too
            raise UsageError(
                f"{root} is not a workspace: it holds no exercises/ folder.",
                fields=("workspace",) if explicit is not None else (),
                next_steps=(step(Action.INIT, str(root)),),
            )
        return Workspace(root)
    here = Path.cwd()
    nearest = around(here)
    if nearest is None:
        raise UsageError(
            f"There is no workspace at or above {here}.", next_steps=(step(Action.INIT),)
        )
    return nearest


def around(path: Path) -> Workspace | None:
    """The nearest workspace at or above an absolute path, or None where there is none."""
    folders = (path, *path.parents)
    found = (each for each in folders if os.path.isdir(each / EXERCISES))  # noqa: PTH112
    return next(map(Workspace, found), None)


def find_or_none(explicit: Path | None = None) -> Workspace | None:
    """The workspace to use, or None where none was named and none is near."""
    if explicit is not None or _from_environment() is not None:
        return find(explicit)
    try:
        return find()
    except UsageError:
        return None


def create(root: Path, starters: Mapping[str, Path]) -> tuple[Workspace, list[Path]]:
    """Make a workspace of ``root``; returns it and the files that were written.

    ``starters`` are the files to put there, by name. A file that is already there is
    kept as it is.
    """
    space = Workspace(expanded(root).resolve())
    written = []
    try:
        space.exercises.mkdir(parents=True, exist_ok=True)
        space.runs.mkdir(exist_ok=True)
        for name, starter in starters.items():
            target = space.exercises / name
            if not target.exists():
                target.write_bytes(starter.read_bytes())
                written.append(target)
    except OSError as error:
        raise UsageError(
            f"No workspace could be made in {space.root}: {error.strerror}. "
            "Name a folder that you may write to.",
            next_steps=(step(Action.INIT, "FOLDER"),),
        ) from error
    return space, written


def expanded(path: Path) -> Path:
    """``path`` with a leading ``~`` or ``~NAME`` replaced by that user's home folder."""
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise UsageError(
            f"{path}: no home folder is known for {path.parts[0]}: write the whole path."
        ) from error


def has_home() -> bool:
    """Whether a home folder is known for this user; it may not exist."""
    return os.path.expanduser("~") != "~"  # noqa: PTH111 - Path's own raises an error


def name_the_user() -> None:
    """Give a user whom the password file does not know a name, in the environment.

    Libraries ask for one, such as some versions of torch when an optimizer is made.
    """
    if not any(os.environ.get(name) for name in ("LOGNAME", "USER", "LNAME", "USERNAME")):
        try:
            pwd.getpwuid(os.getuid())
        except KeyError:
            os.environ["LOGNAME"] = f"uid-{os.getuid()}"


def user_folder(kind: Literal["cache", "config", "state"]) -> Path | None:
    """The lab's own folder of this ``kind`` under the user's home; None where there is no home.

    It may not exist, and it may be impossible to make or to write to.
    """
    import platformdirs

    named = {
        "cache": platformdirs.user_cache_path,
        "config": platformdirs.user_config_path,
        "state": platformdirs.user_state_path,
    }
    try:
        found = named[kind](APP)
    except (RuntimeError, KeyError, OSError):  # no HOME, and no entry in the password file
        return None
    return found if found.is_absolute() else None


def data_dir(explicit: Path | None = None) -> Path:
    """Where data sets are cached: ``--data-dir``, ``CNN_LAB_DATA``, or the user's cache.

    Where the user has no cache that can be used, a folder of the user's alone in
    the temporary directory. Raises UsageError where somebody else made that one,
    and where the folder that was named may not be looked into.
    """
    named = explicit or os.environ.get(DATA_VARIABLE)
    if named:
        folder = expanded(Path(named)).resolve()
        existing = nearest_existing(folder)
        if existing.is_dir() and not os.access(existing, os.X_OK):
            raise UsageError(
                f"You may not look into {existing}: name another folder for data sets, "
                f"or set {DATA_VARIABLE}.",
                fields=("data_dir",),
            )
        return folder
    cache = user_folder("cache")
    if cache is not None and _is_usable(cache / "data"):
        return cache / "data"
    return _temporary_folder() / "data"


def is_temporary(folder: Path) -> bool:
    """Whether ``folder`` is the one that ``data_dir`` falls back to."""
    import tempfile

    try:
        return folder.is_relative_to(Path(tempfile.gettempdir()) / _temporary_name())
    except OSError:  # there is no temporary directory
        return False


def nearest_existing(folder: Path) -> Path:
    """``folder``, or the nearest one above it that exists and may be looked at."""
    return next(each for each in (folder, *folder.parents) if os.path.exists(each))  # noqa: PTH110


def is_writable(folder: Path) -> bool:
    """Whether files can be made in ``folder``, which may have to be made itself."""
    existing = nearest_existing(folder)
    return existing.is_dir() and os.access(existing, os.W_OK | os.X_OK)


def _is_usable(folder: Path) -> bool:
    """Whether data sets can be kept in ``folder``, or some are: those can be read all the same."""
    if is_writable(folder):
        return True
    try:
        return any(folder.iterdir())
    except OSError:
        return False


def _temporary_folder() -> Path:
    """A folder of this user's in the temporary directory, which all users share.

    Its name can be guessed: what another user has put there, a folder or a
    link, is refused, and so is a folder that others may write to.
    """
    import tempfile

    try:
        folder = Path(tempfile.gettempdir()) / _temporary_name()
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise UsageError(
            f"There is no folder to keep data sets in, neither under your home nor a temporary "
            f"one ({error.strerror}): name one, or set {DATA_VARIABLE}.",
            fields=("data_dir",),
        ) from error
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or shared:
        raise UsageError(
            f"{folder} is not a folder of yours alone, and is not used: name another one for "
            f"data sets, or set {DATA_VARIABLE}.",
            fields=("data_dir",),
        )
    return folder


def _temporary_name() -> str:
    return f"{APP}-{os.geteuid()}"


def _from_environment() -> Path | None:
    named = os.environ.get(WORKSPACE_VARIABLE)
    return Path(named) if named else None
