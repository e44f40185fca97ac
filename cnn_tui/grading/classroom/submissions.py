"""What the learners of a class handed in: found, told apart, and copied to one safe place.

A folder holds one folder, one archive, or one or more single files per learner.
Nothing here follows a symbolic link, and what is graded later is the copy that
was made here, whatever becomes of the original. Torch-free.
"""

import hashlib
import stat
import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path, PurePosixPath

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.archives import RefusedMember
from cnn_tui.grading.classroom.found_files import (
    OTHER_ARCHIVES,
    FoundFile,
    found_files,
    is_folder_or_link,
    walk,
)
from cnn_tui.grading.classroom.helper_files import taken
from cnn_tui.grading.classroom.naming import (
    SEPARATORS,
    archive_suffix,
    copy_of,
    ending,
    exercise_in,
    learner_of,
    listed,
    nearness,
    shown,
)
from cnn_tui.grading.classroom.platforms import parse
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.notebooks import SUFFIX, is_notebook
from cnn_tui.grading.isolation.source import size_limit, too_large
from cnn_tui.grading.records import NO_MARKS, PlatformMarks

WRITTEN = (".py", ".ipynb")
NO_SUBMISSIONS = ("desktop.ini", "thumbs.db", "__macosx")


@dataclass(frozen=True)
class Entry:
    """What one learner handed in: a folder, an archive, or single files.

    ``left_out`` says why it is none of these, where it is not.
    """

    learner: str
    paths: tuple[Path, ...]
    left_out: str = ""
    marks: PlatformMarks = NO_MARKS


@dataclass(frozen=True)
class ClassSubmission:
    """One exercise of one learner.

    ``shown`` says where it was found; ``path`` is the copy to grade and
    ``digest`` the SHA-256 of it. ``unusable`` says why there is none; then
    ``exercise`` is None where it is not known which one was meant. ``remark``
    says which file was taken, where that does not go without saying. ``helpers`` are the
    helper files that it may import, by module; None where none are allowed.
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


def find(
    folder: Path,
    exercises: Sequence[Exercise],
    *,
    called: str = "",
    refused: Sequence[RefusedMember] = (),
) -> tuple[list[Entry], list[str]]:
    """The learners of a class in the order of their names, and remarks on what is odd.

    What is left out has an entry too, which says why. Where the folder was unpacked
    from an archive, sentences call it ``called``, and ``refused`` was not unpacked.
    Raises UsageError where there is no such folder, or nothing to grade in it.
    """
    where = called or str(folder)
    try:
        paths = sorted(each for each in folder.iterdir() if not _is_litter(each.name))
    except OSError as error:
        raise UsageError(
            f"{where} cannot be read ({error.strerror}): name a folder, or a class's zip or tar."
        ) from error
    names = [exercise.name for exercise in exercises]
    owned = [(_owner(path, names), path) for path in paths]
    left_out = [
        Entry(
            shown(path.name),
            (path,),
            f"{shown(path.name)} was left out: it is no folder, no zip or tar, "
            f"and not named like {names[0]}.py with the learner before it.",
        )
        for owner, path in owned
        if owner is None
    ]
    left_out += [_refused(member, names) for member in refused]
    entries, collisions = _by_learner([(owner, path) for owner, path in owned if owner], names)
    if not entries:
        raise UsageError(
            f"{where} holds no submissions: it should hold a folder, an archive or a file "
            f"such as alice_{names[0]}.py for each learner. It holds "
            f"{listed(paths) or 'nothing'}."
        )
    remarks = [entry.left_out for entry in left_out]
    return _told_apart(_in_order([*entries, *left_out])), remarks + collisions


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
            replace(submission, marks=entry.marks)
            for entry, each in zip(entries, lists, strict=True)
            for submission in each
        ]


def _is_litter(name: str) -> bool:
    return name.startswith(".") or name.lower() in NO_SUBMISSIONS


@dataclass(frozen=True, order=True)
class Owner:
    """Whose something is by its name; ``id`` is the learner's number on a platform, if told."""

    learner: str
    id: str = ""
    platform: str = ""


