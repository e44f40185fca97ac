"""The Exercises pane itself: its keys, and what they do."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import OptionList

from cnn_tui import plugins
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import PLUGINS
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.difference import difference, may_see_solution
from cnn_tui.grading.learner.hints import hints_seen, take_hint
from cnn_tui.grading.learner.progress import trouble
from cnn_tui.grading.learner.reset import reset
from cnn_tui.grading.learner.versions import add_missing, what_was_added
from cnn_tui.next_steps import Action
from cnn_tui.render.pages.exercise import diff_page, hint_page
from cnn_tui.render.pages.verdict import full_log
from cnn_tui.tui.background import after_refresh, every
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.lab_screen import LabScreen
from cnn_tui.tui.panes.exercises.check_runner import CheckRunner
from cnn_tui.tui.panes.exercises.keys import KEYS
from cnn_tui.tui.panes.exercises.page_keys import follow_step
from cnn_tui.tui.panes.exercises.pages import warm
from cnn_tui.tui.panes.exercises.reading import Reading, read_again
from cnn_tui.tui.panes.exercises.state import Shown
from cnn_tui.tui.panes.exercises.view import ExercisesView
from cnn_tui.tui.panes.pane import PaneInfo
from cnn_tui.tui.terminal.editor import hand_over
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.workspace import Workspace

REST_SECONDS = 0.15
LOOK_SECONDS = 1.0
"""So often the pane that is seen looks whether the learner's file was written."""


