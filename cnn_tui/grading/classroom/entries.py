"""Who handed in what: the entries of a class's folder, told apart by their names.

A folder holds one folder, one archive, or one or more single files per learner. Nothing is
opened here, and no symbolic link is followed. Torch-free.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path, PurePosixPath

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.archives import RefusedMember
from cnn_tui.grading.classroom.found_files import OTHER_ARCHIVES, is_folder_or_link
from cnn_tui.grading.classroom.naming import (
    SEPARATORS,
    archive_suffix,
    copy_of,
    ending,
    exercise_in,
    learner_of,
    listed,
    shown,
)
from cnn_tui.grading.classroom.platforms import parse
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import NO_MARKS, PlatformMarks

NO_SUBMISSIONS = ("desktop.ini", "thumbs.db", "__macosx")


@dataclass(frozen=True)
class Entry:
    """What one learner handed in: a folder, an archive, or single files.

    ``left_out`` says why it is none of these, where it is not. ``attempts_of`` is the learner
    whose several attempts are entries of their own.
    """

    learner: str
    paths: tuple[Path, ...]
    left_out: str = ""
    marks: PlatformMarks = NO_MARKS
    attempts_of: str = ""


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
        entries += [Entry(shown(path.name), (path,), attempts_of=owner.learner) for path in paths]
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
