"""Small files in which the lab remembers something: with a version, and shared by sessions."""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Generic, TypeVar

from cnn_tui.errors import LabFault, how_to_update
from cnn_tui.files import write_atomically
from cnn_tui.processes import taking_turns

LARGEST = 16 * 2**20
"""Bytes: more is nothing that the lab has written."""

Remembered = TypeVar("Remembered")


class NewerStateError(LabFault):
    """A file was written by a newer lab, whose fields this one would lose."""


@dataclass(frozen=True)
class StateFile(Generic[Remembered]):
    """A JSON object on disk, of one of the versions up to ``version``.

    Several sessions may change it at once, and the machine may stop at any moment:
    they take turns by a lock, and the file is replaced as a whole or not at all.
    ``decode`` makes a record of the object and raises KeyError, TypeError or
    ValueError for what is none; ``encode`` takes it apart again. ``empty`` is what
    is remembered where there is no file.
    """

    path: Path
    version: int
    empty: Remembered
    decode: Callable[[dict[str, Any]], Remembered]
    encode: Callable[[Remembered], dict[str, Any]]

    def read(self) -> Remembered:
        """What is remembered: ``empty`` where the file is missing, damaged or a newer lab's."""
        try:
            return self._decoded()
        except (OSError, ValueError, NewerStateError):
            return self.empty

    def trouble(self) -> str:
        """Why what the file holds cannot be used, in a sentence; "" where it can."""
        try:
            self._decoded()
        except FileNotFoundError:
            return ""
        except NewerStateError as newer:
            return str(newer)
        except ValueError:
            return f"{self.path} is damaged: the next save keeps it aside and begins a new one."
        except OSError as error:
            return f"{self.path} cannot be read ({error.strerror})."
        return ""

    def change(self, change: Callable[[Remembered], Remembered]) -> Remembered:
        """Remember what ``change`` makes of what is remembered, while nobody else does; returns it.

        A damaged file is kept aside. Raises OSError where nothing can be written,
        NewerStateError where a newer lab wrote the file.
        """
        with taking_turns(self.path.with_suffix(".lock")):
            before = self._decoded_or_kept_aside()
            now = change(before)
            if now != before:
                document = {"version": self.version, **self.encode(now)}
                text = json.dumps(document, indent=2)
                write_atomically(self.path, lambda file: file.write_text(text, encoding="utf-8"))
            return now

    def _decoded(self) -> Remembered:
        try:
            fields = json.loads(self._content())
            version = fields["version"]
            if type(version) is not int or version < 1:
                raise ValueError(f"version {version}")
            if version > self.version:
                raise NewerStateError(
                    f"{self.path} was written by a newer cnn-lab and is left as it is: "
                    f"move it away to begin again, or update with: {how_to_update()}"
                )
            return self.decode(fields)
        except (KeyError, TypeError, RecursionError) as error:
            raise ValueError(f"{self.path} is damaged") from error

    def _content(self) -> bytes:
        """The file's bytes; a pipe is empty, as waiting for a writer would hold up the lab."""
        with os.fdopen(os.open(self.path, os.O_RDONLY | os.O_NONBLOCK), "rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ValueError(f"{self.path} is too large")
        return content

    def _decoded_or_kept_aside(self) -> Remembered:
        try:
            return self._decoded()
        except FileNotFoundError:
            return self.empty
        except ValueError:
            self.path.replace(self._aside())
            return self.empty

    def _aside(self) -> Path:
        """A name that no damaged file kept earlier has."""
        now = datetime.now(UTC).isoformat(timespec="seconds").replace(":", "")
        names = (f"{self.path.stem}.damaged-{now}{_counted(n)}.json" for n in count(1))
        return next(path for path in map(self.path.with_name, names) if not path.exists())


def _counted(number: int) -> str:
    return f"-{number}" if number > 1 else ""
