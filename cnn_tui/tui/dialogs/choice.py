"""A dialog that offers a few things to choose from, under headings."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.keyed_list import KeyedList

Choices = Mapping[str, Sequence[tuple[str, str]]]
"""Heading → (value, label) of what stands under it."""


class ChoiceList(KeyedList, OptionList, room="choice"):
    """What can be chosen."""


class ChoiceScreen(Dialog[str | None]):
    """Answers with the value that was chosen, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("choice", "Back without a choice"),
    ]

    def __init__(self, title: str, choices: Choices) -> None:
        super().__init__()
        self._title = title
        self._choices = choices

    def compose(self) -> ComposeResult:
        """What can be chosen."""
        with Vertical(id="choice"):
            yield Static(self._title, classes="form-title", markup=False)
            options = ChoiceList(compact=True, id="choice-list")
            for heading, choices in self._choices.items():
                if heading and choices:
                    options.add_option(Option(Text(heading, style="bold"), disabled=True))
                options.add_options([Option(_label(label), id=value) for value, label in choices])
            yield options
            yield Static("Enter goes there, Esc stays here.", classes="form-hint")

    def on_mount(self) -> None:
        """Begin with the first."""
        options = self.query_one(ChoiceList)
        options.focus()
        options.action_first()

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Answer."""
        self.dismiss(event.option_id)


def _label(label: str) -> Text:
    return Text(f"  {label}", no_wrap=True, overflow="ellipsis")
