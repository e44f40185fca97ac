"""The Training pane: the runs of the workspace, and the curves of one of them, live.

The pane only ever reads the run store, so it shows the same whoever started a
run, and whenever. What it draws is a function of the run's status and events.
"""

from collections.abc import Callable, Mapping, Sequence
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
from textual.widgets.option_list import Option

from cnn_tui.analysis.records import Evaluation
from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.render.numbers import percent
from cnn_tui.render.states import STATE_MARKS
from cnn_tui.training import launcher
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.metrics import MetricsReader
from cnn_tui.training.records import Event, RunStatus
from cnn_tui.training.runs import RunFolder, list_runs
from cnn_tui.tui.new_run import NewRunScreen
from cnn_tui.tui.pane import Pane
from cnn_tui.tui.panes import PaneInfo
from cnn_tui.tui.scroller import Page
from cnn_tui.workspace import Workspace

REDRAW_SECONDS, REDRAW_SECONDS_LOW_BANDWIDTH = 0.5, 3.0
LIST_EVERY = 3
"""The list of runs is read again at every third redraw."""
SMOOTHING = (0.0, 0.6, 0.9)
"""Weights of what was before in the moving average."""
OVERLAID = "●"
JUDGING = "-judging"
"""The pane's class while a run's predictions are shown instead of its curves."""
JUDGE_SECONDS = 600.0
"""A large network on a CPU takes its time."""
NO_RUNS = "No runs yet. Press n to train a network: the defaults learn in under a minute."


