"""The Exercises pane itself: its keys, and the checks that they ask for.

Checks run in processes that stay warm while the lab is open, and saves are
watched for on a thread: no key ever waits for either.
"""

import threading
import time
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList, Static

from cnn_tui import plugins
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, UsageError
from cnn_tui.grading.catalogue import PLUGINS, exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.difference import difference, may_see_solution
from cnn_tui.grading.learner.hints import hints_seen, take_hint
from cnn_tui.grading.learner.progress import record, trouble
from cnn_tui.grading.learner.reset import reset
from cnn_tui.grading.learner.status import standings
from cnn_tui.grading.learner.watch import changes
from cnn_tui.grading.records import CheckResult, Status
from cnn_tui.render.draw.commands import explained
from cnn_tui.render.pages.exercise import diff_page, hint_page, task_page, verdict_page
from cnn_tui.tui.checks import Checks, is_memory_ample
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.exercises.keys import KEYS
from cnn_tui.tui.panes.exercises.state import ExercisesState, Shown, Tally
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.terminal.editor import hand_over
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

TELL_SECONDS = 0.5
"""So often at most, the line below says how far a check is: a quick one says nothing."""
NO_WORKSPACE = "There is no workspace here. Leave with q and make one: cnn-lab init"


class ExercisesPane(Pane):
    """Edit a solution, check it, read what is still wrong."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    state: var[ExercisesState] = var(ExercisesState, init=False)

    class Saved(Message):
        """The learner's file of an exercise has changed."""

        def __init__(self, exercise: Exercise) -> None:
            super().__init__()
            self.exercise = exercise

    class Judged(Message):
        """One part of a check is done."""

        def __init__(self, tally: Tally, status: Status) -> None:
            super().__init__()
            self.tally = tally
            self.status = status

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._checks = Checks()
        self._saves: threading.Event | None = None

    def compose(self) -> ComposeResult:
        """The list; the task, the last report or what else was asked for; how things stand."""
        with Horizontal():
            yield ExerciseList()
            yield Page(id="exercise-page")
        yield Static(id="exercise-status", markup=False)

    def on_mount(self) -> None:
        """Read how far the learner is."""
        self._list.highlighted = 0
        self._status.update(self.state.line, layout=False)
        for sentence in plugins.problems(PLUGINS):
            self.notify(sentence, severity="warning", markup=False)
        if self.workspace is not None:
            self.start(self._begin(), "progress")

    async def on_unmount(self) -> None:
        """The app ends, and all of its panes with it."""
        await in_background(self.close)

    def close(self) -> None:
        """End the processes that check."""
        self._checks.close()

    def focus_first(self) -> None:
        """The list of exercises."""
        self._list.focus()

    def shown(self) -> RenderableType:
        """What the page shows."""
        return self._page.content

    def watch_state(self, before: ExercisesState, state: ExercisesState) -> None:
        """Draw what has changed: in the list, on the page, and in the line below."""
        if not self.is_attached:
            return
        if state.standings is not before.standings:
            for exercise in exercises():
                self._list.show(exercise, state.standings.get(exercise.name))
        if state.line != before.line:
            self._status.update(state.line, layout=False)
        name = self._list.current.name
        if state.shown.get(name) is not before.shown.get(name):
            self._show_current()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what was shown last of the exercise under the cursor, or its task."""
        self._show_current()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter moves the focus to the page, to scroll it."""
        self._page.focus()

    def on_exercises_pane_saved(self, message: Saved) -> None:
        """Check what was saved."""
        self._start_check(message.exercise)

    def on_exercises_pane_judged(self, message: Judged) -> None:
        """Count what has passed so far."""
        tally = message.tally
        tally.passed += message.status == "passed"
        if time.monotonic() - tally.told_at > TELL_SECONDS:
            tally.told_at = time.monotonic()
            self.state = self.state.counted(tally)

    def action_check(self) -> None:
        """Check the exercise under the cursor; a check of it that is under way begins anew."""
        if self._has_workspace():
            self._start_check(self._list.current)

    def action_auto(self) -> None:
        """Check on every save, or no longer."""
        if self.state.is_watching:
            self.workers.cancel_group(self, "auto")
        elif self._has_workspace():
            self.start(self._check_saves(), "auto")

    def action_edit(self) -> None:
        """Hand the terminal to the learner's editor; come back when it ends."""
        if self._has_workspace():
            self.start(self._edit(self._list.current), "edit")

    def action_hint(self) -> None:
        """Show the hints that were taken; where they are shown or there are none, take one."""
        if self._has_workspace():
            self.start(self._hint(self._list.current), "hint")

    def action_task(self) -> None:
        """Show the task of the exercise under the cursor, or from there its last report."""
        self.state = self.state.with_task_toggled(self._list.current.name)
        self._page.scroll_home(animate=False)

    def action_diff(self) -> None:
        """Show how the learner's file differs from the reference."""
        if self._has_workspace():
            self.start(self._diff(self._list.current), "diff")

    def action_reset(self) -> None:
        """Put the starter back, after a question."""
        if not self._has_workspace():
            return
        exercise = self._list.current

        def answered(agreed: bool | None) -> None:
            if agreed:
                # In the group of its check: what is checked is about to go.
                self.start(self._reset(exercise), f"check-{exercise.name}")

        question = (
            f"Restore the starter of {exercise.name}? "
            f"Your {exercise.file_name} is backed up beside it, under another name."
        )
        self.app.push_screen(QuestionScreen(question, "Restore"), answered)

    @property
    def _list(self) -> ExerciseList:
        return self.query_one(ExerciseList)

    @property
    def _page(self) -> Page:
        return self.query_one("#exercise-page", Page)

    @property
    def _status(self) -> Static:
        return self.query_one("#exercise-status", Static)

    def _has_workspace(self) -> bool:
        if self.workspace is None:
            self.say(NO_WORKSPACE)
        return self.workspace is not None

    def _file(self, exercise: Exercise) -> Path:
        assert self.workspace is not None
        return self.workspace.exercises / exercise.file_name

    async def _begin(self) -> None:
        assert self.workspace is not None
        if is_memory_ample():
            await self._checks.warm_up()
        await self._read_standings()
        what_is_wrong = await in_background(trouble, self.workspace)
        if what_is_wrong:
            self.say(what_is_wrong)

    def _start_check(self, exercise: Exercise) -> None:
        self.start(self._check(exercise), f"check-{exercise.name}")

    async def _check(self, exercise: Exercise) -> None:
        tally = Tally()
        self.state = self.state.checking(exercise.name, tally)
        try:
            await self._judge(exercise, tally)
        finally:
            self.state = self.state.done(tally)

    async def _judge(self, exercise: Exercise, tally: Tally) -> None:
        assert self.workspace is not None

        def told(result: CheckResult) -> None:
            self.post_message(self.Judged(tally, result.status))

        try:
            report = await self._checks.check(exercise, self._file(exercise), told)
        except LabError as error:
            self._show(exercise, Shown("error", Text(explained(error))))
            return
        page = verdict_page(report, self.state.after(exercise))
        self._show(exercise, Shown("report", page))
        await in_background(record, self.workspace, report)
        await self._read_standings()

    async def _check_saves(self) -> None:
        """Check what is saved until this is cancelled, or cannot go on."""
        stop = self._saves = threading.Event()
        self.state = self.state.watching(True)
        try:
            await in_background(self._follow_saves, stop)
        finally:
            stop.set()
            # Another watch may have taken this one's place.
            if self._saves is stop:
                self.state = self.state.watching(False)

    def _follow_saves(self, stop: threading.Event) -> None:
        for changed in changes([(each, self._file(each)) for each in exercises()], stop):
            for exercise, _ in changed:
                self.post_message(self.Saved(exercise))

    async def _edit(self, exercise: Exercise) -> None:
        path = self._file(exercise)
        if not await in_background(path.exists):
            raise UsageError(f"{path} is not there: x puts the starter in its place.")
        await self._checks.warm_up()
        hand_over(self.app, path)

    async def _hint(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        seen = await in_background(hints_seen, self.workspace, exercise)
        shown = self.state.shown.get(exercise.name)
        if not seen or (shown is not None and shown.kind == "hints"):
            await in_background(take_hint, self.workspace, exercise)
            seen = await in_background(hints_seen, self.workspace, exercise)
        self._show(exercise, Shown("hints", hint_page(exercise, seen)))
        await self._read_standings()

    async def _diff(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        if not await in_background(may_see_solution, self.workspace, exercise):
            self.say(f"The solution is shown once {exercise.name} is passed: c checks it.")
            return
        text = await in_background(difference, exercise, self._file(exercise))
        self._show(exercise, Shown("difference", diff_page(exercise, text)))

    async def _reset(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        backup = await in_background(reset, self.workspace, exercise)
        if self.state.is_watching:
            self.start(self._check_saves(), "auto")  # anew, so that this change counts for none
        self.state = self.state.begun_again(exercise.name)
        self._page.scroll_home(animate=False)
        kept = f" What it held is kept as {backup.name}." if backup else ""
        self.say(f"{exercise.file_name} is the starter again.{kept}")
        await self._read_standings()

    async def _read_standings(self) -> None:
        assert self.workspace is not None
        self.state = self.state.standing(await in_background(standings, self.workspace))

    def _show(self, exercise: Exercise, shown: Shown) -> None:
        self.state = self.state.showing(exercise.name, shown)

    def _show_current(self) -> None:
        exercise = self._list.current
        shown = self.state.shown.get(exercise.name)
        self._page.show(self._task_page(exercise) if shown is None else shown.content)

    def _task_page(self, exercise: Exercise) -> RenderableType:
        if self.workspace is None:
            return task_page(exercise, NO_WORKSPACE)
        return task_page(
            exercise,
            f"Your file: {self._file(exercise)}\n"
            "e opens it in your editor, c checks it, a checks it whenever it is saved.",
        )
