"""What a submission can reach of this machine: what Python and torch need, to read.

Everything else stays out of reach, above all the hidden tests, the solutions and
the modules that judge. Of this project a submission sees the modules that its own
process imports, and nothing else: no other copy that Python could find, and of a
clone neither tests nor history. Torch-free.
"""

import os
import pwd
import random
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from cnn_tui.grading.catalogue import private_folders
from cnn_tui.grading.sandbox.confine import MIB, Walls

PACKAGE = Path(__file__).parents[2]
PACKAGE_PARENT = PACKAGE.parent
ROOMS = ("analysis", "data", "nets", "training", "grading/sandbox", "grading/stand_ins")
"""Folders of the package that a submission sees as a whole."""
MODULES = {
    "": (
        *("__init__", "errors", "files", "names", "next_steps", "options", "plugins", "processes"),
        "workspace",
    ),
    "grading": ("__init__", "text"),
    "grading/isolation": (
        *("__init__", "helper_modules", "host", "hosted_submission", "module_operations"),
        *("object_operations", "raised_errors", "service", "untrusted_records"),
        *("wire", "wire_reader", "wire_values", "wire_writer"),
    ),
}
"""Folder of the package → the modules of it that a submission sees."""
IN_CLONE = ("pyproject.toml", "cnn_tui", "solutions")
"""What a clone of this project holds, whatever its own folder is called."""
PACKAGE_FOLDERS = "python3*/*-packages"
CACHES = ("~/.cache", "$XDG_CACHE_HOME", "$UV_CACHE_DIR", "$PIP_CACHE_DIR")
"""Where installers keep the packages that they once installed."""
FOLDER = "/run/cnn-lab"
"""A submission's only writable folder, within name spaces of its own."""
FOLDER_MIB = 128

SYSTEM = (
    *("/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib"),
    *("/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo", "/sys/devices/system/cpu"),
)
LIBRARY_VARIABLES = ("LD_LIBRARY_PATH", "LD_PRELOAD")
USERS = range(60_001, 61_184)
"""User ids that distributions leave to nobody."""
KEPT_CAPABILITIES = (
    # For the host as root: to become another user, and to end and tidy up what that user left.
    *("CAP_SETUID", "CAP_SETGID", "CAP_KILL", "CAP_CHOWN", "CAP_FOWNER"),
    *("CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH"),
)


def walls(secrets: Iterable[Path]) -> Walls:
    """What stays within reach; ``secrets``, files or folders, never do."""
    private = private_folders()
    kept = {path.resolve() for path in (*secrets, *private)}
    linked = [path for folder in _package_folders() for path in _linked_from(folder)]
    added = [*linked, *_absolute(os.environ.get("PYTHONPATH", ""))]
    folders = (*_package_folders(), *_system_package_folders(), *added, PACKAGE_PARENT)
    copies = (copy for folder in folders for copy in _copies(folder))
    others = (*copies, *_caches(), *(copy for each in private for copy in _older_copies(each)))
    hidden = kept | {path.resolve() for path in others if path.exists()}
    outside = [path for path in added if not _is_in(path, hidden)]
    # Where such a folder holds the virtual environment, its Python is bound by its own name.
    programs = {Path(sys.executable).parent.resolve()}
    found = [
        *(path for each in _needed() for path in _without(each, hidden)),
        *(path for each in outside for path in _without(each, hidden | programs)),
        *(path for each in _own_modules() for path in _without(each, kept)),
    ]
    uid = _unused_uid() if os.geteuid() == 0 else None
    return Walls(tuple(dict.fromkeys(map(str, found))), uid)


def bubblewrap(walls: Walls) -> list[str]:
    """The command that runs another in name spaces in which only ``walls`` is to be seen."""
    binds = [word for path in walls.readable for word in ("--ro-bind", path, path)]
    # Links such as /lib, and the Python of a virtual environment, are reached by their own names.
    names = [str(path) for path in (*map(Path, SYSTEM), *_python()) if _is_renamed(path)]
    links = [word for name in names for word in ("--ro-bind-try", name, name)]
    caps = [word for name in KEPT_CAPABILITIES for word in ("--cap-add", name)]
    return [
        *("bwrap", "--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
        *("--unshare-cgroup-try", "--cap-drop", "ALL"),
        *(["--unshare-user"] if walls.uid is None else caps),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "0711", "--size", str(FOLDER_MIB * MIB), "--tmpfs", FOLDER),
        *binds,
        *links,
        *("--remount-ro", "/dev", "--remount-ro", "/"),
        *("--chdir", FOLDER, "--"),
    ]


