"""The Training pane itself: its keys, and what they change.

The pane only ever reads the run store, so it shows the same whoever started a
run, and whenever.
"""

from contextlib import suppress
from functools import partial
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError
from cnn_tui.render.draw.keys import key_text
from cnn_tui.render.draw.styles import QUIET, TITLE
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.studies import store
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.tui.panes.training.acting import standing
from cnn_tui.tui.panes.training.beginning import Beginning, data_here
from cnn_tui.tui.panes.training.curves_pane import NO_RUN
from cnn_tui.tui.panes.training.detail import Notes, RunDetail
from cnn_tui.tui.panes.training.filtering import FilteringPane
from cnn_tui.tui.panes.training.keys import KEYS
from cnn_tui.tui.panes.training.looking import OF_MICROSCOPE
from cnn_tui.tui.panes.training.state import Mode, Snapshot
from cnn_tui.tui.panes.training.study_page import StudyPage
from cnn_tui.tui.panes.training.uses import OF_RUN, OF_STUDY, uses_of_run
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.run_list import RunList

NO_RUNS_LISTED = Text("\n").join([Text("No runs yet", QUIET), key_text("n", " new")])
KEYS_OF_LIST = frame_keys(("↑↓", "move"), ("space", "mark"))
OF_STUDIES = {"new_run", "experiments", "back", "stop", "resume", "again"}
"""Keys of the pane that mean something while an experiment is shown."""
OF_LIST = {"filter_runs", "sort_runs"}
OF_CURVES = OF_LIST | {"again", "cursor", "maximize", "pin", "mark", "seeds", "view", "zoom"}
"""What makes sense only where curves are shown."""
WITHOUT_RUNS = {"new_run", "experiments", "ask_data"}
"""What there is to do before the first run."""
NAMES = {
    "study": "the experiment",
    "predictions": "the predictions",
    "log": "the log",
    "data": "the data report",
    "microscope": "the inside of the network",
}
"""What the pages are called that may stand in place of the curves."""
ENDED_WELL = ("running", "finished")
JUDGE_SECONDS = 600.0
"""A large network on a CPU takes its time."""


