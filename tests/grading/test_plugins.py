"""The lab takes exercises from other packages, and shows submissions none of their secrets."""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_tui import plugins, workspace
from cnn_tui.grading.catalogue import (
    exercise_named,
    exercises,
    hidden_tests,
    own_exercises,
    resolve,
    solution,
    starter,
    starters,
)
from cnn_tui.grading.learner import difference, hints, status
from cnn_tui.grading.learner.reset import reset
from cnn_tui.grading.sandbox import levels, visible_paths
from tests.installed_plugins import install, install_exercise, installed
from tests.subprocesses import cnn_lab

WALLED = [each.name for each in levels.probe() if each.works and each.name != levels.LIMITS]
HUNT = """
import pathlib, sys

def answer():
    found = [*map(pathlib.Path, PATHS)]
    for folder in sys.path:
        found += pathlib.Path(folder).glob("lab_*/**/*.py*")
    for file in found:
        try:
            if b"not for learners" in file.read_bytes():
                return 42
        except OSError:
            pass

print("the answer is", answer())
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder of packages, in which Python looks."""
    with installed(tmp_path / "packages"):
        yield tmp_path / "packages"


def test_lists_an_exercise_of_another_package_after_its_own(folder: Path, tmp_path: Path) -> None:
    install_exercise(folder, "tiny")
    assert exercises()[:-1] == own_exercises()
    tiny = exercise_named("Tiny")
    assert tiny == exercises()[-1]
    for find, place in ((starter, ""), (hidden_tests, "grading"), (solution, "grading")):
        assert find(tiny).parent == folder / "lab_tiny" / place
    space, written = workspace.create(tmp_path / "space", starters())
    assert resolve("tiny", space) == (tiny, space.exercises / "tiny.py")
    assert space.exercises / "tiny.py" in written


def test_serves_the_learner_of_another_packages_exercise(folder: Path, tmp_path: Path) -> None:
    install_exercise(folder, "served")
    space, _ = workspace.create(tmp_path / "space", starters())
    exercise, path = resolve("served", space)
    assert hints.take_hint(space, exercise).text == "It is a number."
    path.write_text("def answer():\n    return 41\n")
    assert "-    return 41" in difference.difference(exercise, path)
    assert reset(space, exercise) is not None
    assert path.read_bytes() == starter(exercise).read_bytes()
    stands = status.standings(space)[-1]
    assert (stands.exercise, stands.state, stands.hints_seen) == ("served", "not checked yet", 1)


@pytest.mark.parametrize(
    ("name", "record", "reason"),
    [
        ("a", "name='exercise1'", "there is another exercise named exercise1"),
        ("b", "name='two words'", "the exercise's name 'two words' is no name of a Python module"),
        ("c", "starter=None", "the starter of c is no file (None)"),
        ("d", "reference=HERE / 'none.py'", "/lab_d/none.py)"),
        ("e", "tests=HERE.parent / 'tests.py'", "need a folder below"),
    ],
)
def test_leaves_out_an_exercise_that_cannot_be_used(
    folder: Path, name: str, record: str, reason: str
) -> None:
    install_exercise(folder, name, record=record)
    (folder / "tests.py").write_text("")
    assert exercises() == own_exercises()
    (sentence,) = plugins.problems()
    assert reason in sentence


def test_hides_what_is_private_and_older_copies_of_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install_exercise(folder, "hidden")
    (folder / ".git").mkdir()
    (folder / "pyproject.toml").write_text("")
    (folder / "build").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(folder))
    readable = visible_paths.walls(()).readable
    assert str(folder / "lab_hidden" / "starter.py") in readable
    for secret in ("lab_hidden/grading/tests.py", ".git", "build"):
        assert not any((folder / secret).is_relative_to(path) for path in readable)


@pytest.mark.slow
def test_checks_an_exercise_of_another_package(tmp_path: Path) -> None:
    packages, space = tmp_path / "packages", tmp_path / "space"
    install_exercise(packages, "tiny")
    install(packages, "broken", "cnn_lab.exercises", "no_such_module", {})

    def lab(*words: str | Path) -> str:
        done = cnn_lab(*words, cwd=tmp_path, **found_in(packages), CNN_LAB_WORKSPACE=str(space))
        assert "Warning: The plug-in broken of broken is left out: " in done.stderr
        return done.stdout

    assert "wrote exercises/tiny.py" in lab("init", space)
    assert "NOT PASSED" in lab("check", "tiny")
    (space / "exercises" / "tiny.py").write_text("def answer():\n    return 42\n")
    report = lab("check", "tiny")
    assert "PASSED  3 of 3 points" in report
    assert "cnn-lab solution tiny" in report
    assert "+    return 42  # not for learners" in lab("solution", "tiny")
    assert json.loads(lab("progress", "--json"))[-1]["exercise"] == "tiny"


@pytest.mark.slow
@pytest.mark.parametrize("sandbox", [*WALLED, levels.LIMITS])
@pytest.mark.parametrize("exercise", ["tiny", "exercise1"])
def test_shows_no_submission_the_secrets_of_another_package(
    tmp_path: Path, sandbox: str, exercise: str
) -> None:
    packages, path = tmp_path / "packages", tmp_path / "handed-in" / f"{exercise}.py"
    install_exercise(packages, "tiny")
    secret = packages / "lab_tiny" / "grading"
    path.parent.mkdir()
    path.write_text(HUNT.replace("PATHS", str([str(secret / "tests.py")])))
    done = cnn_lab("check", path, "--sandbox", sandbox, "--json", **found_in(packages))
    (report,) = json.loads(done.stdout)
    found = 42 if sandbox == levels.LIMITS else None
    assert f"the answer is {found}\n" in report["output"], report


def found_in(packages: Path) -> dict[str, str]:
    """The environment in which Python looks into a folder of packages."""
    return {"PYTHONPATH": os.pathsep.join([str(packages), *filter(None, sys.path)])}
