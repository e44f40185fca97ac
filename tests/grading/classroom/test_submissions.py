"""The lab finds what a class handed in, and tells the learners apart."""

import os
import zipfile
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.classroom.entries import find
from cnn_tui.grading.classroom.submissions import ClassSubmission, collect
from cnn_tui.grading.exercises import Exercise

FIRST, SECOND = exercises()[:2]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    folder.mkdir()
    return folder


def write(path: Path, text: str = "x = 1\n") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def collected(folder: Path, *wanted: Exercise, everyone: bool = False) -> list[ClassSubmission]:
    spool = folder.parent / "spool"
    spool.mkdir()
    entries, _ = find(folder, wanted or exercises())
    return collect(entries, wanted or exercises(), spool, everyone=everyone)


def test_finds_folders_files_and_archives(folder: Path) -> None:
    write(folder / "ada" / "exercise1.py", "from a folder")
    write(folder / "bea" / "workspace" / "exercises" / "exercise1.py", "from deeper")
    write(folder / "cem_exercise1.py", "from a file")
    write(folder / "cem_exercise2.py", "from another file")
    with zipfile.ZipFile(folder / "dan.zip", "w") as archive:
        archive.writestr("exercises/exercise1.py", "from a zip")
    with zipfile.ZipFile(write(folder / "eve" / "work.zip"), "w") as archive:
        archive.writestr("exercise1.py", "from a zip in a folder")
    found = collected(folder)
    assert [(each.learner, each.path.read_text()) for each in found] == [
        ("ada", "from a folder"),
        ("bea", "from deeper"),
        ("cem", "from a file"),
        ("cem", "from another file"),
        ("dan", "from a zip"),
        ("eve", "from a zip in a folder"),
    ]
    assert all(each.path.name == each.exercise.file_name for each in found if each.exercise)


def test_finds_notebooks(folder: Path) -> None:
    write(folder / "ada" / "exercise1.ipynb", "{}")
    write(folder / "bea_exercise1.ipynb", " " * (2 << 20))
    with zipfile.ZipFile(folder / "cem.zip", "w") as archive:
        archive.writestr("exercise1.ipynb", " " * (3 << 20))
    write(folder / "dan_exercise1.ipynb", " " * (9 << 20))
    found = collected(folder)
    assert [(each.learner, each.path.name, each.unusable[-51:]) for each in found] == [
        *((learner, "exercise1.ipynb", "") for learner in ("ada", "bea", "cem")),
        ("dan", "", "is larger than 8 MiB: clear the outputs of its cells."[-51:]),
    ]


def test_grades_the_copy_whatever_becomes_of_the_original(folder: Path) -> None:
    original = write(folder / "ada" / "exercise1.py", "first")
    (submission,) = collected(folder)
    original.write_text("second")
    assert submission.path.read_text() == "first"


def test_never_merges_two_learners_of_one_name(folder: Path) -> None:
    write(folder / "ada" / "exercise1.py")
    with zipfile.ZipFile(folder / "ada.zip", "w") as archive:
        archive.writestr("exercise1.py", "x = 2\n")
    write(folder / "bea_exercise1.py")
    write(folder / "bea-exercise1.py")
    entries, remarks = find(folder, exercises())
    assert [entry.learner for entry in entries] == [
        *("ada", "ada.zip", "bea-exercise1.py", "bea_exercise1.py")
    ]
    assert remarks[0].startswith("ada and ada.zip would all be ada: each is graded by itself")
    assert len(remarks) == 2


def test_keeps_names_apart_that_look_alike_once_they_can_be_shown(folder: Path) -> None:
    write(folder / "a\x01b" / "exercise1.py")
    write(folder / "a\x02b" / "exercise1.py")
    learners = [entry.learner for entry in find(folder, exercises())[0]]
    assert len(set(learners)) == 2


@pytest.mark.parametrize("link", ["ada", "ada/exercises", "ada/exercise1.py", "ada_exercise1.py"])
def test_follows_no_symbolic_link_to_a_solution(folder: Path, link: str) -> None:
    secret = write(folder.parent / "solutions" / "exercise1.py", "a secret").parent
    write(folder / "bea_exercise1.py")
    place = folder / link
    place.parent.mkdir(exist_ok=True)
    place.symlink_to(secret / "exercise1.py" if place.suffix else secret)
    (ada,) = [each for each in collected(folder) if each.learner == "ada"]
    assert ada.unusable
    assert not ada.digest


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda folder: write(folder / "ada" / "notes.txt"), "ada holds no file named like"),
        (lambda folder: write(folder / "ada.zip", "no zip"), "ada.zip is damaged"),
        (lambda folder: write(folder / "ada.rar"), "ada.rar cannot be opened: ask for a zip"),
        (lambda folder: os.mkfifo(folder / "ada_exercise1.py"), "not a regular file"),
        (lambda folder: os.mkfifo(folder / "ada.zip"), "not an archive"),
        (lambda folder: write(folder / "ada_exercise1.py", "#" * (2 << 20)), "larger than 1 MiB"),
        (
            lambda folder: [
                write(folder / "ada" / "old" / "exercise1.py"),
                write(folder / "ada" / "new" / "exercise1.py"),
            ],
            "not clear which file is meant, new/exercise1.py or old/exercise1.py",
        ),
    ],
)
def test_says_why_a_submission_cannot_be_used(folder: Path, make: object, reason: str) -> None:
    make(folder)  # type: ignore[operator]
    (submission,) = collected(folder)
    assert reason in submission.unusable


