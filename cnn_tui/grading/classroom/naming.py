"""Who handed in what, told from the names of files; torch-free.

Learners and learning platforms name files in their own ways: ``alice_exercise3.py``,
``Alice_123_assignsubmission_file_exercise3.py`` (Moodle), ``doealice_12_34_exercise3-1.py``
(Canvas), ``exercise3 (1).py`` (a browser that downloads twice), ``exercise3.py.txt``
(an editor for texts). No such name is ever a path: ``folder_names`` makes names of folders of them.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import PurePath, PurePosixPath

from cnn_tui.grading.classroom.platforms import own_name, parse
from cnn_tui.grading.text import one_line

ENDINGS = (".py", ".ipynb", ".py.txt")
"""What ends the name of a file that may be an exercise, from the likeliest on."""
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
SEPARATORS = " ._-"
MOODLE = "_assignsubmission_"
MAX_NAME, MAX_PATH = 100, 1000
NAMED = 3
"""How many files a sentence names of several."""
MAX_FOLDER_BYTES = 150
"""Of a folder's name; file systems end at 255 bytes, some of them at fewer characters."""
NOT_IN_NAMES = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|]')
DEVICES = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
"""Names that Windows keeps for itself."""
COPY_MARK = r"(?P<copy> ?\(\d{1,3}\)|-\d{1,3})?"
NOT_HANDED_IN = ("__macosx", "solutions", "hidden_tests", "starters", "node_modules", "venv")
"""Folders of a whole workspace, or of a clone, whose files are not the learner's own."""
TOPS = ("", "exercises")
MAX_DEPTH = 2
"""``alice/exercise1.py``, and ``workspace/exercises/exercise1.py`` where a folder was zipped."""


def archive_suffix(name: str) -> str:
    """The ending by which a file is known as an archive, or ""."""
    lower = name.lower()
    return next((suffix for suffix in ARCHIVES if lower.endswith(suffix)), "")


def exercise_in(file_name: str, exercises: Iterable[str]) -> tuple[str, str] | None:
    """(what stands before it, the exercise) of a file's name, or None where it names none."""
    stem = file_name[: -len(ending(file_name))]
    if stem == file_name:
        return None
    if stem in exercises:
        return "", stem
    for exercise in exercises:
        found = _pattern(exercise).fullmatch(stem)
        if found:
            return found["before"] or "", exercise
    return None


def ending(file_name: str) -> str:
    """The one of ENDINGS that a file's name has, as it is written there, or ""."""
    lower = file_name.lower()
    found = [each for each in ENDINGS if lower.endswith(each)]
    return file_name[-len(found[0]) :] if found else ""


def copy_of(file_name: str, exercise: str) -> tuple[str, int]:
    """(the name that all copies of one file have, the number of this one) of an exercise's file."""
    name = own_name(file_name)
    stem = name[: len(name) - len(ending(name))]
    found = _pattern(exercise).fullmatch(stem)
    mark = found["copy"] if found else None
    if not mark:
        return stem.casefold(), 0
    return stem[: -len(mark)].casefold(), int(mark.strip(" ()-"))


def folder_names(learners: Iterable[str]) -> dict[str, str]:
    """For each learner the name of a folder: no path, no name with a meaning, none twice."""
    taken: set[str] = set()
    names = {}
    for learner in learners:
        name = first = _folder_name(learner)
        number = 1
        while name.casefold() in taken:
            number += 1
            name = f"{first} ({number})"
        taken.add(name.casefold())
        names[learner] = name
    return names


def _folder_name(learner: str) -> str:
    text = NOT_IN_NAMES.sub("_", shown(learner))
    cut = text.encode("utf-8")[:MAX_FOLDER_BYTES].decode("utf-8", "ignore").strip(" .")
    return f"_{cut}" if not cut or DEVICES.fullmatch(cut) else cut


def learner_of(name: str, exercises: Iterable[str]) -> str:
    """The learner that the name of a folder, an archive or a file tells, or ""."""
    suffix = archive_suffix(name)
    if suffix:
        name = name[: -len(suffix)]
        found = exercise_in(f"{name}.py", exercises)
    else:
        found = exercise_in(name, exercises)
    learner = name if found is None else found[0]
    return shown(learner.partition(MOODLE)[0]).strip(SEPARATORS)


def shown(name: str, limit: int = MAX_NAME) -> str:
    """A file's name or path as text that can be shown and written anywhere."""
    text = name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return one_line(unicodedata.normalize("NFC", text), limit)


def listed(places: Sequence[PurePath]) -> str:
    """The first of several files, and how many more there are."""
    more = len(places) - NAMED
    names = [shown(str(each) if not each.is_absolute() else each.name) for each in places[:NAMED]]
    return ", ".join([*names, f"and {more} more"] if more > 0 else names)


def may_hold(place: PurePosixPath) -> bool:
    """Whether files at this place in a folder or an archive may be the learner's own."""
    folders = place.parts[:-1]
    return len(folders) <= MAX_DEPTH and not any(map(is_skipped, folders))


def is_skipped(folder: str) -> bool:
    """Whether a folder of that name is never looked into."""
    return folder.startswith(".") or folder.lower() in NOT_HANDED_IN


def nearness(place: PurePosixPath, exercise: str) -> tuple[bool, bool, int, int, int, int]:
    """How likely it is that this file is the one that was meant; the smaller, the likelier.

    A file named exactly so comes first, then one at the top or in ``exercises/``,
    then one less deep, then a module before a notebook, then the latest of several copies
    or uploads.
    """
    is_exact, is_elsewhere = place.name == f"{exercise}.py", place.parent.name not in TOPS
    written = ENDINGS.index(ending(place.name).lower())
    parsed = parse(place.name)
    latest = -copy_of(place.name, exercise)[1], -parsed.attachment if parsed else 0
    return not is_exact, is_elsewhere, len(place.parts), written, *latest


@cache
def _pattern(exercise: str) -> re.Pattern[str]:
    word, digits = re.fullmatch(r"(.*?)(\d*)", exercise).groups()  # type: ignore[union-attr]
    loose = re.escape(word) + (rf"[ _-]?{digits}" if digits else "")
    return re.compile(rf"(?:(?P<before>.*?)[ ._-]+)?{loose}{COPY_MARK}", re.IGNORECASE)
