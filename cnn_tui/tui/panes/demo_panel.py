"""A demo beside its topic: a form for its parameters, and what it showed."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Static

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.errors import LabError
from cnn_tui.render.draw.keys import keyed
from cnn_tui.render.draw.styles import FAILED, QUIET
from cnn_tui.tui.panes.asking_frame import AskingFrame
from cnn_tui.tui.panes.demo_label import demo_keys, parameters_of
from cnn_tui.tui.panes.demo_output import DemoOutput
from cnn_tui.tui.panes.predict_box import TITLE, PredictBox
from cnn_tui.tui.widgets.fields import WRONG
from cnn_tui.tui.widgets.frame import Divider
from cnn_tui.tui.widgets.page import Page

if TYPE_CHECKING:
    from cnn_tui.chapter.records import DemoResult
    from cnn_tui.options import OptionValue
    from cnn_tui.tui.panes.demo_form import DemoForm
    from cnn_tui.tui.widgets.form_view import FormView

RUNNING, COMPUTING = "◌ running", "◌ computing"


class DemoPanel(AskingFrame):
    """One demo: its form while it is edited, a line about it, and its output."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "close_form",
            "Close the form",
            key_display="Esc",
            id="demo.close-form",
            tooltip="From the form back to the output",
        ),
    ]

    class Asked(Message):
        """The demo is to run with these parameters, which fit; ``again`` with the same ones.

        ``live`` where a key changed a number: the output follows without being asked for.
        """

        def __init__(
            self,
            info: DemoInfo,
            parameters: "dict[str, OptionValue]",
            again: bool,
            live: bool = False,
        ) -> None:
            super().__init__()
            self.info = info
            self.parameters = parameters
            self.again = again
            self.live = live

    class FormChanged(Message):
        """The form was opened or closed."""

    # As in the pane's own containers: a layout has drawn what is in it.
    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="demo-panel")
        self._result: DemoResult | None = None
        self._before: DemoResult | None = None
        self._is_running = False
        self._running_state = RUNNING
        self.is_preview = False
        self._form: DemoForm | None = None

    def compose(self) -> ComposeResult:
        """A line about the form, once that is open, and the output."""
        yield Static(id="demo-line", classes="-empty", markup=False)
        yield Divider(id="demo-divider")
        yield DemoOutput(id="demo-output")
        yield PredictBox()

    @property
    def is_open(self) -> bool:
        """Whether a demo is shown."""
        return self.display

    @property
    def is_waiting(self) -> bool:
        """Whether the demo is shown and has neither run nor failed."""
        return self.is_open and self._result is None and not self._is_running

    @property
    def is_edited(self) -> bool:
        """Whether the form is shown."""
        return self.has_class("-editing")

    @property
    def is_typed_into(self) -> bool:
        """Whether keys go to the form."""
        return self.is_edited and self._form is not None and self._form.has_focus

    @property
    def shown(self) -> RenderableType:
        """What the demo showed."""
        return self.query_one(PredictBox if self.is_asking else DemoOutput).content

    def take(self, info: DemoInfo, settings: Mapping[str, str]) -> None:
        """Make ``info`` the demo of the panel; ``settings`` replace what was typed for it."""
        self._begin(info)
        if settings:
            self._typed[info.name] = dict(settings)
            self._drop_form()

    def preview(self, info: DemoInfo) -> None:
        """Show the frame of a demo that has not run, and leave the focus where it is."""
        if self._begin(info):
            self.query_one(Page).show("")
        self.is_preview = self.is_preview or not self.is_open
        self.display = True

    def run(self) -> None:
        """Show the demo and run it with what was typed for it before, else with its defaults.

        Its question comes first.
        """
        self.is_preview = False
        self.display = True
        if self.ask_first(self.run):
            return
        self.query_one(Page).focus()
        self._ask()

    async def edit(self) -> None:
        """Show the demo's form; one that has not run yet runs as it is, its question first."""
        from cnn_tui.tui.panes.demo_form import DemoForm  # would slow the first paint

        has_run = self._result is not None or self._is_running
        self.is_preview = False
        self.display = True
        if not has_run and self.ask_first(self.edit):
            return
        if self.info is not None and self._form is None:
            self._form = DemoForm(self.info, self._typed.get(self.info.name, {}))
            await self.mount(self._form, before=0)
        self._show_form(True)
        if self._form is not None:
            self._form.focus()
        if not has_run:
            self._ask()

    def say(self, problem: str) -> None:
        """What is wrong with what was typed; "" for nothing: then what the field means."""
        line = self.query_one("#demo-line", Static)
        about = self._about_field() if self.is_edited else ""
        told = Text(f"{WRONG} {problem}", FAILED) if problem else Text(about, QUIET)
        if told != line.content:  # An update lays the screen out again, even for the same words.
            line.update(told)
            line.set_class(not told, "-empty")

    def show(self, result: "DemoResult") -> None:
        """Show what a run showed; what differs from that of the numbers before is marked."""
        from cnn_tui.render.pages.demo import demo_blocks  # would slow the first paint

        is_same = self._result is not None and self._result.name == result.name
        if self._result is None or not is_same:
            self._before = None
        elif self._before is None or self._result.parameters != result.parameters:
            self._before = self._result
        self._result = result
        self._set_running(False)
        self.say("")
        shown = self.box.beside(result, demo_blocks(result, self._before))
        self.query_one(Page).show(shown, from_top=not is_same)

    def invite(self) -> None:
        """Say how to run the demo, where nothing of it is known before that."""
        self.query_one(Page).show(keyed("Press {r} to run the demo."))

    def fail(self, sentence: str) -> None:
        """Say why there is no output; beside the form, where that is shown."""
        self._set_running(False)
        if self.is_edited:
            self.say(sentence)
        else:
            self._result = None
            self.say("")
            self.query_one(Page).show(Text(f"{WRONG} {sentence}", FAILED))

    def close(self) -> None:
        """Put the demo away."""
        self.is_preview = False
        self._show_form(False)
        self.query_one(Page).show("")  # Now, as what is hidden keeps its lines for the next demo.
        self.display = False
        self.info = None
        self._result = None
        self._is_running = False
        self.query_one(DemoOutput).mark_stale(False)
        self._drop_form()
        self.show_question(False)

    def on_form_view_submitted(self, message: "FormView.Submitted") -> None:
        """Enter runs the demo with what the form says; the cursor stays where it is."""
        self._ask()

    def on_form_view_visited(self, message: "FormView.Visited") -> None:
        """Explain the field that the cursor came to."""
        self.say("")

    def on_form_view_changed(self, message: "FormView.Changed") -> None:
        """What was wrong with the form may be right now; the output follows a step or a choice."""
        self.say("")
        if not message.field.is_typed and (self._result is not None or self._is_running):
            self._ask(live=True)

    def wait_for(self) -> None:
        """Mark the output as that of other numbers, until that of these is there."""
        self._set_running(True, COMPUTING)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The form can be closed only where it is open."""
        return self.is_edited and not self.is_asking if action == "close_form" else True

    def action_close_form(self) -> None:
        """Leave the output alone."""
        self._show_form(False)
        self.say("")
        self.query_one(Page).focus()

    def _begin(self, info: DemoInfo) -> bool:
        """Make ``info`` the demo of the panel; returns whether it was another one before."""
        if self.info is info:
            return False
        self.info, self._result, self._is_running = info, None, False
        self.query_one(DemoOutput).mark_stale(False)
        self._drop_form()
        self.show_question(False)
        self._show_form(False)
        return True

    def _drop_form(self) -> None:
        """The next form is another one."""
        if self._form is not None:
            self._form.remove()
            self._form = None

    def _show_form(self, is_shown: bool) -> None:
        self.set_class(is_shown, "-editing")
        self._label()
        self.post_message(self.FormChanged())

    def _ask(self, *, live: bool = False) -> None:
        from cnn_tui.chapter.run import checked_parameters  # would slow the first paint

        assert self.info is not None
        before: dict[str, OptionValue] = {**self._typed.get(self.info.name, {})}
        typed = before if self._form is None else self._form.typed
        try:
            parameters = checked_parameters(self.info, typed, is_named=False)
        except LabError as error:
            self._refuse(error, stay=live)
            return
        self._typed[self.info.name] = {name: str(value) for name, value in typed.items()}
        if self._result is None:
            self.query_one(Page).show("")  # else what the run before showed stays until the end
        self.say("")
        is_same = self._result is not None and self._result.parameters == parameters
        if not live:
            self._set_running(True, RUNNING if is_same or self._result is None else COMPUTING)
        self.post_message(self.Asked(self.info, parameters, is_same and not live, live))

    def _refuse(self, error: LabError, *, stay: bool) -> None:
        """Say what is wrong with what was typed, below its field where that is shown.

        The cursor goes there, unless it is to ``stay`` where a number is changed.
        """
        from cnn_tui.tui.next_keys import explained_in_keys

        sentence = explained_in_keys(error, "topics")
        name = next(iter(error.fields), "")
        if self._form is not None and self.is_edited and name in self._form.fields:
            self._form.refuse(name, sentence, stay=stay)
        else:
            self.say(sentence)

    def on_page_resized(self, message: Page.Resized) -> None:
        """The border may have room for all parameters now, or no longer."""
        self._label()

    def _set_running(self, is_running: bool, state: str = RUNNING) -> None:
        self._is_running = is_running
        self._running_state = state
        self.query_one(DemoOutput).mark_stale(is_running and state == COMPUTING)
        self._label()

    def _label(self) -> None:
        """Name in the border what the demo ran with, and the keys that act on it."""
        name = self.info.name if self.info is not None else ""
        if self.is_asking:
            self.title, self.state = TITLE, name
            self.keys = self.box.keys
            return
        self.title = name
        self.keys = demo_keys(self.info, self._result, is_edited=self.is_edited)
        self.state = self._running_state if self._is_running else self._parameters()

    def _parameters(self) -> str:
        """What the demo ran with: all of it where there is room, else what was changed."""
        if self.info is None or self._result is None:
            return ""
        return parameters_of(self.info, self._result, self.outer_size.width)

    def _about_field(self) -> str:
        return "" if self._form is None else self._form.current.about
