"""The Training pane itself: its keys, and what they change.

The pane only ever reads the run store, so it shows the same whoever started a
run, and whenever.
"""

from collections.abc import Callable
from typing import ClassVar

from rich.console import RenderableType
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.reactive import var
from textual.widgets import OptionList

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.render.draw.view import View
from cnn_tui.render.runs.history import extent
from cnn_tui.training.process import launcher
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.studies import store
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.tui.background import every, start
from cnn_tui.tui.dialogs.new_run import NewRunScreen, RunRequest
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.panes.training.detail import NO_RUNS, RunDetail
from cnn_tui.tui.panes.training.keys import KEYS
from cnn_tui.tui.panes.training.state import Mode, RunCurves, Snapshot, title
from cnn_tui.tui.panes.training.store_reader import StoreReader
from cnn_tui.tui.panes.training.study_page import StudyPage
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace

REDRAW_SECONDS, REDRAW_SECONDS_LOW_BANDWIDTH = 1.0, 3.0
"""A redraw takes 20 ms of a core that the run may be using."""
OF_STUDIES = {"new_run", "experiments", "back"}
"""Keys of the pane that mean something while a study is shown; the page has others."""
JUDGE_SECONDS = 600.0
"""A large network on a CPU takes its time."""


class TrainingPane(Pane):
    """Start runs, watch them, stop them."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS

    mode: var[Mode] = var[Mode]("curves", init=False, bindings=True)
    selected: var[str | None] = var(None, init=False)
    snapshot: var[Snapshot] = var(Snapshot, init=False)
    view: var[View] = var(View, init=False)

    class Polled(Message):
        """What the run store said just now."""

        def __init__(self, snapshot: Snapshot) -> None:
            super().__init__()
            self.snapshot = snapshot

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._reader = None if workspace is None else StoreReader(workspace)

    def compose(self) -> ComposeResult:
        """The list of runs, and what there is to see of the one under the cursor."""
        with Horizontal():
            yield RunList()
            yield RunDetail()

    def on_mount(self) -> None:
        """Load plotext beside the event loop, then read the store at a steady pace."""
        if self.workspace is None:
            self._detail.say("There is no workspace here. Leave with q and make one: cnn-lab init")
            return
        self._detail.load_charts()
        slow = getattr(self.app, "low_bandwidth", False)
        every(self, REDRAW_SECONDS_LOW_BANDWIDTH if slow else REDRAW_SECONDS, self._poll)
        self._poll()

    def focus_first(self) -> None:
        """The list of runs."""
        self._list.focus()
        self._poll()

    def shown(self) -> RenderableType:
        """The run's headline and charts, or what stands in their place."""
        if self.mode == "study":
            return self._detail.study.content
        if self.mode == "predictions":
            return self._detail.predictions.content
        return self._detail.content

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back means: from the predictions or the study to the curves."""
        if self.mode == "study":
            return action in OF_STUDIES
        return self.mode == "predictions" if action == "back" else True

    def watch_mode(self, mode: Mode) -> None:
        """Make room for what is shown now."""
        self.set_class(mode == "predictions", "-judging")
        self.set_class(mode == "study", "-studying")

    def watch_selected(self) -> None:
        """The predictions of the run that was shown before go."""
        if self.mode == "predictions":
            self.action_back()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        """Take in what the store said."""
        if snapshot.statuses is not before.statuses:
            self._list.show(snapshot.statuses, self.selected)
            if not snapshot.statuses:
                self.selected = None
        self._draw()

    def watch_view(self) -> None:
        """Look at the curves in another way."""
        self._draw()

    def on_training_pane_polled(self, message: Polled) -> None:
        """Show what the store said."""
        self.snapshot = message.snapshot

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Follow the run under the cursor."""
        if event.option_id != self.selected:
            self.selected = event.option_id
            self._poll()

    def on_study_page_looked(self, message: StudyPage.Looked) -> None:
        """Overlay the study's runs, also those that have come since."""
        self._list.mark_together(message.progress.runs)
        if self._reader is not None:
            self._reader.list_next()

    def on_study_page_said(self, message: StudyPage.Said) -> None:
        """Tell what a key of the study's page does."""
        self.say(message.sentence)

    def action_new_run(self) -> None:
        """Ask what to train, then start it."""
        if self.workspace is None:
            self.notify("There is no workspace: make one with cnn-lab init.", severity="warning")
            return

        def begin(request: RunRequest | None) -> None:
            if request is not None:
                self.start(self._launch(request), "launch")

        self.app.push_screen(NewRunScreen(self.engine, self.workspace), begin)

    def action_experiments(self) -> None:
        """Ask which study, then show it; one that is not begun is started."""
        if self.workspace is None:
            self.notify("There is no workspace: make one with cnn-lab init.", severity="warning")
            return
        from cnn_tui.tui.dialogs.choose_study import ChooseStudyScreen

        def chosen(order: StudyOrder | None) -> None:
            if order is not None:
                self._open_study(order)

        self.app.push_screen(ChooseStudyScreen(store.orders(self.workspace)), chosen)

    def action_stop(self) -> None:
        """Ask the run under the cursor to checkpoint and stop."""
        self._act_on_selected("stop", "running", launcher.stop)

    def action_resume(self) -> None:
        """Go on with the run under the cursor."""
        self._act_on_selected("resume", "stopped interrupted failed", launcher.resume)

    def action_delete(self) -> None:
        """Delete the run under the cursor, after a question."""
        status = self._status
        if status is None:
            self.say("There is no run to delete.")
        elif status.state == "running":
            self.say("Nothing was deleted: this run is running; s stops it.")
        else:
            self._ask_to_delete(status)

    def action_view(self, step: str) -> None:
        """Look at the curves in another way."""
        self.view = getattr(self.view, step)()

    def action_zoom(self, step: str) -> None:
        """Show another part of the x axis."""
        histories = [each.history for each in self.snapshot.shown.values()]
        self.view = getattr(self.view, step)(extent(histories, self.view.axis))

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        if self.selected is not None:
            self._list.mark(self.selected)
            self._poll()

    def action_judge(self) -> None:
        """Judge the run under the cursor on its test images, or go back to its curves."""
        if self.mode == "predictions":
            self.action_back()
        elif self.selected is None:
            self.say("Choose a run first: n starts one.")
        else:
            self.mode = "predictions"
            self._detail.predictions.wait_for(self.selected)
            self._detail.predictions.focus()
            self.start(self._judge(self.selected), "judge", page="run-judged")

    def action_back(self) -> None:
        """From the predictions, or the study, to the curves."""
        self.workers.cancel_group(self, "judge")
        self._detail.study.leave()
        self.mode = "curves"
        self.focus_first()

    @property
    def _list(self) -> RunList:
        return self.query_one(RunList)

    @property
    def _detail(self) -> RunDetail:
        return self.query_one(RunDetail)

    @property
    def _status(self) -> RunStatus | None:
        """Where the run under the cursor stands."""
        return self.snapshot.status(self.selected)

    @property
    def _shown_runs(self) -> list[str]:
        """The run under the cursor, and those that are marked."""
        return list(dict.fromkeys(filter(None, (self.selected, *self._list.marked))))

    def _draw(self) -> None:
        status, shown = self._status, self.snapshot.shown
        if status is not None:
            runs = [shown[run] for run in self._shown_runs if run in shown]
            self._detail.subject = RunCurves(status, runs, self.view)
        elif self.workspace is not None and not self.snapshot.statuses:
            self._detail.say(NO_RUNS)

    def _poll(self) -> None:
        """Read the store, unless the last reading still goes on."""
        if self._reader is not None and self._is_open() and self._reader.begin():
            # An error is said in place of the curves, and once: not at every reading.
            start(self, self._read(self._reader), "poll", self._detail.say)

    async def _read(self, reader: StoreReader) -> None:
        is_due = False
        try:
            self.post_message(self.Polled(await reader.read(self.selected, self._shown_runs)))
        finally:
            is_due = reader.end()
        if is_due:
            self._poll()

    def _is_open(self) -> bool:
        return self.display and self.is_attached

    def _open_study(self, order: StudyOrder) -> None:
        assert self.workspace is not None
        self.action_back()
        self.mode = "study"
        self._detail.study.open(self.workspace, order)
        self._detail.study.focus()

    async def _launch(self, request: RunRequest) -> None:
        assert self.workspace is not None
        run = await in_background(launcher.launch, self.workspace, request.config, request.name)
        self.selected = run.run
        self._list_again()

    def _act_on_selected(self, verb: str, states: str, act: Callable[[RunFolder], object]) -> None:
        status = self._status
        if status is None or status.state not in states.split():
            what = "no run is chosen" if status is None else f"this run is {status.state}"
            self.notify(f"Nothing to {verb}: {what}.", severity="warning")
            return
        self.notify(f"{verb.capitalize()} {status.run} …", markup=False)
        self.start(self._act(act, status.run), f"act-{status.run}")

    def _ask_to_delete(self, status: RunStatus) -> None:
        def answered(agreed: bool | None) -> None:
            if agreed:
                self.start(self._act(listing.delete, status.run), f"act-{status.run}")

        question = (
            f"Delete {title(status)} with its curves, weights and log? This cannot be undone."
        )
        self.app.push_screen(QuestionScreen(question, "Delete it"), answered)

    async def _judge(self, run: str) -> None:
        assert self.workspace is not None
        self._detail.predictions.evaluation = await self.engine.run(
            "evaluate", seconds=JUDGE_SECONDS, run=run, workspace=self.workspace.root
        )

    async def _act(self, act: Callable[[RunFolder], object], run: str) -> None:
        assert self.workspace is not None
        await in_background(act, RunFolder(self.workspace.runs / run))
        self._list_again()

    def _list_again(self) -> None:
        if self._reader is not None:
            self._reader.list_next()
        self._poll()