def _refused(member: RefusedMember, exercises: Sequence[str]) -> Entry:
    """The entry of what was not unpacked, under its learner's name where that is known."""
    top = next(iter(PurePosixPath(member.name).parts), "")
    parsed = parse(top)
    learner = shown(parsed.learner if parsed else learner_of(top, exercises)).strip(SEPARATORS)
    sentence = f"{shown(member.name)} was left out: it {member.reason}."
    marks = parsed.marks if parsed else NO_MARKS
    return Entry(learner or shown(member.name) or "?", (Path(member.name),), sentence, marks)


def _owner(path: Path, exercises: Sequence[str]) -> Owner | None:
    """Whose this is by its name, or None where it is nobody's."""
    parsed = parse(path.name)
    if parsed is not None and (parsed.file or is_folder_or_link(path)):
        learner = shown(parsed.learner).strip(SEPARATORS)
        return Owner(learner, parsed.marks.id, parsed.marks.platform) if learner else None
    learner = _learner(path, exercises)
    return Owner(learner) if learner else None


def _learner(path: Path, exercises: Sequence[str]) -> str:
    """Whose this is where no platform has named it, or "" where it is nobody's."""
    name = path.name
    handed_in = archive_suffix(name) or name.lower().endswith(OTHER_ARCHIVES)
    if not handed_in and not is_folder_or_link(path):
        if exercise_in(name, exercises) is not None:
            return learner_of(name, exercises)
        if not ending(name) or len(exercises) > 1:
            return ""
        return shown(name[: -len(ending(name))])
    return learner_of(name, exercises) or shown(name)


def _by_learner(
    owned: Sequence[tuple[Owner, Path]], exercises: Sequence[str]
) -> tuple[list[Entry], list[str]]:
    """One entry per learner, or per path where a learner's paths contradict each other.

    All that a platform handed out under one number is one learner's.
    """
    entries: list[Entry] = []
    remarks = []
    for owner, group in groupby(sorted(owned), key=lambda each: each[0]):
        paths = tuple(path for _, path in group)
        if owner.id:
            entries.append(Entry(owner.learner, paths, marks=_marks(owner, paths)))
            continue
        if len(paths) == 1 or _belong_together(paths, exercises):
            entries.append(Entry(owner.learner, paths))
            continue
        names = " and ".join(shown(path.name) for path in paths)
        remarks.append(
            f"{names} would all be {owner.learner}: each is graded by itself, under its whole name."
        )
        entries += [Entry(shown(path.name), (path,)) for path in paths]
    return _with_numbers(entries), remarks


def _marks(owner: Owner, paths: Sequence[Path]) -> PlatformMarks:
    told = [parsed.marks.late for path in paths if (parsed := parse(path.name))]
    late = None if None in told else any(told)
    return PlatformMarks(owner.platform, owner.id, late)


def _with_numbers(entries: Sequence[Entry]) -> list[Entry]:
    """Learners of one name whom a platform tells apart have their numbers in their names."""
    counts = Counter(entry.learner for entry in entries)
    return [
        replace(entry, learner=f"{entry.learner}_{entry.marks.id}")
        if counts[entry.learner] > 1 and entry.marks.id
        else entry
        for entry in entries
    ]


def _in_order(entries: Iterable[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.learner.casefold())


def _belong_together(paths: Sequence[Path], exercises: Sequence[str]) -> bool:
    """Whether several files of one learner are different exercises, or copies of one file."""
    if any(map(is_folder_or_link, paths)):
        return False
    files = set()
    for path in paths:
        found = exercise_in(path.name, exercises)
        if found is None:
            return False
        files.add((found[1], copy_of(path.name, found[1])[0]))
    return len(files) == len({exercise for exercise, _ in files})


def _told_apart(entries: Sequence[Entry]) -> list[Entry]:
    """Entries whose names are all different, also where cleaning them made two alike."""
    taken: set[str] = set()
    apart = []
    for entry in entries:
        learner, number = entry.learner, 1
        while learner in taken:
            number += 1
            learner = f"{entry.learner} ({number})"
        taken.add(learner)
        apart.append(replace(entry, learner=learner))
    return apart


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
    helpers = taken(exercise.name, file.beside())
    remark = " ".join(filter(None, [submission.remark, helpers.remark]))
    return replace(submission, remark=remark, helpers=helpers.sources)


def _remark(file: FoundFile, others: Sequence[FoundFile]) -> str:
    """Which file was taken, where there were several, or where its name is another one's."""
    name = shown(str(file.place))
    if others:
        return f"{name} was graded, and not {listed([each.place for each in others])}."
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
