"""The lab takes packages from beside an exercise, the same from folders and from archives."""

import json
import zipfile
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest

from cnn_tui.grading.catalogue import exercise_named, exercises
from cnn_tui.grading.classroom.entries import find
from cnn_tui.grading.classroom.helper_files import check_with_helpers, files_beside
from cnn_tui.grading.classroom.helper_places import ArchiveTree, FolderTree, Tree, modules
from cnn_tui.grading.classroom.submissions import ClassSubmission, collect
from tests.grading.made_up_reports import MIXED

HandIn = Callable[[dict[str, bytes]], ClassSubmission]
PACKAGE = {"utils/__init__.py": b"", "utils/pools.py": b"x = 1"}


@pytest.fixture(params=["folder", "zip"])
def hand_in(request: pytest.FixtureRequest, tmp_path: Path) -> HandIn:
    """Collects an exercise with these files beside it."""

    def collected(files: dict[str, bytes]) -> ClassSubmission:
        own = tmp_path / "class" / "ada"
        own.mkdir(parents=True)
        (tmp_path / "spool").mkdir()
        for name, content in {"exercise1.py": b"import utils", **files}.items():
            (own / name).parent.mkdir(parents=True, exist_ok=True)
            (own / name).write_bytes(content)
        if request.param == "zip":
            with zipfile.ZipFile(own.with_suffix(".zip"), "w") as archive:
                for path in [path for path in own.rglob("*") if path.is_file()]:
                    archive.write(path, path.relative_to(own))
                    path.unlink()
            own.rename(tmp_path / "elsewhere")
        graded, spool = [exercise_named("exercise1")], tmp_path / "spool"
        entries, _ = find(own.parent, graded)
        (ada,) = collect(entries, graded, spool, everyone=False, allow_helpers=True)
        return ada

    return collected


def test_takes_a_package_with_all_that_is_in_it(hand_in: HandIn) -> None:
    files = {
        **PACKAGE,
        "more.py": b"x = 2",
        "utils/deep/__init__.py": b"",
        "utils/deep/os.py": b"x = 3",
        "utils/exercise2.py": b"no helper",
        "utils/__main__.py": b"no module",
        "utils/notes.txt": b"no module",
        "utils/__pycache__/pools.py": b"no package",
        ".hidden/__init__.py": b"no package",
        "venv/__init__.py": b"no package",
        "data/notes.txt": b"no package",
    }
    ada = hand_in(files)
    assert ada.helpers == {
        "more": b"x = 2",
        "utils/__init__": b"",
        "utils/pools": b"x = 1",
        "utils/deep/__init__": b"",
        "utils/deep/os": b"x = 3",
    }
    named = "more.py, utils/__init__.py, utils/pools.py, and 2 more"
    assert ada.remark == f"Taken as helper files: {named}."


@pytest.mark.parametrize(
    "hand_in", ["folder", pytest.param("zip", marks=pytest.mark.slow)], indirect=True
)
@pytest.mark.parametrize(
    ("files", "helpers", "said"),
    [
        ({"utils/pools.py": b""}, {}, "utils was not taken: it is a folder without __init__.py."),
        (
            {**PACKAGE, "utils/deep/more.py": b""},
            {"utils/__init__": b"", "utils/pools": b"x = 1"},
            "utils/deep was not taken: it is a folder without __init__.py.",
        ),
        (
            {**PACKAGE, **{f"z{number}/more.py": b"" for number in range(10, 40)}},
            {"utils/__init__": b"", "utils/pools": b"x = 1"},
            "z29 was not taken: it is a folder without __init__.py.",
        ),
        (
            {"torch/__init__.py": b"", **{f"torch/m{number}.py": b"" for number in range(30)}},
            {},
            "torch was not taken: it has the name of a module of Python, the lab or a package.",
        ),
        (
            {"my utils/__init__.py": b"", "my utils/pools.py": b""},
            {},
            "my utils was not taken: it has a name that is no name of a module.",
        ),
        (
            {"exercise1/__init__.py": b""},
            {},
            "exercise1 was not taken: it has the name of a module of Python, the lab or a package.",
        ),
        (
            {**PACKAGE, "utils.py": b"x = 2"},
            {"utils/__init__": b"", "utils/pools": b"x = 1"},
            "utils.py was not taken: it has the name of a package beside it.",
        ),
        (
            {**PACKAGE, "utils/__init__.py": b"\xff"},
            {},
            "utils/__init__.py was not taken: it is not UTF-8 text. "
            "utils/pools.py was not taken: it is in a folder whose __init__.py was not taken.",
        ),
        (
            {**PACKAGE, **{f"utils/m{number}.py": b"" for number in range(19)}},
            {},
            "No helper files were taken: there may be 20 files and 1 MiB together.",
        ),
    ],
)
def test_says_what_of_a_folder_was_not_taken(
    hand_in: HandIn, files: dict[str, bytes], helpers: dict[str, bytes], said: str
) -> None:
    ada = hand_in(files)
    assert ada.helpers == helpers
    assert ada.remark.endswith(said)


