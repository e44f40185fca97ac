"""The two frames of the pane: the map with its settings, and other kinds of pooling beside it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from rich.console import Group, RenderableType
from rich.text import Text
from textual.geometry import Size

from cnn_tui.analysis.pooling.backward import backward, unpool
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.blocks import GridBlock, above
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.pooling.backward import gradient_facts, gradient_map
from cnn_tui.render.pooling.comparison import comparison, gradients_compared
from cnn_tui.render.pooling.facts import facts
from cnn_tui.render.pooling.settings import TITLES, map_title
from cnn_tui.render.pooling.unpooling import unpooled_facts, unpooled_map
from cnn_tui.render.pooling.view import INPUT, WIDEST_INDENT, pooled_map
from cnn_tui.render.pooling.words import wrapped
from cnn_tui.render.translation import translation_view
from cnn_tui.tui.panes.pooling.map_page import BlockPage, MapPage
from cnn_tui.tui.panes.pooling.settings_line import SettingsLine
from cnn_tui.tui.panes.pooling.state import PoolingAnswer, PoolingState
from cnn_tui.tui.widgets.frame import GAP, Divider, Frame, frame_keys

ENOUGH_LINES = 16
"""Lines for a part of a map; where there are fewer, what follows from it scrolls with it."""
LONGEST_TITLE = 60
VIEW_TITLES = {"windows": "", "gradient": ", backward", "unpooling": ", unpooled"}
NEXT_VIEWS = {"windows": "forward", "gradient": "backward", "unpooling": "unpool"}
Draw = Callable[[int | None], GridBlock]
"""Draws a map and what comes of it in so many lines, or as it is printed."""


@dataclass(frozen=True, eq=False)
class Seen:
    """What a frame shows, and the room for it: each layout asks for it, often for the same."""

    state: PoolingState
    size: Size
    room: Size
    content: object

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Seen)
            and self.state is other.state
            and self.content is other.content
            and (self.size, self.room) == (other.size, other.room)
        )


class MapFrame(Frame):
    """Settings, map and what follows from it; where that is too much, the last two scroll."""

    def __init__(self, *, id: str) -> None:
        self._facts = BlockPage(id="pool-facts")
        self._facts.can_focus = False
        self._lower = Divider()
        self._seen: Seen | None = None
        super().__init__(
            SettingsLine(id="pool-settings"),
            Divider(),
            MapPage(id="pool-view"),
            self._lower,
            self._facts,
            id=id,
        )

    def show(self, state: PoolingState) -> None:
        """Draw it, as large as there is room."""
        answer = state.answer
        if answer is None:
            return
        settings = answer.result.settings
        self.query_one(SettingsLine).settings = settings
        self.title = f"{TITLES[settings.kind]}{VIEW_TITLES[state.view]}"
        self.state = _named(answer, self.size.width - len(self.title))
        page = self.query_one(MapPage)
        width = page.scrollable_content_region.width
        seen = Seen(state, self.size, Size(width, self._room), page.content)
        if width <= 0 or seen == self._seen:
            return
        drawn = self._drawn(state, answer, width)
        page.show(drawn, from_top=False)
        self._seen = replace(seen, content=page.content)
        self.keys = _keys(state, answer, has_more=drawn.height > self._room)

    def _drawn(self, state: PoolingState, answer: PoolingAnswer, width: int) -> GridBlock:
        """The map; what follows from it goes into its own section, or below the map."""
        height = self._room
        if state.question.shift is not None:
            self._show_facts([])
            return _shifted(state, width, height)
        told, draw = _drawing(state, answer, width)
        room = height - len(told) - 1
        drawn = draw(max(1, room))
        shown = next((each for each in drawn.grids if each.name == INPUT), drawn.grids[0])
        is_whole = len(set(shown.rows.values())) >= len(answer.result.input)
        if drawn.height <= room and (is_whole or room >= ENOUGH_LINES):
            self._show_facts(told)
            return _indented(drawn, width, room)
        self._show_facts([])
        return above([draw(height), GridBlock([Text(), *told])])

    @property
    def _room(self) -> int:
        """Lines below the settings."""
        return self.size.height - self.query_one(SettingsLine).size.height - 1

    def _show_facts(self, told: list[Text]) -> None:
        has_any = bool(told)
        self._lower.display = self._facts.display = has_any
        self._facts.styles.height = len(told)
        self._facts.show(GridBlock(told), from_top=False)


class ComparedFrame(Frame):
    """Other kinds of pooling over the same window, and what a shift does; in wide windows."""

    def __init__(self, *, id: str) -> None:
        page = BlockPage(id="pool-others")
        page.can_focus = False
        self._seen: Seen | None = None
        super().__init__(page, id=id, title="Compared", state="the same window")

    def show(self, state: PoolingState) -> None:
        """Draw the others, as large as there is room."""
        page = self.query_one(BlockPage)
        width, height = room = page.scrollable_content_region.size
        seen = Seen(state, self.size, room, page.content)
        if state.answer is None or not room or seen == self._seen:
            return
        shifts = () if state.translation is None else state.translation.comparisons
        shown, others = state.answer.result, state.answer.others
        if state.view == "gradient":
            drawn = gradients_compared(others, shown, state.cursor, width=width, height=height)
        else:
            drawn = comparison(others, shown, state.cursor, shifts, width=width, height=height)
        page.show(drawn, from_top=False)
        self._seen = replace(seen, content=page.content)


gradient_of = lru_cache(maxsize=8)(backward)
"""The gradient of a pooling, which each move of the window asks for again."""


def way_back(state: PoolingState, answer: PoolingAnswer, width: int) -> RenderableType:
    """The gradient, or what unpooling gives back, as it is printed."""
    told, draw = _drawing(state, answer, width)
    return Group(draw(None), Text(), *told)


def _drawing(state: PoolingState, answer: PoolingAnswer, width: int) -> tuple[list[Text], Draw]:
    """What follows from what is shown, and what draws that."""
    result, cursor, mark = answer.result, state.cursor, state.edit_mark
    if state.view == "gradient":
        gradient = gradient_of(result)
        told = gradient_facts(gradient, width=width)
        return told, lambda height: gradient_map(
            gradient, cursor, width=width, height=height, edited=mark
        )
    told = facts(result, result.window(*cursor), answer.moved, width=width, key="t")
    if state.view == "unpooling":
        try:
            unpool(result)
        except UsageError as error:
            told = wrapped([Text(str(error))], width)
        else:
            told = unpooled_facts(result, width=width)
            return told, lambda height: unpooled_map(result, cursor, width=width, height=height)
    return told, lambda height: pooled_map(result, cursor, width=width, height=height, edited=mark)


def _named(answer: PoolingAnswer, width: int) -> str:
    """What is pooled: with its title where there is room for that."""
    shown = answer.input
    full = map_title(shown.name, shown.title)
    return full if len(full) <= min(LONGEST_TITLE, width - 12) else printable(shown.name)


def _keys(state: PoolingState, answer: PoolingAnswer, *, has_more: bool) -> Text:
    more = (("pagedown", "more"),) if has_more else ()
    if state.editing is not None:
        return _then("type a number", ("enter", "set"), ("escape", "leave"), *more)
    if state.question.shift is not None:
        return frame_keys(("←↑↓→", "shift the map"), ("escape", "back"), *more)
    height, width = answer.result.output_size
    row, column = state.cursor
    back = ("b", NEXT_VIEWS[state.next_view().view])
    return _then(f"window {row * width + column + 1} of {height * width}", back, *more)


def _then(words: str, *keys: tuple[str, str]) -> Text:
    """Words, and the keys behind them."""
    return Text(GAP).join([Text(words), *([frame_keys(*keys)] if keys else [])])


def _shifted(state: PoolingState, width: int, height: int) -> GridBlock:
    if state.translation is None:
        return GridBlock()
    return _indented(translation_view(state.translation, width=width, height=height), width, height)


def _indented(block: GridBlock, width: int, height: int) -> GridBlock:
    """Away from the frame where there is room for that."""
    columns = min(WIDEST_INDENT, max(0, width - block.width) // 2)
    moved = block.indented(columns)
    return above([GridBlock([Text()]), moved]) if moved.height < height else moved
