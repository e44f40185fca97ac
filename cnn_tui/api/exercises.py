"""Exercises, checked against their hidden tests, and the demos of the chapter."""

import sys
from functools import partial
from pathlib import Path

from rich.console import RenderableType

from cnn_tui.api.arguments import seconds, text, whole
from cnn_tui.api.results import LabResult, as_result
from cnn_tui.chapter.records import DemoResult
from cnn_tui.chapter.run import run_demo
from cnn_tui.grading import checker
from cnn_tui.grading.classroom.helper_files import check_with_helpers
from cnn_tui.grading.classroom.teacher_tests import choose
from cnn_tui.grading.learner.status import remember
from cnn_tui.grading.records import CheckReport
from cnn_tui.options import OptionValue
from cnn_tui.render.draw.commands import with_steps
from cnn_tui.render.pages.demo import demo_blocks
from cnn_tui.render.pages.report import check_report


class CheckedExercise(LabResult, CheckReport):
    """The report on one exercise, with the fields of ``CheckReport``."""

    IN_BRIEF = ("exercise", "passed", "score", "max_score")

    def __rich__(self) -> RenderableType:
        """Every check and the first failure in full, as ``cnn-lab check`` prints them."""
        return check_report(self)


class Demo(LabResult, DemoResult):
    """What a demo showed, with the fields of ``DemoResult``."""

    IN_BRIEF = ("name", "parameters")

    def __rich__(self) -> RenderableType:
        """Its texts, grids and tables, as ``cnn-lab demo`` prints them."""
        return demo_blocks(self)


def check(
    exercise: str | int | Path,
    *,
    tests: str | Path | None = None,
    seed: int | None = None,
    timeout: float | None = None,
    sandbox: str | None = None,
    allow_helpers: bool = False,
    workspace: str | Path | None = None,
) -> CheckedExercise:
    """Check an exercise: ``"exercise3"``, ``3``, or the path of a file named ``exercise3.py``.

    The file runs in a process of its own, as confined as this machine allows. ``seed``
    repeats the inputs of an earlier check, ``timeout`` is in seconds for all checks together,
    ``tests`` a folder of your own hidden tests. With ``allow_helpers``, the file may import
    those beside it. The workspace remembers how its exercises
    stand. A file that cannot be checked is not passed, and ``unusable`` says why.

    >>> import cnn_tui as lab
    >>> report = lab.check(1)
    >>> report.passed, report.first_failure.status
    (False, 'failed')
    """
    folder = None if tests is None else Path(tests)
    space = None if workspace is None else Path(workspace)
    [(chosen, path)], remembers = choose([str(exercise)], folder, space)
    check_one = partial(check_with_helpers, checker.check) if allow_helpers else checker.check
    report = check_one(
        chosen,
        path,
        seed=whole(seed, "seed"),
        timeout=seconds(timeout, "timeout"),
        sandbox=sandbox,
    )
    note, steps = remember(report, chosen, remembers)
    if note:
        print(with_steps(note, steps), file=sys.stderr)
    return as_result(CheckedExercise, report)


def demo(name: str, **parameters: OptionValue) -> Demo:
    """Run a demo of the chapter; ``cnn-lab demo`` lists them, with their parameters.

    >>> import cnn_tui as lab
    >>> lab.demo("compound-scaling", phi=2).parameters["alpha"]
    1.2
    """
    return as_result(Demo, run_demo(text(name, "A demo", "dropout-mask"), **parameters))
