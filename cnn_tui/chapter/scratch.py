"""A topic's code as a file of the learner's own, to change and to run.

It lies in the workspace as ``scratch/SLUG.py`` and is never written a second time: what
stands there may be the learner's.
"""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from shlex import quote
from typing import BinaryIO

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.chapter.snippets import program
from cnn_tui.errors import UsageError
from cnn_tui.files import utf8
from cnn_tui.workspace import Workspace


class ScratchState(StrEnum):
    """How a scratch file stands to the topic's code."""

    NEW = "new"
    UNCHANGED = "unchanged"
    CHANGED = "changed"


SENTENCES = {
    ScratchState.NEW: "Wrote {name}, which runs as it is: python3 {quoted}",
    ScratchState.UNCHANGED: "{name} holds the topic's code, unchanged: python3 {quoted}",
    ScratchState.CHANGED: "{name} differs from the topic's code, and was left as it is. "
    "Delete it to start again from the topic's code.",
}


@dataclass(frozen=True)
class ScratchFile:
    """The file, and what was found in its place."""

    path: Path
    state: ScratchState

    def sentence(self, name: str) -> str:
        """What is said of it; ``name`` is how the reader gets at the file."""
        return SENTENCES[self.state].format(name=name, quoted=quote(name))


def scratch_file(workspace: Workspace, page: Topic) -> ScratchFile:
    """The page's scratch file, written where there is none yet.

    Raises UsageError for a page without code, and where no such file can be written or read.
    """
    code = utf8(code_of(page))
    path = workspace.scratch / f"{page.slug}.py"
    try:
        path.parent.mkdir(exist_ok=True)
        with suppress(FileExistsError), path.open("xb") as file:
            _write(file, code)
            return ScratchFile(path, ScratchState.NEW)
        is_as_written = path.read_bytes() == code
    except OSError as error:
        raise UsageError(
            f"{error.filename or path} cannot be written or read ({error.strerror}): move it away, "
            "or make it writable."
        ) from error
    return ScratchFile(path, ScratchState.UNCHANGED if is_as_written else ScratchState.CHANGED)


def _write(file: BinaryIO, code: bytes) -> None:
    """Half a file would count as the learner's: a disk that is full leaves none."""
    try:
        file.write(code)
        file.flush()
    except OSError:
        Path(file.name).unlink(missing_ok=True)
        raise


def code_of(page: Topic) -> str:
    """The page's program; raises UsageError for a page without code."""
    code = program(page)
    if not code:
        raise UsageError(f"{page.slug} has no code: it is a page of words and pictures.")
    return code
