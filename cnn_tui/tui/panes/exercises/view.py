"""What the Exercises pane draws: the list, the exercise under its cursor, and what is beside it."""

import asyncio
from pathlib import Path

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.reactive import var

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.tui.panes.exercises.body import ExerciseFrame, ExercisePage
from cnn_tui.tui.panes.exercises.pages import ROOMY_ROWS, beside_frame, main_frame, state_line
from cnn_tui.tui.panes.exercises.reading import Reading, read_again
from cnn_tui.tui.panes.exercises.state import ExercisesState, JudgedFile, Shown
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.widgets.exercise_list import ExerciseList
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

OF_ONE_EXERCISE = ("standings", "shown", "verdicts", "under_way")
"""Parts of the state that are kept by the exercise's name."""

AROUND_FRAME = 4
"""Rows of the terminal for the header, the footer and the borders of a frame."""

SHARE_ABOVE_FILE = 13 / 20
"""Of the rows, in the stylesheet: where a failed check is followed by all that one can do."""


class ExercisesView(Pane):
    """Follows the pane's state; what the keys do is the pane's own matter."""

    state: var[ExercisesState] = var(ExercisesState, init=False)
    shown_exercise: Exercise | None = None
    """The one that the frame shows, which follows the cursor."""
    _room: tuple[bool, bool, bool] | None = None

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._reading = Reading()
        self._turn = asyncio.Lock()

    def compose(self) -> ComposeResult:
        """The list; the exercise under its cursor; where there is room, its task or its file."""
        with Horizontal(id="exercise-room"):
            with Frame(id="exercise-side", classes="side", title="Exercises"):
                yield ExerciseList()
            yield ExerciseFrame()
            with Frame(id="exercise-beside"):
                yield ExercisePage(id="exercise-beside-page")

    def focus_first(self) -> None:
        """The list of exercises."""
        self.exercise_list.focus()

    def open_item(self, name: str) -> None:
        """Put the cursor on the exercise of that name."""
        self.exercise_list.highlighted = [each.name for each in exercises()].index(name)

    def shown(self) -> RenderableType:
        """What the frame of the exercise shows, with its border."""
        frame = self.exercise_frame
        return Group(Text.assemble(frame.title, "   ", frame.state), Text(), frame.shown())

    def shown_name(self) -> str:
        """What the page shows, in words."""
        kind = self.state.kind(self.exercise_list.current.name)
        return f"the {'comparison' if kind == 'difference' else kind}"

    def watch_state(self, before: ExercisesState, state: ExercisesState) -> None:
        """Draw what has changed."""
        if not self.is_attached:
            return
        self.show_side()
        name = self.exercise_list.current.name
        has_aged = before.has_changed(name) != state.has_changed(name)
        if has_aged or _of(before, name) != _of(state, name):
            if before.is_aside(name) != state.is_aside(name):
                self.refresh_bindings()
            self.show_current(from_top=state.shown.get(name) is not before.shown.get(name))
        elif before.file(name) != state.file(name):
            self.exercise_frame.state = state_line(state, name)
            self.show_beside(from_top=False)

    def on_resize(self) -> None:
        """Show on the page what stands beside it no longer, or what there is room for now."""
        if self._room is not None and self._room != self._has_room:
            self.show_current(from_top=False)

    def on_page_resized(self, message: Page.Resized) -> None:
        """Fill the frame beside the exercise, which only a wide terminal shows.

        What it shows first comes once the rest of the pane is painted.
        """
        if self._beside.query_one(Page).content:
            self.show_beside()

    @property
    def exercise_list(self) -> ExerciseList:
        """The list, whose cursor says which exercise is shown."""
        return self.query_one(ExerciseList)

    @property
    def exercise_frame(self) -> ExerciseFrame:
        """The frame of that exercise."""
        return self.query_one(ExerciseFrame)

    @property
    def verdict(self) -> JudgedFile | None:
        """The last one on the exercise under the cursor."""
        return self.state.verdicts.get(self.exercise_list.current.name)

    def file_of(self, exercise: Exercise) -> Path:
        """The learner's file; only where there is a workspace."""
        assert self.workspace is not None
        return self.workspace.exercises / exercise.file_name

    async def read(self) -> None:
        """Read how the learner stands and what the files hold, as far as that is new."""
        assert self.workspace is not None
        async with self._turn:  # what was read later is not replaced by what was read earlier
            self.take(await in_background(read_again, self.workspace, self._reading))

    def take(self, reading: Reading) -> None:
        """Show what was read."""
        self._reading = reading
        self.state = self.state.taking(reading)

    def show(self, exercise: Exercise, shown: Shown) -> None:
        """Show another page of an exercise."""
        self.state = self.state.showing(exercise.name, shown)

    def show_side(self) -> None:
        """The list and its frame."""
        state, side = self.state, self.query_one("#exercise-side", Frame)
        for exercise in exercises():
            under_way = state.under_way.get(exercise.name)
            doing = under_way.line if under_way else ""
            self.exercise_list.show(exercise, state.standings.get(exercise.name), doing)
        side.state = state.points
        side.keys = frame_keys(("a", f"auto-check: {'on' if state.is_watching else 'off'}"))

    def show_current(self, *, from_top: bool = True, with_beside: bool = True) -> None:
        """The exercise under the cursor, and what stands beside it."""
        exercise = self.shown_exercise = self.exercise_list.current
        path = self.file_of(exercise) if self.workspace is not None else None
        frame = self.exercise_frame
        self._room = room = self._has_room
        is_roomy, is_alone, is_above = room
        main = main_frame(
            self.state, exercise, path, is_roomy=is_roomy, is_alone=is_alone, is_above=is_above
        )
        frame.title, frame.short_title = main.title, main.short_title
        frame.state, frame.keys = main.state, main.keys
        frame.show(main.checks, main.content, main.brief, main.below, from_top=from_top)
        if with_beside:
            self.show_beside()

    def show_beside(self, *, from_top: bool = True) -> None:
        """The learner's file or the task, beside the exercise under the cursor."""
        frame, page = self._beside, self._beside.query_one(Page)
        if not frame.display:
            return
        current, height = self.exercise_list.current, page.size.height
        beside = beside_frame(self.state, current, height, is_below=self._is_stacked)
        frame.title, frame.state = beside.title, beside.state
        if page.content != beside.content:
            page.show(beside.content, from_top=from_top, long=True)

    @property
    def _has_room(self) -> tuple[bool, bool, bool]:
        """Whether the exercise is high, alone on the screen, and above the learner's file."""
        # Before its first layout the frame has no size, and what is drawn for another one is lost.
        share = SHARE_ABOVE_FILE if self._is_stacked else 1
        height = self.exercise_frame.size.height or share * self.app.size.height - AROUND_FRAME
        return height >= ROOMY_ROWS, not self._beside.display, self._is_stacked

    @property
    def _is_stacked(self) -> bool:
        """Whether the file stands below the exercise, as the stylesheet has it."""
        return self.screen.has_class("-wide") and self.screen.has_class("-tall")

    @property
    def _beside(self) -> Frame:
        return self.query_one("#exercise-beside", Frame)


def _of(state: ExercisesState, name: str) -> list[int]:
    """What is known of one exercise, by identity: records that hold drawings have no equals."""
    return [id(getattr(state, part).get(name)) for part in OF_ONE_EXERCISE]
