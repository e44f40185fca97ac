"""A demo beside its topic: a form for its parameters, and what it showed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Grid, Vertical
from textual.events import DescendantFocus, Resize
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.suggester import SuggestFromList
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.errors import LabError
from cnn_tui.options import Option, text
from cnn_tui.render.draw.commands import explained
from cnn_tui.tui.widgets.page import Page

if TYPE_CHECKING:
    from cnn_tui.chapter.records import DemoResult
    from cnn_tui.options import OptionValue

EDIT_HINT = "Enter runs it, ↑ ↓ choose the field, Esc closes."


class DemoForm(Grid):
    """A field for each parameter of a demo."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, id="demo.down", tooltip="Next parameter"),
        Binding("up", "move(-1)", show=False, id="demo.up", tooltip="Previous parameter"),
    ]

    async def ask_for(self, info: DemoInfo, values: dict[str, str]) -> None:
        """Make the fields of another demo, filled in with ``values``."""
        await self.remove_children()
        await self.mount_all(_fields(info, values))
        self.styles.height = len(info.parameters)

    @property
    def typed(self) -> "dict[str, OptionValue]":
        """What stands in the fields; an empty one is left out."""
        fields = self.query(Input)
        return {str(each.name): each.value.strip() for each in fields if each.value.strip()}

    def focus_field(self) -> None:
        """Put the cursor into the first field."""
        self.query(Input).first().focus()

    def action_move(self, step: int) -> None:
        """Put the cursor into the field below, or with -1 above."""
        fields = list(self.query(Input))
        at = next((index for index, field in enumerate(fields) if field.has_focus), 0)
        fields[(at + step) % len(fields)].focus()


class DemoOutput(Page):
    """What a demo showed."""

    def on_resize(self, event: Resize) -> None:
        """A page that is still empty need not be laid out, and so not be drawn again."""
        if not self.content:
            event.prevent_default()


class DemoPanel(Vertical):
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
        """The demo is to run with these parameters, which fit."""

        def __init__(self, info: DemoInfo, parameters: "dict[str, OptionValue]") -> None:
            super().__init__()
            self.info = info
            self.parameters = parameters

    class FormChanged(Message):
        """The form was opened or closed."""

    # As in the pane's own containers: a layout has drawn what is in it.
    virtual_size = Reactive(Size(0, 0), layout=True, repaint=False)

    def __init__(self) -> None:
        super().__init__(id="demo-panel")
        self.info: DemoInfo | None = None
        self._typed: dict[str, dict[str, str]] = {}
        self._result: DemoResult | None = None

    def compose(self) -> ComposeResult:
        """Form, line, output."""
        yield DemoForm(id="demo-form")
        yield Static(id="demo-line", markup=False)
        yield DemoOutput(id="demo-output")

    @property
    def is_open(self) -> bool:
        """Whether a demo is shown."""
        return self.display

    @property
    def is_edited(self) -> bool:
        """Whether the form is shown."""
        return self.has_class("-editing")

    @property
    def shown(self) -> RenderableType:
        """What the demo showed."""
        return self.query_one(Page).content

    async def take(self, info: DemoInfo) -> None:
        """Make the form of a demo, before anything of it is shown."""
        if self.info is not info:
            self.info, self._result = info, None
            self._show_form(False)
            await self.query_one(DemoForm).ask_for(info, self._typed.get(info.name, {}))

    def run(self) -> None:
        """Show the demo and run it with what was typed for it before, else with its defaults."""
        self.display = True
        self.query_one(Page).focus()
        self._ask()

    def edit(self) -> None:
        """Show the demo's form; one that has not run yet runs as it is."""
        is_new = not self.is_open
        self.display = True
        self._show_form(True)
        self.query_one(DemoForm).focus_field()
        if is_new:
            self._ask()

    def say(self, sentence: str) -> None:
        """What is wrong, or under way; "" for nothing."""
        line = self.query_one("#demo-line", Static)
        told = sentence or (self._about_field() if self.is_edited else "")
        if told != line.content:  # An update lays the screen out anew, even for the same words.
            line.update(told)
            line.set_class(not told, "-empty")

    def show(self, result: "DemoResult") -> None:
        """Show what a run showed; what differs from the run before it is marked."""
        from cnn_tui.render.pages.demo import demo_blocks  # would slow the first paint

        is_same = self._result is not None and self._result.name == result.name
        before = self._result if is_same else None
        self._result = result
        self.say("")
        self.query_one(Page).show(demo_blocks(result, before), from_top=not is_same)

    def fail(self, sentence: str) -> None:
        """Say why there is no output; beside the form, where that is shown."""
        if self.is_edited:
            self.say(sentence)
        else:
            self._result = None
            self.say("")
            self.query_one(Page).show(Text(sentence))

    def close(self) -> None:
        """Put the demo away."""
        self._show_form(False)
        self.query_one(Page).show("")  # Now, as what is hidden keeps its lines for the next demo.
        self.display = False
        self.info = None
        self._result = None

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter runs the demo with what the form says; the cursor stays where it is."""
        event.stop()
        self._ask()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Explain the field that the cursor came to."""
        if self.is_edited:
            self.say("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The form can be closed only where it is open."""
        return self.is_edited if action == "close_form" else True

    def action_close_form(self) -> None:
        """Leave the output alone."""
        self._show_form(False)
        self.say("")
        self.query_one(Page).focus()

    def _show_form(self, is_shown: bool) -> None:
        self.set_class(is_shown, "-editing")
        self.post_message(self.FormChanged())

    def _ask(self) -> None:
        from cnn_tui.chapter.run import checked_parameters  # would slow the first paint

        assert self.info is not None
        typed = self.query_one(DemoForm).typed
        try:
            parameters = checked_parameters(self.info, typed)
        except LabError as error:
            self.say(explained(error))
            return
        self._typed[self.info.name] = {name: str(value) for name, value in typed.items()}
        if self._result is None:
            self.query_one(Page).show("")  # else what the run before showed stays until the end
        self.say("Running …")
        self.post_message(self.Asked(self.info, parameters))

    def _about_field(self) -> str:
        field = self.screen.focused
        if self.info is None or not isinstance(field, Input):
            return EDIT_HINT
        about = next(each for each in self.info.parameters if each.name == field.name)
        choices = f" ({about.limits})" if about.choices else ""
        return f"{about.help}{choices}. {EDIT_HINT}"


def _fields(info: DemoInfo, values: dict[str, str]) -> Iterator[Widget]:
    for each in info.parameters:
        default = text(each.default)
        yield Label(each.title, markup=False)
        yield Input(
            values.get(each.name, default),
            name=each.name,
            placeholder=default,
            suggester=_suggester(each),
            compact=True,
        )
        yield Label(_bounds(each, default), classes="demo-bounds", markup=False)


def _suggester(option: Option) -> SuggestFromList | None:
    choices = ("true", "false") if option.kind == "bool" else option.choices
    return SuggestFromList(choices) if choices else None


def _bounds(option: Option, default: str) -> str:
    if option.low is None or option.high is None:
        return f"default {default}"
    return f"{option.limits}, default {default}"
