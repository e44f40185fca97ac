"""The Exercises pane: where you stand, and what the hidden tests say.

Checks run in processes that stay warm while the lab is open, and saves are
watched for on a thread: no key ever waits for either.
"""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
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
from cnn_tui.grading.learner.status import Standing, standings
from cnn_tui.grading.learner.watch import changes
from cnn_tui.grading.records import CheckResult, Status
from cnn_tui.render.pages.exercise import diff_page, hint_page, task_page, verdict_page
from cnn_tui.tui.checks import Checks, is_memory_ample
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.terminal.editor import edit
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

TELL_SECONDS = 0.5
"""So often at most, the line below says how far a check is: a quick one says nothing."""
NO_WORKSPACE = "There is no workspace here. Leave with q and make one: cnn-lab init"


@dataclass(frozen=True)
class Shown:
    """What the page shows in place of the task: a report, hints or a difference."""

    kind: str
    content: RenderableType


@dataclass
class UnderWay:
    """A check that is not done, and how many of its parts have passed so far."""

    passed: int = 0
    told_at: float = field(default_factory=time.monotonic)


class ExercisesPane(Pane):
    """Edit a solution, check it, read what is still wrong."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", "Check", id="exercises.check", tooltip="Check this exercise"),
        Binding(
            "a",
            "auto",
            "Auto",
            id="exercises.auto",
            tooltip="Check an exercise whenever its file is saved, or no longer",
        ),
        Binding("e", "edit", "Edit", id="exercises.edit", tooltip="Open the file in $EDITOR"),
        Binding("h", "hint", "Hint", id="exercises.hint", tooltip="The next of three hints"),
        Binding(
            "t", "task", "Task", id="exercises.task", tooltip="The task, or the last report again"
        ),
        Binding(
            "d",
            "diff",
            "Diff",
            id="exercises.diff",
            tooltip="How your file differs from the solution, once you have passed",
        ),
        Binding(
            "x",
            "reset",
            "Reset",
            id="exercises.reset",
            tooltip="Begin anew with the starter, after a question; your file is kept",
        ),
    ]

    class Saved(Message):
        """The learner's file of an exercise has changed."""

        def __init__(self, exercise: Exercise) -> None:
            super().__init__()
            self.exercise = exercise

    class Judged(Message):
        """One part of a check is done."""

        def __init__(self, check: UnderWay, status: Status) -> None:
            super().__init__()
            self.check = check
            self.status = status

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._checks = Checks()
        self._standings: dict[str, Standing] = {}
        self._shown: dict[str, Shown] = {}
        self._reports: dict[str, Shown] = {}
        self._under_way: dict[str, UnderWay] = {}
        self._watching: threading.Event | None = None

    def compose(self) -> ComposeResult:
        """The list; the task, the last report or what else was asked for; how things stand."""
        with Horizontal():
            yield ExerciseList()
            yield Page(id="exercise-page")
        yield Static(id="exercise-status", markup=False)

    def on_mount(self) -> None:
        """Read how far the learner is."""
        self._list.highlighted = 0
        self._tell()
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
        check = message.check
        check.passed += message.status == "passed"
        if time.monotonic() - check.told_at > TELL_SECONDS:
            check.told_at = time.monotonic()
            self._tell()

    def action_check(self) -> None:
        """Check the exercise under the cursor; a check of it that is under way begins anew."""
        if self._has_workspace():
            self._start_check(self._list.current)

    def action_auto(self) -> None:
        """Check on every save, or no longer."""
        if self._watching is not None:
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
        name = self._list.current.name
        if name in self._shown:
            del self._shown[name]
        elif name in self._reports:
            self._shown[name] = self._reports[name]
        self._show_current()

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
            f"Begin {exercise.name} anew with its starter? "
            f"What {exercise.file_name} holds now is kept beside it, under another name."
        )
        self.app.push_screen(QuestionScreen(question, "Reset it"), answered)

    @property
    def _list(self) -> ExerciseList:
        return self.query_one(ExerciseList)

    @property
    def _page(self) -> Page:
        return self.query_one("#exercise-page", Page)

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
        mine = self._under_way[exercise.name] = UnderWay()
        self._tell()
        try:
            await self._judge(exercise, mine)
        finally:
            # Another check of the same exercise may have taken this one's place.
            if self._under_way.get(exercise.name) is mine:
                del self._under_way[exercise.name]
                self._tell()

    async def _judge(self, exercise: Exercise, check: UnderWay) -> None:
        assert self.workspace is not None

        def told(result: CheckResult) -> None:
            self.post_message(self.Judged(check, result.status))

        try:
            report = await self._checks.check(exercise, self._file(exercise), told)
        except LabError as error:
            self._show(exercise, Shown("error", Text(str(error))))
            return
        shown = Shown("report", verdict_page(report, self._next_exercise(exercise)))
        self._reports[exercise.name] = shown
        self._show(exercise, shown)
        await in_background(record, self.workspace, report)
        await self._read_standings()

    async def _check_saves(self) -> None:
        """Check what is saved until this is cancelled, or cannot go on."""
        stop = self._watching = threading.Event()
        self._tell()
        try:
            await in_background(self._follow_saves, stop)
        finally:
            stop.set()
            # Another watch may have taken this one's place.
            if self._watching is stop:
                self._watching = None
                self._tell()

    def _follow_saves(self, stop: threading.Event) -> None:
        for changed in changes([(each, self._file(each)) for each in exercises()], stop):
            for exercise, _ in changed:
                self.post_message(self.Saved(exercise))

    async def _edit(self, exercise: Exercise) -> None:
        path = self._file(exercise)
        if not await in_background(path.exists):
            raise UsageError(f"{path} is not there: x puts the starter in its place.")
        await self._checks.warm_up()
        failure: UsageError | None = None
        try:
            with self.app.suspend():
                # An error that left the context would leave the terminal to nobody.
                try:
                    edit(path)
                except UsageError as error:
                    failure = error
        except SuspendNotSupported as error:
            raise UsageError(
                f"This terminal cannot be handed to an editor. Open {path} in another one."
            ) from error
        self.app.refresh(layout=True)
        if failure is not None:
            raise failure

    async def _hint(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        seen = await in_background(hints_seen, self.workspace, exercise)
        shown = self._shown.get(exercise.name)
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
        if self._watching is not None:
            self.start(self._check_saves(), "auto")  # anew, so that this change counts for none
        self._shown.pop(exercise.name, None)
        self._reports.pop(exercise.name, None)
        self._show_current()
        kept = f" What it held is kept as {backup.name}." if backup else ""
        self.say(f"{exercise.file_name} is the starter again.{kept}")
        await self._read_standings()

    async def _read_standings(self) -> None:
        assert self.workspace is not None
        stand = await in_background(standings, self.workspace)
        self._standings = {each.exercise: each for each in stand}
        self._tell()

    def _next_exercise(self, exercise: Exercise) -> Exercise | None:
        """The one to take up after ``exercise``: the next that was never passed."""
        after = exercises().index(exercise) + 1
        others = (*exercises()[after:], *exercises()[: after - 1])
        passed = {name for name, standing in self._standings.items() if standing.passed_at}
        return next((each for each in others if each.name not in passed), None)

    def _show(self, exercise: Exercise, shown: Shown) -> None:
        self._shown[exercise.name] = shown
        if exercise is self._list.current:
            self._show_current()

    def _show_current(self) -> None:
        exercise = self._list.current
        shown = self._shown.get(exercise.name)
        self._page.show(self._task_page(exercise) if shown is None else shown.content)

    def _task_page(self, exercise: Exercise) -> RenderableType:
        if self.workspace is None:
            return task_page(exercise, NO_WORKSPACE)
        return task_page(
            exercise,
            f"Your file: {self._file(exercise)}\n"
            "e opens it in your editor, c checks it, a checks it whenever it is saved.",
        )

    def _tell(self) -> None:
        """Draw how things stand: in the list, and in the line below."""
        if not self.is_attached:
            return
        for exercise in exercises():
            self._list.show(exercise, self._standings.get(exercise.name))
        self.query_one("#exercise-status", Static).update(self._status(), layout=False)

    def _status(self) -> str:
        passed = sum(standing.state == "passed" for standing in self._standings.values())
        parts = [
            *(f"Checking {name} …{_so_far(check)}" for name, check in self._under_way.items()),
            f"Auto-check on save: {'on' if self._watching else 'off'}",
        ]
        if self._standings:
            parts.append(f"{passed} of {len(exercises())} passed")
        return " · ".join(parts)


def _so_far(check: UnderWay) -> str:
    return f" {check.passed} passed so far" if check.passed else ""
