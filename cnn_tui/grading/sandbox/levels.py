"""The sandbox's levels, from the strongest to the weakest, and which of them work here.

*bwrap* gives the submission host name spaces of its own (Bubblewrap), and its
children the walls of the next level; *landlock* has walls alone: Landlock,
seccomp, and for root a change of user; *limits* has resource limits only. Each
is probed by running it: what a kernel offers and what a container forbids cannot
be known otherwise. Torch-free.
"""

import functools
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.sandbox import visible_paths

BWRAP, LANDLOCK, LIMITS = LEVELS = ("bwrap", "landlock", "limits")

GAPS: dict[str, tuple[str, ...]] = {
    BWRAP: (),
    LANDLOCK: (
        "ask for the size, owner, times and link target of a file of a given name",
        "ask whether a process of a given number runs",
    ),
    LIMITS: (
        "read whatever you may read, the hidden tests and the solution among them",
        "write to whatever you may write to",
        "reach the network",
        "start programs, and leave some of them behind",
        "end the lab's own processes",
    ),
}
"""What a submission on each level can still do."""

PROBE_SECONDS = 20.0
NOT_TRIED = "it could not be tried"
PROBE = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from cnn_tui.grading.sandbox.confine import probe; probe(*sys.argv[2:])"
)


@dataclass(frozen=True)
class Level:
    """One level: where it does not work here, ``reason`` says why, ``remedy`` what would help."""

    name: str
    works: bool
    reason: str = ""
    remedy: str = ""


def choose(wanted: str | None = None) -> str:
    """The strongest level that works here, or ``wanted``.

    Raises UsageError where that does not work, or is no level.
    """
    if wanted is None:
        return next(name for name in LEVELS if _state(name).works)
    if wanted not in LEVELS:
        raise UsageError(f"There is no sandbox named {wanted!r}: name one of {', '.join(LEVELS)}.")
    level = _state(wanted)
    if not level.works:
        raise UsageError(
            f"The sandbox {wanted} does not work here: {level.reason}. {level.remedy}".rstrip()
        )
    return wanted


def probe() -> tuple[Level, ...]:
    """Every level, from the strongest, and whether it works here."""
    return tuple(map(_state, LEVELS))


@functools.cache
def _state(name: str) -> Level:
    if name == LIMITS:
        return Level(LIMITS, True)
    if sys.platform != "linux":
        return Level(name, False, "it needs Linux", "Check in a Linux machine or container.")
    if name == BWRAP and shutil.which("bwrap") is None:
        return Level(BWRAP, False, "bwrap is not installed", "Install the package bubblewrap.")
    reason = _tried(name)
    return Level(name, not reason, reason, _remedy(name, reason) if reason else "")


def _tried(name: str) -> str:
    """What is wrong with a level, found by going through it and trying what must not work."""
    with tempfile.TemporaryDirectory(prefix="cnn-lab-probe-") as folder:
        walls = visible_paths.walls(())
        inside = name == BWRAP
        place = visible_paths.FOLDER if inside else folder
        arguments = [
            str(visible_paths.PACKAGE_PARENT),
            name,
            place,
            str(walls.uid or ""),
            *walls.readable,
        ]
        command = [sys.executable, "-I", "-S", "-c", PROBE, *arguments]
        try:
            done = subprocess.run(
                [*visible_paths.bubblewrap(walls), *command] if inside else command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=PROBE_SECONDS,
                cwd="/",
                env={"PATH": os.environ.get("PATH", os.defpath)},
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"{NOT_TRIED} ({error})"
    if done.returncode == 0 and done.stdout == "":
        return ""
    said = (done.stdout or done.stderr).strip().splitlines()
    return said[-1] if said else f"it ended with exit code {done.returncode}"


def _remedy(name: str, reason: str) -> str:
    if reason.startswith(NOT_TRIED):
        return "Try again when this machine has less to do."
    if name == LANDLOCK:
        return "It needs Linux 5.13 or later, with Landlock and seccomp not forbidden."
    if not reason.startswith("bwrap:"):
        return "It needs seccomp not forbidden; until then, the next level is taken."
    setting = Path("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    if setting.exists() and setting.read_text().strip() == "1":
        return f"Let users make name spaces: sysctl -w kernel.{setting.name}=0"
    return "Let this user make user name spaces (in a container: an unconfined seccomp profile)."
