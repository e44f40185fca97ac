"""The wheel: everything a learner needs is in it, and works where only it is installed."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from cnn_tui.chapter.catalogue import topics
from cnn_tui.grading.catalogue import EXERCISES, exercise_named, solution

PROJECT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    _run(sys.executable, "-m", "pip", "wheel", *options, "-w", folder, PROJECT)
    (built,) = folder.glob("cnn_lab-*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``cnn-lab`` of a clean environment that sees this one's libraries, not its cnn_tui."""
    home = tmp_path_factory.mktemp("clean")
    venv.create(home, symlinks=True)
    python = home / "bin" / "python"
    _run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps",
         "--no-index", wheel)  # fmt: skip
    (packages,) = home.glob("lib/python*/site-packages")
    (packages / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return home / "bin" / "cnn-lab"


def test_holds_everything_a_learner_needs(wheel: Path) -> None:
    names = set(ZipFile(wheel).namelist())
    wanted = {"cnn_tui/data/digits.csv.gz", "cnn_tui/tui/app.tcss"}
    wanted |= {f"cnn_tui/chapter/topics/{topic.slug}.md" for topic in topics()}
    for exercise in EXERCISES:
        for folder in ("starters", "hidden_tests", "solutions"):
            wanted.add(f"cnn_tui/grading/{folder}/{exercise.file_name}")
    assert wanted <= names
    assert not [name for name in names if name.startswith(("tests/", "exercises/"))]


def test_works_from_an_empty_folder(installed: Path, tmp_path: Path) -> None:
    where = _run(
        installed.parent / "python", "-c", "import cnn_tui; print(cnn_tui.__file__)", cwd=tmp_path
    )
    assert str(installed.parents[1]) in where.stdout
    _run(installed, "init", cwd=tmp_path)
    starter = _run(installed, "check", "exercise1", cwd=tmp_path, code=1)
    assert "NOT PASSED" in starter.stdout
    reference = solution(exercise_named("exercise1")).read_bytes()
    (tmp_path / "exercises" / "exercise1.py").write_bytes(reference)
    assert "PASSED" in _run(installed, "check", "exercise1", cwd=tmp_path).stdout


def _run(
    *command: str | Path, cwd: Path | None = None, code: int = 0
) -> subprocess.CompletedProcess[str]:
    clean = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    done = subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=clean,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done
