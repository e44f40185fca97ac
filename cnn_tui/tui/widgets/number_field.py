"""A number in a form: it is typed, or changed step by step."""

import math
from contextlib import suppress

from rich.text import Text
from textual.events import Key

from cnn_tui.option_steps import stepped
from cnn_tui.options import Option, text
from cnn_tui.render.draw.styles import ACCENT, QUIET, STRONG
from cnn_tui.tui.widgets.choice_fields import BACK, ON
from cnn_tui.tui.widgets.fields import TextField
from cnn_tui.tui.widgets.line import EditedLine

STEPS = {"left": -1, "minus": -1, "right": 1, "plus": 1}


class NumberField(TextField):
    """A number within limits: ← → change it by a step, and so do - and +; or it is typed."""

    def __init__(self, option: Option, value: str = "", about: str = "") -> None:
        super().__init__(option.name, option.heading, value, about)
        self._option = option
        self.is_typed = False

    def visit(self) -> None:
        """What is typed first replaces the number that is there."""
        super().visit()
        self.is_typed = False

    def take(self, event: Key) -> bool:
        """Change the number by a step, or edit it."""
        if event.key in STEPS and not self._is_sign(event):
            self._step(STEPS[event.key])
            return True
        if event.is_printable and not self.is_typed:
            self.line = EditedLine()
        taken = super().take(event)
        self.is_typed = self.is_typed or taken
        return taken

    def click(self, x: int, row: int) -> None:
        """A click on ◂ goes back, one on the value or on ▸ goes on."""
        if row == 0 and x >= 0:
            self._step(-1 if x < len(BACK) else 1)

    def _is_sign(self, event: Key) -> bool:
        """Whether a minus belongs to what is being typed, such as ``1e-3``."""
        return event.key == "minus" and self.is_typed and self.value.lower().endswith("e")

    def _step(self, direction: int) -> None:
        number = stepped(self._option, self._number(), direction)
        self.value = text(int(number) if self._option.kind == "int" else float(number))
        self.is_typed = False

    def _number(self) -> float:
        """What is typed; where that is no finite number, what the option is by default."""
        with suppress(ValueError):
            if math.isfinite(number := float(self.value)):
                return number
        default = self._option.default
        return float(default) if isinstance(default, int | float) else 0.0

    def _drawn(self, room: int, *, is_focused: bool) -> Text:
        arrows = ACCENT if is_focused else QUIET
        value = Text(self.value, STRONG if is_focused else "")
        if is_focused and self.is_typed:
            value.append("▏", ACCENT)
        shown = Text.assemble((BACK, arrows), value, (ON, arrows))
        shown.truncate(room, overflow="ellipsis", pad=True)
        return shown
