"""What learning platforms write into the names of the files that they hand out; torch-free.

Canvas: ``doealice_LATE_12345_67890_exercise1-2.py``, which is the learner's name, whether it was
late, the learner's number, the file's number, and the file's own name with the number of the try.
Moodle: the folders ``Alice Doe_12345_assignsubmission_file`` and ``…_onlinetext`` (before Moodle
4.1 with ``_`` at the end), or files whose own name follows. Read from the sources of Canvas
(``content_zipper.rb``) and Moodle (``mod/assign/classes/downloader.php``).
"""

import re
from dataclasses import dataclass

from cnn_tui.grading.records import CANVAS, MOODLE, PlatformMarks

MOODLE_NAME = re.compile(
    r"(?P<learner>.+)_(?P<id>\d+)_assignsubmission_(?P<plugin>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
CANVAS_LEARNER = (
    r"(?:(?!late_|LATE_|anon_)(?P<learner>\w+?)_)?"
    r"(?:(?P<late>LATE|late)_)?(?P<id>\d+|anon_[A-Za-z0-9]+)"
)
CANVAS_NAME = re.compile(rf"{CANVAS_LEARNER}_(?P<attachment>\d+)_(?P<file>.+)", re.DOTALL)
CANVAS_TEXT = re.compile(rf"{CANVAS_LEARNER}_(?P<file>(?:text|link)\.html)")
"""What was typed into Canvas' own form, or the address that was handed in instead of a file."""
UNNAMED = ("participant", "")
"""How learners are called whose names the platform hides."""


@dataclass(frozen=True)
class PlatformName:
    """The parts of one such name; ``file`` is the file's own one, "" for a folder.

    ``attachment`` grows from one upload to the next.
    """

    learner: str
    marks: PlatformMarks
    file: str = ""
    attachment: int = 0


def parse(name: str) -> PlatformName | None:
    """The parts of a name that a platform gave, or None."""
    found = MOODLE_NAME.fullmatch(name)
    if found:
        marks = PlatformMarks(MOODLE, found["id"])
        return PlatformName(_called(found["learner"], found["id"]), marks, found["file"] or "")
    found = CANVAS_NAME.fullmatch(name) or CANVAS_TEXT.fullmatch(name)
    if not found:
        return None
    marks = PlatformMarks(CANVAS, found["id"], late=bool(found["late"]))
    attachment = int(found.groupdict().get("attachment") or 0)
    return PlatformName(
        _called(found["learner"] or "", found["id"]), marks, found["file"], attachment
    )


def own_name(name: str) -> str:
    """The name that a file had before a platform put more before it."""
    parsed = parse(name)
    return name if parsed is None or not parsed.file else parsed.file


def _called(learner: str, number: str) -> str:
    return f"{learner} {number}".strip() if learner.casefold() in UNNAMED else learner
