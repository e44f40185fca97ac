"""What the app remembers of its user between starts: ``state.json`` in the user state folder.

The user's own settings are elsewhere, in ``config.toml``, which the lab never writes. An
option comes before the environment, that before ``config.toml``, and that before what is
remembered. Where nothing can be written, the lab works and forgets.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from threading import Lock
from typing import Any

from cnn_tui.chapter.reading import ReadingMarks, with_marks
from cnn_tui.errors import LabError, UsageError
from cnn_tui.state_file import StateFile
from cnn_tui.tui.themes import theme_named
from cnn_tui.workspace import user_folder

THEME_VARIABLE = "CNN_LAB_THEME"
VERSION = 1


@dataclass(frozen=True)
class RememberedState:
    """Whether the first page was seen, and the theme that was chosen last; "" for none.

    ``read`` and ``last_topic`` are what was read where there was no workspace to keep it.
    """

    first_page_seen: bool = False
    theme: str = ""
    read: tuple[str, ...] = ()
    last_topic: str = ""

    @property
    def reading(self) -> ReadingMarks:
        """What was read without a workspace."""
        return ReadingMarks(frozenset(self.read), self.last_topic)


class Memory:
    """Reads once, and writes what changes; ``folder`` is None where there is no home."""

    def __init__(self, folder: Path | None) -> None:
        self._turns = Lock()
        self._file = None if folder is None else _file(folder)
        self.now = RememberedState() if self._file is None else self._file.read()

    @classmethod
    def of_user(cls) -> "Memory":
        """What is remembered of the user of this process."""
        return cls(user_folder("state"))

    def see_first_page(self) -> None:
        """The first page was shown: it does not come by itself again."""
        self._change(lambda before: replace(before, first_page_seen=True))

    def choose_theme(self, theme: str) -> None:
        """The next start begins with this theme."""
        self._change(lambda before: replace(before, theme=theme))

    @property
    def is_kept(self) -> bool:
        """Whether there is a folder for what is remembered."""
        return self._file is not None

    def keep_reading(self, last: str, marks: Mapping[str, bool]) -> None:
        """Keep what was read, and the topic looked at last, until there is a workspace."""

        def kept(before: RememberedState) -> RememberedState:
            now = with_marks(before.reading, last, marks)
            return replace(before, read=tuple(sorted(now.read)), last_topic=now.last)

        self._change(kept)

    def forget_reading(self) -> None:
        """What was read is kept in a workspace now."""
        self._change(lambda before: replace(before, read=(), last_topic=""))

    def _change(self, change: Callable[[RememberedState], RememberedState]) -> None:
        with self._turns:  # of this app's threads; those of other apps take turns at the file
            self.now = change(self.now)
            if self._file is not None:
                with suppress(OSError, LabError):  # what cannot be written is forgotten
                    self._file.change(change)


def configured_theme() -> str | None:
    """The theme that the environment or the user's ``config.toml`` names, if either does.

    Raises UsageError for a file that cannot be read, and for a theme that does not exist.
    """
    named = os.environ.get(THEME_VARIABLE)
    if named:
        return _found(named, THEME_VARIABLE)
    folder = user_folder("config")
    if folder is None:
        return None
    path = folder / "config.toml"
    try:
        settings = tomllib.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read: {error}.") from error
    theme = settings.get("theme")
    return _found(theme, str(path)) if isinstance(theme, str) and theme else None


def _found(theme: str, where: str) -> str:
    """The theme of that name; an error says ``where`` it was asked for."""
    try:
        return theme_named(theme)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from error


def _file(folder: Path) -> StateFile[RememberedState]:
    return StateFile(folder / "state.json", VERSION, RememberedState(), _decoded, asdict)


def _decoded(fields: dict[str, Any]) -> RememberedState:
    seen, theme = fields["first_page_seen"], fields["theme"]
    read, last = fields.get("read", []), fields.get("last_topic", "")
    texts = (theme, last, *read)
    if type(seen) is not bool or not all(isinstance(each, str) for each in texts):
        raise ValueError("not what the lab writes")
    return RememberedState(seen, theme, tuple(read), last)