class TrainingPane(FilteringPane):
    """Start runs, watch them, stop them."""

    BINDINGS: ClassVar[list[BindingType]] = KEYS
    _useful: frozenset[str] = frozenset()

    def compose(self) -> ComposeResult:
        """The list of runs, and what there is to see of the one under the cursor."""
        with Horizontal():
            yield Frame(
                Notes(NO_RUNS_LISTED, id="run-none"),
                RunList(),
                title="Runs",
                keys=KEYS_OF_LIST,
                id="run-side",
                classes="side",
            )
            yield RunDetail()

    def on_mount(self) -> None:
        """Read the store at a steady pace, and once which data sets are here."""
        self.start(self._look_for_data(), "data-here")
        if self.workspace is None:
            self._show_runs(are_there=False)
            self._detail.subject = Beginning(has_workspace=False)
        else:
            self.workspace_made()

    def focus_first(self) -> None:
        """The list of runs."""
        self._list.focus()
        self.poll()

    def shown(self) -> RenderableType:
        """The run's headline and charts, or what stands in their place."""
        if self.mode == "study":
            return Group(Text(self._detail.study.title, TITLE), self._detail.study.content)
        if self.mode == "predictions":
            return self._detail.predictions.content
        if self.mode == "log":
            return self._detail.log_page.content
        if self.mode == "data":
            return self._detail.data_report.content
        if self.mode == "microscope":
            return self._detail.microscope.content
        return self._detail.written()

    def shown_name(self) -> str:
        """What ``shown`` is called when it is copied or written."""
        return NAMES.get(self.mode, "the run and its curves")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back means: from a page to the curves, then from all that was done to them."""
        if self.mode == "study":
            return action in OF_STUDIES
        if action == "back":
            is_filtered = bool(self.selection.where)
            return self.mode != "curves" or self.is_view_changed or self.is_reading or is_filtered
        if action == "ask_files":
            return self.mode == "predictions"
        if action in OF_MICROSCOPE:
            return self.mode == "microscope"
        if action == "microscope":
            return self.mode != "predictions"
        return self.mode == "curves" if action in OF_CURVES else True

    def has_use(self, action: str) -> bool:
        """Before the first run, only what begins something; then, what suits what is shown."""
        if self.has_class("-no-runs") and self.mode == "curves":
            return action in WITHOUT_RUNS
        if self.mode == "study" and action in OF_STUDY:
            return action in self._detail.study.uses
        if action in OF_RUN:
            status = self._status
            is_stopping = status is not None and status.run in self._list.stopping
            return action in uses_of_run(status, is_stopping=is_stopping)
        return action != "seeds" or self._has_seeds

    def watch_mode(self, mode: Mode) -> None:
        """Make room for what is shown now."""
        self.set_class(mode == "predictions", "-judging")
        self.set_class(mode == "study", "-studying")
        self.set_class(mode == "log", "-logging")
        self.set_class(mode == "data", "-reporting")
        self.set_class(mode == "microscope", "-inside")
        self._detail.mode = mode

    def watch_selected(self) -> None:
        """The page of the run that was shown before goes."""
        if self.mode in ("predictions", "log", "microscope"):
            self.action_back()

    def watch_snapshot(self, before: Snapshot, snapshot: Snapshot) -> None:
        """Take in what the store said."""
        if snapshot.statuses is not before.statuses:
            if before.status(self.selected) is None and snapshot.status(self.selected) is not None:
                self._end_filter()  # what has just been started is listed, whatever was asked for
            self._list_runs(snapshot)
            self._show_runs(are_there=bool(snapshot.statuses))
            if not snapshot.statuses:
                self.selected = None
        self._draw()
        self._follow_log()
        was, now = before.status(self.selected), snapshot.status(self.selected)
        if was is not None and now is not None and (was.state, now.state) == ENDED_WELL:
            self._detail.celebrate()

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Follow the run under the cursor."""
        if event.option_id != self.selected:
            self.selected = event.option_id
            if self.selected in self.snapshot.shown:
                self._draw()
            self.poll()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter on a run: where only the list is seen, open the run; else try what is advised."""
        event.stop()
        self.action_again()

    def on_study_page_looked(self, message: StudyPage.Looked) -> None:
        """Overlay the study's runs, also those that have come since."""
        self._list.mark_together(message.progress.runs)
        self._draw()
        if self._reader is not None:
            self._reader.list_next()

    def on_study_page_said(self, message: StudyPage.Said) -> None:
        """Tell what a key of the study's page does."""
        self.say(message.sentence)

    def open_item(self, name: str) -> None:
        """Put the cursor on the run of that name."""
        self.action_back()
        self._end_filter()
        self.selected = name
        self._list.select(name)
        self.list_again()

    def action_experiments(self, first: str = "") -> None:
        """Ask which experiment, from ``first`` on, then show it; one without runs is started."""
        if self.workspace is None:
            self.offer_workspace(partial(self.action_experiments, first))
            return
        from cnn_tui.tui.dialogs.choose_study import ChooseStudyScreen

        def chosen(order: StudyOrder | None) -> None:
            if order is not None:
                self.start(self._enter_study(order), "enter-study")

        self.app.push_screen(ChooseStudyScreen(store.orders(self.workspace), first), chosen)

    def action_again(self) -> None:
        """Run again with a change; of an experiment, open its topic."""
        if self.mode == "study":
            self.start(self._detail.study.action_read(), "read-study")
        else:
            super().action_again()

    def action_stop(self) -> None:
        """Stop what is shown, the run or the experiment."""
        if self.mode == "study":
            self._detail.study.action_stop()
        else:
            super().action_stop()

    def action_resume(self) -> None:
        """Resume what is shown, the run or the experiment."""
        if self.mode == "study":
            self._detail.study.action_go_on()
        else:
            super().action_resume()

    def is_open_at(self, key: str) -> bool:
        """The keys of the predictions and of the microscope lead back from them, too."""
        return {"judge": "predictions", "microscope": "microscope"}.get(key) == self.mode

    def action_judge(self) -> None:
        """Evaluate the run under the cursor on its test images, or go back to its curves."""
        if self.mode == "predictions":
            self.action_back()
        elif self.selected is None:
            self.say(NO_RUN)
        else:
            self.mode = "predictions"
            self._detail.predictions.wait_for(self.selected)
            self.open_page(self._detail.predictions)
            self.start(self._judge(self.selected), "judge", page="run-judged")

    def action_log(self) -> None:
        """Show the log of the run under the cursor, or go back to its curves."""
        if self.mode == "log":
            self.action_back()
        elif self.selected is None or self.workspace is None:
            self.say(NO_RUN)
        else:
            self.mode = "log"
            self.open_page(self._detail.log_page)
            self._follow_log()
            self._detail.log_page.open(RunFolder(self.workspace.runs / self.selected).log_file)

    def action_back(self) -> None:
        """From a page to the curves, from what was done to them to all of them, to the list."""
        if self.mode == "curves" and self._undo_view():
            return
        if self.mode == "curves" and not self.is_reading and self._end_filter():
            return
        predictions = self._detail.predictions
        if self.mode == "microscope" and self._microscope.is_of_layer:
            self._microscope.action_details()
            return
        if self.mode == "predictions" and predictions.is_of_pictures:
            self.workers.cancel_group(self, "files")
            if predictions.leave_pictures():
                return
        was_page = self.mode != "curves"
        self.leave_pages()
        self.mode = "curves"
        if was_page and self.screen.has_class("-compact"):
            self.open_page(self._detail.curves_view)
        else:
            self.focus_first()

    async def _enter_study(self, order: StudyOrder) -> None:
        def again() -> None:
            self.start(self._enter_study(order), "enter-study")

        if await self.is_workspace_there(again):
            self._open_study(order)

    def _open_study(self, order: StudyOrder) -> None:
        assert self.workspace is not None
        self._end_filter()
        self._list.end_together()  # also where it is the same experiment: its runs and no others
        self._detail.study.open(self.workspace, order)
        self.mode = "study"
        self.open_page(self._detail.study)

    async def _look_for_data(self) -> None:
        # Nobody has asked: what cannot be read is told where it is needed.
        with suppress(LabError, OSError):
            self._detail.data_here = await in_background(data_here)

    def _draw(self) -> None:
        """Draw what is shown, and offer the keys that act on it."""
        super()._draw()
        useful = frozenset(action for action in (*OF_RUN, "seeds") if self.has_use(action))
        if useful != self._useful:
            self._useful = useful
            self.refresh_bindings()

    def _show_runs(self, *, are_there: bool) -> None:
        """Make room for the list, or say in its place that there are none."""
        if self.has_class("-no-runs") == are_there:
            self.set_class(not are_there, "-no-runs")
            self.refresh_bindings()
        self._side.keys = KEYS_OF_LIST if are_there else ""

    def _follow_log(self) -> None:
        """Let the page of the log know whether there is more to come."""
        status = self._status
        is_running = status is not None and status.state == "running"
        self._detail.log_page.stands(standing(status), is_running=is_running)
        self._microscope.stands(is_running=is_running)

    async def _judge(self, run: str) -> None:
        assert self.workspace is not None
        self._detail.predictions.evaluation = await self.engine.run(
            "evaluate",
            seconds=JUDGE_SECONDS,
            run=run,
            split=None,
            workspace=self.workspace.root,
        )
