"""The one-line tab strip above the panes."""

from collections.abc import Sequence

from rich.text import Text
from textual.events import Click
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TabStrip(Widget):
    """The panes' titles with their keys; the open one stands in brackets."""

    current: reactive[int] = reactive(0)

    class Chosen(Message):
        """A title was clicked."""

        def __init__(self, index: int) -> None:
            super().__init__()
            self.index = index

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._labels = [f"{number} {title}" for number, title in enumerate(titles, start=1)]

    def render(self) -> Text:
        """The strip as one line."""
        line = Text(no_wrap=True, overflow="crop")
        for index, label in enumerate(self._labels):
            if index == self.current:
                line.append(f"[{label}]", "bold reverse")
            else:
                line.append(f" {label} ")
        return line

    def on_click(self, event: Click) -> None:
        """Turn the column of a click into a pane."""
        column = event.x
        for index, label in enumerate(self._labels):
            column -= len(label) + 2
            if column < 0:
                self.post_message(self.Chosen(index))
                return
