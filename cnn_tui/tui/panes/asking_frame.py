"""The frame of a demo, which shows its question or its output."""

from collections.abc import Callable
from time import monotonic
from typing import Any

from textual.events import DescendantBlur, DescendantFocus, Key

from cnn_tui.chapter.catalogue import DemoInfo
from cnn_tui.tui.panes.predict_box import PredictBox
from cnn_tui.tui.widgets.frame import Frame

AFTER_ANSWER_SECONDS = 0.3
"""So long after an answer has given way to the output, a digit still belongs to the question."""


class AskingFrame(Frame):
    """Holds a demo's output and the box of its question, of which one is shown.

    ``info`` is the demo, and ``_typed`` what was typed for each demo, by its name.
    """

    info: DemoInfo | None = None
    output = "#demo-output"

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._typed: dict[str, dict[str, str]] = {}

    @property
    def box(self) -> PredictBox:
        """The question."""
        return self.query_one(PredictBox)

    @property
    def is_asking(self) -> bool:
        """Whether the question is shown instead of the output."""
        return self.box.display

    def ask_first(self, go_on: Callable[[], Any], *, focus: bool = True) -> bool:
        """Ask the demo's question if that is new, and say whether it is.

        Once it is answered or skipped, ``go_on`` is called.
        """
        typed = self._typed.get(self.info.name, {}) if self.info is not None else {}
        is_new = self.info is not None and self.box.prepare(self.info, typed, go_on)
        self.show_question(is_new)
        if is_new and focus:
            self.box.focus()
        return is_new

    def show_question(self, is_asked: bool) -> None:
        """Show the question instead of the output, or the output."""
        self.box.display = is_asked
        self.query_one(self.output).display = not is_asked
        self._label()

    def _label(self) -> None:
        """Write the border for what is shown."""
        raise NotImplementedError

    def on_key(self, event: Key) -> None:
        """Drop the second press of an answer: it would open another pane."""
        if event.key.isdecimal() and monotonic() - self.box.gave_way_at < AFTER_ANSWER_SECONDS:
            event.stop()
            event.prevent_default()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Show the keys that answer the question."""
        if self.is_asking:
            self._label()

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Show the key that leads back to the question."""
        if self.is_asking:
            self._label()
