"""The submissions of a class, copied to one safe place.

Nothing here follows a symbolic link, and what is graded later is the copy that was made here,
whatever becomes of the original. Torch-free.
"""

import hashlib
import stat
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path, PurePosixPath

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.entries import Entry
from cnn_tui.grading.classroom.found_files import (
    FoundFile,
    found_files,
    is_folder_or_link,
    walk,
)
from cnn_tui.grading.classroom.helper_files import HelperFiles, taken
from cnn_tui.grading.classroom.naming import archive_suffix, ending, listed, nearness, shown
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.notebooks import SUFFIX, is_notebook
from cnn_tui.grading.isolation.source import size_limit, too_large
from cnn_tui.grading.records import NO_MARKS, PlatformMarks

WRITTEN = (".py", ".ipynb")


@dataclass(frozen=True)
class ClassSubmission:
    """One exercise of one learner.

    ``shown`` says where it was found; ``path`` is the copy to grade and
    ``digest`` the SHA-256 of it. ``unusable`` says why there is none; then
    ``exercise`` is None where it is not known which one was meant. ``remark``
    says which file was taken, where that does not go without saying. ``helpers`` are the
    helper files that it may import, by place; None where none are allowed. ``attempts_of``
    is the learner of whom this is one of several attempts.
    """

    learner: str
    shown: str
    exercise: Exercise | None = None
    path: Path = Path()
    digest: str = ""
    unusable: str = ""
    remark: str = ""
    marks: PlatformMarks = NO_MARKS
    helpers: Mapping[str, bytes] | None = None
    attempts_of: str = ""


def collect(
    entries: Sequence[Entry],
    exercises: Sequence[Exercise],
    spool: Path,
    *,
    everyone: bool,
    jobs: int = 1,
    allow_helpers: bool = False,
) -> list[ClassSubmission]:
    """Every submission of ``entries``, copied into the folder ``spool``.

    With ``everyone``, a learner who lacks one of ``exercises`` has an unusable
    submission of it; else they have those that they handed in. With
    ``allow_helpers``, a submission may import what lies beside it.
    """
    with ThreadPoolExecutor(jobs) as pool:
        collected = partial(
            _collected,
            exercises=exercises,
            spool=spool,
            everyone=everyone,
            allow_helpers=allow_helpers,
        )
        lists = pool.map(collected, entries)
        return [
            replace(submission, marks=entry.marks, attempts_of=entry.attempts_of)
            for entry, each in zip(entries, lists, strict=True)
            for submission in each
        ]


def _collected(
    entry: Entry,
    exercises: Sequence[Exercise],
    spool: Path,
    *,
    everyone: bool,
    allow_helpers: bool,
) -> list[ClassSubmission]:
    where = shown(entry.paths[0].name)
    if entry.left_out:
        return [ClassSubmission(entry.learner, where, unusable=entry.left_out)]
    wanted: Sequence[Exercise | None] = exercises if everyone else [None]
    try:
        found = found_files(entry.paths, [exercise.name for exercise in exercises])
    except UsageError as error:
        return [ClassSubmission(entry.learner, where, each, unusable=str(error)) for each in wanted]
    submissions = [
        _copied(entry.learner, exercise, files, spool, allow_helpers=allow_helpers)
        for exercise in exercises
        if (files := [file for file in found if file.exercise == exercise.name])
    ]
    if everyone:
        there = {each.exercise for each in submissions}
        submissions += [
            ClassSubmission(
                entry.learner, where, exercise, unusable=f"{where} holds no {exercise.file_name}."
            )
            for exercise in exercises
            if exercise not in there
        ]
    elif not submissions:
        sentence = _without_exercise(entry.paths, exercises[0].file_name)
        return [ClassSubmission(entry.learner, where, unusable=sentence)]
    return submissions


def _copied(
    learner: str,
    exercise: Exercise,
    files: Sequence[FoundFile],
    spool: Path,
    *,
    allow_helpers: bool,
) -> ClassSubmission:
    """The one file that was meant, copied; raises nothing for what the learner did."""
    try:
        file, *others = _meant_first(files)
        source = file.read()
        if len(source) > size_limit(file.place.name):
            raise too_large(file.shown)
    except UsageError as error:
        return ClassSubmission(learner, files[0].shown, exercise, unusable=str(error))
    name = f"{exercise.name}{SUFFIX}" if is_notebook(file.place.name) else exercise.file_name
    copy = Path(tempfile.mkdtemp(dir=spool)) / name
    copy.write_bytes(source)
    digest = hashlib.sha256(source).hexdigest()
    submission = ClassSubmission(
        learner, file.shown, exercise, copy, digest, remark=_remark(file, others)
    )
    if not allow_helpers:
        return submission
    try:
        helpers = taken(exercise.name, file.beside())
    except OSError:
        helpers = HelperFiles(remark="The files beside it cannot be read.")
    remark = " ".join(filter(None, [submission.remark, helpers.remark]))
    return replace(submission, remark=remark, helpers=helpers.sources)


def _remark(file: FoundFile, others: Sequence[FoundFile]) -> str:
    """Which file was taken, where there were several, or where its name is another one's."""
    name = shown(str(file.place))
    if others:
        return f"{name} was taken, and not {listed([each.place for each in others])}."
    if ending(file.place.name).lower() not in WRITTEN:
        return f"{name} was taken for {file.exercise}.py."
    return ""


def _without_exercise(paths: Sequence[Path], file_name: str) -> str:
    """What is wrong with a submission that holds no exercise, and what it holds."""
    names = [shown(path.name) for path in paths]
    if not any(is_folder_or_link(path) for path in paths):
        if len(paths) == 1 and archive_suffix(names[0]):
            return f"{names[0]} holds no file named like {file_name}."
        return f"No file is named like {file_name}: {listed([Path(name) for name in names])}."
    folders = [path for path in paths if stat.S_ISDIR(path.lstat().st_mode)]
    held = listed([place for folder in folders for place in walk(folder, PurePosixPath())])
    verb, those = ("holds", "it holds") if len(names) == 1 else ("hold", "they hold")
    return (
        f"{' and '.join(names)} {verb} no file named like {file_name}: "
        f"{those} {held or 'no files'}."
    )


def _meant_first(files: Sequence[FoundFile]) -> list[FoundFile]:
    ranked = sorted(files, key=lambda file: nearness(file.place, file.exercise))
    best, *others = ranked
    for other in others:
        if nearness(other.place, other.exercise) == nearness(best.place, best.exercise):
            raise UsageError(
                f"It is not clear which file is meant, {shown(str(best.place))} or "
                f"{shown(str(other.place))}: keep one of them."
            )
    return ranked
