"""Beside the list of runs: headline and curves of the one under the cursor."""

from rich.console import Group, RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.events import Resize
from textual.geometry import Size
from textual.reactive import var
from textual.widgets import Static

from cnn_tui.engine.threads import in_background
from cnn_tui.tui.background import after_refresh, start
from cnn_tui.tui.panes.training.predictions import PredictionsPage
from cnn_tui.tui.panes.training.state import RunCurves, title
from cnn_tui.tui.panes.training.study_page import StudyPage

NO_RUNS = "No runs yet. Press n to train a network: the defaults learn in under a minute."
LEAST_ROWS = 5
"""RunCurves need so many."""


class RunDetail(Vertical):
    """Draws ``subject``, which is a sentence or curves; nothing where nothing has changed."""

    subject: var[RunCurves | str] = var[RunCurves | str](NO_RUNS, init=False)
    charts_ready: var[bool] = var(False, init=False)

    def __init__(self) -> None:
        super().__init__(id="run-detail")
        self.content: RenderableType = Text(NO_RUNS)
        self._drawn: object = NO_RUNS

    def compose(self) -> ComposeResult:
        """Headline and curves, and what may take their place."""
        yield Static(NO_RUNS, id="run-headline", markup=False)
        yield Static(id="run-charts", markup=False)
        yield PredictionsPage(id="run-judged")
        yield StudyPage(id="study-page")

    @property
    def predictions(self) -> PredictionsPage:
        """The page with a run's predictions."""
        return self.query_one(PredictionsPage)

    @property
    def study(self) -> StudyPage:
        """The page with a study."""
        return self.query_one(StudyPage)

    def load_charts(self) -> None:
        """Load plotext beside the event loop; until then a run's title stands for its curves."""
        start(self, self._load_charts(), "charts")

    def say(self, sentence: str) -> None:
        """Show a sentence in place of headline and curves."""
        self.subject = sentence

    def watch_subject(self) -> None:
        """Show another run, or what is new of this one."""
        self._draw()

    def watch_charts_ready(self) -> None:
        """Show the curves that had to wait."""
        self._draw()

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        after_refresh(self, self._draw)

    async def _load_charts(self) -> None:
        await in_background(_import_charts)
        self.charts_ready = True

    def _draw(self) -> None:
        subject, area = self.subject, self.query_one("#run-charts").size
        if isinstance(subject, str):
            self._show_sentence(subject)
        elif not self.charts_ready or area.height < LEAST_ROWS:
            self._show_sentence(title(subject.status))
        else:
            self._show_curves(subject, area)

    def _show_sentence(self, sentence: str) -> None:
        if sentence != self._drawn:
            self._drawn = sentence
            self._update(Text(sentence), sentence, "")

    def _show_curves(self, curves: RunCurves, area: Size) -> None:
        lengths = tuple((each.run, len(each.events)) for each in curves.runs)
        frame = (curves.status, lengths, area, curves.view)
        if frame != self._drawn:
            self._drawn = frame
            headline = _headline(curves, self.query_one("#run-headline").size)
            picture = _picture(curves, area)
            self._update(Group(headline, picture), headline, picture)

    def _update(
        self, content: RenderableType, headline: RenderableType, picture: RenderableType
    ) -> None:
        self.content = content
        self.query_one("#run-headline", Static).update(headline, layout=False)
        self.query_one("#run-charts", Static).update(picture, layout=False)


def _import_charts() -> None:
    import cnn_tui.render.runs.training  # noqa: F401


def _headline(curves: RunCurves, area: Size) -> RenderableType:
    from cnn_tui.render.runs.training import run_headline

    run = curves.of_run
    facts = run_headline(
        curves.status,
        () if run is None else run.events,
        config=None if run is None else run.config,
        width=area.width,
        lines=area.height - 1,
    )
    name = Text(title(curves.status), style="bold", no_wrap=True, overflow="ellipsis")
    return Group(name, facts)


def _picture(curves: RunCurves, area: Size) -> RenderableType:
    from cnn_tui.render.runs.training import charts

    for run in curves.runs:
        run.history.take(run.events)
    histories = [each.history for each in curves.runs]
    return charts(histories, width=area.width, height=area.height, view=curves.view)
