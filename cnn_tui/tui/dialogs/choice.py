"""A dialog that offers a few things to choose from, under headings."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.padding import Padding
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.render.draw.styles import TITLE
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.keyed_list import KeyedList

Choices = Mapping[str, Sequence[tuple[str, str]]]
"""Heading → (value, label) of what stands under it."""


INDENT = 3
"""Cells before a label, on each of its lines: the bar of the selected row, and blanks."""


class ChoiceList(KeyedList, OptionList, room="choice"):
    """What can be chosen."""


class ChoiceScreen(Dialog[str | None]):
    """Answers with the value that was chosen, or with None."""

    FIRST: ClassVar[str] = "#choice-list"
    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("choice", "Back without a choice"),
    ]

    def __init__(self, title: str, choices: Choices) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """What can be chosen."""
        keys = frame_keys(("enter", "select"), ("escape", "cancel"))
        with Frame(id="choice", classes="dialog", title=self._title, keys=keys):
            options = ChoiceList(compact=True, id="choice-list", classes="dialog-list")
            for heading, choices in self._choices.items():
                if heading and choices:
                    options.add_option(Option(Text(f" {heading}", style=TITLE), disabled=True))
                options.add_options([Option(_label(label), id=value) for value, label in choices])
            yield options

    def opened(self) -> None:
        """The cursor is on the first."""
        self.query_one(ChoiceList).action_first()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(event.option_id)


def _label(label: str) -> Padding:
    return Padding(Text(label), (0, 1, 0, INDENT))
