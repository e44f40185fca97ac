"""The page of one experiment: its curves, table and finding, as they come from the run store."""

from collections.abc import Callable
from typing import ClassVar

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.message import Message

from cnn_tui.chapter.catalogue import topic
from cnn_tui.engine.threads import in_background
from cnn_tui.render.draw.keys import key_text
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.training.studies import store
from cnn_tui.training.studies.catalogue import find_study
from cnn_tui.training.studies.records import StudyOrder, StudyProgress
from cnn_tui.training.studies.watch import StudyWatch
from cnn_tui.tui.background import after_refresh, every, start
from cnn_tui.tui.panes.training.uses import OF_STUDY, uses_of_study
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

READ = "⏎"
NAMED_OTHERWISE = {"go_on": "resume"}
"""What the pane calls actions of this page."""
LOOK_SECONDS, LOOK_SECONDS_LOW_BANDWIDTH = 1.0, 3.0


class StudyPage(Page):
    """Looks at an experiment again and again, and draws it where something has changed."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "s",
            "stop",
            "Stop",
            id="study.stop",
            tooltip="Stop the experiment and its current run, at a checkpoint",
        ),
        Binding(
            "r",
            "go_on",
            "Resume",
            id="study.resume",
            tooltip="Resume an experiment that was stopped or interrupted",
        ),
        Binding(
            "enter",
            "read",
            "Read",
            key_display=READ,
            id="study.read",
            tooltip="Read the topic that the experiment belongs to",
        ),
    ]

    class Looked(Message):
        """How the experiment stands now."""

        def __init__(self, progress: StudyProgress) -> None:
            super().__init__()
            self.progress = progress

    class Said(Message):
        """What a key does, or why it cannot."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.progress: StudyProgress | None = None
        self._watch: StudyWatch | None = None
        self._is_starting = False
        self._offered: set[str] = set()

    def on_mount(self) -> None:
        """Look at a steady pace, for as long as there is an experiment."""
        slow = getattr(self.app, "low_bandwidth", False)
        every(self, LOOK_SECONDS_LOW_BANDWIDTH if slow else LOOK_SECONDS, self._look_soon)

    def open(self, workspace: Workspace, order: StudyOrder) -> None:
        """Show an experiment; one that has no runs yet is started.

        One that an earlier version began is not: its runs no longer count.
        """
        self._watch = StudyWatch(workspace, order)
        self.progress = None
        self.show(Text(f"Reading {order.name} on {order.data} …", QUIET))
        # In a group of its own: the next look, which may come first, must not replace it.
        start(self, self._begin(self._watch), "study-begin", self._say_here)

    @property
    def title(self) -> str:
        """What the experiment is called."""
        return self.title_in(None)

    def title_in(self, room: int | None) -> str:
        """What the experiment is called, in so many columns."""
        if self._watch is None:
            return "Experiment"
        from cnn_tui.render.runs.experiment import title_of

        return title_of(find_study(self._watch.order.name), self._watch.order, room=room)

    @property
    def uses(self) -> set[str]:
        """What can be done to the experiment now."""
        return uses_of_study(self.progress, is_starting=self._is_starting)

    def has_use(self, action: str) -> bool:
        """Whether the footer names the key of an action: it suits how the experiment stands."""
        asked = NAMED_OTHERWISE.get(action, action)
        return asked not in OF_STUDY or asked in self.uses

    def leave(self) -> None:
        """Look no longer; the experiment goes on."""
        self._watch = None
        self.workers.cancel_group(self, "study")
        self.workers.cancel_group(self, "study-begin")

    def action_stop(self) -> None:
        """Stop the experiment."""
        if self.progress is None or self._watch is None or self.progress.state != "running":
            is_over = self.progress is not None and self.progress.state == "finished"
            stands = "has finished; Esc goes back" if is_over else "is not running; r resumes it"
            self._say(f"Nothing to stop: this experiment {stands}.")
            return
        folder = store.folder_of(self._watch.workspace, self._watch.order)
        self._say("Stopping at a checkpoint …")
        start(self, self._act(store.stop, folder), "study-act", self._say)

    def action_go_on(self) -> None:
        """Train what is missing."""
        if self.progress is None or self._watch is None or self.progress.state == "running":
            self._say("Nothing to resume: this experiment is running; s stops it.")
        elif self.progress.state == "finished":
            self._say("Nothing to resume: this experiment has finished; Esc goes back.")
        else:
            self._start(self._watch)

    async def action_read(self) -> None:
        """Read what the experiment belongs to."""
        if self._watch is not None:
            topic = find_study(self._watch.order.name).topic
            await self.app.open_item("topics", topic)  # type: ignore[attr-defined]

    def on_resize(self, event: Resize) -> None:
        """Draw for the new size."""
        super().on_resize(event)
        after_refresh(self, self._draw)

    def _start(self, watch: StudyWatch) -> None:
        self._is_starting = True
        self._draw()
        work = self._act(store.launch, watch.workspace, watch.order)
        start(self, work, "study-act", self._say)

    async def _act(self, act: Callable[..., object], *arguments: object) -> None:
        try:
            await in_background(act, *arguments)
        finally:
            self._is_starting = False
            self._draw()
            self._look_soon()

    async def _begin(self, watch: StudyWatch) -> None:
        self._is_starting = True  # unless it has runs already, which come first then
        is_new = False
        try:
            was_kept = await in_background(watch.is_kept)
            await self._look(watch)
            if self.progress is not None and watch is self._watch:
                is_outdated = was_kept and self.progress.outdated
                is_new = self.progress.state == "new" and not is_outdated
        finally:
            if watch is self._watch:
                self._is_starting = False
                self._draw()
        if is_new:
            self._start(watch)

    def _look_soon(self) -> None:
        if self._is_starting and self.progress is None:
            return  # the first look goes on, and two at a time would read the same events
        if self._watch is not None and self.display and self.is_attached:
            start(self, self._look(self._watch), "study", self._say_here)

    async def _look(self, watch: StudyWatch) -> None:
        progress = await in_background(watch.look)
        if watch is self._watch and progress != self.progress:
            self.progress = progress
            self.post_message(self.Looked(progress))
            self._draw()

    def _draw(self) -> None:
        if self.uses != self._offered:
            self._offered = self.uses
            self.refresh_bindings()
        room = self.scrollable_content_region.size
        if self.progress is None or not room:
            return
        from cnn_tui.render.runs.experiment import progress_view

        study = find_study(self.progress.order.name)
        view = progress_view(
            study,
            self.progress,
            width=room.width,
            height=room.height,
            read=key_text(READ, f"read {topic(study.topic).title}", is_first=True),
            is_starting=self._is_starting,
        )
        self.show(view, from_top=False)

    def _say_here(self, sentence: str) -> None:
        self.show(Text(sentence))

    def _say(self, sentence: str) -> None:
        self.post_message(self.Said(sentence))
