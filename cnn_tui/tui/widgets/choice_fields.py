"""The fields of a form whose values are chosen: among many by their names, or among a few.

In an ``OpenChoiceField``, another value can be typed.
"""

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.events import Key

from cnn_tui.names import alternatives, best_first, normalize
from cnn_tui.render.draw.styles import ACCENT, QUIET, SELECTED, STRONG
from cnn_tui.render.draw.words import shortened
from cnn_tui.tui.widgets.fields import BAR, TITLE_CELLS, Field, TextField
from cnn_tui.tui.widgets.line import EditedLine

MOST_OFFERED = 6
BACK, ON = "◂ ", " ▸"


class SearchField(TextField):
    """A text that the field completes: what matches is offered below, the likeliest first.

    ``titles`` are the names and what each is known as; both are matched, with no
    regard to case, ``-`` and ``_``. What matches nothing stays as it was typed.
    """

    def __init__(
        self, name: str, title: str, titles: Mapping[str, str], value: str = "", about: str = ""
    ) -> None:
        super().__init__(name, title, value, about)
        self.offers: tuple[str, ...] = ()
        self._titles = dict(titles)
        self._chosen = 0
        self._has_chosen = False
        self._before = value

    @property
    def is_open(self) -> bool:
        """Whether something is offered."""
        return bool(self.offers)

    def visit(self) -> None:
        """Remember what Esc brings back."""
        super().visit()
        self._before = self.value

    def leave(self) -> None:
        """Take what can only be meant."""
        self.accept_if_clear()

    def accept_if_clear(self) -> bool:
        """Take the name that was typed or chosen; False where several could be meant."""
        if not self.is_open:
            return not self.problem
        is_exact = any(normalize(each) == normalize(self.value) for each in self.offers)
        if is_exact or self._has_chosen or len(self.offers) == 1:
            self._accept()
            return True
        few, self.offers = self.offers[:MOST_OFFERED], ()
        self.problem = f"Which one: {alternatives(few)}?"
        return False

    def take(self, event: Key) -> bool:
        """Type and choose among what matches; Esc goes back to what was there."""
        if self.is_open and event.key in ("enter", "tab"):
            self._accept()
            return event.key == "enter"  # Tab goes on to the next field, too
        if self.is_open and event.key in ("up", "down"):
            step = 1 if event.key == "down" else -1
            self._chosen = (self._chosen + step) % len(self.offers)
            self._has_chosen = True
            return True
        if self.is_open and event.key == "escape":
            self.offers = ()
            self.line = EditedLine.of(self._before)
            return True
        return self._type(event)

    def paste(self, text: str) -> None:
        """Insert it, and offer what matches."""
        super().paste(text)
        self._offer()

    def click(self, x: int, row: int) -> None:
        """Take the name that was clicked; a click on the value offers all names."""
        first, last = self._window()
        if self.is_open and 1 <= row <= last - first:
            self._chosen = first + row - 1
            self._accept()
        elif row == 0 and not self.is_open:
            self.offers = tuple(self._titles)
            self._chosen = self.offers.index(self.value) if self.value in self.offers else 0

    def _type(self, event: Key) -> bool:
        before = self.value
        if event.is_printable and not self.is_open and before == self._before:
            self.line = EditedLine()  # a name that stands there goes as a whole
        taken = super().take(event)
        if self.value != before:
            self._offer()
        return taken

    def _offer(self) -> None:
        typed = self.value.strip()
        found = best_first(typed, self._titles, lambda name: f"{name}\n{self._titles[name]}")
        self._chosen, self._has_chosen = 0, False
        self.offers = tuple(found) if typed else ()

    def _accept(self) -> None:
        if self.is_open:
            taken, self.offers = self.offers[self._chosen], ()
            self.line = EditedLine.of(taken)
        self._before = self.value

    def _window(self) -> tuple[int, int]:
        """Of what is offered, the part around the one that is chosen."""
        count = min(MOST_OFFERED, len(self.offers))
        first = max(0, min(self._chosen - count // 2, len(self.offers) - count))
        return first, first + count

    def _drawn(self, room: int, *, is_focused: bool) -> Text:
        title = self._titles.get(self.value, "")
        shown = Text.assemble(self.value, (f"  {title}", QUIET))
        if is_focused or not title or shown.cell_len > room:
            return super()._drawn(room, is_focused=is_focused)
        shown.pad_right(room - shown.cell_len)
        return shown

    def _rows_below(self, width: int) -> list[Text]:
        first, last = self._window()
        return [self._offer_row(place, width) for place in range(first, last)]

    def _offer_row(self, place: int, width: int) -> Text:
        name, is_chosen = self.offers[place], place == self._chosen
        row = Text.assemble(
            " " * (TITLE_CELLS - 1),
            (BAR if is_chosen else " ", ACCENT),
            (name.ljust(max(map(len, self._titles))), STRONG if is_chosen else ""),
            (f"  {self._titles[name]}", QUIET),
        )
        row = shortened(row, width)
        row.pad_right(width - row.cell_len)
        if is_chosen:
            row.stylize(SELECTED, TITLE_CELLS)
        return row


class ChoiceField(Field):
    """One of a few values: ← → or Space choose another, and so does a first letter."""

    def __init__(
        self, name: str, title: str, choices: Sequence[str], value: str = "", about: str = ""
    ) -> None:
        super().__init__(name, title, value or choices[0], about)
        self.choices = tuple(choices)

    def take(self, event: Key) -> bool:
        """Choose another value."""
        if event.key in ("left", "right", "space"):
            self._step(-1 if event.key == "left" else 1)
            return True
        if event.is_printable and event.character and event.character.isalnum():
            offered = self._offered
            behind = offered.index(self.value) + 1
            around = [*offered[behind:], *offered[:behind]]
            begun = (each for each in around if normalize(each).startswith(event.character.lower()))
            self.value = next(begun, self.value)
            return True
        return False

    def click(self, x: int, row: int) -> None:
        """A click on ◂ goes back, one on the value or on ▸ goes on."""
        if row == 0 and x >= 0:
            self._step(-1 if x < len(BACK) else 1)

    def _step(self, step: int) -> None:
        offered = self._offered
        place = offered.index(self.value)
        self.value = offered[(place + step) % len(offered)]

    @property
    def _offered(self) -> tuple[str, ...]:
        """The choices, and a value from elsewhere that is none of them."""
        return self.choices if self.value in self.choices else (*self.choices, self.value)

    def _drawn(self, room: int, *, is_focused: bool) -> Text:
        arrows = ACCENT if is_focused else QUIET
        value = Text(self.value, STRONG if is_focused else "")
        shown = Text.assemble((BACK, arrows), value, (ON, arrows))
        shown.truncate(room, overflow="ellipsis", pad=True)
        return shown


class OpenChoiceField(ChoiceField, TextField):
    """One of a few values, or another that is typed.

    ← → choose another value: at once from a choice, else from the ends of the text. What
    is typed replaces a choice, and stays among the values until something else is typed.
    """

    def __init__(
        self, name: str, title: str, choices: Sequence[str], value: str = "", about: str = ""
    ) -> None:
        super().__init__(name, title, choices, value, about)
        self._other = "" if self._is_choice else self.value
        self.is_typed = not self._is_choice

    def take(self, event: Key) -> bool:
        """Choose, type or edit."""
        if event.key in ("left", "right") and self._is_at_end(event.key):
            self._step(-1 if event.key == "left" else 1)
            return True
        if self._is_choice and event.key == "space":
            self._step(1)
            return True
        before = self.value
        if self._is_choice and event.is_printable:
            self.line = EditedLine()
        taken = TextField.take(self, event)
        self._note(before)
        return taken

    def paste(self, text: str) -> None:
        """Put it in the place of a choice, or into what was typed."""
        before = self.value
        if self._is_choice:
            self.line = EditedLine()
        TextField.paste(self, text)
        self._note(before)

    def click(self, x: int, row: int) -> None:
        """Choose another value, or put the cursor into what was typed."""
        kind = ChoiceField if self._is_choice else TextField
        kind.click(self, x, row)

    @property
    def _is_choice(self) -> bool:
        return self.value in self.choices

    def _is_at_end(self, key: str) -> bool:
        end = 0 if key == "left" else len(self.value)
        return self._is_choice or self.line.cursor == end

    def _note(self, before: str) -> None:
        """Remember what was typed, which may be half of what is meant until it is a choice."""
        if self.value != before:
            self.is_typed = not self._is_choice
            self._other = self.value if self.is_typed else ""

    def _step(self, step: int) -> None:
        super()._step(step)
        self.visit()
        self.is_typed = False

    @property
    def _offered(self) -> tuple[str, ...]:
        other = self._other if self._is_choice else self.value
        return (*self.choices, other) if other or not self._is_choice else self.choices

    def _drawn(self, room: int, *, is_focused: bool) -> Text:
        kind = ChoiceField if self._is_choice else TextField
        return kind._drawn(self, room, is_focused=is_focused)
