"""The Training pane: the runs of the workspace, and the curves of one of them, live.

The pane only ever reads the run store, so it shows the same whoever started a
run, and whenever. What it draws is a function of the run's status and events.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import OptionList, Static

from cnn_tui.analysis.evaluation_records import Evaluation
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.view import Extent, View
from cnn_tui.render.runs.history import RunHistory, extent
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.process import launcher
from cnn_tui.training.records import Event, RunStatus
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.training.store.listing import RunLister
from cnn_tui.training.store.metrics import MetricsReader
from cnn_tui.training.studies import store
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.tui.background import after_refresh, every, start
from cnn_tui.tui.dialogs.new_run import NewRunScreen, RunRequest
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.panes.study_page import StudyPage
from cnn_tui.tui.widgets.page import Page
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace

REDRAW_SECONDS, REDRAW_SECONDS_LOW_BANDWIDTH = 1.0, 3.0
"""A redraw takes 20 ms of a core that the run may be using."""
LIST_EVERY = 2
"""The list of runs is read again at every second redraw."""
JUDGING = "-judging"
"""The pane's class while a run's predictions are shown instead of its curves."""
STUDYING = "-studying"
"""The pane's class while a study is shown instead of a run."""
OF_STUDIES = {"new_run", "experiments", "back"}
"""Keys of the pane that mean something while a study is shown; the page has others."""
JUDGE_SECONDS = 600.0
"""A large network on a CPU takes its time."""
NO_RUNS = "No runs yet. Press n to train a network: the defaults learn in under a minute."


@dataclass
class Watched:
    """One run that is shown: who reads it, what it was asked to do, and its curves so far."""

    reader: MetricsReader
    history: RunHistory
    config: TrainConfig | None = None


