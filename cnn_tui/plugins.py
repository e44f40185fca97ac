"""What other installed packages add to the lab, through entry points.

A package declares in its ``pyproject.toml`` what it adds, by kind:

    [project.entry-points."cnn_lab.exercises"]
    tiny = "tiny_exercises:EXERCISE"

The object, or the module, is imported when the lab first asks for that kind, so it must not
import torch. A plug-in that cannot be used is left out, and ``problems`` tells front ends why.
"""

import functools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

RecordType = TypeVar("RecordType")
GROUPS = "cnn_lab."
"""What the names of all groups begin with."""
METADATA_FOLDERS = (".dist-info", ".egg-info")

_problems: dict[str, str] = {}  # sentence → group, in the order of their discovery


@dataclass(frozen=True)
class EntryPoint:
    """One line of a package's entry points: ``target`` is ``module`` or ``module:object``."""

    package: str
    group: str
    name: str
    target: str

    @property
    def label(self) -> str:
        """What messages call it."""
        return f"{self.name} of {self.package}"


def entries(group: str) -> tuple[tuple[str, Any], ...]:
    """(name, the object or module that it names) of every entry point of ``group``, by name.

    Loaded once per process; what cannot be loaded is left out.
    """
    return tuple((point.name, loaded) for point, loaded in _loaded(group))


def records(
    group: str, kind: type[RecordType], fault: Callable[[RecordType], str] = lambda _: ""
) -> tuple[RecordType, ...]:
    """The records of type ``kind`` that the entry points of ``group`` name.

    An entry point names a record, a list of them, or a module that holds some. Records
    for which ``fault`` returns a reason are left out.
    """
    found = []
    for point, loaded in _loaded(group):
        members = _members(loaded, kind)
        if not members:
            _leave_out(point, f"{point.target} holds no {kind.__name__}")
        for record in members:
            if reason := fault(record):
                _leave_out(point, reason)
            else:
                found.append(record)
    return tuple(found)


def problems(group: str | None = None) -> tuple[str, ...]:
    """One sentence for each plug-in that was left out so far, of one group or of all."""
    return tuple(each for each, its_group in _problems.items() if group in (None, its_group))


def forget() -> None:
    """Look for plug-ins again: for tests, which install some while the lab runs."""
    _declared.cache_clear()
    _loaded.cache_clear()
    _problems.clear()


@functools.cache
def _loaded(group: str) -> tuple[tuple[EntryPoint, Any], ...]:
    points = sorted((each for each in _declared() if each.group == group), key=lambda p: p.name)
    return tuple((point, loaded) for point in points for loaded in _load(point))


def _load(point: EntryPoint) -> Iterator[Any]:
    """What an entry point names; nothing where it cannot be loaded."""
    from pkgutil import resolve_name

    try:
        yield resolve_name(point.target)
    except (Exception, SystemExit) as error:  # a plug-in's code may raise anything
        said = " ".join(str(error).split())
        _leave_out(point, f"{point.target} cannot be loaded ({type(error).__name__}: {said})")


def _leave_out(point: EntryPoint, reason: str) -> None:
    sentence = f"The plug-in {point.label} is left out: {reason.rstrip('.')}."
    _problems[f"{sentence} Update or uninstall {point.package}."] = point.group


def _members(loaded: Any, kind: type[RecordType]) -> list[RecordType]:
    if isinstance(loaded, kind):
        return [loaded]
    several = vars(loaded).values() if isinstance(loaded, ModuleType) else loaded
    found = several if isinstance(several, Iterable) else ()
    return [each for each in found if isinstance(each, kind)]


@functools.cache
def _declared() -> tuple[EntryPoint, ...]:
    """The entry points for the lab in all installed packages.

    ``importlib.metadata`` finds the same, but takes as long to import as the app to start.
    """
    found: dict[str, list[EntryPoint]] = {}
    for folder in sys.path:
        for metadata in _metadata_folders(folder):
            # As for imports, the first folder of the search path wins.
            package = metadata.stem.partition("-")[0].replace("_", "-")
            if package not in found:
                found[package] = list(_read(package, metadata / "entry_points.txt"))
    return tuple(point for points in found.values() for point in points)


def _metadata_folders(folder: str) -> list[Path]:
    try:
        with os.scandir(folder or os.curdir) as listing:
            return [Path(each.path) for each in listing if each.name.endswith(METADATA_FOLDERS)]
    except OSError:  # of a search path, not everything exists or is a folder
        return []


def _read(package: str, file: Path) -> Iterator[EntryPoint]:
    try:
        text = file.read_text(encoding="utf-8", errors="replace")
    except OSError:  # most packages have no entry points
        return
    group = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            group = line.strip("[] ")
        elif group.startswith(GROUPS) and "=" in line and not line.startswith(("#", ";")):
            name, _, target = line.partition("=")
            # What follows in brackets are extras, which nobody uses any more.
            yield EntryPoint(package, group, name.strip(), target.partition("[")[0].strip())
