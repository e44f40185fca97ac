"""A user whom the password file does not know, for tests that run as root on Linux.

``python3 -m tests.strangers COMMAND …`` runs a command as that user, in the current folder.
"""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

STRANGER = 61_999
TOOLS = ("unshare", "setpriv", "mount")


def can_be_a_stranger() -> bool:
    """Whether the tests may become somebody else here, and mount what that takes."""
    if os.geteuid() != 0 or any(shutil.which(tool) is None for tool in TOOLS):
        return False
    return (
        subprocess.run([*as_stranger([]), "true"], capture_output=True, check=False).returncode == 0
    )


def as_stranger(needed: Sequence[Path], *, cwd: Path = Path("/"), before: str = "") -> list[str]:
    """The words that, before a command, run it in ``cwd`` as a user who can enter ``needed``.

    In a mount name space of its own each folder that keeps others out is
    replaced by one that shows them only what is needed. ``before`` is shell
    text that the stranger runs first.
    """
    closed = {path.resolve(): _closed_folder(path.resolve()) for path in needed}
    hidden = {path: folder for path, folder in closed.items() if folder is not None}
    lines = ["set -e", "stash=$(mktemp -d)", 'chmod 755 "$stash"']
    for number, path in enumerate(hidden):
        lines.append(f'mkdir "$stash/{number}"; mount --bind {_quoted(path)} "$stash/{number}"')
    for folder in dict.fromkeys(hidden.values()):
        lines.append(f"mount -t tmpfs -o mode=755 none {_quoted(folder)}")
    for number, path in enumerate(hidden):
        lines.append(f'mkdir -p {_quoted(path)}; mount --move "$stash/{number}" {_quoted(path)}')
    lines.append('find "$stash" -depth -type d -exec rmdir {} +')
    user = f"setpriv --reuid {STRANGER} --regid {STRANGER} --clear-groups --"
    first = shlex.quote(f'{before} exec "$@"')
    lines += [f'cd {_quoted(cwd)}; exec {user} sh -c {first} sh "$@"']
    return ["unshare", "--mount", "--propagation", "private", "sh", "-c", "\n".join(lines), "sh"]


def _quoted(path: Path) -> str:
    return shlex.quote(str(path))


def _closed_folder(path: Path) -> Path | None:
    """The outermost folder above ``path`` that only its owner may enter."""
    return next((each for each in reversed(path.parents) if not each.stat().st_mode & 1), None)


def main() -> None:
    """Become a stranger who can enter this project and this Python, and run a command."""
    needed = [Path(sys.base_prefix), Path(sys.prefix), Path(__file__).parents[1]]
    command = [*as_stranger(needed, cwd=Path.cwd()), *sys.argv[1:]]
    os.execvp(command[0], command)


if __name__ == "__main__":
    main()
