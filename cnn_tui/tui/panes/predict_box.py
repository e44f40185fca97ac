"""The question that stands in the place of a demo's output until it is answered or skipped."""

from collections.abc import Callable, Mapping
from importlib import import_module
from math import inf
from time import monotonic
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Group, RenderableType
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.events import Key
from textual.message import Message

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, UsageError
from cnn_tui.render.draw.keys import keyed
from cnn_tui.render.draw.styles import CURSOR, FAILED, SELECTED
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.widgets.fields import WRONG
from cnn_tui.tui.widgets.frame import frame_keys
from cnn_tui.tui.widgets.line import EditedLine
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

if TYPE_CHECKING:
    from cnn_tui.chapter.predicted import KeptPredictions
    from cnn_tui.chapter.questions import DemoPrediction, DemoQuestion
    from cnn_tui.chapter.records import DemoResult

TITLE, SKIP = "Predict", "s"
ANSWER = "Press {r} to answer."
"""Below a question that is shown and does not have the focus."""
OF_A_NUMBER = frozenset("0123456789.,-%")
NEEDED = ("cnn_tui.chapter.questions", "cnn_tui.chapter.run", "cnn_tui.render.pages.prediction")
LEAST_FIELD = 8
"""Columns in which a number is typed."""


def read_predictions(workspace: Workspace | None) -> "KeptPredictions":
    """What was predicted before; loads the code of a question too, all beside the event loop."""
    for module in NEEDED:
        import_module(module)
    from cnn_tui.chapter.predicted import load  # would slow the first paint

    return load(workspace)


def question_of(info: DemoInfo, typed: Mapping[str, str]) -> "DemoQuestion | None":
    """The question about a demo with what was typed for it; None without one."""
    from cnn_tui.chapter.questions import question_about  # would slow the first paint
    from cnn_tui.chapter.run import checked_parameters

    try:
        return question_about(info.name, checked_parameters(info, dict(typed)))
    except LabError:
        return None  # the run refuses what was typed, and says why


