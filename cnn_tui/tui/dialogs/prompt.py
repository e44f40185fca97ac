"""A dialog that asks for one line of text."""

from collections.abc import Callable, Coroutine, MutableMapping, Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.suggester import SuggestFromList
from textual.widgets import Input, Static

from cnn_tui.errors import LabError
from cnn_tui.tui.background import later, start
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.fields import WRONG
from cnn_tui.tui.widgets.frame import Frame, frame_keys

PATIENCE = 0.3
"""Seconds after which the dialog says that the line is being put to use."""


class PromptScreen(Dialog[str | None]):
    """Asks for a line; answers with it, or with None.

    ``check`` raises a LabError for a line that will not do: its sentence is shown
    and the dialog stays. So it does until ``use`` has put the line to use, and for
    what that raises. A line that is typed and not used is kept in ``drafts``, by the
    title, and stands there again when the same is asked the next time. Of ``suggestions``
    the first that begins as the line does is shown behind it; → takes it.
    """

    FIRST: ClassVar[str] = "#prompt-line"
    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("prompt", "Back without a change"),
    ]

    def __init__(
        self,
        title: str,
        hint: str,
        value: str = "",
        *,
        drafts: MutableMapping[str, str],
        check: Callable[[str], Any] | None = None,
        use: Callable[[str], Coroutine[Any, Any, None]] | None = None,
        suggestions: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self._title = title
        self._hint = hint
        self._value = value
        self._drafts = drafts
        self._check = check
        self._use = use
        self._suggestions = suggestions

    def compose(self) -> ComposeResult:
        """The question, a field, and what may be typed."""
        keys = frame_keys(("enter", "use it"), ("escape", "cancel"))
        with Frame(id="prompt", classes="dialog", title=self._title, keys=keys):
            line = self._drafts.get(self._title, self._value)
            known = SuggestFromList(self._suggestions, case_sensitive=False)
            yield Input(line, id="prompt-line", compact=True, suggester=known)
            yield Static("", id="prompt-problem", classes="dialog-problem", markup=False)
            yield Static(self._hint, classes="dialog-hint", markup=False)

    def action_cancel(self) -> None:
        """Leave without an answer; what was typed stands there the next time."""
        line = self.query_one(Input).value
        if line.strip() not in ("", self._value):
            self._drafts[self._title] = line
        else:
            self._drafts.pop(self._title, None)
        super().action_cancel()

    def on_input_changed(self, event: Input.Changed) -> None:
        """What was wrong with another line is not known of this one."""
        self._say("")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter answers, unless the line will not do."""
        line = event.value.strip()
        try:
            if self._check is not None and line:
                self._check(line)
        except LabError as error:
            self._say(str(error))
            return
        if self._use is not None and line:
            start(self, self._put_to_use(self._use, line), "use", self._say)
        else:
            self._answer(line)

    async def _put_to_use(self, use: Callable[[str], Coroutine[Any, Any, None]], line: str) -> None:
        waiting = later(self, PATIENCE, lambda: self._say(f"Opening {line} …", is_wrong=False))
        try:
            await use(line)
        finally:
            waiting.stop()
        self._answer(line)

    def _answer(self, line: str) -> None:
        self._drafts.pop(self._title, None)
        self.dismiss(line)

    def _say(self, sentence: str, *, is_wrong: bool = True) -> None:
        mark = f"{WRONG} " if sentence and is_wrong else ""
        self.query_one("#prompt-problem", Static).update(mark + sentence)
        self.query_one(Input).set_class(bool(sentence) and is_wrong, "-wrong")
