"""A dialog that asks for one line of text."""

from collections.abc import Callable
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static

from cnn_tui.errors import LabError
from cnn_tui.render.draw.commands import explained
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key


class PromptScreen(Dialog[str | None]):
    """Asks for a line; answers with it, or with None.

    ``check`` raises a LabError for a line that will not do: its sentence is shown
    and the dialog stays.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("prompt", "Back without a change"),
    ]

    def __init__(
        self, title: str, hint: str, value: str = "", check: Callable[[str], Any] | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._check = check

    def compose(self) -> ComposeResult:
        """The question, a field, and what may be typed."""
        with Vertical(id="prompt"):
            yield Static(self._title, classes="form-title", markup=False)
            yield Input(self._value, id="prompt-line", compact=True)
            yield Static("", id="prompt-problem", markup=False)
            yield Static(self._hint, classes="form-hint", markup=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter answers, unless the line will not do."""
        line = event.value.strip()
        try:
            if self._check is not None and line:
                self._check(line)
        except LabError as error:
            self.query_one("#prompt-problem", Static).update(explained(error))
            return
        self.dismiss(line)
