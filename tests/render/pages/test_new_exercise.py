"""The page of a teacher's exercise names the mutants that survive."""

from dataclasses import replace
from pathlib import Path

from rich.console import Console

from cnn_tui.errors import ExitCode
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.classroom.new_exercise import Trial, TrialFile, TrialRole, exit_code
from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.render.pages.new_exercise import trials_page

FAILURE = CheckResult("mean", "It is the mean.", "failed", 0, 1, "wrong")
FAILED = CheckReport(
    "exercise1", "Pooling", "x.py", False, 0, 1, sandbox="bwrap", seed=7, checks=(FAILURE,)
)
RIGHT = replace(FAILED, passed=True, score=1, checks=(replace(FAILURE, status="passed"),))


def trial(role: TrialRole, report: CheckReport) -> Trial:
    return Trial(TrialFile(exercises()[0], role, Path("x.py"), f"{role}.py"), report)


TRIALS = [trial("reference", RIGHT), trial("starter", FAILED), trial("mutant", RIGHT)]


def test_names_the_mutants_that_survive() -> None:
    console = Console(width=100)
    with console.capture() as capture:
        console.print(trials_page(TRIALS))
    assert "fails: mean" in capture.get()
    assert "survives: no test notices its mistake" in capture.get()
    assert "1 of 1 mutants survive." in capture.get()
    assert exit_code(TRIALS) is ExitCode.NOT_PASSED
    assert exit_code(TRIALS[:2]) is ExitCode.DONE
    busy = trial("mutant", replace(FAILED, not_graded="busy"))
    assert exit_code([*TRIALS, busy]) is ExitCode.LAB_FAULT
