"""The workflow for GitHub checks a learner's repository, and none of its steps tells an untruth."""

import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercise_named, solution
from cnn_tui.grading.classroom import github_workflow as workflow
from cnn_tui.workspace import Workspace
from tests.setup import installs

LAB = f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m cnn_tui "$@"\n'
BROKEN = "def max_pool(:\n"
PRINTS = 'print(\'::notice title=Autograding report::{"totalPoints":10,"maxPoints":10}\')\n'
NOT_GRADED = "Not graded, which says nothing about the work"


@dataclass
class Job:
    """What a runner does with the commands of a workflow, in a learner's repository."""

    repository: Path
    steps: list[dict[str, Any]]
    variables: dict[str, str]
    failed: str = ""
    log: list[str] = field(default_factory=list)
    annotations: list[str] = field(default_factory=list)

    def run(self, *, skip: str = "") -> "Job":
        for step in self.steps:
            if "run" in step and step["name"] != skip and not self.failed and self._applies(step):
                done = subprocess.run(
                    ["bash", "-e", "-c", step["run"]],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    text=True,
                    cwd=self.repository,
                    env=self.variables | step.get("env", {}),
                    timeout=170,
                )
                self._read(done.stdout.splitlines())
                self.failed = step["name"] if done.returncode else ""
        return self

    def verdict(self) -> str:
        found = re.findall(
            "^verdict=(.*)$", Path(self.variables["GITHUB_OUTPUT"]).read_text(), re.M
        )
        return found[-1] if found else ""

    def _applies(self, step: dict[str, Any]) -> bool:
        condition = str(step.get("if", "True"))
        condition = condition.replace("steps.check.outputs.verdict", repr(self.verdict()))
        return bool(eval(condition.replace("&&", "and")))

    def _read(self, lines: list[str]) -> None:
        stopped = ""
        for line in lines:
            if stopped:
                stopped = "" if line == f"::{stopped}::" else stopped
            elif line.startswith("::stop-commands::"):
                stopped = line.removeprefix("::stop-commands::")
            elif line.startswith("::"):
                self.annotations.append(line)
        self.log += lines


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "repository").mkdir()
    return tmp_path / "repository"


def job(repository: Path, lab: str = LAB) -> Job:
    """The job of the workflow that was written, where ``lab`` is what was installed."""
    document = yaml.safe_load((repository / workflow.WORKFLOW).read_text())
    assert document["name"] == "Autograding Tests"
    assert document["on"] == ["push", "workflow_dispatch"]
    (steps,) = (document["jobs"][name]["steps"] for name in ["run-autograding-tests"])
    temporary = repository.parent / "temp"
    command = temporary / "venv" / "bin" / "cnn-lab"
    command.parent.mkdir(parents=True)
    command.write_text(lab)
    command.chmod(0o755)
    variables = {
        "RUNNER_TEMP": str(temporary),
        "GITHUB_WORKSPACE": str(repository),
        "GITHUB_STEP_SUMMARY": str(temporary / "summary"),
        "GITHUB_OUTPUT": str(temporary / "output"),
    }
    (temporary / "output").touch()
    return Job(repository, steps, {**os.environ, **variables})


def write(repository: Path, *words: str) -> None:
    assert main(["github-workflow", str(repository), "--exercise", "1", "--seed", "7", *words]) == 0


def test_reports_no_points_of_a_file_that_is_broken(repository: Path) -> None:
    write(repository)
    (repository / "exercise1.py").write_text(BROKEN)
    done = job(repository).run(skip="Install cnn-lab")
    assert done.failed == "Not passed"
    assert done.annotations[0] == "::notice title=Autograding complete::Points 0/10"
    summary = Path(done.variables["GITHUB_STEP_SUMMARY"]).read_text().replace("\\", "")
    assert "exercise1: unusable, 0 of 10 points" in summary
    assert "syntax error in line 1" in summary


@pytest.mark.slow
def test_passes_the_reference_and_takes_no_points_from_its_prints(repository: Path) -> None:
    (repository / "exercises").mkdir()
    work = repository / "exercises" / "exercise1.py"
    work.write_text(solution(exercise_named("exercise1")).read_text() + PRINTS)
    write(repository)
    done = job(repository).run(skip="Install cnn-lab")
    assert done.failed == ""
    assert done.annotations == [
        "::notice title=Autograding complete::Points 10/10",
        '::notice title=Autograding report::{"totalPoints":10,"maxPoints":10}',
    ]
    assert PRINTS[7:-3] in "\n".join(done.log).replace("\\", "")
    assert any("seed: 7" in line for line in done.log)


@pytest.mark.slow
def test_takes_a_missing_file_for_not_passed(repository: Path) -> None:
    write(repository)
    done = job(repository).run(skip="Install cnn-lab")
    assert (done.failed, done.verdict()) == ("Not passed", "not passed")
    assert any("There is no file" in line for line in done.log)


