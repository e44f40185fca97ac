"""The dialog that searches all topics while one types."""

from dataclasses import dataclass
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from cnn_tui.chapter.search import Place, is_too_short, search
from cnn_tui.render.draw.styles import QUIET, STRONG
from cnn_tui.render.pages.search import highlighted
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.frame import Divider, Frame, frame_keys
from cnn_tui.tui.widgets.keyed_list import KeyedList

MOST_SHOWN = 50
KEYS = (("enter", "open"), ("↑↓", "place"), ("escape", "cancel"))
EXPLAINED = (
    "Type a word or two: every paragraph, question and answer of the chapter is searched.\n\n"
    "Enter opens the place. There n and N go to the next and the previous one."
)
NOTHING = "No topic has “{}”. Type fewer letters, or one word of it; Esc goes back."
INDENT = 4
"""Cells before the excerpt: the bar of the selected row, and blanks."""


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


class PlaceList(KeyedList, OptionList, room="place"):
    """What was found."""


class SearchScreen(Dialog[SearchResult | None]):
    """Asks for words; answers with the places that have them, or with None."""

    FIRST: ClassVar[str] = "#search-words"
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
        keys = frame_keys(*KEYS)
        with Frame(id="search", classes="dialog", title="Search all topics", keys=keys):
            yield Input(self._words, placeholder="a word or two", id="search-words", compact=True)
            yield Divider()
            yield Static(EXPLAINED, id="search-empty", markup=False)
            places = PlaceList(compact=True, id="search-places", classes="dialog-list")
            places.can_focus = False
            yield places

    def on_input_changed(self, event: Input.Changed) -> None:
        """Search again."""
        words = event.value.strip()
        self._places = search(words)
        places = self.query_one(OptionList)
        places.clear_options()
        places.add_options(Option(_Row(each, words)) for each in self._places[:MOST_SHOWN])
        if self._places:
            places.highlighted = 0
        places.display = bool(self._places)
        empty = self.query_one("#search-empty", Static)
        empty.display = not self._places
        empty.update(EXPLAINED if is_too_short(words) else NOTHING.format(words))
        self.query_one(Frame).state = self._count()

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

    def _count(self) -> str:
        count, pages = len(self._places), len({each.slug for each in self._places})
        if not count:
            return ""
        if count > MOST_SHOWN:
            return f"{MOST_SHOWN} of {count} places"
        return f"{count} place{'s' * (count > 1)} in {pages} topic{'s' * (pages > 1)}"


class _Row:
    """Where a place is, and below it the words with what is around them."""

    def __init__(self, place: Place, words: str) -> None:
        answer = " (in an answer)" if place.in_answer else ""
        where = f" › {place.heading}{answer}" if place.heading else ""
        self._where = Text.assemble(
            highlighted(place.title, words, STRONG), highlighted(where, words, QUIET)
        )
        self._excerpt = highlighted(place.excerpt, words)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in self._where.wrap(console, max(1, options.max_width - 3)):
            yield Text.assemble("  ", line)
        for line in self._excerpt.wrap(console, max(1, options.max_width - INDENT - 1)):
            yield Text.assemble(" " * INDENT, line)
