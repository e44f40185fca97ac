"""What ``check`` does around a check: it remembers it, and with ``--watch`` repeats it."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from cnn_tui.errors import ExitCode, LabError, LabFault
from cnn_tui.grading.records import CheckReport

if TYPE_CHECKING:
    from cnn_tui.grading.catalogue import Exercise
    from cnn_tui.workspace import Workspace


def check_after_every_save(
    chosen: "Sequence[tuple[Exercise, Path]]",
    space: "Workspace | None",
    *,
    seed: int | None,
    timeout: float | None,
    sandbox: str | None,
) -> ExitCode:
    """Check now and after every save, until Ctrl+C, which is no failure where all is passed."""
    from datetime import datetime
    from itertools import chain

    from cnn_tui.grading.checker import Checker
    from cnn_tui.grading.watch import changes
    from cnn_tui.render.console import stderr, stdout
    from cnn_tui.render.report import check_report

    page, talk = stdout(), stderr()
    chosen = list(dict.fromkeys(chosen))
    passed = dict.fromkeys((path for _, path in chosen), False)
    names = ", ".join(path.name for path in passed)
    saves = changes(chosen)
    try:
        with Checker(sandbox) as checker:
            checker.warm_up()
            for changed in chain([chosen], saves):
                for exercise, path in changed:
                    passed[path] = False
                    page.rule(f"{datetime.now():%H:%M:%S} {path.name}", style="dim")
                    try:
                        with talk.status(f"Checking {exercise.name} …"):
                            report = checker.check(exercise, path, seed=seed, timeout=timeout)
                    except LabError as error:
                        talk.print(f"Error: {error}", soft_wrap=True, markup=False)
                        continue
                    page.print(check_report(report))
                    remember(report, exercise, space)
                    passed[path] = report.passed
                page.file.flush()
                talk.print(f"\nWatching {names}: save to check again, Ctrl+C ends.", markup=False)
    except KeyboardInterrupt:
        return ExitCode.DONE if all(passed.values()) else ExitCode.INTERRUPTED
    return ExitCode.DONE


def remember(report: CheckReport, exercise: "Exercise", space: "Workspace | None") -> None:
    """Record a report, and tell what the learner must know beside it."""
    from cnn_tui.grading import progress
    from cnn_tui.grading.standing import starter_note
    from cnn_tui.render.console import stderr

    if space is None:
        return
    try:
        if progress.record(space, report) and (note := starter_note(space, exercise)):
            stderr().print(note, soft_wrap=True, markup=False)
    except LabFault as fault:
        stderr().print(str(fault), soft_wrap=True, markup=False)
