"""The lab tells who handed in what from the names that learning platforms give to files."""

from pathlib import PurePosixPath

import pytest

from cnn_tui.grading.classroom.naming import (
    exercise_in,
    folder_names,
    learner_of,
    may_hold,
    nearness,
)

NAMES = ("exercise1", "exercise3", "homework-2")


@pytest.mark.parametrize(
    ("file_name", "learner", "exercise"),
    [
        ("exercise3.py", "", "exercise3"),
        ("alice_exercise3.py", "alice", "exercise3"),
        ("Alice B. - Exercise 3.py", "Alice B", "exercise3"),
        ("exercise3 (1).py", "", "exercise3"),
        ("doealice_12345_67890_exercise3-2.py", "doealice_12345_67890", "exercise3"),
        ("Zoë Ng_42_assignsubmission_file_exercise1.py", "Zoë Ng_42", "exercise1"),
        ("alice_homework-2.py", "alice", "homework-2"),
        ("exercise3.py.txt", "", "exercise3"),
        ("alice_exercise3 (2).PY.TXT", "alice", "exercise3"),
        ("alice_exercise1.ipynb", "alice", "exercise1"),
        (".._exercise1.py", "", "exercise1"),
        ("a\x1b[2Jb_exercise1.py", "ab", "exercise1"),
        ("caf\udce9_exercise1.py", "caf�", "exercise1"),
    ],
)
def test_reads_learner_and_exercise_from_a_file_name(
    file_name: str, learner: str, exercise: str
) -> None:
    found = exercise_in(file_name, NAMES)
    assert found is not None
    assert found[1] == exercise
    assert learner_of(file_name, NAMES) == learner


@pytest.mark.parametrize(
    "file_name",
    [
        "exercise31.py",
        "myexercise3.py",
        "exercise3.pyc",
        "._exercise3.txt",
        "notes.py",
        "exercise3.txt",
    ],
)
def test_takes_no_other_file_for_an_exercise(file_name: str) -> None:
    assert exercise_in(file_name, NAMES) is None


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("alice", "alice"),
        ("alice.zip", "alice"),
        ("alice.tar.gz", "alice"),
        ("alice_exercise3.TAR.XZ", "alice"),
        ("Alice_42_assignsubmission_file_", "Alice_42"),
        ("Alice_42_assignsubmission_file_my work.zip", "Alice_42"),
        ("submission_98765", "submission_98765"),
    ],
)
def test_reads_the_learner_from_a_folder_or_an_archive(name: str, learner: str) -> None:
    assert learner_of(name, NAMES) == learner


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ("exercise1.py", True),
        ("workspace/exercises/exercise1.py", True),
        ("a/b/c/exercise1.py", False),
        ("clone/solutions/exercise1.py", False),
        ("__MACOSX/exercise1.py", False),
        (".ipynb_checkpoints/exercise1.py", False),
    ],
)
def test_looks_only_where_learners_put_their_own_files(place: str, expected: bool) -> None:
    assert may_hold(PurePosixPath(place)) is expected


def test_prefers_the_exact_name_then_the_top_then_exercises() -> None:
    places = [
        "exercise1.py",
        "exercises/exercise1.py",
        "w/exercises/exercise1.py",
        "old/exercise1.py",
        "exercise-1 (12).py",
        "exercise1 (2).py",
        "alice_exercise1-1.py",
        "exercise_1.py",
        "exercise1.ipynb",
        "exercise1.py.txt",
    ]
    ranks = [nearness(PurePosixPath(place), "exercise1") for place in places]
    assert ranks == sorted(ranks)
    assert len(set(ranks)) == len(ranks)


def test_makes_folders_of_names_and_never_paths() -> None:
    names = ["alice", "..", " ..", "../x", "/etc", "a/b", "a\\b", "Alice", "", "con", "nul.txt"]
    names += ["\udcff" * 200, "ü" * 99 + "1", "ü" * 99 + "2", "a\0b", "."]
    folders = folder_names(names)
    assert folders["alice"] == "alice"
    assert len({folder.casefold() for folder in folders.values()}) == len(names)
    for folder in folders.values():
        assert PurePosixPath(folder).parts == (folder,)
        assert folder not in (".", "..")
        assert not set(folder) & set('/\\:*?"<>|\0')
        assert 0 < len(folder.encode()) < 200
        assert folder.lower() not in ("con", "nul.txt")
