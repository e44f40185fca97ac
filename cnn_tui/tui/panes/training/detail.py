"""Beside the list of runs: the frame of the one under the cursor, with its curves and notes."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.events import Resize
from textual.geometry import Size
from textual.reactive import var
from textual.widgets import Static

from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE
from cnn_tui.render.runs.page import (
    WIDEST,
    differences_line,
    machine_words,
    note_lines,
    run_notes,
    run_pace,
    run_state,
    run_title,
)
from cnn_tui.render.runs.panels import PANELS
from cnn_tui.render.runs.settings import settings_line
from cnn_tui.render.runs.training import Overlay, charts
from cnn_tui.training.records import Event
from cnn_tui.tui.background import after_refresh
from cnn_tui.tui.panes.training.beginning import Beginning
from cnn_tui.tui.panes.training.curves_view import CurvesView
from cnn_tui.tui.panes.training.data_page import DataReportPage
from cnn_tui.tui.panes.training.log_page import LogPage
from cnn_tui.tui.panes.training.microscope_page import MicroscopePage
from cnn_tui.tui.panes.training.predictions import PredictionsPage
from cnn_tui.tui.panes.training.state import Mode, RunCurves, ShownRun
from cnn_tui.tui.panes.training.study_page import StudyPage
from cnn_tui.tui.widgets.frame import AROUND, GAP, Divider, Frame, frame_keys

CURVES_KEYS = (("enter", "again"), ("comma full_stop", "read off"), ("b", "pin"))
MICROSCOPE_KEYS = (
    ("left_square_bracket right_square_bracket", "epoch"),
    ("v", "quantity"),
    ("↑↓", "layer"),
    ("enter", "its numbers"),
)
TITLES = {"predictions": "Predictions", "log": "Log", "microscope": "Microscope"}
NO_RUN_NEEDED = ("study", "data")
"""Pages that are of no run."""
OF = " of "
LEAST_CURVES, LEAST_PANEL = 11, 7
"""Lines that what is said leaves to the curves and the divider: for two panels, and for one."""
AROUND_TITLE = 6
"""Cells of the border beside the title and the state."""
ROOM_FOR_OVERLAY = 30
"""Lines from which several runs, whose curves need a legend, leave room for advice on one."""
ROOM_FOR_WORDS = 60
"""Columns from which the frame's state is in words."""
WRITTEN_WIDTH, WRITTEN_HEIGHT = 100, 24


ShownInFrame = RunCurves | Beginning | Text


class Notes(Static):
    """What is said of runs; its keys look as everywhere, not as links."""

    auto_links = False


