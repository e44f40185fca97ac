"""The checks of the Exercises pane: part by part while they run, then what they are worth.

Checks run in processes that stay warm while the lab is open, and saves are
watched for on a thread: no key ever waits for either.
"""

import itertools
import threading
import time

from rich.text import Text
from textual.message import Message

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.grading.catalogue import exercises, hidden_tests
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.judge.plan import read_plan
from cnn_tui.grading.learner.progress import record
from cnn_tui.grading.learner.watch import changes
from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.render.pages.verdict import Achievement
from cnn_tui.tui.background import later
from cnn_tui.tui.checks import Checks, is_memory_ample
from cnn_tui.tui.next_keys import explained_in_keys
from cnn_tui.tui.panes.exercises.page_keys import HERE
from cnn_tui.tui.panes.exercises.reading import read_file
from cnn_tui.tui.panes.exercises.state import JudgedFile, Shown, Tally
from cnn_tui.tui.panes.exercises.view import ExercisesView

TELL_SECONDS = 0.3
"""So often at most, the results of a check that runs are shown: a quick one shows all at once."""
FILL_STEPS, FILL_SECONDS = 6, 0.08
"""How the bar of an exercise fills that is passed."""


class CheckRunner:
    """Runs checks for ``pane``, and shows in its state how they go and what they found."""

    class Saved(Message):
        """The learner's file of an exercise has changed."""

        def __init__(self, exercise: Exercise) -> None:
            super().__init__()
            self.exercise = exercise

    class Judged(Message):
        """One part of a check is done."""

        def __init__(self, tally: Tally, result: CheckResult) -> None:
            super().__init__()
            self.tally = tally
            self.result = result

    def __init__(self, pane: ExercisesView) -> None:
        self._pane = pane
        self._checks = Checks()
        self._saves: threading.Event | None = None

    async def warm_up(self, *, eagerly: bool = False) -> None:
        """Start what checks: ``eagerly`` where a check is sure to come, else if memory is ample."""
        if eagerly or is_memory_ample():
            await self._checks.warm_up()

    def close(self) -> None:
        """End the processes that check."""
        self._checks.close()

    def start(self, exercise: Exercise) -> None:
        """Check an exercise; a check of it that is under way begins again."""
        self._pane.start(self._check(exercise), f"check-{exercise.name}")

    def count(self, message: Judged) -> None:
        """Show the results so far."""
        tally = message.tally
        tally.results.append(message.result)
        if time.monotonic() - tally.told_at > TELL_SECONDS:
            tally.told_at = time.monotonic()
            self._pane.state = self._pane.state.counted(tally)

    async def check_saves(self) -> None:
        """Check what is saved until this is canceled, or cannot go on.

        It begins with what was saved since it was checked last.
        """
        stop = self._saves = threading.Event()
        self._pane.state = self._pane.state.watching(True)
        try:
            await in_background(self._follow_saves, stop)
        finally:
            stop.set()
            # Another watch may have taken this one's place.
            if self._saves is stop:
                self._pane.state = self._pane.state.watching(False)

    def _follow_saves(self, stop: threading.Event) -> None:
        files = [(each, self._pane.file_of(each)) for each in exercises()]
        found = changes(files, stop)
        verdicts = self._pane.state.verdicts
        since = [
            (exercise, path)
            for exercise, path in files
            if exercise.name in verdicts
            and read_file(path).digest != verdicts[exercise.name].report.digest
        ]
        for changed in itertools.chain([since], found):
            for exercise, _ in changed:
                self._pane.post_message(self.Saved(exercise))

    async def _check(self, exercise: Exercise) -> None:
        pane, tally = self._pane, Tally()
        pane.state = pane.state.checking(exercise.name, tally)
        try:
            tally.plan = await in_background(read_plan, hidden_tests(exercise))
            pane.state = pane.state.counted(tally)
            await self._judge(exercise, tally)
        finally:
            pane.state = pane.state.done(tally)

    async def _judge(self, exercise: Exercise, tally: Tally) -> None:
        def told(result: CheckResult) -> None:
            self._pane.post_message(self.Judged(tally, result))

        await self._pane.read()
        before = self._pane.state.file(exercise.name)
        try:
            report = await self._checks.check(exercise, self._pane.file_of(exercise), told)
        except LabError as error:
            self._pane.show(exercise, Shown("error", Text(explained_in_keys(error, HERE))))
            return
        if before.digest != report.digest:  # it was saved before its turn came
            await self._pane.read()
            before = self._pane.state.file(exercise.name)
        source = before.source if before.digest == report.digest else ""
        await self._take(exercise, report, source, tally)

    async def _take(
        self, exercise: Exercise, report: CheckReport, source: str, tally: Tally
    ) -> None:
        """Show a report, and what it is worth where it is a pass."""
        pane = self._pane
        assert pane.workspace is not None
        left = pane.state.open_after(exercise)
        achieved = Achievement(pane.state.tries(exercise.name), len(left))
        verdict = JudgedFile(report, source, achieved, left[0] if left else None)
        pane.state = pane.state.done(tally).judged(exercise.name, verdict)
        await in_background(record, pane.workspace, report)
        pane.app.call_later(getattr(pane.app, "update_status", lambda: None))
        before = pane.state.standings.get(exercise.name)
        await pane.read()
        if report.passed:
            self._celebrate(exercise, before.score if before else 0)

    def _celebrate(self, exercise: Exercise, score: float) -> None:
        """Turn the frame green, and fill the bar; not where every byte counts."""
        pane = self._pane
        standing = pane.state.standings.get(exercise.name)
        if standing is None or getattr(pane.app, "low_bandwidth", False):
            return
        if exercise is pane.exercise_list.current:
            pane.exercise_frame.celebrate()
        grown = (standing.score - score) / FILL_STEPS

        def fill(done: int) -> None:
            if pane.state.standings.get(exercise.name) != standing:
                return  # another check, or a hint, has drawn it since
            filled = None if done == FILL_STEPS else score + grown * done
            pane.exercise_list.show(exercise, standing, score=filled)
            if filled is not None:
                later(pane, FILL_SECONDS, lambda: fill(done + 1))

        fill(0)