class PredictBox(Page):
    """Asks each demo's question once; a digit answers a choice, a number is typed.

    While the box has the focus, digits open no panes, and what is typed into a number
    is no key of the pane. Esc closes the question; it is asked again the next time.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            SKIP,
            "skip",
            "Skip",
            id="demo.skip",
            tooltip="Run the demo without an answer to its question",
        ),
    ]

    class Kept(Message):
        """A prediction was compared; ``kept`` are all that there are now."""

        def __init__(self, kept: "KeptPredictions") -> None:
            super().__init__()
            self.kept = kept

    def __init__(self) -> None:
        super().__init__(id="predict-box")
        self.display = False
        self.gave_way_at = -inf
        """When the output took the focus from an answered question, by the monotonic clock."""
        self._question: DemoQuestion | None = None
        self._demo = ""
        self._line = EditedLine()
        self._go_on: Callable[[], Any] | None = None
        self._problem = ""
        self._asked: set[str] = set()
        self._answers: dict[str, tuple[DemoQuestion, str]] = {}
        self._kept: KeptPredictions | None = None
        """All predictions; None until they are read."""
        self._since: dict[str, DemoPrediction] = {}
        """What was predicted since the app began, also without a workspace."""

    async def load(self) -> None:
        """Read, once, what was predicted before; nothing is asked before that."""
        if self._kept is None:
            read = await in_background(read_predictions, self._pane.workspace)
            self._kept = {**read, **self._since}
            self.post_message(self.Kept(self._kept))

    async def move(self) -> None:
        """Save what was predicted without a workspace into the one that was made."""
        self._kept = None
        await self.load()
        for name, prediction in dict(self._since).items():
            await self._save(name, prediction)

    def prepare(self, info: DemoInfo, typed: Mapping[str, str], go_on: Callable[[], Any]) -> bool:
        """Show a demo's question; False if it has none or the question was asked before.

        ``go_on`` is called once it is answered or skipped.
        """
        if info.name in self._asked or info.name in self._known:
            return False
        question = question_of(info, typed)
        if question is None:
            return False
        self._demo, self._question, self._go_on = info.name, question, go_on
        self._line, self._problem = EditedLine(), ""
        self._draw()
        return True

    @property
    def _known(self) -> "KeptPredictions":
        return self._since if self._kept is None else self._kept

    @property
    def keys(self) -> Text:
        """What the border says of the keys: those of the question, or the one that leads to it."""
        if self._question is None or not self.has_focus:
            return frame_keys(("r", "predict"))
        choices = self._question.choices
        digits = " ".join(str(number) for number in range(1, len(choices) + 1))
        return frame_keys((digits or "enter", "answer"), ("s", "skip"), ("escape", "back"))

    def beside(self, result: "DemoResult", shown: RenderableType) -> RenderableType:
        """What a demo showed, below what was predicted of it."""
        from cnn_tui.render.pages.prediction import compared, earlier  # as above

        question, answer = self._answers.pop(result.name, (None, ""))
        now = _question_for(result)
        # After a run that failed, the next one may be with other numbers than were asked about.
        if question is not None and now is not None and question.text == now.text:
            prediction = question.compared(answer, result.figures)
            self._keep(result.name, prediction)
            return Group(compared(prediction), Text(), shown)
        before = self._known.get(result.name)
        if before is not None and before.is_about(now):
            return Group(earlier(before), Text(), shown)
        return shown

    def on_key(self, event: Key) -> None:
        """An answer, or a part of it; once it is given, no further key until the demo runs."""
        question = self._question
        if question is None:
            is_taken = event.is_printable or event.key == "enter"
        elif question.choices:
            is_taken = self._choose(event.key)
        else:
            is_taken = self._type(event)
        if is_taken:
            event.stop()
            event.prevent_default()

    def action_skip(self) -> None:
        """Go on without an answer."""
        if self._question is not None:  # else the key was pressed twice
            self._finish()

    def _choose(self, key: str) -> bool:
        """Take a digit as an answer; one that is none opens no other pane."""
        if not key.isdecimal():
            return False
        self._answer(key)
        return True

    def _type(self, event: Key) -> bool:
        """Take a key of a number, or Enter behind it; of other characters, only ``s`` acts."""
        if event.key == "enter":
            self._answer(self._line.text)
            return True
        edited = self._line.after(event.key)
        if edited is None and event.character and event.character in OF_A_NUMBER:
            edited = self._line.inserted(event.character)
        if edited is None:
            return event.is_printable and event.key != SKIP
        self._line, self._problem = edited, ""
        self._draw()
        return True

    def _answer(self, words: str) -> None:
        assert self._question is not None
        try:
            self._answers[self._demo] = self._question, self._question.answered(words)
        except UsageError as error:
            self._problem = str(error)
            self._draw()
        else:
            self._finish()

    def _finish(self) -> None:
        self._asked.add(self._demo)
        self._question, go_on = None, self._go_on
        if go_on is not None:
            self.call_later(go_on)

    def _keep(self, name: str, prediction: "DemoPrediction") -> None:
        self._since[name] = prediction
        self._kept = {**self._known, name: prediction}
        self._pane.start(self._save(name, prediction), f"prediction-{name}")

    async def _save(self, name: str, prediction: "DemoPrediction") -> None:
        """Save beside the event loop what is to be kept; without a workspace it is forgotten."""
        from cnn_tui.chapter.predicted import remember  # loaded for the question

        self.post_message(self.Kept(self._known))
        workspace = self._pane.workspace
        if workspace is not None:
            kept = await in_background(remember, workspace, name, prediction)
            self._kept = {**kept, **self._since}
            self.post_message(self.Kept(self._kept))

    @property
    def _pane(self) -> Pane:
        return self.query_ancestor(Pane)

    def watch_has_focus(self, _has_focus: bool) -> None:
        """Draw the digits as keys while they answer; else say how to answer."""
        super().watch_has_focus(_has_focus)
        if self._question is not None:
            self._draw()
        elif not _has_focus:
            self.gave_way_at = monotonic()

    def _draw(self) -> None:
        from cnn_tui.render.pages.prediction import question_page  # as above

        assert self._question is not None
        is_asked = self.has_focus
        parts = [question_page(self._question, is_asked=is_asked)]
        if not is_asked:
            parts.append(keyed(ANSWER))
        elif not self._question.choices:
            parts.append(_field(self._line, self._question.unit))
        if self._problem:
            parts.append(Text(f"{WRONG} {self._problem}", FAILED))
        self.show(Group(*parts))


def _question_for(result: "DemoResult") -> "DemoQuestion | None":
    """The question about what a demo ran with."""
    from cnn_tui.chapter.questions import question_about  # loaded for the question

    return question_about(result.name, result.parameters)


def _field(line: EditedLine, unit: str) -> Text:
    """What was typed, the cursor in it, and its unit."""
    shown = Text(f"{line.text} ".ljust(LEAST_FIELD), SELECTED)
    shown.stylize(CURSOR, line.cursor, line.cursor + 1)
    return Text.assemble("  ", shown, unit)