def test_tells_who_has_nothing_to_grade(folder: Path) -> None:
    write(folder / "ada" / "exercise1.py")
    write(folder / "bea" / "exercise2.py")
    found = {(each.learner, each.exercise): each.unusable for each in collected(folder, FIRST)}
    assert found == {
        ("ada", FIRST): "",
        ("bea", None): "bea holds no file named like exercise1.py: it holds exercise2.py.",
    }


def test_has_an_entry_of_everyone_for_each_exercise_that_was_asked_for(folder: Path) -> None:
    write(folder / "ada" / "exercise1.py")
    write(folder / "bea.zip", "no zip")
    found = collected(folder, FIRST, SECOND, everyone=True)
    assert [(each.learner, each.exercise, bool(each.unusable)) for each in found] == [
        ("ada", FIRST, False),
        ("ada", SECOND, True),
        ("bea", FIRST, True),
        ("bea", SECOND, True),
    ]


def test_takes_any_python_file_for_the_only_exercise(folder: Path) -> None:
    write(folder / "ada.py")
    (submission,) = collected(folder, FIRST)
    assert (submission.learner, submission.exercise) == ("ada", FIRST)


def test_says_what_it_leaves_out(folder: Path) -> None:
    write(folder / "ada_exercise1.py")
    write(folder / "roster.csv")
    write(folder / ".DS_Store")
    entries, remarks = find(folder, exercises())
    assert [entry.learner for entry in entries] == ["ada", "roster.csv"]
    assert [remark.split(" was left out")[0] for remark in remarks] == ["roster.csv"]
    left_out = [(each.learner, each.exercise, each.unusable) for each in collected(folder)][1:]
    assert left_out == [("roster.csv", None, remarks[0])]


@pytest.mark.parametrize(
    ("names", "taken", "remark"),
    [
        (["exercise1.py"], "exercise1.py", ""),
        (["exercise1.py.txt"], "exercise1.py.txt", "exercise1.py.txt was taken for exercise1.py."),
        (
            ["exercise1 (1).py", "exercise1 (2).py", "notes.py"],
            "exercise1 (2).py",
            "exercise1 (2).py was taken, and not exercise1 (1).py.",
        ),
        (
            ["exercise1 (1).py", "exercise1.py"],
            "exercise1.py",
            "exercise1.py was taken, and not exercise1 (1).py.",
        ),
    ],
)
def test_says_which_of_several_files_it_took(
    folder: Path, names: list[str], taken: str, remark: str
) -> None:
    for name in names:
        write(folder / "ada" / name, name)
    (submission,) = collected(folder)
    assert submission.path.read_text() == taken
    assert submission.path.name == "exercise1.py"
    assert submission.remark == remark


def test_takes_the_latest_copy_of_a_single_file(folder: Path) -> None:
    for name in ("ada_exercise1.py", "ada_exercise1 (1).py", "ada_exercise-2.py"):
        write(folder / name, name)
    first, second = collected(folder)
    assert (first.learner, first.path.read_text()) == ("ada", "ada_exercise1 (1).py")
    assert first.remark == "ada_exercise1 (1).py was taken, and not ada_exercise1.py."
    assert (second.learner, second.path.read_text()) == ("ada", "ada_exercise-2.py")


def test_needs_something_to_grade(folder: Path) -> None:
    with pytest.raises(UsageError, match=r"holds no submissions.*_exercise1\.py .*holds nothing\."):
        find(folder, exercises())
    for name in ("a.pdf", "b.pdf", "c.pdf", "d.pdf", "e.pdf"):
        write(folder / name)
    with pytest.raises(UsageError, match=r"It holds a\.pdf, b\.pdf, c\.pdf, and 2 more\."):
        find(folder, exercises())
    with pytest.raises(UsageError, match="cannot be read"):
        find(folder / "missing", exercises())
