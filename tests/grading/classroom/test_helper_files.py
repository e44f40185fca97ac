"""The lab takes helper files from beside an exercise, and says which."""

import os
import stat
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercise_named, exercises
from cnn_tui.grading.classroom import helper_files
from cnn_tui.grading.classroom.entries import find
from cnn_tui.grading.classroom.helper_files import MAX_HELPERS, check_with_helpers
from cnn_tui.grading.classroom.submissions import ClassSubmission, collect
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.isolation.source import MAX_SOURCE_BYTES
from cnn_tui.grading.records import CheckReport
from tests.grading.made_up_reports import MIXED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "class"
    (folder / "ada").mkdir(parents=True)
    (folder / "ada" / "exercise1.py").write_text("import pools\n")
    return folder


def collected(folder: Path, *, allow_helpers: bool = True) -> dict[str, ClassSubmission]:
    spool = folder.parent / "spool"
    spool.mkdir()
    entries, _ = find(folder, exercises())
    found = collect(entries, exercises(), spool, everyone=False, allow_helpers=allow_helpers)
    return {each.learner: each for each in found}


def test_takes_the_modules_of_the_learners_own_folder_only(folder: Path) -> None:
    (folder / "ada" / "pools.py").write_text("x = 1")
    (folder / "ada" / "exercise1 (1).py.txt").write_text("no module")
    (folder / "ada" / "notes.txt").write_text("no module")
    (folder / "ada" / "more").mkdir()
    (folder / "ada" / "more" / "deeper.py").write_text("x = 2")
    (folder / "bea_exercise1.py").write_text("import pools\n")
    with zipfile.ZipFile(folder / "cem.zip", "w") as archive:
        archive.writestr("exercises/exercise1.py", "import windows")
        archive.writestr("exercises/windows.py", "x = 3")
        archive.writestr("deeper.py", "x = 4")
        archive.writestr("../escape.py", "x = 5")
        archive.writestr("exercises/../exercises/up.py", "x = 6")
    found = collected(folder)
    assert {learner: each.helpers for learner, each in found.items()} == {
        "ada": {"pools": b"x = 1"},
        "bea": {},
        "cem": {"windows": b"x = 3"},
    }
    assert "Taken as helper files: pools.py." in found["ada"].remark
    assert found["cem"].remark == "Taken as helper files: windows.py."


def test_takes_them_of_the_exercises_own_folder_of_an_archive(folder: Path) -> None:
    with zipfile.ZipFile(folder / "ada" / "ada.zip", "w") as archive:
        for place in ("one/exercise2.py", "one/pools.py", "two/exercise3.py", "two/windows.py"):
            archive.writestr(place, "")
    (folder / "ada" / "exercise1.py").unlink()
    spool = folder.parent / "spool"
    spool.mkdir()
    entries, _ = find(folder, exercises())
    found = collect(entries, exercises(), spool, everyone=False, allow_helpers=True)
    assert [each.helpers for each in found] == [{"pools": b""}, {"windows": b""}]


def test_takes_none_unless_they_are_allowed(folder: Path) -> None:
    (folder / "ada" / "pools.py").write_text("x = 1")
    ada = collected(folder, allow_helpers=False)["ada"]
    assert (ada.helpers, ada.remark) == (None, "")


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        *((f"{each}.py", b"", "a module of Python") for each in ("torch", "os", "cnn_tui")),
        *((f"{each}.py", b"", "a module of Python") for each in ("conftest", "tqdm", "Torch")),
        ("my-pools.py", b"", "no name of a module"),
        ("class.py", b"", "no name of a module"),
        ("pools.py", b"\xff", "not UTF-8"),
        ("pools.py", b"x = '\0'", "a NUL byte"),
    ],
)
def test_says_which_file_cannot_be_a_helper(
    folder: Path, name: str, content: bytes, why: str
) -> None:
    (folder / "ada" / name).write_bytes(content)
    ada = collected(folder)["ada"]
    assert ada.helpers == {}
    assert ada.remark.startswith(f"{name} was not taken: ")
    assert why in ada.remark


def make_unreadable(folder: Path) -> None:
    """A file that is taken and, beside it, one of each kind that cannot be read."""
    (folder / "good.py").write_text("x = 1")
    (folder.parent / "other.py").write_text("x = 2")
    (folder / "link.py").symlink_to(folder.parent / "other.py")
    (folder / "folder.py").mkdir()
    os.mkfifo(folder / "pipe.py")
    (folder / "big.py").write_bytes(b"#" * (MAX_SOURCE_BYTES + 1))


