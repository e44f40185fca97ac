"""The Exercises pane: where you stand, and what the hidden tests say."""

import asyncio
import os
import shlex
import subprocess
import threading
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult, SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.chapter.catalogue import topic
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.grading.catalogue import EXERCISES, Exercise
from cnn_tui.grading.checker import check
from cnn_tui.grading.progress import ExerciseProgress, load, record
from cnn_tui.grading.records import CheckReport
from cnn_tui.render.report import check_report
from cnn_tui.render.topic import topic_page
from cnn_tui.tui.pane import Pane
from cnn_tui.tui.panes import PaneInfo
from cnn_tui.tui.scroller import Page
from cnn_tui.workspace import Workspace

EDITORS = ("VISUAL", "EDITOR")
FALLBACK_EDITOR = "vi"


class ExerciseList(OptionList):
    """The exercises with their state."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Open", id="exercises.open", tooltip="Read it; Esc comes back"),
        Binding("j", "cursor_down", show=False, id="exercises.down", tooltip="Next exercise"),
        Binding("k", "cursor_up", show=False, id="exercises.up", tooltip="Previous exercise"),
    ]


class ExercisesPane(Pane):
    """Edit a solution, check it, read what is still wrong."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("c", "check", "Check", id="exercises.check", tooltip="Check this exercise"),
        Binding("e", "edit", "Edit", id="exercises.edit", tooltip="Open the file in $EDITOR"),
        Binding("t", "task", "Task", id="exercises.task", tooltip="Read the task again"),
    ]

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._progress: dict[str, ExerciseProgress] = {}
        self._reports: dict[str, CheckReport] = {}

    def compose(self) -> ComposeResult:
        """The list, and the task or the last report."""
        with Horizontal():
            yield ExerciseList(id="exercise-list", classes="side")
            yield Page(id="exercise-page")

    def on_mount(self) -> None:
        """Read how far the learner is."""
        exercises = self.query_one(ExerciseList)
        exercises.add_options([Option(self._label(each), id=each.name) for each in EXERCISES])
        exercises.highlighted = 0
        self.start(self._read_progress(), "progress")

    def focus_first(self) -> None:
        """The list of exercises."""
        self.query_one(ExerciseList).focus()

    def shown(self) -> RenderableType:
        """The task or the report."""
        return self.query_one("#exercise-page", Page).content

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Show the last report of the exercise under the cursor, or its task."""
        report = self._reports.get(self._current.name)
        if report is None:
            self.action_task()
        else:
            self._show_report(report)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter moves the focus to the page, to scroll it."""
        self.query_one("#exercise-page").focus()

    def action_task(self) -> None:
        """Show the task of the exercise under the cursor."""
        exercise = self._current
        where = (
            f"Your file: {self.workspace.exercises / exercise.file_name}"
            if self.workspace
            else "There is no workspace here. Leave with q and make one: cnn-lab init"
        )
        self.query_one("#exercise-page", Page).show(
            Group(
                topic_page(topic(exercise.name)),
                Text(f"\n{where}\ne opens it in your editor, c checks it."),
            )
        )

    def action_check(self) -> None:
        """Check the exercise under the cursor."""
        if self.workspace is None:
            self.notify("There is no workspace: make one with cnn-lab init.", severity="warning")
            return
        exercise = self._current
        self.query_one("#exercise-page", Page).show(
            Text(f"Checking {exercise.name} … (at most {exercise.total_seconds:.0f} s)")
        )
        self.start(self._check(exercise), "check", page="exercise-page")

    def action_edit(self) -> None:
        """Hand the terminal to the learner's editor; come back when it ends."""
        if self.workspace is None:
            self.notify("There is no workspace: make one with cnn-lab init.", severity="warning")
            return
        path = self.workspace.exercises / self._current.file_name
        command = next((os.environ[name] for name in EDITORS if os.environ.get(name)), None)
        try:
            words = [*shlex.split(command or FALLBACK_EDITOR), str(path)]
        except ValueError:
            self._refuse_editor(f"$EDITOR is {command!r}, whose quotes do not match")
            return
        try:
            with self.app.suspend():
                subprocess.run(words, check=False)
        except SuspendNotSupported:
            self.notify("This terminal cannot be handed to an editor.", severity="warning")
        except OSError as error:
            self._refuse_editor(f"{words[0]} could not be started ({error.strerror})")
        self.app.refresh(layout=True)

    def _refuse_editor(self, reason: str) -> None:
        self.notify(
            f"{reason}. Name your editor: export EDITOR=nano", severity="error", markup=False
        )

    @property
    def _current(self) -> Exercise:
        index = self.query_one(ExerciseList).highlighted
        return EXERCISES[index or 0]

    async def _read_progress(self) -> None:
        if self.workspace is not None:
            self._progress = dict(await in_background(load, self.workspace))
            self._relabel()

    async def _check(self, exercise: Exercise) -> None:
        assert self.workspace is not None
        stop = threading.Event()
        try:
            path = self.workspace.exercises / exercise.file_name
            report = await in_background(check, exercise, path, stop=stop)
        except asyncio.CancelledError:
            stop.set()  # checked anew, or the lab is closing
            raise
        self._reports[exercise.name] = report
        if exercise.name == self._current.name:
            self._show_report(report)
        self.start(self._remember(report), "progress")

    async def _remember(self, report: CheckReport) -> None:
        assert self.workspace is not None
        await in_background(record, self.workspace, report)
        await self._read_progress()

    def _show_report(self, report: CheckReport) -> None:
        self.query_one("#exercise-page", Page).show(check_report(report))

    def _relabel(self) -> None:
        exercises = self.query_one(ExerciseList)
        for index, exercise in enumerate(EXERCISES):
            exercises.replace_option_prompt_at_index(index, self._label(exercise))

    def _label(self, exercise: Exercise) -> Text:
        done = self._progress.get(exercise.name)
        if done is None:
            state = "  not checked yet"
        elif done.passed:
            state = f"✓ passed {done.score:g}/{done.max_score:g}"
        else:
            state = f"✗ not passed {done.score:g}/{done.max_score:g}"
        return Text(f"{exercise.number} {exercise.title}\n  {state.strip()}")
