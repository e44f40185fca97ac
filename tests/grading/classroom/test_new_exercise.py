"""A teacher's new exercise: what is written, and what its tests are worth."""

import json
from pathlib import Path

import pytest

from cnn_tui.errors import ExitCode, UsageError
from cnn_tui.grading.classroom.new_exercise import Trial, TrialFile, files_in, write_example
from cnn_tui.grading.records import CheckReport, CheckResult
from tests.subprocesses import cnn_lab


def test_writes_an_exercise_named_like_its_folder(tmp_path: Path) -> None:
    written = write_example(tmp_path / "homework1")
    assert {path.name for path in written} >= {"README.md", "homework1.py"}
    files = files_in(tmp_path / "homework1")
    roles = [file.role for file in files]
    assert roles[:2] == ["reference", "starter"]
    assert roles[2:] == ["mutant"] * 5


@pytest.mark.parametrize(
    ("folder", "sentence"), [("full", "is not empty"), ("no name", "no such name")]
)
def test_refuses_a_folder_that_it_cannot_fill(tmp_path: Path, folder: str, sentence: str) -> None:
    (tmp_path / folder).mkdir()
    (tmp_path / folder / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match=sentence):
        write_example(tmp_path / folder)
    assert [path.name for path in (tmp_path / folder).iterdir()] == ["mine.txt"]


def test_names_what_is_missing(tmp_path: Path) -> None:
    folder = tmp_path / "homework1"
    write_example(folder)
    (folder / "starter" / "homework1.py").unlink()
    with pytest.raises(UsageError, match=r"There is no .*starter/homework1\.py"):
        files_in(folder)


def trial(folder: Path, role: str, *statuses: str, stopped: str = "") -> Trial:
    write_example(folder)
    file = next(each for each in files_in(folder) if each.role == role)
    checks = tuple(
        CheckResult(f"check{number}", "", status, 0, 1, "")  # type: ignore[arg-type]
        for number, status in enumerate(statuses)
    )
    return Trial(file, report(file, checks, stopped))


def report(file: TrialFile, checks: tuple[CheckResult, ...], stopped: str) -> CheckReport:
    return CheckReport(
        exercise=file.exercise.name,
        title=file.exercise.title,
        path=str(file.path),
        passed=all(each.status == "passed" for each in checks),
        score=0,
        max_score=1,
        sandbox="bwrap",
        seed=1,
        checks=checks,
        stopped=stopped,
    )


@pytest.mark.parametrize(
    ("role", "statuses", "stopped", "is_right", "sentence"),
    [
        ("reference", ("passed",), "", True, "passes"),
        ("reference", ("failed",), "", False, "fails, and must pass"),
        ("mutant", ("passed", "failed"), "", True, "fails: check1"),
        ("mutant", ("passed",), "", False, "survives"),
        ("mutant", ("not reached",), "It took too long.", False, "no test failed it: It took"),
        ("starter", ("passed",), "", False, "passes, and nothing is left"),
        ("starter", ("not reached",), "It took too long.", False, "no test failed it: It took"),
    ],
)
def test_a_wrong_file_counts_as_noticed_only_where_a_test_failed(
    tmp_path: Path,
    role: str,
    statuses: tuple[str, ...],
    stopped: str,
    is_right: bool,
    sentence: str,
) -> None:
    told = trial(tmp_path / "homework1", role, *statuses, stopped=stopped)
    assert told.is_right is is_right
    assert told.sentence.startswith(sentence)
    assert told.exit_code == (ExitCode.DONE if is_right else ExitCode.NOT_PASSED)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_tells_which_mutants_survive_after_an_edit(tmp_path: Path) -> None:
    done = cnn_lab("new-exercise", "homework1", "--json", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert {each["right"] for each in json.loads(done.stdout)} == {True}
    tests = tmp_path / "homework1" / "tests" / "homework1.py"
    first, *others = tests.read_text().split("\n\n\n")
    assert len(others) > 1
    tests.write_text("\n\n\n".join([first, others[0]]) + "\n")
    again = cnn_lab("new-exercise", "homework1", "--check", "--json", cwd=tmp_path)
    assert again.returncode == 1, again.stdout + again.stderr
    survivors = [each for each in json.loads(again.stdout) if not each["right"]]
    assert survivors
    assert all("survives" in each["sentence"] for each in survivors)
