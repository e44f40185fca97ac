"""A dialog with fields: what is wrong is marked, focused and explained in its place."""

from typing import ClassVar, Generic

from textual.binding import Binding, BindingType
from textual.screen import ScreenResultType
from textual.widgets import Button, Static

from cnn_tui.errors import LabError
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.widgets.fields import Field
from cnn_tui.tui.widgets.form_view import FormView


class FormScreen(Dialog[ScreenResultType], Generic[ScreenResultType]):
    """Has a FormView, ``#form-about`` about the field with the cursor, and ``#form-problem``."""

    FIRST: ClassVar[str] = "FormView"
    BINDINGS: ClassVar[list[BindingType]] = []

    def __init__(self) -> None:
        super().__init__()
        self._untouched: dict[str, str] = {}

    def opened(self) -> None:
        """What stands there now is no change of the user's."""
        self.settle()

    @property
    def form(self) -> FormView:
        """What draws the fields."""
        return self.query_one(FormView)

    @property
    def values(self) -> dict[str, str]:
        """What stands in each field, by its name."""
        return {name: each.value for name, each in self.form.fields.items()}

    @property
    def is_changed(self) -> bool:
        """Whether a field holds something else than the form itself has put there."""
        return any(value != self._untouched.get(name, "") for name, value in self.values.items())

    def field(self, name: str) -> Field:
        """The field of this name."""
        return self.form.fields[name]

    def put(self, name: str, value: str) -> None:
        """Fill a field in; this is no change of the user's."""
        self.field(name).value = value
        self._untouched[name] = value

    def settle(self) -> None:
        """Take what stands there as what the form has put there."""
        self._untouched = self.values

    def mark(self, error: LabError) -> Field | None:
        """Explain in its field what is wrong, else below the form; returns the field."""
        for name in error.fields[:1]:
            field = self.form.fields.get(self.field_of(name))
            if field is not None:
                field.problem = str(error)
                self.form.redraw()
                self.say("")
                return field
        self.say(str(error))
        return None

    def refuse(self, error: LabError) -> None:
        """Mark the field that ``error`` is about, and go there."""
        field = self.mark(error)
        if field is not None:
            self.form.go_to(field.name)

    def field_of(self, name: str) -> str:
        """The field for an option of this name."""
        return name

    def say(self, sentence: str) -> None:
        """What is wrong with the whole, or what the form waits for; "" for nothing."""
        self.query_one("#form-problem", Static).update(sentence)

    def on_form_view_visited(self, message: FormView.Visited) -> None:
        """Explain the field."""
        self.query_one("#form-about", Static).update(message.field.about)


class StartForm(FormScreen[ScreenResultType]):
    """A form with the buttons ``#start`` and ``#cancel``; Enter in a field starts, too."""

    def action_begin(self) -> None:
        """Do what the form is for, or say what is wrong."""
        raise NotImplementedError

    def on_form_view_submitted(self) -> None:
        """Enter in a field does what the form is for."""
        self.action_begin()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Start, or cancel."""
        if event.button.id == "start":
            self.action_begin()
        else:
            self.action_cancel()


def start_key(form: str, tooltip: str) -> Binding:
    """Ctrl-S, which does what the form is for."""
    return Binding("ctrl+s", "begin", "Start", id=f"{form}.start", tooltip=tooltip)