def _needed() -> Iterator[Path]:
    yield from map(Path, SYSTEM)
    yield from _python()
    for name in LIBRARY_VARIABLES:
        yield from _absolute(os.environ.get(name, "").replace(" ", os.pathsep))
    yield Path(sys.base_prefix, "lib")
    yield from (Path(sysconfig.get_path(name)) for name in ("stdlib", "platstdlib"))
    yield from _package_folders()


def _own_modules() -> Iterator[Path]:
    """The files and folders of this package that a submission's own process imports."""
    yield from (PACKAGE / room for room in ROOMS)
    for folder, modules in MODULES.items():
        for module in modules:
            yield PACKAGE / folder / f"{module}.py"
            yield from (PACKAGE / folder / "__pycache__").glob(f"{module}.*.pyc")


def _package_folders() -> Iterator[Path]:
    """Where this Python has its packages."""
    folders = map(Path, (*site.getsitepackages(), site.getusersitepackages()))
    yield from (each for each in folders if each.is_absolute())  # without a home: ~, word for word


def _system_package_folders() -> Iterator[Path]:
    """Where the other Pythons within reach have theirs."""
    for folder in (*map(Path, SYSTEM), Path(sys.base_prefix, "lib")):
        yield from folder.glob(PACKAGE_FOLDERS)


def _copies(folder: Path) -> Iterator[Path]:
    """Copies of this project in a folder of packages: its package, and a clone that holds both."""
    yield folder / PACKAGE.name
    for above in (folder, *folder.parents):
        if all((above / name).exists() for name in IN_CLONE):
            yield above


def _older_copies(folder: Path) -> Iterator[Path]:
    """Where a clone that ``folder`` is in may hold its files a second time."""
    for above in folder.parents:
        yield above / ".git"
        if (above / "pyproject.toml").exists():
            yield from (above / "build", above / "dist")


def _caches() -> Iterator[Path]:
    for name in CACHES:
        # What has no value stays as it is written, which is no absolute path.
        yield from _absolute(os.path.expandvars(os.path.expanduser(name)))  # noqa: PTH111


def _is_in(path: Path, folders: set[Path]) -> bool:
    return any(path.resolve().is_relative_to(folder) for folder in folders)


def _linked_from(folder: Path) -> Iterator[Path]:
    """The folders that ``.pth`` files in a folder of packages add to Python's search path."""
    for file in folder.glob("*.pth"):
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
        names = (line.strip() for line in lines if not line.startswith(("#", "import ")))
        yield from (folder / name for name in names if name and (folder / name).is_dir())


def _python() -> tuple[Path, ...]:
    return (Path(sys.executable), Path(sys.prefix, "pyvenv.cfg"))


def _absolute(paths: str) -> Iterator[Path]:
    """The entries of a search path that do not mean "wherever I am"."""
    return (Path(each) for each in paths.split(os.pathsep) if Path(each).is_absolute())


def _is_renamed(path: Path) -> bool:
    return path.exists() and path.resolve() != path


def _without(path: Path, hidden: set[Path]) -> Iterator[Path]:
    """``path``, or as much of what is below it as leaves out all that is ``hidden``."""
    path = path.resolve()
    if path in hidden or not path.exists():
        return
    if not any(secret.is_relative_to(path) for secret in hidden):
        yield path
        return
    with suppress(PermissionError):
        for child in sorted(path.iterdir()):
            yield from _without(child, hidden)


def _unused_uid() -> int | None:
    """The id of a user who does not exist and runs nothing; None where there can be no such user.

    In a user name space of its own, root may be the only one.
    """
    running = set()
    for entry in os.scandir("/proc"):
        # A process may end between the listing and the look at it.
        with suppress(OSError):
            running.add(entry.stat().st_uid)
    mapped = _mapped()
    unused = [uid for uid in USERS if uid not in running and any(uid in ids for ids in mapped)]
    random.shuffle(unused)
    return next((uid for uid in unused if not _exists(uid)), None)


def _mapped() -> list[range]:
    """The user ids that mean somebody here."""
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    fields = (map(int, line.split()) for line in lines)
    return [range(first, first + count) for first, _, count in fields]


def _exists(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False
    return True
