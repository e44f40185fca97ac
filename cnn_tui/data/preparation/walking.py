"""All files in a folder, its subfolders and the folders that links lead to, without loops."""

import os
from collections.abc import Iterator
from pathlib import Path

SYSTEM_FILES = frozenset(("__MACOSX", "Thumbs.db", "ehthumbs.db", "desktop.ini"))
"""What file managers leave in folders, beside names that begin with a dot."""

Identity = tuple[int, int]


def is_shown(name: str) -> bool:
    """Whether it is neither hidden nor left behind by a file manager."""
    return not name.startswith(".") and name not in SYSTEM_FILES


def files_below(
    folder: Path, *, follows_links: bool = True
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    """The name of each file, relative to ``folder``, and its entry; hidden ones are left out.

    A folder that lies around itself, by a link, is not entered: its name ends with a slash.
    Where links are not followed, one that leads to a folder is a file among others.
    """
    if not follows_links:
        return _walk_unlinked(str(folder), "")
    parents = (*folder.resolve().parents, *folder.absolute().parents)
    around = frozenset(map(_identity, parents))
    return iter(()) if _identity(folder) in around else _walk(str(folder), "", around)


def _walk(
    folder: str, prefix: str, around: frozenset[Identity]
) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    around |= {_identity(folder)}
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if not is_shown(entry.name):
                continue
            if not entry.is_dir():
                yield name, entry
            elif _identity(entry.path) in around:
                yield f"{name}/", entry
            else:
                yield from _walk(entry.path, f"{name}/", around)


def _walk_unlinked(folder: str, prefix: str) -> Iterator[tuple[str, "os.DirEntry[str]"]]:
    with os.scandir(folder) as entries:
        for entry in entries:
            name = f"{prefix}{entry.name}"
            if not is_shown(entry.name):
                continue
            if entry.is_dir(follow_symlinks=False):
                yield from _walk_unlinked(entry.path, f"{name}/")
            else:
                yield name, entry


def _identity(folder: str | Path) -> Identity:
    facts = os.stat(folder)  # noqa: PTH116 - a Path for each of many folders is slow
    return facts.st_dev, facts.st_ino
