"""What all dialogs have in common: one answer each, given once."""

from typing import Any

from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandPalette
from textual.screen import ModalScreen, ScreenResultType

from cnn_tui.tui.cover import Coverable


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
    """A dialog of the lab's."""


def cancel_key(dialog: str, tooltip: str) -> Binding:
    """Esc, which leaves the dialog without an answer."""
    return Binding(
        "escape",
        "dismiss(None)",
        "Cancel",
        key_display="Esc",
        id=f"{dialog}.cancel",
        tooltip=tooltip,
    )


class Palette(CommandPalette, AnswersOnce[None]):
    """The command palette."""
