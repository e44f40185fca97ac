"""The dialog that explains the chapter's terms, and leads to the topic that teaches one."""

from collections.abc import Collection, Iterator
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.chapter.glossary import Term, glossary, matching
from cnn_tui.render.draw.styles import STRONG, TITLE
from cnn_tui.render.pages.glossary import term_text
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.frame import Divider, Frame, frame_keys
from cnn_tui.tui.widgets.keyed_list import KeyedList

KEYS = (("enter", "its topic"), ("↑↓", "term"), ("escape", "close"))
NOTHING = "No term has “{}”. Type fewer letters; Esc goes back."


class TermList(KeyedList, OptionList, room="term"):
    """The terms that match."""


class GlossaryScreen(Dialog[str | None]):
    """Answers with the slug of the topic that teaches a term, or with None.

    ``here`` are the terms of the page that is read: they come first.
    """

    FIRST: ClassVar[str] = "#glossary-words"
    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("glossary", "Back to the pane"),
        Binding("down", "move(1)", show=False, id="glossary.down", tooltip="Next term"),
        Binding("up", "move(-1)", show=False, id="glossary.up", tooltip="Previous term"),
    ]

    def __init__(self, here: Collection[Term] = ()) -> None:
        super().__init__()
        self._here = here
        self._shown: dict[str, Term] = {}

    def compose(self) -> ComposeResult:
        """What is looked for, the terms, and what the one under the cursor means."""
        with Frame(id="glossary", classes="dialog", title="Glossary", keys=frame_keys(*KEYS)):
            yield Input(placeholder="a term, or a word of it", id="glossary-words", compact=True)
            yield Divider()
            terms = TermList(compact=True, id="glossary-terms", classes="dialog-list")
            terms.can_focus = False
            yield terms
            yield Divider()
            yield Static(id="glossary-text", markup=False)

    def opened(self) -> None:
        """Every term is listed."""
        self._list("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """List the terms that match."""
        self._list(event.value)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Go to the topic of the term under the cursor."""
        option = self._terms.highlighted_option
        if option is not None and option.id is not None:
            self.dismiss(self._shown[option.id].topic)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A term was clicked."""
        if event.option_id is not None:
            self.dismiss(self._shown[event.option_id].topic)

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Say what the term means."""
        if event.option_id in self._shown:
            self._text.update(term_text(self._shown[event.option_id]))

    def action_move(self, step: int) -> None:
        """Move through the terms without leaving the words."""
        if step > 0:
            self._terms.action_cursor_down()
        else:
            self._terms.action_cursor_up()

    def _list(self, words: str) -> None:
        found = matching(words, glossary())
        self._shown = {each.name: each for each in found}
        self._terms.clear_options()
        self._terms.add_options(self._rows(found, is_whole=not words.strip()))
        self._terms.action_first()
        if not found:
            self._text.update(NOTHING.format(words.strip()))
        self.query_one(Frame).state = f"{len(found)} of {len(glossary())}"

    def _rows(self, found: list[Term], *, is_whole: bool) -> Iterator[Option]:
        """The terms; those of the page come first while nothing is looked for."""
        if not (is_whole and self._here):
            yield from map(_row, found)
            return
        groups = {
            "On this page": [each for each in found if each in self._here],
            "All others": [each for each in found if each not in self._here],
        }
        for heading, terms in groups.items():
            yield Option(Text(f" {heading}", style=TITLE), disabled=True)
            yield from map(_row, terms)

    @property
    def _terms(self) -> OptionList:
        return self.query_one(TermList)

    @property
    def _text(self) -> Static:
        return self.query_one("#glossary-text", Static)


def _row(term: Term) -> Option:
    return Option(Text.assemble("   ", (term.name, STRONG)), id=term.name)