class RunDetail(Frame):
    """Draws ``subject``: curves, how to begin, or a sentence; nothing where nothing has changed."""

    subject: var[ShownInFrame] = var[ShownInFrame](Beginning(), init=False)
    data_here: var[frozenset[str]] = var[frozenset[str]](frozenset(), init=False)
    mode: var[Mode] = var[Mode]("curves", init=False)

    def __init__(self) -> None:
        super().__init__(id="run-detail", classes="main", title="Training")
        self._drawn: object = None

    def compose(self) -> ComposeResult:
        """Curves and notes, and what may take their place."""
        yield CurvesView(id="run-charts", classes="-empty")
        yield Divider(id="run-divider", classes="-empty")
        yield Notes(id="run-notes", classes="-empty", markup=False)
        yield PredictionsPage(id="run-judged")
        yield StudyPage(id="study-page")
        yield LogPage(id="run-log")
        yield DataReportPage(id="data-report")
        yield MicroscopePage(id="run-inside")

    @property
    def curves_view(self) -> CurvesView:
        """The curves."""
        return self.query_one(CurvesView)

    @property
    def predictions(self) -> PredictionsPage:
        """The page with a run's predictions."""
        return self.query_one(PredictionsPage)

    @property
    def study(self) -> StudyPage:
        """The page with an experiment."""
        return self.query_one(StudyPage)

    @property
    def log_page(self) -> LogPage:
        """The page with a run's log."""
        return self.query_one(LogPage)

    @property
    def data_report(self) -> DataReportPage:
        """The page with a data report."""
        return self.query_one(DataReportPage)

    @property
    def microscope(self) -> MicroscopePage:
        """The page with the inside of a run's network."""
        return self.query_one(MicroscopePage)

    @property
    def of_run(self) -> ShownRun | None:
        """What the store said of the run that is shown."""
        return self.subject.of_run if isinstance(self.subject, RunCurves) else None

    def say(self, sentence: str) -> None:
        """Show a sentence in place of the curves."""
        self.subject = Text(sentence)

    def watch_data_here(self) -> None:
        """Say of the data sets which of them are here."""
        self._draw_words()

    def watch_subject(self) -> None:
        """Show another run, or what is new of this one."""
        self._draw()

    def watch_mode(self) -> None:
        """Name what is shown now."""
        self._drawn = None
        self._draw()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Lay the notes out before the curves are drawn in the room that they leave."""
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        if updated:
            self._draw_words()
            self._make_room(for_curves=isinstance(self.subject, RunCurves))
        return updated

    def on_curves_view_panels_changed(self, message: CurvesView.PanelsChanged) -> None:
        """Say in the border what no panel says."""
        message.stop()
        self._draw_words()

    def on_resize(self, event: Resize) -> None:
        """Draw the curves again where their size is another one."""
        super().on_resize(event)
        after_refresh(self, self._draw)

    def written(self) -> RenderableType:
        """What is shown, as a page of text."""
        subject = self.subject
        if not isinstance(subject, RunCurves):
            return self._words(subject, WRITTEN_WIDTH, WRITTEN_HEIGHT)
        state = run_state(subject.status, is_stopping=subject.is_stopping)
        title = run_title(subject.status, subject.differences)
        head = Text.assemble((title, TITLE), "   ", state)
        picture = charts(
            [each.history for each in subject.runs],
            width=WRITTEN_WIDTH,
            height=WRITTEN_HEIGHT,
            view=subject.view,
            overlay=Overlay(subject.places, subject.on_top),
        )
        return Group(head, Text(subject.status.run, QUIET), Text(), picture, Text(), self._notes())

    def _draw(self) -> None:
        subject = self.subject
        # Curves wait for the first layout: before it, nobody knows the room that the notes take.
        self._make_room(for_curves=isinstance(subject, RunCurves) and bool(self.size))
        self.curves_view.show(subject if isinstance(subject, RunCurves) else None)
        self._draw_words()

    def _make_room(self, *, for_curves: bool) -> None:
        """Show curves above the notes, or the notes alone; no other page is styled again."""
        for each in (self.curves_view, self.query_one(Divider), self.query_one(Notes)):
            each.set_class(not for_curves, "-empty")

    def _draw_words(self) -> None:
        """What the border says, and the notes, once it is known how much room there is."""
        subject = self.subject
        if not self.size:
            return
        if self.mode in NO_RUN_NEEDED:
            page = self.study if self.mode == "study" else self.data_report
            room = self.size.width - AROUND_TITLE
            self.title, self.state, self.keys = page.title_in(room), "", ""
            return
        if not isinstance(subject, RunCurves):
            self.title, self.state, self.keys = "Training", "", ""
            words = self._words(subject, self.size.width - 2, self.size.height)
            self._update((words.plain,), words, lines=None)
            return
        run = subject.of_run
        events = () if run is None else run.events
        stopping = subject.is_stopping
        panels = self.curves_view.titles
        together = tuple(each.run for each in subject.runs)
        shown = (subject.status, stopping, run and run.run, together, len(events), panels)
        frame = (*shown, self.size, self.app.theme)
        if frame != self._drawn:
            is_short = self.size.width < ROOM_FOR_WORDS
            state = run_state(subject.status, short=is_short, is_stopping=stopping)
            self.title, self.state = self._title(subject, state), state
            self.keys = self._keys(self._pace(subject, events), has_curves=bool(events))
            notes = self._notes()
            self._update(frame, notes, lines=len(notes.plain.splitlines()))

    def _words(self, subject: Beginning | Text, width: int, height: int) -> Text:
        """What stands in place of curves."""
        if isinstance(subject, Text):
            return subject
        return subject.text(width, height, self.data_here)

    def _pace(self, subject: RunCurves, events: Sequence[Event]) -> str:
        """How fast the run is, as far as no panel says so; nothing on the other pages."""
        if self.mode != "curves":
            return ""
        titles = self.curves_view.titles
        shown = [each.key for each in PANELS if each.title in titles]
        return run_pace(subject.status, events, without=shown)

    def _keys(self, pace: str, *, has_curves: bool) -> Text:
        """How fast the run is, and the keys that act on its curves, as far as there is room."""
        said = [Text(pace)] if pace else []
        of_curves = CURVES_KEYS if has_curves and self.mode == "curves" else ()
        keys = MICROSCOPE_KEYS if self.mode == "microscope" else of_curves
        for count in range(len(keys), 0, -1):
            line = Text(GAP).join([*said, frame_keys(*keys[:count])])
            if line.cell_len <= self.size.width - AROUND:
                return line
        return Text(pace)

    def _title(self, subject: RunCurves, state: Text) -> str:
        """What the run is called, behind the name of a page, as far as there is room."""
        page = TITLES.get(self.mode, "")
        before = page and page + OF
        room = self.size.width - AROUND_TITLE - state.cell_len - len(before)
        title = run_title(subject.status, subject.differences, room=room)
        return page if page and len(title) > room else before + title

    def _update(self, frame: object, notes: Text, *, lines: int | None) -> None:
        """Show notes in so many lines, or a sentence in all the room there is."""
        if frame == self._drawn:
            return
        self._drawn = frame
        field = self.query_one(Notes)
        field.styles.height = lines
        field.update(notes, layout=False)

    def _overlaid(self, width: int) -> list[Text]:
        """What tells the run from those that are drawn with it, its own values first.

        Nothing where it is alone.
        """
        assert isinstance(self.subject, RunCurves)
        of_run = self.subject.status.run
        first = sorted(self.subject.runs, key=lambda each: each.run != of_run)
        configs = [each.config for each in first if each.config is not None]
        if len(configs) < 2:
            return []
        return [Text(differences_line(configs, min(width, WIDEST)), STRONG)]

    def _notes(self) -> Text:
        """What is to be said of the run, in the room beside the curves.

        In a small terminal one panel makes room for it.
        """
        assert isinstance(self.subject, RunCurves)
        status, run = self.subject.status, self.subject.of_run
        width = max(20, self.size.width - 2)
        config = None if run is None else run.config
        events = () if run is None else run.events
        notes = run_notes(status, events, config, width)
        if len(self.subject.runs) > 1 and self.size.height < ROOM_FOR_OVERLAY:
            notes = notes[:1]
        room = max(2, self.size.height - LEAST_CURVES)
        if sum(map(len, notes)) > room:
            room = max(2, self.size.height - LEAST_PANEL)
        lines = self._overlaid(width)
        for note in notes:
            lines += note_lines(note, room - len(lines))
        if config is not None and len(lines) < room:
            lines.append(settings_line(config, machine_words(events), width))
        return Text("\n").join(lines)
