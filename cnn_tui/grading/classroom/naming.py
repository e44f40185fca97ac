"""Who handed in what, told from the names of files; torch-free.

Learners and learning platforms name files in their own ways: ``alice_exercise3.py``,
``Alice_123_assignsubmission_file_exercise3.py`` (Moodle), ``doealice_12_34_exercise3-1.py``
(Canvas), ``exercise3 (1).py`` (a browser that downloads twice).
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import PurePosixPath

from cnn_tui.grading.text import one_line

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz", ".txz", ".tar.bz2", ".tbz2")
SEPARATORS = " ._-"
MOODLE = "_assignsubmission_"
MAX_NAME, MAX_PATH = 100, 1000
NOT_HANDED_IN = ("__macosx", "solutions", "hidden_tests", "starters", "node_modules", "venv")
"""Folders of a whole workspace, or of a clone, whose files are not the learner's own."""
MAX_DEPTH = 2
"""``alice/exercise1.py``, and ``workspace/exercises/exercise1.py`` where a folder was zipped."""


def archive_suffix(name: str) -> str:
    """The ending by which a file is known as an archive, or ""."""
    lower = name.lower()
    return next((suffix for suffix in ARCHIVES if lower.endswith(suffix)), "")


def exercise_in(file_name: str, exercises: Iterable[str]) -> tuple[str, str] | None:
    """(what stands before it, the exercise) of a file's name, or None where it names none."""
    if not file_name.lower().endswith(".py"):
        return None
    stem = file_name[: -len(".py")]
    if stem in exercises:
        return "", stem
    for exercise in exercises:
        found = _pattern(exercise).fullmatch(stem)
        if found:
            return found["before"] or "", exercise
    return None


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


def may_hold(place: PurePosixPath) -> bool:
    """Whether files at this place in a folder or an archive may be the learner's own."""
    folders = place.parts[:-1]
    return len(folders) <= MAX_DEPTH and not any(map(is_skipped, folders))


def is_skipped(folder: str) -> bool:
    """Whether a folder of that name is never looked into."""
    return folder.startswith(".") or folder.lower() in NOT_HANDED_IN


def nearness(place: PurePosixPath, exercise: str) -> tuple[bool, bool, int]:
    """How likely it is that this file is the one that was meant; the smaller, the likelier.

    A file named exactly so comes first, then one at the top or in ``exercises/``,
    then one less deep.
    """
    folder = place.parent.name
    return place.name != f"{exercise}.py", folder not in ("", "exercises"), len(place.parts)


@cache
def _pattern(exercise: str) -> re.Pattern[str]:
    word, digits = re.fullmatch(r"(.*?)(\d*)", exercise).groups()  # type: ignore[union-attr]
    loose = re.escape(word) + (rf"[ _-]?{digits}" if digits else "")
    copy = r"(?: ?\(\d{1,3}\)|-\d{1,3})?"
    return re.compile(rf"(?:(?P<before>.*?)[ ._-]+)?{loose}{copy}", re.IGNORECASE)
