"""``cnn-lab check --watch``."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnn_tui.grading.catalogue import exercise_named, solution
from cnn_tui.grading.learner import progress
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab

PATIENCE = 60.0
PROMPT = "save to check again, ctrl-c ends."

QUICK_CHECKER = """
import sys, time
from dataclasses import replace
from cnn_tui.cli import main
from cnn_tui.errors import LabFault, RunError
from cnn_tui.grading import checker
from cnn_tui.grading.records import CheckReport

class QuickChecker:
    def __init__(self, sandbox): pass
    def __enter__(self): return self
    def __exit__(self, *_): print("closed", file=sys.stderr)
    def warm_up(self): pass
    def check(self, exercise, path, is_dropped, **settings):
        if not path.exists():
            raise LabFault("There is nothing there.")
        held = path.read_text().strip()
        time.sleep(0.3)
        while held == "endless":
            time.sleep(0.02)
            if is_dropped():
                raise RunError("The check was stopped.")
        passed = held.endswith("right")
        return CheckReport(exercise.name, held, str(path), passed, 10 * passed, 10, "limits", 1, ())

checker.Checker = QuickChecker
sys.exit(main(sys.argv[1:]))
"""
"""A lab whose check takes a third of a second, and says in the title what the file held."""


class Watching:
    """A running ``check --watch``."""

    def __init__(self, space: Workspace, *words: str, quick: bool = True) -> None:
        lab = ["-c", QUICK_CHECKER] if quick else ["-m", "cnn_tui"]
        self.process = subprocess.Popen(
            [sys.executable, *lab, "check", "--watch", *words],
            cwd=space.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip("\n"))

    def expect(self, what: Callable[[list[str]], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not what(self.lines):
            assert time.monotonic() < until, "\n".join(self.lines)
            time.sleep(0.02)

    def expect_prompts(self, number: int) -> None:
        self.expect(lambda lines: sum(line.endswith(PROMPT) for line in lines) >= number)

    def ctrl_c(self) -> int:
        os.killpg(self.process.pid, signal.SIGINT)
        return self.ended()

    def ended(self) -> int:
        code = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return code


@pytest.fixture
def watch(workspace: Workspace) -> Iterator[Callable[..., Watching]]:
    started: list[Watching] = []

    def start(*words: str, quick: bool = True) -> Watching:
        started.append(Watching(workspace, *words, quick=quick))
        return started[-1]

    yield start
    for each in started:
        each.process.kill()
        each.ended()


@pytest.fixture
def path(workspace: Workspace) -> Path:
    return workspace.exercises / "exercise1.py"


@pytest.mark.slow
def test_checks_now_and_after_every_save(watch: Callable[..., Watching], path: Path) -> None:
    path.write_text("wrong")
    watching = watch("1")
    watching.expect_prompts(1)
    path.write_text("all right")
    watching.expect_prompts(2)
    assert watching.ctrl_c() == 0, "what stands has passed"
    headings = [line for line in watching.lines if line.startswith("Exercise 1: ")]
    assert headings == ["Exercise 1: wrong", "Exercise 1: all right"]
    lines = [line.strip("─ ") for line in watching.lines if line.startswith("──")]
    assert [line.split()[1] for line in lines] == ["exercise1.py"] * 2
    assert watching.lines[-1] == "closed"


@pytest.mark.slow
def test_checks_again_after_a_save_of_a_helper_file(
    watch: Callable[..., Watching], path: Path
) -> None:
    path.write_text("right")
    watching = watch("1", "--allow-helpers")
    watching.expect_prompts(1)
    path.with_name("pools.py").write_text("x = 1")
    watching.expect_prompts(2)
    assert watching.ctrl_c() == 0
    headings = [line for line in watching.lines if line.startswith("Exercise 1: ")]
    assert headings == ["Exercise 1: right"] * 2
    assert "Taken as helper files: pools.py." in watching.lines


@pytest.mark.slow
def test_checks_the_last_of_ten_saves_a_second_and_never_queues(
    watch: Callable[..., Watching], path: Path, workspace: Workspace
) -> None:
    watching = watch("1")
    watching.expect_prompts(1)
    for number in range(20):
        path.write_text(f"state {number}")
        time.sleep(0.1)
    path.write_text("the end, all right")
    begun = time.monotonic()
    watching.expect(lambda lines: "Exercise 1: the end, all right" in lines)
    assert time.monotonic() - begun < 2, "nothing waited before it"
    watching.expect(lambda lines: lines[-1].endswith(PROMPT))
    assert watching.ctrl_c() == 0
    checks = sum(line.startswith("Exercise 1: ") for line in watching.lines)
    assert 3 <= checks <= 12, "each check takes a third of a second"
    assert progress.load(workspace)["exercise1"].attempts == checks


@pytest.mark.slow
def test_does_not_wait_for_a_check_when_something_is_saved(
    watch: Callable[..., Watching], path: Path
) -> None:
    other = path.with_name("exercise2.py")
    path.write_text("endless")
    other.write_text("right")
    watching = watch("1", "2")
    watching.expect(lambda lines: any(line.startswith("──") for line in lines))
    time.sleep(0.5)
    other.write_text("all right")
    watching.expect(lambda lines: "Exercise 2: all right" in lines)
    watching.expect(lambda lines: sum(line.startswith("──") for line in lines) == 3)
    time.sleep(0.5)
    whole = path.with_name("saved.tmp")
    whole.write_text("right")
    whole.replace(path)
    watching.expect_prompts(1)
    assert watching.ctrl_c() == 0
    assert "Stopped: something was saved meanwhile." in watching.lines
    titles = [line for line in watching.lines if line.startswith("Exercise ")]
    assert titles == ["Exercise 2: all right", "Exercise 1: right"]


@pytest.mark.slow
def test_goes_on_after_a_fault_and_watches_several(
    watch: Callable[..., Watching], path: Path
) -> None:
    other = path.with_name("exercise2.py")
    path.write_text("right")
    other.write_text("right")
    watching = watch("1", "2", "1")
    watching.expect_prompts(1)
    other.unlink()
    watching.expect_prompts(2)
    assert "Error: There is nothing there." in watching.lines
    assert any(line.startswith("Watching exercise1.py, exercise2.py") for line in watching.lines)
    assert watching.ctrl_c() == 130, "one of them has not passed"
    assert sum(line == "Exercise 1: right" for line in watching.lines) == 1


@pytest.mark.parametrize("option", [["--json"], ["--junit", "-"], ["--gradescope", "out.json"]])
def test_refuses_to_write_one_document_without_end(workspace: Workspace, option: list[str]) -> None:
    done = cnn_lab("check", "1", "--watch", *option, cwd=workspace.root)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--watch goes on without end" in done.stderr


def test_needs_the_folder_of_a_file(tmp_path: Path) -> None:
    done = cnn_lab("check", "--watch", "nowhere/exercise1.py", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "There is no folder nowhere" in done.stderr


@pytest.mark.slow
def test_passes_a_solution_that_is_saved_in_two_halves(
    watch: Callable[..., Watching], path: Path
) -> None:
    watching = watch("1", quick=False)
    watching.expect_prompts(1)
    assert any(line.startswith("NOT PASSED") for line in watching.lines)
    source = solution(exercise_named("1")).read_text()
    with path.open("w") as file:
        file.write(source[:500])
        file.flush()
        time.sleep(1)
        file.write(source[500:])
    watching.expect(lambda lines: any(line.startswith("PASSED  10 of 10") for line in lines))
    watching.expect(lambda lines: lines[-1].endswith(PROMPT))
    assert watching.ctrl_c() == 0
    assert not any("Traceback" in line for line in watching.lines), "not even by ctrl-c to all"
