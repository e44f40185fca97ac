"""Which folders of a data set are parts of it (training, validation, test), and which are classes.

Parts are known by their names in all usual spellings, and by what they hold: class folders.
A folder that holds images directly is a class. Where names say one thing and contents
another, nothing is guessed: a sentence says what to do. Free of torch.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from cnn_tui.data.preparation.part_names import WORDS, PartRole, names_a_class_too, roles_of
from cnn_tui.data.preparation.pictures import is_picture_name
from cnn_tui.data.preparation.walking import files_below, is_shown
from cnn_tui.errors import UsageError


@dataclass(frozen=True)
class FolderLayout:
    """The folders of the ``parts`` by what they are for; without any, ``classes`` are at the top.

    ``unused`` are the folders beside the parts.
    """

    classes: tuple[str, ...]
    parts: Mapping[PartRole, str]
    unused: tuple[str, ...] = ()


def find_layout(root: Path) -> FolderLayout:
    """How the folder ``root`` is laid out; raises UsageError where that cannot be told."""
    names = folders_in(root)
    roles = roles_of(names)
    if not roles:
        return FolderLayout(names, {})
    holds_classes = {name: holds_pictures(root / name, below=True) for name in roles}
    holds_images = {name: holds_pictures(root / name) for name in roles}
    like_classes = [name for name in roles if holds_images[name] and not holds_classes[name]]
    others = tuple(name for name in names if name not in roles)
    if len(roles) == 1 and like_classes and others and names_a_class_too(like_classes[0]):
        return FolderLayout(names, {})
    _refuse_two_of_a_kind(root, roles)
    if like_classes:
        raise _in_doubt(root, like_classes, others)
    parts = {role: name for name, role in roles.items()}
    _refuse_incomplete(root, parts, others)
    return FolderLayout((), parts, others)


def find_older_layout(root: Path) -> FolderLayout:
    """The same as versions before it saw it: only train/ beside test/ are parts."""
    names = folders_in(root)
    if "train" not in names or "test" not in names:
        return FolderLayout(names, {})
    others = tuple(name for name in names if name not in ("train", "test"))
    return FolderLayout((), {"train": "train", "test": "test"}, others)


def folders_in(folder: Path) -> tuple[str, ...]:
    """The names of the folders in ``folder`` that are not hidden, in order."""
    with os.scandir(folder) as entries:
        names = [entry.name for entry in entries if is_shown(entry.name) and entry.is_dir()]
    return tuple(sorted(names))


def holds_pictures(folder: Path, *, below: bool = False) -> bool:
    """Whether images lie in ``folder``, or ``below`` it in folders; stops at the first."""
    if below:
        return any(_any_picture(folder / name) for name in folders_in(folder))
    with os.scandir(folder) as entries:
        return any(is_shown(each.name) and is_picture_name(each.name) for each in entries)


def listed(names: Sequence[str]) -> str:
    """Names of folders as a sentence has them: ``train/, val/ and test/``."""
    *first, last = (f"{name}/" for name in names)
    return f"{', '.join(first)} and {last}" if first else last


def _any_picture(folder: Path) -> bool:
    return any(is_picture_name(name) for name, _ in files_below(folder))


def _refuse_two_of_a_kind(root: Path, roles: Mapping[str, PartRole]) -> None:
    for one, other in combinations(roles, 2):
        if roles[one] == roles[other]:
            raise UsageError(
                f"The image folder {root} holds {one}/ and {other}/, which both look like its "
                f"{WORDS[roles[one]]} images: put them into one folder, or move one of them away; "
                "if they are classes, give them other names.",
            )


def _in_doubt(root: Path, names: Sequence[str], others: Sequence[str]) -> UsageError:
    """The names say parts, and what they hold says classes."""
    beside = f" beside {listed(others)}" if others else ""
    one = len(names) == 1
    return UsageError(
        f"The image folder {root} holds {listed(names)}{beside}, which may be "
        f"{'a part' if one else 'parts'} of the data set or {'a class' if one else 'classes'}: "
        f"the images in {'it' if one else 'them'} are in no class folders. "
        f"{'A part needs' if one else 'Parts need'} one folder per class; "
        f"{'a class needs' if one else 'classes need'} another name.",
    )


def _refuse_incomplete(root: Path, parts: Mapping[PartRole, str], others: Sequence[str]) -> None:
    """Raise UsageError where there are no training images, or nothing but them."""
    if "train" in parts and len(parts) > 1:
        return
    names = listed([parts[role] for role in WORDS if role in parts])
    if "train" not in parts:
        what = f"and move {listed(others)} into it" if others else "with one folder per class"
        raise UsageError(
            f"The image folder {root} holds {names} and no training images: add train/ {what}.",
        )
    beside = f"; if {names} is a class, give it another name" if others else ""
    raise UsageError(
        f"The image folder {root} holds {names} and neither test nor validation images: give "
        f"folder:{root / parts['train']} to have the lab split it{beside}.",
    )