@pytest.mark.parametrize("code", [1, 2, 3])
def test_never_takes_a_failure_of_the_lab_for_a_verdict(repository: Path, code: int) -> None:
    write(repository, "--install", "cnn-lab")
    done = job(repository, f"#!/bin/sh\nexit {code}\n").run(skip="Install cnn-lab")
    assert done.failed == NOT_GRADED
    (told,) = done.annotations
    assert told.startswith("::error title=Not graded::This says nothing about the work.")


@pytest.mark.slow
def test_says_not_graded_where_the_lab_does(repository: Path) -> None:
    write(repository, "--install", "cnn-lab")
    lab = '#!/bin/sh\necho "verdict=not graded" >> "$GITHUB_OUTPUT"\nexit 3\n'
    assert job(repository, lab).run(skip="Install cnn-lab").failed == NOT_GRADED


@pytest.mark.slow
def test_installs_the_lab_that_wrote_it(repository: Path) -> None:
    write(repository)
    # What a learner may call so must not take the place of Python's own.
    (repository / "venv.py").write_text("raise SystemExit('not mine')\n")
    (repository / "exercise1.py").write_text(BROKEN)
    ready = job(repository)
    ready.steps = [step for step in ready.steps if step.get("name") == "Install cnn-lab"]
    offline = {"PIP_NO_INDEX": "1", "PIP_NO_DEPS": "1", "PIP_NO_COMPILE": "1"}
    ready.variables = installs.clean_environment() | ready.variables | offline
    assert ready.run().failed == "", ready.log
    (lab,) = Path(ready.variables["RUNNER_TEMP"]).glob("venv/lib/python*/site-packages/cnn_tui")
    assert (lab / "grading" / "classroom" / "github" / "classroom.yml").is_file()
    assert not (lab / "grading" / "exercises" / "solutions").exists()


def test_brings_a_teachers_tests(repository: Path, tmp_path: Path) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    (tests / "homework1.py").write_text('def test_a(submission):\n    """It works."""\n')
    exercise = replace(exercise_named("exercise1"), name="homework1", tests=tests / "homework1.py")
    files = workflow.workflow_files(
        [exercise], 7, repository, own_tests=True, install='a "b"', allow_helpers=True
    )
    assert files.keys() == {workflow.WORKFLOW, ".github/cnn-lab/tests/homework1.py"}
    workflow.write(repository, files)
    install, check = (step for step in job(repository).steps[2:4])
    assert install["env"] == {"INSTALL": 'a "b"'}
    assert "--allow-helpers --tests .github/cnn-lab/tests" in check["run"]
    assert '"$GITHUB_WORKSPACE"/homework1.py' in check["run"]


def test_replaces_its_own_workflow_and_no_other(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for _ in range(2):
        write(repository, "--install", "cnn-lab")
    (repository / workflow.WORKFLOW).write_text("name: Mine\n")
    assert main(["github-workflow", str(repository), "--exercise", "1", "--install", "x"]) == 2
    assert "is a workflow of your own" in capsys.readouterr().err
    assert (repository / workflow.WORKFLOW).read_text() == "name: Mine\n"


def test_says_where_github_would_not_run_the_workflow(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inner = repository / "inner"
    inner.mkdir()
    write(repository, "--install", "cnn-lab")
    assert f"{repository} is no clone of a repository: " in capsys.readouterr().err
    (repository / ".git").mkdir()
    write(repository, "--install", "cnn-lab")
    assert "repository:" not in capsys.readouterr().err
    write(inner, "--install", "cnn-lab")
    assert f"{inner} is a folder within a repository: " in capsys.readouterr().err
    assert (inner / workflow.WORKFLOW).is_file()


def test_refuses_what_is_no_folder_and_an_exercise_it_could_not_install(repository: Path) -> None:
    with pytest.raises(UsageError, match="is no folder"):
        workflow.write(repository / "nowhere", {})
    other = replace(exercise_named("exercise1"), name="elsewhere")
    with pytest.raises(UsageError, match="elsewhere comes from another package"):
        workflow.workflow_files([other], 7, repository, own_tests=False)
    files = workflow.workflow_files([other], 7, repository, own_tests=False, install="mine")
    assert json.dumps("mine") in files[workflow.WORKFLOW].decode()


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "This is no job of GitHub Actions: GITHUB_STEP_SUMMARY is not set."),
        (["--json"], "--json and --github-actions would both print: leave one out."),
        (["--junit", "-"], "--github-actions and --junit would both print: give a file's name"),
        (["--watch"], "--watch goes on without end"),
    ],
)
def test_refuses_a_report_that_has_no_place(
    workspace: Workspace,
    words: list[str],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)
    command = ["check", "1", "--workspace", str(workspace.root), "--github-actions", *words]
    assert main(command) == 2
    assert sentence in capsys.readouterr().err