def test_reads_no_member_whose_name_leads_out_of_the_folder(tmp_path: Path) -> None:
    spool = tmp_path / "spool"
    (tmp_path / "class").mkdir()
    spool.mkdir()
    with zipfile.ZipFile(tmp_path / "class" / "ada.zip", "w") as archive:
        archive.writestr("exercise1.py", "import utils")
        for folder in ("..", "../utils", "/utils", "utils/../up"):
            archive.writestr(f"{folder}/__init__.py", "x = 1")
    entries, _ = find(tmp_path / "class", exercises())
    (ada,) = collect(entries, exercises(), spool, everyone=False, allow_helpers=True)
    assert (ada.helpers, ada.remark) == ({}, "")


def test_follows_no_link_to_a_package_and_says_so(tmp_path: Path) -> None:
    other, own = tmp_path / "bea", tmp_path / "ada"
    (other / "utils").mkdir(parents=True)
    (other / "utils" / "__init__.py").write_text("x = 1")
    (other / "data").mkdir()
    own.mkdir()
    (own / "exercise1.py").write_text("import utils")
    for name in ("utils", "data"):
        (own / name).symlink_to(other / name)
    (own / "nowhere").symlink_to("a" * 300)
    (own / "outside").symlink_to(Path(json.__file__).parent)
    path = own / "exercise1.py"
    report = check_with_helpers(lambda *_, helpers: MIXED, exercise_named("exercise1"), path)
    assert report.remarks == ("utils was not taken: it is a symbolic link.", *MIXED.remarks)


def test_gives_a_single_file_its_packages_and_watches_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, given = tmp_path / "exercise1.py", []
    path.write_text("import utils")
    for name, content in PACKAGE.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(content)
    exercise = exercise_named("exercise1")
    check_with_helpers(lambda *_, helpers: given.append(helpers) or MIXED, exercise, path)
    assert given == [{"utils/__init__": b"", "utils/pools": b"x = 1"}]
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "many.py").touch()
    listed: list[PurePosixPath] = []
    files = FolderTree.files
    monkeypatch.setattr(
        FolderTree, "files", lambda tree, folder: listed.append(folder) or files(tree, folder)
    )
    assert files_beside(exercise, path) == list(PACKAGE.items())
    assert listed == [PurePosixPath(), PurePosixPath("utils")], "a folder of data may be large"


def test_ends_in_packages_without_end(tmp_path: Path) -> None:
    place = PurePosixPath(*["deep"] * 100)
    folders = [place, *place.parents[:-1]]
    (tmp_path / place).mkdir(parents=True)
    for folder in folders:
        (tmp_path / folder / "__init__.py").touch()
    names = [folder / "__init__.py" for folder in folders]
    trees: list[Tree] = [FolderTree(tmp_path), ArchiveTree(PurePosixPath(), names)]
    assert [len(modules(tree, ["exercise1"])) for tree in trees] == [21, 21]
