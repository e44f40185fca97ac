"""All that a class handed in: a folder, or the archive of a class as a learning platform makes it.

Canvas and Moodle hand out one zip with everybody's files. It is unpacked into a folder of the
grader's own, which no sentence and no report names: they name the archive. Torch-free.
"""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.archives import RefusedMember, unpack_class
from cnn_tui.grading.classroom.entries import find
from cnn_tui.grading.classroom.naming import archive_suffix, exercise_in, shown
from cnn_tui.grading.classroom.platforms import parse
from cnn_tui.grading.classroom.submissions import ClassSubmission, collect
from cnn_tui.grading.exercises import Exercise


def submissions_of(
    path: Path,
    exercises: Sequence[Exercise],
    spool: Path,
    *,
    everyone: bool,
    jobs: int,
    allow_helpers: bool = False,
) -> tuple[list[ClassSubmission], list[str]]:
    """Every submission of a class, copied below the folder ``spool``, and remarks on what is odd.

    ``path`` is the class's folder or archive. Raises UsageError where there is nothing to grade.
    """
    collected = partial(
        collect,
        exercises=exercises,
        spool=spool,
        everyone=everyone,
        jobs=jobs,
        allow_helpers=allow_helpers,
    )
    if not archive_suffix(path.name) or path.is_dir():
        entries, remarks = find(path, exercises)
        return collected(entries), remarks
    folder = spool / "class"
    folder.mkdir()
    refused = _unpack(path, folder)
    root = _without_wrapper(folder, [exercise.name for exercise in exercises])
    entries, remarks = find(root, exercises, called=str(path), refused=refused)
    prefix, name = f"{root}/", f"{shown(path.name)}: "
    return [_called(each, prefix, name) for each in collected(entries)], remarks


def _unpack(path: Path, folder: Path) -> list[RefusedMember]:
    if not path.is_file():
        raise UsageError(f"{path} is no file that can be read: name a folder, or a zip or tar.")
    return unpack_class(path, folder)


def _without_wrapper(folder: Path, exercises: Sequence[str]) -> Path:
    """The folder with the learners: the only one in ``folder``, where a class's folder was zipped.

    A folder that holds an exercise, or that a platform has named, is a learner's own.
    """
    held = list(folder.iterdir())
    if len(held) != 1 or not held[0].is_dir() or parse(held[0].name):
        return folder
    inside = list(held[0].iterdir())
    is_learner = any(
        each.name == "exercises"
        or (each.is_file() and exercise_in(each.name, exercises) == ("", each.stem))
        for each in inside
    )
    return folder if is_learner else held[0]


def _called(submission: ClassSubmission, prefix: str, name: str) -> ClassSubmission:
    """The same submission, whose sentences name the archive instead of the folder."""
    return replace(
        submission,
        shown=submission.shown.replace(prefix, name),
        unusable=submission.unusable.replace(prefix, name),
        remark=submission.remark.replace(prefix, name),
    )