class TrainingPane(Pane):
    """Start runs, watch them, stop them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_run", "New run", id="training.new", tooltip="Start a new run"),
        Binding(
            "e",
            "experiments",
            "Experiments",
            id="training.experiments",
            tooltip="The chapter's comparisons: start one, or look at one; Esc back",
        ),
        Binding(
            "s",
            "stop",
            "Stop",
            id="training.stop",
            tooltip="Stop the run; it keeps a checkpoint to resume from",
        ),
        Binding(
            "r",
            "resume",
            "Resume",
            id="training.resume",
            tooltip="Go on with a stopped, failed or interrupted run",
        ),
        Binding(
            "x",
            "delete",
            "Delete",
            id="training.delete",
            tooltip="Delete the run, its curves and its weights, after a question",
        ),
        Binding(
            "v",
            "view('next_panels')",
            "Panels",
            id="training.panels",
            tooltip="Loss and accuracy; learning rate and speed; gradient norm and GPU; all",
        ),
        Binding(
            "space",
            "mark",
            "Overlay",
            id="training.mark",
            tooltip="Lay this run's validation curves over those of the others that are marked",
        ),
        Binding(
            "p",
            "judge",
            "Predictions",
            id="training.judge",
            tooltip="Test images by class, the confusion matrix, the surest mistakes; Esc back",
        ),
        Binding(
            "t",
            "view('next_axis')",
            "Axis",
            id="training.axis",
            tooltip="Epochs, steps or time along the x axis",
        ),
        Binding(
            "l",
            "view('toggled_log')",
            "Log",
            id="training.log",
            tooltip="Loss and gradient norm on a logarithmic scale, or not",
        ),
        Binding(
            "z",
            "view('next_smoothing')",
            "Smooth",
            id="training.smooth",
            tooltip="Smooth the training curves, more, then not at all",
        ),
        Binding(
            "plus,equals_sign",
            "zoom('zoomed_in')",
            show=False,
            key_display="+",
            id="training.zoom-in",
            tooltip="Zoom in on the end of the curves, or on what is in view",
        ),
        Binding(
            "minus",
            "zoom('zoomed_out')",
            show=False,
            key_display="-",
            id="training.zoom-out",
            tooltip="Zoom out",
        ),
        Binding(
            "less_than_sign",
            "zoom('moved_left')",
            show=False,
            id="training.earlier",
            tooltip="Earlier, where the curves are zoomed in",
        ),
        Binding(
            "greater_than_sign",
            "zoom('moved_right')",
            show=False,
            id="training.later",
            tooltip="Later, where the curves are zoomed in",
        ),
    ]

    view: reactive[View] = reactive(View())

    class Polled(Message):
        """What the run store said just now."""

        def __init__(
            self, events: Mapping[str, Sequence[Event]], statuses: Sequence[RunStatus] | None
        ) -> None:
            super().__init__()
            self.events = events
            self.statuses = statuses

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._lister = None if workspace is None else RunLister(workspace)
        self._selected: str | None = None
        self._judged: Evaluation | None = None
        self._watched: dict[str, Watched] = {}
        self._events: Mapping[str, Sequence[Event]] = {}
        self._polls = 0
        self._reading = False
        self._read_again = False
        self._charts_ready = False
        self._drawn: tuple[object, ...] = ()
        self._content: RenderableType = Text(NO_RUNS)

    def compose(self) -> ComposeResult:
        """The list of runs; headline and charts of the one under the cursor."""
        with Horizontal():
            yield RunList()
            with Vertical(id="run-detail"):
                yield Static(NO_RUNS, id="run-headline", markup=False)
                yield Static(id="run-charts", markup=False)
                yield Page(id="run-judged")
                yield StudyPage(id="study-page")

    def on_mount(self) -> None:
        """Load plotext beside the event loop, then read the store at a steady pace."""
        if self.workspace is None:
            self._tell("There is no workspace here. Leave with q and make one: cnn-lab init")
            return
        self.start(self._load_charts(), "charts")
        slow = getattr(self.app, "low_bandwidth", False)
        every(self, REDRAW_SECONDS_LOW_BANDWIDTH if slow else REDRAW_SECONDS, self._poll)
        self._poll()

    def focus_first(self) -> None:
        """The list of runs."""
        self.query_one(RunList).focus()
        self._poll()

    def shown(self) -> RenderableType:
        """The run's headline and charts."""
        if self.has_class(STUDYING):
            return self.query_one(StudyPage).content
        if self.has_class(JUDGING):
            return self.query_one("#run-judged", Page).content
        return self._content

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
        self.view = getattr(self.view, step)(self._extent())

    def watch_view(self) -> None:
        """Draw again."""
        self._draw()

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        if self._selected is not None:
            self.query_one(RunList).mark(self._selected)
            self._poll()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back means: from the predictions or the study to the curves."""
        if self.has_class(STUDYING):
            return action in OF_STUDIES
        return self.has_class(JUDGING) if action == "back" else True

    def action_judge(self) -> None:
        """Judge the run under the cursor on its test images, or go back to its curves."""
        if self.has_class(JUDGING):
            self.action_back()
        elif self._selected is None:
            self.say("Choose a run first: n starts one.")
        else:
            self.add_class(JUDGING)
            self._judged = None
            self.refresh_bindings()
            page = self.query_one("#run-judged", Page)
            page.show(Text(f"Judging {self._selected} on its test images …", style="dim"))
            page.focus()
            self.start(self._judge(self._selected), "judge", page="run-judged")

    def action_back(self) -> None:
        """From the predictions, or the study, to the curves."""
        self.workers.cancel_group(self, "judge")
        self.query_one(StudyPage).leave()
        self.remove_class(JUDGING, STUDYING)
        self._judged = None
        self.refresh_bindings()
        self.focus_first()

    def on_study_page_looked(self, message: StudyPage.Looked) -> None:
        """Overlay the study's runs, also those that have come since."""
        self.query_one(RunList).mark_together(message.progress.runs)
        self._polls = 0

    def on_study_page_said(self, message: StudyPage.Said) -> None:
        """Tell what a key of the study's page does."""
        self.say(message.sentence)

    def on_page_resized(self, message: Page.Resized) -> None:
        """Draw the pictures for another width."""
        self._draw_judged()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Follow the run under the cursor."""
        if event.option_id != self._selected:
            self._select(event.option_id)
            self._poll()

    def _select(self, run: str | None) -> None:
        """Show another run; predictions of the one before go, and a study makes way."""
        self._selected = run
        if self.has_class(JUDGING):
            self.action_back()

    def _open_study(self, order: StudyOrder) -> None:
        assert self.workspace is not None
        self.action_back()
        self.add_class(STUDYING)
        self.refresh_bindings()
        page = self.query_one(StudyPage)
        page.open(self.workspace, order)
        page.focus()

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        after_refresh(self, self._draw)

    def on_training_pane_polled(self, message: Polled) -> None:
        """Take in what the store said, and draw what changed."""
        if message.statuses is not None:
            self.query_one(RunList).show(message.statuses, self._selected)
            if not message.statuses and self._selected is not None:
                self._select(None)
        self._events = message.events
        self._draw()

    def _poll(self) -> None:
        """Read the store, unless the last reading still goes on: a slow disk is not asked twice."""
        if self.workspace is None or not self._is_open():
            return
        if self._reading:
            self._read_again = True
            return
        self._reading = True
        self._polls += 1
        # An error is said in place of the curves, and once: not at every reading.
        start(self, self._read_to_the_end(self._polls % LIST_EVERY == 1), "poll", self._tell)

    async def _read_to_the_end(self, with_list: bool) -> None:
        try:
            await self._read(with_list)
        finally:
            self._reading = False
        if self._read_again:
            self._read_again = False
            self._poll()

    async def _read(self, with_list: bool) -> None:
        assert self._lister is not None
        shown = self._shown_runs()
        self._watched = {run: await self._watch(run) for run in shown}
        readers = [watched.reader for watched in self._watched.values()]
        news = [await in_background(reader.poll) for reader in readers]
        running = self._status is not None and self._status.state == "running"
        listed = with_list or bool(running and any(news))
        statuses = await in_background(self._lister.list) if listed else None
        events = {run: watched.reader.events for run, watched in self._watched.items()}
        self.post_message(self.Polled(events, statuses))

    async def _watch(self, run: str) -> Watched:
        assert self.workspace is not None
        watched = self._watched.get(run)
        if watched is None:
            folder = RunFolder(self.workspace.runs / run)
            watched = Watched(MetricsReader(folder.metrics_file), RunHistory(run))
            watched.config = await in_background(_config_of, folder)
            # What a long run has told takes a while to gather; what comes later is little.
            await in_background(watched.reader.poll)
            await in_background(watched.history.take, watched.reader.events)
        return watched

    def _shown_runs(self) -> list[str]:
        """The run under the cursor, and those that are marked."""
        return list(dict.fromkeys(filter(None, (self._selected, *self.query_one(RunList).marked))))

    @property
    def _status(self) -> RunStatus | None:
        """Where the run under the cursor stands."""
        return self.query_one(RunList).statuses.get(self._selected or "")

    def _extent(self) -> Extent:
        return extent([each.history for each in self._watched.values()], self.view.axis)

    async def _load_charts(self) -> None:
        await in_background(_import_charts)
        self._charts_ready = True
        self._draw()

    async def _launch(self, request: RunRequest) -> None:
        assert self.workspace is not None
        run = await in_background(launcher.launch, self.workspace, request.config, request.name)
        self._select(run.run)
        self._polls = 0
        self._poll()

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

        question = f"Delete {_title(status)}? Its curves, weights and log would be gone for good."
        self.app.push_screen(QuestionScreen(question, "Delete it"), answered)

    async def _judge(self, run: str) -> None:
        assert self.workspace is not None
        self._judged = await self.engine.run(
            "evaluate", seconds=JUDGE_SECONDS, run=run, workspace=self.workspace.root
        )
        self._draw_judged()

    def _draw_judged(self) -> None:
        if self._judged is not None:
            from cnn_tui.render.networks.evaluation import evaluation_view

            page = self.query_one("#run-judged", Page)
            columns = page.scrollable_content_region.width
            page.show(evaluation_view(self._judged, columns=columns), from_top=False)

    async def _act(self, act: Callable[[RunFolder], object], run: str) -> None:
        assert self.workspace is not None
        await in_background(act, RunFolder(self.workspace.runs / run))
        self._polls = 0
        self._poll()

    def _draw(self) -> None:
        status = self._status
        if status is None:
            if not self.query_one(RunList).statuses and self.workspace is not None:
                self._tell(NO_RUNS)
            return
        area = self.query_one("#run-charts", Static)
        shown = {run: self._events.get(run, ()) for run in self._shown_runs()}
        lengths = tuple((run, len(events)) for run, events in shown.items())
        state = (status, lengths, area.size, self.view, self._charts_ready)
        if state == self._drawn:
            return
        self._drawn = state
        if not self._charts_ready or area.size.height < 5:
            self._tell(_title(status))
            return
        headline = self._headline(status, shown[status.run])
        picture = self._picture(shown, area)
        self.query_one("#run-headline", Static).update(headline, layout=False)
        area.update(picture, layout=False)
        self._content = Group(headline, picture)

    def _headline(self, status: RunStatus, events: Sequence[Event]) -> RenderableType:
        from cnn_tui.render.runs.training import run_headline

        watched = self._watched.get(status.run)
        size = self.query_one("#run-headline").size
        facts = run_headline(
            status,
            events,
            config=None if watched is None else watched.config,
            width=size.width,
            lines=size.height - 1,
        )
        return Group(Text(_title(status), style="bold", no_wrap=True, overflow="ellipsis"), facts)

    def _picture(self, shown: Mapping[str, Sequence[Event]], area: Static) -> RenderableType:
        from cnn_tui.render.runs.training import charts

        names = self.query_one(RunList)
        histories = []
        for run, events in shown.items():
            if run in self._watched:
                history = self._watched[run].history
                history.label = names.short_name(run)
                history.take(events)
                histories.append(history)
        width, height = area.size
        return charts(histories, width=width, height=height, view=self.view)

    def _tell(self, text: str) -> None:
        if self._drawn == (text,):
            return
        self._drawn = (text,)
        self._content = Text(text)
        self.query_one("#run-headline", Static).update(text, layout=False)
        self.query_one("#run-charts", Static).update("", layout=False)

    def _is_open(self) -> bool:
        return self.display and self.is_attached


def _import_charts() -> None:
    import cnn_tui.render.runs.training  # noqa: F401


def _config_of(run: RunFolder) -> TrainConfig | None:
    """What the run was asked to do; None where that cannot be read, which its status tells."""
    try:
        return read_header(run).config
    except UsageError:
        return None


def _title(status: RunStatus) -> str:
    return f"{status.name} ({status.run})" if status.name else status.run
