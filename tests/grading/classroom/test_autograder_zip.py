"""The zip for Gradescope grades a submission where only what it holds is installed."""

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import pytest

from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercise_named, solution
from cnn_tui.grading.classroom import autograder_zip as autograder_zips
from cnn_tui.grading.classroom import lab_wheel as wheels
from cnn_tui.grading.classroom.autograder_zip import autograder_zip
from cnn_tui.grading.sandbox import levels
from tests.setup import installs


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder /autograder as Gradescope prepares it, without the lab."""
    root = tmp_path / "autograder"
    assert main(["gradescope-zip", str(tmp_path / "a.zip"), "--exercise", "1", "--seed", "7"]) == 0
    ZipFile(tmp_path / "a.zip").extractall(root / "source")
    (root / "submission").mkdir()
    return root


def run_autograder(root: Path, command: Path) -> dict:
    script = root / "source" / "run_autograder"
    variables = {**installs.clean_environment(), "AUTOGRADER": str(root), "CNN_LAB": str(command)}
    subprocess.run(["bash", script], env=variables, timeout=170, cwd=root)
    return json.loads((root / "results" / "results.json").read_text())


@pytest.mark.slow
@pytest.mark.skipif(levels.choose() == levels.LIMITS, reason="no sandbox works here")
def test_grades_what_gradescope_hands_it(root: Path, tmp_path: Path) -> None:
    home = installs.environment(tmp_path / "clean")
    (wheel,) = (root / "source").glob("*.whl")
    installs.pip_install(home, wheel)
    (root / "submission" / "exercise1.py").write_bytes(
        solution(exercise_named("exercise1")).read_bytes()
    )
    results = run_autograder(root, home / "bin" / "cnn-lab")
    assert results["score"] == exercise_named("exercise1").max_score
    assert "Seed 7" in results["output"]
    (root / "submission" / "exercise1.py").unlink()
    results = run_autograder(root, home / "bin" / "cnn-lab")
    assert results["score"] == 0
    assert "exercise1.py" in results["output"]
    assert "NOT GRADED" not in results["output"]


@pytest.mark.slow
def test_says_that_a_failure_is_no_zero(root: Path) -> None:
    results = run_autograder(root, Path("/bin/false"))
    assert results["output"].startswith("NOT GRADED: ")


def test_holds_the_lab_without_its_solutions_and_a_teachers_tests(tmp_path: Path) -> None:
    tests = tmp_path / "homework1.py"
    tests.write_text("def test_a(submission): ...\n")
    exercise = replace(exercise_named("exercise1"), name="homework1", tests=tests)
    packed = tmp_path / "a.zip"
    packed.write_bytes(autograder_zip([exercise], 7, own_tests=True))
    with ZipFile(packed) as archive:
        assert archive.read("tests/homework1.py") == tests.read_bytes()
        assert archive.read("settings.sh") == (
            b'SEED=7\nEXERCISES="homework1"\nTESTS=tests\nALLOW_HELPERS=\n'
        )
        assert archive.getinfo("run_autograder").external_attr >> 16 & 0o111
        (wheel,) = (name for name in archive.namelist() if name.endswith(".whl"))
        with archive.open(wheel) as file:
            names = ZipFile(file).namelist()
    assert "cnn_tui/grading/exercises/hidden_tests/exercise1.py" in names
    assert not [name for name in names if "solutions/" in name]


@pytest.mark.parametrize("allows", [False, True])
def test_allows_helper_files_where_the_teacher_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, allows: bool
) -> None:
    monkeypatch.setattr(autograder_zips, "lab_wheel", lambda: ("lab.whl", b""))
    option = ["--allow-helpers"] if allows else []
    words = ["gradescope-zip", str(tmp_path / "a.zip"), "--exercise", "1", "--seed", "7", *option]
    assert main(words) == 0
    ZipFile(tmp_path / "a.zip").extractall(tmp_path / "source")
    (tmp_path / "submission").mkdir()
    told = tmp_path / "told"
    command = tmp_path / "cnn-lab"
    command.write_text(f'#!/bin/sh\necho "$@" > {told}\n')
    command.chmod(0o755)
    run_autograder(tmp_path, command)
    assert told.read_text().startswith("grade ")
    assert ("--allow-helpers" in told.read_text().split()) == allows


def test_refuses_an_exercise_that_it_could_not_install() -> None:
    other = replace(exercise_named("exercise1"), name="elsewhere")
    with pytest.raises(UsageError, match="elsewhere comes from another package"):
        autograder_zip([other], 7, own_tests=False)


def test_refuses_a_lab_that_was_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise wheels.PackageNotFoundError(name)

    monkeypatch.setattr(wheels, "distribution", missing)
    with pytest.raises(UsageError, match="install it with pip first"):
        wheels.lab_wheel()


@pytest.mark.parametrize("command", ["gradescope-zip a.zip", "grade class"])
@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--exercise", "exercise7"], "no exercise named 'exercise7'"),
        (["--exercise", "1", "--seed", "-1"], "Invalid value for '--seed'"),
    ],
)
def test_names_exercises_and_a_seed_as_grade_does(
    command: str, words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), *words]) == 2
    assert sentence in capsys.readouterr().err


def test_asks_for_what_it_grades(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradescope-zip", "a.zip"]) == 2
    assert capsys.readouterr().err == (
        "Error: Name the exercises to grade, or the folder of your own hidden tests "
        "(--exercise, --tests).\n"
    )