class ExercisesPane(ExercisesView):
    """Edit a solution, check it, read what is still wrong."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._runner = CheckRunner(self)
        self._is_looking = False

    @classmethod
    def prepare(cls, workspace: Workspace) -> Reading:
        """Read how far the learner is, and the files; the first page is drawn quickly then."""
        reading = read_again(workspace, Reading())
        warm(reading, workspace)
        return reading

    def on_mount(self) -> None:
        """Show how far the learner is."""
        if isinstance(self.prepared, Reading):
            self.take(self.prepared)
        self.show_side()
        self.show_current(with_beside=False)
        after_refresh(self, self._show_beside_soon)
        every(self, LOOK_SECONDS, self._look)
        for sentence in plugins.problems(PLUGINS):
            self.notify(sentence, severity="warning", markup=False)
        if self.workspace is not None:
            self.workspace_made()

    def workspace_made(self) -> None:
        """Read how far the learner is, and show where the files are."""
        self.start(self._begin(), "progress")

    async def on_unmount(self) -> None:
        """The app ends, and all of its panes with it."""
        await in_background(self.close)

    def close(self) -> None:
        """End the processes that check."""
        self._runner.close()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show what was shown last of the exercise under the cursor, or its task."""
        if self.exercise_list.current is self.shown_exercise:
            return
        self.show_current(with_beside=False)
        self._show_beside_soon()

    async def on_exercise_list_opened(self, message: ExerciseList.Opened) -> None:
        """Enter: what the page says, or the page itself where it is not seen beside the list."""
        if self.exercise_frame.display and follow_step(self.verdict) is not None:
            await self.action_follow()
        else:
            self.open_page(self.exercise_frame.page)

    def on_check_runner_saved(self, message: CheckRunner.Saved) -> None:
        """Check what was saved."""
        self._runner.start(message.exercise)

    def on_check_runner_judged(self, message: CheckRunner.Judged) -> None:
        """Show the results so far."""
        self._runner.count(message)

    def action_check(self) -> None:
        """Check the exercise under the cursor; a check of it that is under way begins again."""
        if self._has_workspace(self.action_check):
            self._runner.start(self.exercise_list.current)
            if not self.exercise_frame.display:  # the list takes its place in a narrow terminal
                self.open_page(self.exercise_frame.page)

    def action_auto(self) -> None:
        """Check on every save, or no longer."""
        if self.state.is_watching:
            self.workers.cancel_group(self, "auto")
        elif self._has_workspace(self.action_auto):
            self.start(self._runner.check_saves(), "auto")

    def action_edit(self) -> None:
        """Hand the terminal to the learner's editor; come back when it ends."""
        if self._has_workspace(self.action_edit):
            self._go(self._edit, "edit", self.action_edit)

    def action_hint(self) -> None:
        """Show the hints that were taken; where they are shown or there are none, take one."""
        if self._has_workspace(self.action_hint):
            self._go(self._hint, "hint", self.action_hint)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back leads from hints, log and comparison to the report, then to the list."""
        is_aside = self.state.is_aside(self.exercise_list.current.name)
        return (action == "back" and is_aside) or super().check_action(action, parameters)

    def action_back(self) -> None:
        """Close the hints, the log or the comparison; else leave the page for the list."""
        name = self.exercise_list.current.name
        if self.state.is_aside(name):
            self.state = self.state.with_aside_closed(name)
        else:
            super().action_back()

    def action_task(self) -> None:
        """Show the task of the exercise under the cursor, or from there its last report."""
        self.state = self.state.with_task_toggled(self.exercise_list.current.name)

    def action_diff(self) -> None:
        """Show how the learner's file differs from the reference."""
        if self._has_workspace(self.action_diff):
            self._go(self._diff, "diff", self.action_diff)

    def action_log(self) -> None:
        """Show all that the last check has to say, or from there its report again."""
        exercise, verdict = self.exercise_list.current, self.verdict
        if verdict is None:
            self.say(f"There is no report on {exercise.name} yet: c checks it.")
        elif self.state.kind(exercise.name) == "log":
            self.show(exercise, Shown("report"))
        else:
            self.show(exercise, Shown("log", full_log(verdict.report, verdict.source)))

    async def action_follow(self) -> None:
        """Read the topic that the report names, or go on to the next exercise."""
        following = follow_step(self.verdict)
        if following is None:
            return
        if following.action is Action.READ_TOPIC:
            await self.app.open_item("topics", following.target)  # type: ignore[attr-defined]
        else:
            self.open_item(following.target)
            self.focus_first()

    def action_copy_input(self) -> None:
        """Copy the input of the failed check as Python, or what is shown where that is large."""
        failed = self.verdict.report.first_failure if self.verdict else None
        is_seen = self.state.kind(self.exercise_list.current.name) == "report"
        if failed is None or not failed.replay or not is_seen:
            self.app.action_copy()  # type: ignore[attr-defined]
            return
        self.app.copy_to_clipboard(failed.replay)
        self.notify("Copied the input of the failed check, as Python that calls your function.")

    def action_reset(self) -> None:
        """Put the starter back, after a question."""
        if not self._has_workspace(self.action_reset):
            return
        exercise = self.exercise_list.current

        def answered(agreed: bool | None) -> None:
            if agreed:
                # In the group of its check: what is checked is about to go.
                self._go(self._reset, f"check-{exercise.name}", self.action_reset)

        question = f"Restore the starter of {exercise.name}? Your file is backed up."
        self.app.push_screen(QuestionScreen(question, "Restore"), answered)

    def action_add_missing(self) -> None:
        """Add the functions that an older file lacks."""
        if self._has_workspace(self.action_add_missing):
            name = self.exercise_list.current.name
            self._go(self._add_missing, f"check-{name}", self.action_add_missing)

    def _has_workspace(self, go_on: Callable[[], None]) -> bool:
        """Whether there is a workspace; else it is offered, and ``go_on`` called in the end."""
        if self.workspace is None:
            self.offer_workspace(go_on)
        return self.workspace is not None

    def _go(
        self,
        act: Callable[[Exercise], Coroutine[Any, Any, None]],
        group: str,
        again: Callable[[], None],
    ) -> None:
        """Do something with the exercise under the cursor, in a workspace that still is there."""
        exercise = self.exercise_list.current

        async def guarded() -> None:
            if await self.is_workspace_there(again):
                await act(exercise)

        self.start(guarded(), group)

    async def _begin(self) -> None:
        assert self.workspace is not None
        await self.read()
        await self._runner.warm_up()
        what_is_wrong = await in_background(trouble, self.workspace)
        if what_is_wrong:
            self.say(what_is_wrong)

    def _show_beside_soon(self) -> None:
        self.start(self._show_beside_at_rest(), "beside")

    async def _show_beside_at_rest(self) -> None:
        """Show a file once the cursor stays: what it passes by costs bytes for nothing."""
        await asyncio.sleep(REST_SECONDS)
        if isinstance(self.screen, LabScreen):
            await self.screen.painted()  # the rest of the pane, on its first visit
        self.show_beside()

    def _look(self) -> None:
        if self.workspace is not None and self.display and not self._is_looking:
            self.start(self._follow_files(), "follow")

    async def _follow_files(self) -> None:
        """Show what others, such as an editor beside the lab, write into the files."""
        self._is_looking = True
        try:
            await self.read()
        finally:
            self._is_looking = False

    async def _edit(self, exercise: Exercise) -> None:
        path = self.file_of(exercise)
        if not await in_background(path.exists):
            raise UsageError(f"{exercise.file_name} is not there: x restores its starter.")
        await self._runner.warm_up(eagerly=True)
        hand_over(self.app, path)
        await self.read()

    async def _hint(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        seen = await in_background(hints_seen, self.workspace, exercise)
        if not seen or self.state.kind(exercise.name) == "hints":
            await in_background(take_hint, self.workspace, exercise)
            seen = await in_background(hints_seen, self.workspace, exercise)
        self.show(exercise, Shown("hints", hint_page(seen)))
        await self.read()

    async def _diff(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        if not await in_background(may_see_solution, self.workspace, exercise):
            self.say(f"The reference is shown once {exercise.name} is passed: c checks it.")
            return
        text = await in_background(difference, exercise, self.file_of(exercise))
        self.show(exercise, Shown("difference", diff_page(text)))

    async def _add_missing(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        added, backup = await in_background(add_missing, self.workspace, exercise)
        self.say(what_was_added(exercise, added, backup))
        await self.read()

    async def _reset(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        backup = await in_background(reset, self.workspace, exercise)
        if self.state.is_watching:  # again, so that this change counts for none
            self.start(self._runner.check_saves(), "auto")
        self.state = self.state.begun_again(exercise.name)
        kept = f" Your file is kept as {backup.name}." if backup else ""
        self.say(f"{exercise.file_name} is the starter again.{kept}")
        await self.read()
