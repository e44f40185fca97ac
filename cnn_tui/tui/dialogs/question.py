"""A dialog that asks for a yes before something is lost."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.widgets.frame import Frame, frame_keys


class QuestionScreen(Dialog[bool]):
    """Asks ``question``; answers with True only where ``yes`` was chosen."""

    FIRST: ClassVar[str] = "#no"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="question.yes", tooltip="Do it"),
        Binding(
            "escape,n",
            "cancel",
            "No",
            key_display="Esc",
            id="question.no",
            tooltip="Leave everything as it is",
        ),
        Binding(
            "left,right,up,down",
            "other",
            show=False,
            key_display="← →",
            id="question.other",
            tooltip="The other answer",
        ),
    ]

    def __init__(self, question: str, yes: str, *, title: str = "") -> None:
        super().__init__()
        self._question = question
        self._yes = yes
        self._title = title or yes

    def compose(self) -> ComposeResult:
        """The question, and two answers; Enter takes the harmless one."""
        with Frame(
            id="question",
            classes="dialog",
            title=self._title,
            keys=frame_keys(("y", self._yes.lower()), ("escape", "cancel")),
        ):
            yield Static(self._question, classes="dialog-text", markup=False)
            with Horizontal(id="question-buttons", classes="dialog-buttons"):
                yield Button("Cancel", id="no", compact=True)
                yield Button(self._yes, id="yes", compact=True)

    def action_cancel(self) -> None:
        """Leave everything as it is."""
        self.dismiss(False)

    def action_other(self) -> None:
        """Go to the other answer."""
        self.focus_next()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button."""
        self.dismiss(event.button.id == "yes")
