"""What ``check`` does around a check: it remembers it, and with ``--watch`` repeats it."""

import queue
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from cnn_tui.errors import ExitCode, LabError, RunError
from cnn_tui.grading.records import CheckReport
from cnn_tui.render.draw.commands import explained, with_steps
from cnn_tui.render.draw.styles import QUIET

if TYPE_CHECKING:
    from cnn_tui.grading.exercises import Exercise
    from cnn_tui.grading.learner.watch import FilesBeside, WatchedFile
    from cnn_tui.workspace import Workspace

Saves: TypeAlias = "queue.SimpleQueue[Sequence[WatchedFile] | Exception]"


def check_after_every_save(
    chosen: "Sequence[WatchedFile]",
    space: "Workspace | None",
    *,
    seed: int | None,
    timeout: float | None,
    sandbox: str | None,
    allow_helpers: bool = False,
) -> ExitCode:
    """Check now and after every save, until ctrl-c, which is no failure where all is passed.

    With ``allow_helpers``, a save of a helper file counts for the exercises beside it.

    A save does not wait for the check that is under way: that has a moment to
    end, and then starts again after what was saved.
    """
    from datetime import datetime

    from cnn_tui.grading.checker import Checker
    from cnn_tui.grading.classroom.helper_files import check_with_helpers, files_beside
    from cnn_tui.render.draw.console import stderr, stdout
    from cnn_tui.render.pages.report import check_report

    page, talk = stdout(), stderr()
    waiting = list(dict.fromkeys(chosen))
    passed = dict.fromkeys((path for _, path in waiting), False)
    names = ", ".join(path.name for path in passed)
    try:
        beside = files_beside if allow_helpers else None
        with _saves(waiting, beside) as saves, Checker(sandbox) as checker:
            check = partial(check_with_helpers, checker.check) if allow_helpers else checker.check
            checker.warm_up()
            while True:
                waiting = _newest_first(saves, waiting)
                passed |= dict.fromkeys((path for _, path in waiting), False)
                exercise, path = waiting[0]
                page.rule(f"{datetime.now():%H:%M:%S} {path.name}", style=QUIET)
                try:
                    with talk.status(f"Checking {exercise.name} …"):
                        report = check(
                            exercise,
                            path,
                            seed=seed,
                            timeout=timeout,
                            is_dropped=lambda: not saves.empty(),
                        )
                except RunError:
                    talk.print("Stopped: something was saved meanwhile.", markup=False)
                    continue
                except LabError as error:
                    talk.print(f"Error: {explained(error)}", soft_wrap=True, markup=False)
                else:
                    page.print(check_report(report))
                    remember(report, exercise, space)
                    passed[path] = report.passed
                page.file.flush()
                del waiting[0]
                if not waiting and saves.empty():
                    prompt = f"\nWatching {names}: save to check again, ctrl-c ends."
                    talk.print(prompt, markup=False)
    except KeyboardInterrupt:
        return ExitCode.DONE if all(passed.values()) else ExitCode.INTERRUPTED


def remember(report: CheckReport, exercise: "Exercise", space: "Workspace | None") -> None:
    """Record a report, and tell what the learner must know beside it."""
    from cnn_tui.grading.learner import status
    from cnn_tui.render.draw.console import stderr

    note, steps = status.remember(report, exercise, space)
    if note:
        stderr().print(with_steps(note, steps), soft_wrap=True, markup=False)


@contextmanager
def _saves(files: "Sequence[WatchedFile]", beside: "FilesBeside | None") -> Iterator[Saves]:
    """A queue of what is saved from now on, filled by a thread of its own."""
    from cnn_tui.grading.learner.watch import changes

    saves: Saves = queue.SimpleQueue()
    stop = threading.Event()
    follower = threading.Thread(target=_follow, args=(changes(files, stop, beside=beside), saves))
    follower.start()
    try:
        yield saves
    finally:
        stop.set()
        follower.join()


def _follow(changes: "Iterable[Sequence[WatchedFile]]", saves: Saves) -> None:
    try:
        for changed in changes:
            saves.put(changed)
    # Whoever waits for saves must not wait forever.
    except Exception as error:
        saves.put(error)


def _newest_first(saves: Saves, waiting: "Sequence[WatchedFile]") -> "list[WatchedFile]":
    """What is to be checked, in this order; waits for a save where nothing is."""
    latest = list(waiting)
    while not latest or not saves.empty():
        saved = saves.get()
        if isinstance(saved, Exception):
            raise saved
        latest = list(dict.fromkeys([*saved, *latest]))
    return latest
