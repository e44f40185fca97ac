"""The fields of a form, drawn by one widget that scrolls to the one with the cursor."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rich.text import Text
from textual.events import Blur, Click, Focus, Key, Paste, Resize
from textual.geometry import Region, Size, Spacing
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from cnn_tui.render.draw.styles import TITLE
from cnn_tui.tui.widgets.fields import TITLE_CELLS, Field

TWO_COLUMNS = 72
"""Columns from which two fields stand side by side."""
GAP = 1


@dataclass(frozen=True)
class FieldGroup:
    """Fields under a heading; ``is_wide`` gives each a row of its own."""

    fields: Sequence[Field]
    heading: str = ""
    is_wide: bool = False


@dataclass(frozen=True)
class FieldPlace:
    """Where a field is drawn: its first row, column, width and number of rows."""

    row: int
    column: int
    width: int
    height: int


class FormView(ScrollView, can_focus=True):
    """Draws fields; the one that the cursor is in has a bar, and gets the keys."""

    class Changed(Message):
        """A field has another value."""

        def __init__(self, field: Field) -> None:
            super().__init__()
            self.field = field

    class Visited(Changed):
        """The cursor has come to a field."""

    class Left(Changed):
        """The cursor has left a field."""

    class Submitted(Message):
        """Enter was pressed in a field."""

    def __init__(self, *sections: FieldGroup, id: str | None = None) -> None:
        super().__init__(id=id)
        self.sections = sections
        self.fields = {each.name: each for section in sections for each in section.fields}
        self.current = next(iter(self.fields.values()))
        self._places: dict[str, FieldPlace] = {}
        self._lines: list[Text] = []

    def go_to(self, name: str) -> None:
        """Put the cursor into a field."""
        self._go(self.fields[name])
        self.focus()

    def redraw(self) -> None:
        """Draw the fields as they are now."""
        if not self.size.width:
            return
        self._lines = list(self._drawn(self.scrollable_content_region.width))
        self.virtual_size = Size(self.scrollable_content_region.width, len(self._lines))
        self.refresh()

    def on_resize(self, event: Resize) -> None:
        """Draw for another width."""
        self.redraw()
        self._show_current()

    def notify_style_update(self) -> None:
        """Draw with the colors of another theme, or of the focus."""
        super().notify_style_update()
        if self.is_attached:
            self.redraw()

    def on_focus(self, event: Focus) -> None:
        """Draw the cursor."""
        self.current.visit()
        self.post_message(self.Visited(self.current))
        self.redraw()

    def on_blur(self, event: Blur) -> None:
        """Draw no cursor."""
        self._leave()
        self.redraw()

    def on_key(self, event: Key) -> None:
        """A key for the field, or to the next one; Enter submits the form."""
        if self._took(event):
            event.stop()
            event.prevent_default()

    def on_paste(self, event: Paste) -> None:
        """Insert it where the cursor is."""
        before = self.current.value
        self.current.paste(event.text)
        self._tell(before)
        event.stop()

    def on_click(self, event: Click) -> None:
        """Go to the field that was clicked, and hand the click on."""
        x, y = event.x + self.scroll_offset.x, event.y + self.scroll_offset.y
        for name, place in self._places.items():
            if place.row <= y < place.row + place.height and 0 <= x - place.column < place.width:
                field = self.fields[name]
                self._go(field)
                before = field.value
                field.click(x - place.column - TITLE_CELLS, y - place.row)
                self._tell(before)

    def render_line(self, y: int) -> Strip:
        """The row that stands ``y`` rows below the top of what is seen."""
        index, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if index >= len(self._lines):
            return Strip.blank(self.size.width, self.rich_style)
        line = self._lines[index]
        segments = self.app.console.render(line, self.app.console.options.update(width=width))
        strip = Strip(each for each in segments if each.text != "\n")
        return strip.apply_style(self.rich_style).extend_cell_length(
            self.size.width, self.rich_style
        )

    def _took(self, event: Key) -> bool:
        before = self.current.value
        if self.current.take(event):
            self._tell(before)
            return True
        if event.key == "enter":
            self.post_message(self.Submitted())
            return True
        if event.key in ("up", "down"):
            self._move(1 if event.key == "down" else -1)
            return True
        if event.key in ("tab", "shift+tab"):
            self._tell(before)
            return self._step(1 if event.key == "tab" else -1)
        return False

    def _tell(self, before: str) -> None:
        if self.current.value != before:
            self.post_message(self.Changed(self.current))
        self.redraw()
        self._show_current()

    def _step(self, step: int) -> bool:
        """Go to the next field; False where there is none and the focus leaves the form."""
        fields = list(self.fields.values())
        place = fields.index(self.current) + step
        if not 0 <= place < len(fields):
            return False
        self._go(fields[place])
        return True

    def _move(self, step: int) -> None:
        """Go to the nearest field above or below."""
        here = self._places.get(self.current.name)
        if here is None:  # the form is still to be drawn
            self._step(step)
            return
        ahead = {
            name: place
            for name, place in self._places.items()
            if (place.row > here.row if step > 0 else place.row < here.row)
        }
        if ahead:
            nearest = min(
                ahead,
                key=lambda name: (
                    abs(ahead[name].row - here.row),
                    abs(ahead[name].column - here.column),
                ),
            )
            self._go(self.fields[nearest])

    def _go(self, field: Field) -> None:
        if field is not self.current:
            self._leave()
            self.current = field
            field.visit()
            self.post_message(self.Visited(field))
        self.redraw()
        self._show_current()

    def _leave(self) -> None:
        before = self.current.value
        self.current.leave()
        if self.current.value != before:
            self.post_message(self.Changed(self.current))
        self.post_message(self.Left(self.current))

    def _show_current(self) -> None:
        place = self._places.get(self.current.name)
        if place is not None:
            region = Region(0, place.row, 1, place.height)
            self.scroll_to_region(
                region, spacing=Spacing(1, 0, 1, 0), animate=False, force=True, immediate=True
            )

    def _drawn(self, width: int) -> Iterator[Text]:
        self._places = {}
        row = 0
        for section in self.sections:
            if section.heading:
                yield from (Text(), Text(f" {section.heading}", TITLE))
                row += 2
            for line in self._section_rows(section, width, row):
                yield line
                row += 1

    def _section_rows(self, section: FieldGroup, width: int, row: int) -> Iterator[Text]:
        columns = 1 if section.is_wide or width < TWO_COLUMNS else 2
        room = (width - GAP * (columns - 1)) // columns
        for first in range(0, len(section.fields), columns):
            drawn = []
            for column, field in enumerate(section.fields[first : first + columns]):
                is_focused = self.has_focus and field is self.current
                rows = field.rows(room, is_focused=is_focused)
                self._places[field.name] = FieldPlace(row, column * (room + GAP), room, len(rows))
                drawn.append(rows)
            for parts in zip_longest(*drawn):
                yield _beside(parts, room)
                row += 1


def _beside(parts: Sequence[Text | None], room: int) -> Text:
    line = Text(no_wrap=True, overflow="crop", end="")
    for place, part in enumerate(parts):
        shown = Text() if part is None else part
        line.append_text(shown)
        if place + 1 < len(parts):
            line.pad_right(max(0, room - shown.cell_len) + GAP)
    return line