class RunList(OptionList):
    """The runs, newest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("j", "cursor_down", show=False, id="training.down", tooltip="Next run"),
        Binding("k", "cursor_up", show=False, id="training.up", tooltip="Previous run"),
    ]


class TrainingPane(Pane):
    """Start runs, watch them, stop them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_run", "New run", id="training.new", tooltip="Start a new run"),
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
            tooltip="Go on with a stopped or interrupted run",
        ),
        Binding(
            "l",
            "toggle_log",
            "Log scale",
            id="training.log",
            tooltip="Loss on a logarithmic scale, or not",
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
            "z",
            "smooth",
            "Smooth",
            id="training.smooth",
            tooltip="Smooth the training curves, more, then not at all",
        ),
    ]

    log_y: reactive[bool] = reactive(False)
    smoothing: reactive[float] = reactive(0.0)

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
        self._statuses: dict[str, RunStatus] = {}
        self._selected: str | None = None
        self._marked: list[str] = []
        self._judged: Evaluation | None = None
        self._readers: dict[str, MetricsReader] = {}
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
            yield RunList(id="run-list", classes="side")
            with Vertical(id="run-detail"):
                yield Static(NO_RUNS, id="run-headline", markup=False)
                yield Static(id="run-charts", markup=False)
                yield Page(id="run-judged")

    def on_mount(self) -> None:
        """Load plotext beside the event loop, then read the store at a steady pace."""
        if self.workspace is None:
            self._tell("There is no workspace here. Leave with q and make one: cnn-lab init")
            return
        self.start(self._load_charts(), "charts")
        slow = getattr(self.app, "low_bandwidth", False)
        self.set_interval(REDRAW_SECONDS_LOW_BANDWIDTH if slow else REDRAW_SECONDS, self._poll)
        self._poll()

    def focus_first(self) -> None:
        """The list of runs."""
        self.query_one(RunList).focus()
        self._poll()

    def shown(self) -> RenderableType:
        """The run's headline and charts."""
        if self.has_class(JUDGING):
            return self.query_one("#run-judged", Page).content
        return self._content

    def action_new_run(self) -> None:
        """Ask what to train, then start it."""
        if self.workspace is None:
            self.notify("There is no workspace: make one with cnn-lab init.", severity="warning")
            return

        def begin(config: TrainConfig | None) -> None:
            if config is not None:
                self.start(self._launch(config), "launch")

        self.app.push_screen(NewRunScreen(), begin)

    def action_stop(self) -> None:
        """Ask the run under the cursor to checkpoint and stop."""
        self._act_on_selected("stop", "running", launcher.stop)

    def action_resume(self) -> None:
        """Go on with the run under the cursor."""
        self._act_on_selected("resume", "stopped interrupted failed", launcher.resume)

    def action_toggle_log(self) -> None:
        """Loss on a logarithmic scale, or not."""
        self.log_y = not self.log_y

    def watch_log_y(self) -> None:
        """Draw again."""
        self._draw()

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        if self._selected is None:
            return
        if self._selected in self._marked:
            self._marked.remove(self._selected)
        else:
            self._marked.append(self._selected)
        self._refill(self.query_one(RunList))
        self._poll()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back means: from the predictions to the curves."""
        return self.has_class(JUDGING) if action == "back" else True

    def action_judge(self) -> None:
        """Judge the run under the cursor on its test images, or go back to its curves."""
        if self.has_class(JUDGING):
            self.action_back()
        elif self._selected is None:
            self.say("Choose a run first: n starts one.")
        else:
            self.add_class(JUDGING)
            self.refresh_bindings()
            page = self.query_one("#run-judged", Page)
            page.show(Text(f"Judging {self._selected} on its test images …", style="dim"))
            page.focus()
            self.start(self._judge(self._selected), "judge", page="run-judged")

    def action_back(self) -> None:
        """From the predictions to the curves."""
        self.remove_class(JUDGING)
        self._judged = None
        self.refresh_bindings()
        self.focus_first()

    def on_page_resized(self, message: Page.Resized) -> None:
        """Draw the pictures for another width."""
        self._draw_judged()

    def action_smooth(self) -> None:
        """The next degree of smoothing."""
        following = (SMOOTHING.index(self.smoothing) + 1) % len(SMOOTHING)
        self.smoothing = SMOOTHING[following]

    def watch_smoothing(self) -> None:
        """Draw again."""
        self._draw()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Follow the run under the cursor."""
        if event.option_id != self._selected:
            self._selected = event.option_id
            if self.has_class(JUDGING):
                self.action_back()
            self._poll()

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        self.call_after_refresh(self._draw)

    def on_training_pane_polled(self, message: Polled) -> None:
        """Take in what the store said, and draw what changed."""
        if message.statuses is not None:
            self._show_list(message.statuses)
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
        self.start(self._read_to_the_end(self._polls % LIST_EVERY == 1), "poll")

    async def _read_to_the_end(self, with_list: bool) -> None:
        try:
            await self._read(with_list)
        finally:
            self._reading = False
        if self._read_again:
            self._read_again = False
            self._poll()

    async def _read(self, with_list: bool) -> None:
        assert self.workspace is not None
        shown = self._shown_runs()
        self._readers = {run: self._reader(run) for run in shown}
        news = [await in_background(reader.poll) for reader in self._readers.values()]
        running = self._state_of(self._selected) == "running"
        listed = with_list or bool(running and any(news))
        statuses = await in_background(list_runs, self.workspace) if listed else None
        events = {run: reader.events for run, reader in self._readers.items()}
        self.post_message(self.Polled(events, statuses))

    def _reader(self, run: str) -> MetricsReader:
        assert self.workspace is not None
        known = self._readers.get(run)
        return known or MetricsReader(RunFolder(self.workspace.runs / run).metrics_file)

    def _shown_runs(self) -> list[str]:
        """The run under the cursor, and those that are marked."""
        return list(dict.fromkeys(filter(None, (self._selected, *self._marked))))

    def _state_of(self, run: str | None) -> str:
        status = self._statuses.get(run or "")
        return "" if status is None else status.state

    async def _load_charts(self) -> None:
        await in_background(_import_charts)
        self._charts_ready = True
        self._draw()

    async def _launch(self, config: TrainConfig) -> None:
        assert self.workspace is not None
        run = await in_background(launcher.launch, self.workspace, config)
        self._selected = run.run
        self._polls = 0
        self._poll()

    def _act_on_selected(self, verb: str, states: str, act: Callable[[RunFolder], object]) -> None:
        status = self._statuses.get(self._selected or "")
        if status is None or status.state not in states.split():
            what = "no run is chosen" if status is None else f"this run is {status.state}"
            self.notify(f"Nothing to {verb}: {what}.", severity="warning")
            return
        self.notify(f"{verb.capitalize()} {status.run} …", markup=False)
        self.start(self._act(act, status.run), f"act-{status.run}")

    async def _judge(self, run: str) -> None:
        assert self.workspace is not None
        self._judged = await self.engine.run(
            "evaluate", seconds=JUDGE_SECONDS, run=run, workspace=self.workspace.root
        )
        self._draw_judged()

    def _draw_judged(self) -> None:
        if self._judged is not None:
            from cnn_tui.render.evaluation import evaluation_view

            page = self.query_one("#run-judged", Page)
            columns = page.scrollable_content_region.width
            page.show(evaluation_view(self._judged, columns=columns), from_top=False)

    async def _act(self, act: Callable[[RunFolder], object], run: str) -> None:
        assert self.workspace is not None
        await in_background(act, RunFolder(self.workspace.runs / run))
        self._polls = 0
        self._poll()

    def _show_list(self, statuses: Sequence[RunStatus]) -> None:
        runs = self.query_one(RunList)
        known = list(self._statuses)
        before, self._statuses = self._statuses, {each.run: each for each in statuses}
        self._marked = [run for run in self._marked if run in self._statuses]
        if known != list(self._statuses):
            self._refill(runs)
            return
        for index, each in enumerate(statuses):
            if self._label(each).plain != self._label(before[each.run]).plain:
                runs.replace_option_prompt_at_index(index, self._label(each))

    def _label(self, status: RunStatus) -> Text:
        return _label(status, is_marked=status.run in self._marked)

    def _refill(self, runs: RunList) -> None:
        selected = self._selected
        runs.clear_options()
        labels = ((run, self._label(each)) for run, each in self._statuses.items())
        runs.add_options([Option(label, id=run) for run, label in labels])
        if self._statuses:
            order = list(self._statuses)
            runs.highlighted = order.index(selected) if selected in order else 0

    def _draw(self) -> None:
        status = self._statuses.get(self._selected or "")
        if status is None:
            if not self._statuses and self.workspace is not None:
                self._tell(NO_RUNS)
            return
        area = self.query_one("#run-charts", Static)
        size = area.size
        shown = {run: self._events.get(run, ()) for run in self._shown_runs()}
        lengths = tuple((run, len(events)) for run, events in shown.items())
        state = (status, lengths, size, self.log_y, self.smoothing, self._charts_ready)
        if state == self._drawn:
            return
        self._drawn = state
        title = f"{status.name} ({status.run})" if status.name else status.run
        if not self._charts_ready or size.height < 5:
            self._tell(title)
            return
        from cnn_tui.render.training import charts, run_curves, run_headline

        headline = Group(Text(title, style="bold"), run_headline(status, shown[status.run]))
        picture = charts(
            [
                run_curves(self._run_name(run), events, smoothing=self.smoothing)
                for run, events in shown.items()
            ],
            width=size.width,
            height=size.height,
            log_y=self.log_y,
        )
        self.query_one("#run-headline", Static).update(headline, layout=False)
        area.update(picture, layout=False)
        self._content = Group(headline, picture)

    def _run_name(self, run: str) -> str:
        status = self._statuses.get(run)
        return run if status is None else _short_name(status)

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
    import cnn_tui.render.training  # noqa: F401


def _short_name(status: RunStatus) -> str:
    kind = "folder" if status.data.startswith("folder:") else status.data
    return status.name or f"{status.net} {kind} {status.run[-4:]}"


def _label(status: RunStatus, *, is_marked: bool) -> Text:
    mark, style = STATE_MARKS[status.state]
    best = "" if status.best_val_accuracy is None else f" {percent(status.best_val_accuracy)}"
    progress = f"{status.state} {status.epoch}/{status.epochs}{best}"
    overlaid = OVERLAID if is_marked else " "
    return Text.assemble((mark, style), f" {_short_name(status)}\n{overlaid} {progress}")
