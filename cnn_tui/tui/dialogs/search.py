"""The dialog that searches all topics while one types."""

from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.chapter.search import SHORTEST_WORDS, Place, search
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key

MOST_SHOWN = 50
HINT = "Enter opens the place; there n and N go to the next and the previous."


@dataclass(frozen=True)
class SearchResult:
    """What was searched for, every place that has it, and the one that was chosen."""

    words: str
    places: tuple[Place, ...]
    index: int = 0

    @property
    def place(self) -> Place:
        """The chosen one."""
        return self.places[self.index]


class SearchScreen(Dialog[SearchResult | None]):
    """Asks for words; answers with the places that have them, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("search", "Back to the text"),
        Binding("down", "move(1)", show=False, id="search.down", tooltip="Next place"),
        Binding("up", "move(-1)", show=False, id="search.up", tooltip="Previous place"),
    ]

    def __init__(self, words: str = "") -> None:
        super().__init__()
        self._words = words
        self._places: tuple[Place, ...] = ()

    def compose(self) -> ComposeResult:
        """The words, how often they were found, and where."""
        with Vertical(id="search"):
            yield Static("Search all topics", classes="form-title")
            yield Input(
                self._words, placeholder="search all topics", id="search-words", compact=True
            )
            yield Static(id="search-count", markup=False)
            places = OptionList(compact=True, id="search-places")
            places.can_focus = False
            yield places
            yield Static(HINT, classes="form-hint")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search anew."""
        self._places = search(event.value)
        places = self.query_one(OptionList)
        places.clear_options()
        places.add_options([_option(each) for each in self._places[:MOST_SHOWN]])
        if self._places:
            places.highlighted = 0
        self.query_one("#search-count", Static).update(self._count(event.value), layout=False)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Answer with the place under the cursor."""
        if self._places:
            index = self.query_one(OptionList).highlighted or 0
            self.dismiss(SearchResult(event.value, self._places, index))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A place was clicked."""
        words = self.query_one(Input).value
        self.dismiss(SearchResult(words, self._places, event.option_index))

    def action_move(self, step: int) -> None:
        """Move through the places without leaving the words."""
        places = self.query_one(OptionList)
        if step > 0:
            places.action_cursor_down()
        else:
            places.action_cursor_up()

    def _count(self, words: str) -> str:
        if len(words.strip()) < SHORTEST_WORDS:
            return ""
        count, pages = len(self._places), len({each.slug for each in self._places})
        if not count:
            return "No topic has this."
        told = f"{count} place{'s' * (count > 1)} in {pages} topic{'s' * (pages > 1)}"
        return f"{told}; the first {MOST_SHOWN} are listed" if count > MOST_SHOWN else told


def _option(place: Place) -> Option:
    where = f"{place.title} › {place.heading}" if place.heading else place.title
    told = " (in an answer)" if place.in_answer else ""
    return Option(
        Text.assemble(
            (f"{where}{told}", "bold"), f"\n  {place.excerpt}", no_wrap=True, overflow="ellipsis"
        )
    )
