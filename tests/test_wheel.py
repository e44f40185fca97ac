"""The wheel: everything a learner needs is in it, and works where only it is installed."""

from pathlib import Path
from zipfile import ZipFile

import pytest

from cnn_tui.chapter.catalogue import topics
from cnn_tui.grading.catalogue import exercise_named, exercises, solution
from tests.setup import installs
from tests.setup.installs import Lab


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return installs.build_wheel(installs.PROJECT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def installed(wheel: Path, tmp_path: Path) -> Lab:
    """A clean environment that sees this one's libraries, not its cnn_tui."""
    home, folder = installs.environment(tmp_path / "clean"), tmp_path / "empty"
    installs.pip_install(home, wheel)
    folder.mkdir()
    return Lab(home, folder)


@pytest.mark.slow
def test_holds_everything_a_learner_needs(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    wanted = {"cnn_tui/data/digits.csv.gz", "cnn_tui/tui/styles/app.tcss"}
    wanted |= {f"cnn_tui/chapter/topics/{topic.slug}.md" for topic in topics()}
    for exercise in exercises():
        for folder in ("starters", "hidden_tests", "solutions"):
            wanted.add(f"cnn_tui/grading/exercises/{folder}/{exercise.file_name}")
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests/", "exercises/"))]


@pytest.mark.slow
def test_works_from_an_empty_folder(installed: Lab) -> None:
    where = installed.run(installed.python, "-c", "import cnn_tui; print(cnn_tui.__file__)")
    assert Path(where.strip()).is_relative_to(installed.packages)
    installed.lab("init")
    assert "NOT PASSED" in installed.lab("check", "exercise1", code=1)
    reference = solution(exercise_named("exercise1")).read_bytes()
    (installed.folder / "exercises" / "exercise1.py").write_bytes(reference)
    assert "PASSED" in installed.lab("check", "exercise1")
