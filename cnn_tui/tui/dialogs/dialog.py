"""What all dialogs have in common: one frame, one answer each, given once."""

from typing import Any, ClassVar

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.message import Message
from textual.screen import ModalScreen, ScreenResultType

from cnn_tui.tui.cover import Coverable
from cnn_tui.tui.leaving import may_end_meanwhile


class AnswersOnce(Coverable[ScreenResultType]):
    """A screen that leaves those above it alone, and answers one time only.

    Textual takes the topmost screen away, whichever one answers: a second Esc
    that was typed before the first had closed the dialog would end the app.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._has_answered = False
        self._late: tuple[ScreenResultType | None] | None = None

    def dismiss(self, result: ScreenResultType | None = None) -> AwaitComplete:
        """Answer with ``result``; a covered dialog does so when it is uncovered."""
        if not self._has_answered and self.is_active:
            self._has_answered = True
            return super().dismiss(result)
        if not self._has_answered:
            self._late = (result,)
        return AwaitComplete.nothing()  # type: ignore[no-any-return,no-untyped-call]

    def on_screen_resume(self) -> None:
        """Give the answer that was ready before the dialog was seen again."""
        if self._late is not None:
            (result,), self._late = self._late, None
            self.dismiss(result)


# Textual takes the styles of the first base only.
class Dialog(ModalScreen[ScreenResultType], AnswersOnce[ScreenResultType]):
    """A dialog of the lab's. Esc and Ctrl-C leave it; what was typed is not lost unasked."""

    AUTO_FOCUS: ClassVar[str | None] = None
    FIRST: ClassVar[str]
    """Which widget has the focus first."""
    DISCARDS: ClassVar[str] = "Discard what you have typed?"

    def on_mount(self) -> None:
        """Begin, now that all widgets are there."""
        self.opened()
        self.query_one(self.FIRST).focus()

    def opened(self) -> None:
        """Fill in what no widget could be made with; most have nothing to fill in."""

    async def _dispatch_message(self, message: Message) -> None:
        with may_end_meanwhile(self):
            await super()._dispatch_message(message)

    @property
    def is_changed(self) -> bool:
        """Whether something would be lost that the user has typed."""
        return False

    def action_cancel(self) -> None:
        """Leave without an answer, after a question where something would be lost."""
        if not self.is_changed:
            self.dismiss(None)
            return
        from cnn_tui.tui.dialogs.question import QuestionScreen

        def answered(agreed: bool | None) -> None:
            if agreed:
                self.dismiss(None)

        self.app.push_screen(QuestionScreen(self.DISCARDS, "Discard"), answered)


def cancel_key(dialog: str, tooltip: str) -> Binding:
    """Esc, which leaves the dialog without an answer."""
    return Binding(
        "escape",
        "cancel",
        "Cancel",
        key_display="Esc",
        id=f"{dialog}.cancel",
        tooltip=tooltip,
    )
