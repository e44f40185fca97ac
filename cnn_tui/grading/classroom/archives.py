"""Reading a few small files out of an archive that a stranger made; torch-free.

The archive is opened in a process of its own that may use little memory and
time: a bomb, or an archive that sends Python's own readers round in circles,
ends that process and nothing else. Nothing of a learner's archive is unpacked onto
the disk; the archive of a whole class is, with names that are checked.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.classroom.naming import shown
from cnn_tui.grading.sandbox.visible_paths import PACKAGE_PARENT

PATIENCE_SECONDS = 120.0
"""By the clock, for a machine that has much else to do."""
BOOTSTRAP = (
    "import sys; sys.path.append(sys.argv.pop(1)); "
    "from cnn_tui.grading.classroom.archive_process import main; main()"
)


@dataclass(frozen=True)
class ArchivedFile:
    """A file in an archive: ``fault`` goes on after "it", and says why it was not read."""

    place: PurePosixPath
    data: bytes
    fault: str = ""


def read_exercises(archive: Path, exercises: Sequence[str]) -> list[ArchivedFile]:
    """Every file in ``archive`` that is named like one of ``exercises``.

    Beside them are the files of their folders that may be helper files, as far as they are few.
    Bytes beyond what a submission may have are left out, all but one. Raises
    UsageError, with one sentence, for an archive that is damaged, encrypted, a
    bomb, or names such a file in a way that is not safe.
    """
    answer = _asked("read", archive, *exercises)
    return [
        ArchivedFile(PurePosixPath(place), base64.b64decode(data), fault)
        for place, data, fault in answer["files"]
    ]


@dataclass(frozen=True)
class RefusedMember:
    """One member of a class's archive that was not unpacked: ``reason`` goes on after "it"."""

    name: str
    reason: str


def unpack_class(archive: Path, folder: Path) -> list[RefusedMember]:
    """Write the members of a class's archive below ``folder``; what was refused, and why.

    No name leads out of the folder, nothing is a link, and what can be neither an exercise nor
    an archive is there by its name alone, without its bytes. Raises UsageError, with one
    sentence, for an archive that is damaged or too large.
    """
    answer = _asked("unpack", archive, str(folder))
    return [RefusedMember(name, reason) for name, reason in answer["refused members"]]


def _asked(what: str, archive: Path, *arguments: str) -> dict[str, Any]:
    """What a process that does ``what`` with an archive answers; raises UsageError."""
    command = [sys.executable, "-P", "-c", BOOTSTRAP, str(PACKAGE_PARENT), what, str(archive)]
    try:
        done = subprocess.run(
            [*command, *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
        answer: dict[str, Any] = json.loads(done.stdout)
    except (subprocess.TimeoutExpired, ValueError):
        raise UsageError(
            f"{shown(archive.name)} takes more time or memory to unpack than an exercise may: "
            "ask for a small archive that holds the exercises only."
        ) from None
    except OSError as error:
        raise LabFault(f"No process can be started to unpack archives ({error}).") from error
    if "refused" in answer:
        raise UsageError(answer["refused"])
    return answer
