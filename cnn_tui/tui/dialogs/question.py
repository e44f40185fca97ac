"""A dialog that asks for a yes before something is lost."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Button, Static

from cnn_tui.tui.dialogs.dialog import Dialog


class QuestionScreen(Dialog[bool]):
    """Asks ``question``; answers with True only where ``yes`` was chosen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "dismiss(True)", "Yes", id="question.yes", tooltip="Do it"),
        Binding(
            "escape,n",
            "dismiss(False)",
            "No",
            key_display="Esc",
            id="question.no",
            tooltip="Leave everything as it is",
        ),
    ]

    def __init__(self, question: str, yes: str) -> None:
        super().__init__()
        self._question = question
        self._yes = yes

    def compose(self) -> ComposeResult:
        """The question, and two answers; Enter takes the harmless one."""
        with Vertical(id="question"):
            yield Static(self._question, markup=False)
            with Horizontal(id="question-buttons"):
                yield Button("Keep it (Esc)", id="no", variant="primary", compact=True)
                yield Button(f"{self._yes} (y)", id="yes", compact=True)

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """Answer with the button."""
        self.dismiss(event.button.id == "yes")