SAID_OF_UNREADABLE = (
    "Taken as helper files: good.py. "
    "big.py was not taken: it is larger than 1 MiB. "
    "folder.py was not taken: it is not a regular file. "
    "link.py was not taken: it is a symbolic link. "
    "pipe.py was not taken: it is not a regular file."
)


def test_follows_no_link_to_another_learners_file_and_says_what_it_did_not_read(
    folder: Path,
) -> None:
    make_unreadable(folder / "ada")
    ada = collected(folder)["ada"]
    assert (ada.helpers, ada.remark) == ({"good": b"x = 1"}, SAID_OF_UNREADABLE)


def test_says_what_it_did_not_read_beside_a_single_file(folder: Path) -> None:
    make_unreadable(folder / "ada")
    path = folder / "ada" / "exercise1.py"
    report = check_with_helpers(lambda *_, helpers: MIXED, exercise_named("exercise1"), path)
    assert report.remarks == (SAID_OF_UNREADABLE, *MIXED.remarks)


def test_says_that_a_file_could_not_be_opened(folder: Path, monkeypatch: Any) -> None:
    def refuse(path: Path) -> bytes:
        raise UsageError(f"{path} cannot be opened (Permission denied).")

    (folder / "ada" / "pools.py").write_text("x = 1")
    monkeypatch.setattr(helper_files, "read_regular_file", refuse)
    assert collected(folder)["ada"].remark == "pools.py was not taken: it cannot be read."


def test_says_what_it_did_not_read_in_an_archive(folder: Path) -> None:
    link = zipfile.ZipInfo("link.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(folder / "bea.zip", "w") as archive:
        archive.writestr("exercise1.py", "import pools")
        archive.writestr("big.py", b"#" * (MAX_SOURCE_BYTES + 1))
        archive.writestr(link, "exercise1.py")
        archive.writestr("pools.py", "x = 1")
    bea = collected(folder)["bea"]
    assert bea.helpers == {"pools": b"x = 1"}
    assert bea.remark == (
        "Taken as helper files: pools.py. big.py was not taken: it is larger than 1 MiB. "
        "link.py was not taken: it is a link or a device, not a file."
    )


@pytest.mark.parametrize("is_zipped", [False, True])
@pytest.mark.parametrize(("count", "size"), [(MAX_HELPERS + 200, 1), (3, 400_000)])
def test_takes_none_of_too_many(folder: Path, *, is_zipped: bool, count: int, size: int) -> None:
    files = {f"pools{number}.py": "#" * size for number in range(count)}
    for name, text in files.items():
        (folder / "ada" / name).write_text(text)
    if is_zipped:
        with zipfile.ZipFile(folder / "bea.zip", "w") as archive:
            for path in (folder / "ada").iterdir():
                archive.write(path, path.name)
    submission = collected(folder)["bea" if is_zipped else "ada"]
    assert (submission.unusable, submission.helpers) == ("", {})
    assert submission.remark == (
        "No helper files were taken: there may be 20 files and 1 MiB together."
    )


@pytest.mark.parametrize("name", ["exercise1.py", "solution.py"])
def test_lets_a_single_file_import_those_beside_it_and_no_exercise(folder: Path, name: str) -> None:
    for each in (name, "exercise2.py", "exercise3 (1).py", "pools.py", "os.py"):
        (folder / "ada" / each).write_text("x = 1")
    given: dict[str, Any] = {}

    def check(exercise: Exercise, path: Path, **settings: Any) -> CheckReport:
        given.update(settings)
        return replace(MIXED, remarks=("Later.",))

    path = folder / "ada" / name
    if name != "exercise1.py":
        (folder / "ada" / "exercise1.py").unlink()
    report = check_with_helpers(check, exercise_named("exercise1"), path, seed=7)
    assert given == {"helpers": {"pools": b"x = 1"}, "seed": 7}
    first, *others = report.remarks
    assert first.startswith("Taken as helper files: pools.py. os.py was not taken: ")
    assert others == ["Later."]


def test_lets_a_file_import_nothing_of_a_folder_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "gone" / "exercise1.py"
    report = check_with_helpers(lambda *_, helpers: MIXED, exercise_named("exercise1"), path)
    assert report == MIXED
