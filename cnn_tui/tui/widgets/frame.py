"""A rounded frame with a title, a state and keys in its border: one for each thing shown."""

from collections.abc import Container, Iterator
from contextlib import contextmanager
from typing import Self

from rich.segment import Segment
from rich.style import Style as RichStyle
from rich.text import Text
from textual.containers import Vertical
from textual.content import Content
from textual.events import MouseDown, Resize
from textual.geometry import Region, Size
from textual.reactive import var
from textual.strip import Strip
from textual.style import Style
from textual.widget import Widget

from cnn_tui.render.draw.keys import pressing
from cnn_tui.render.draw.styles import ACCENT, QUIET, STRONG
from cnn_tui.render.draw.words import shortened
from cnn_tui.tui.background import later
from cnn_tui.tui.widgets.key_line import signs_text, spelled

AROUND = 6
"""Cells of a border that are no label: corners, a line and a blank on both sides."""
JOY_SECONDS = 1.0
LEAST_LINE = 1
GAP = "  "
"""Between the keys in a border."""


class Divider(Widget):
    """A line across the frame that holds it, joined to the frame's sides."""

    def __init__(self, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.styles.height = 1  # already in a layout that comes before the style sheet is applied

    def render_line(self, y: int) -> Strip:
        """The line; the frame draws its ends."""
        return Strip([Segment("─" * self.size.width, self.rich_style)], self.size.width)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Let the frame know where the line is: its sides are not drawn again with it."""
        if isinstance(self.parent, Frame):
            self.parent.join(self, self.region.y - self.parent.content_region.y)
        return super().render_lines(crop)

    def on_hide(self) -> None:
        """Take the ends of the line away as well."""
        if isinstance(self.parent, Frame):
            self.parent.join(self, None)


class Frame(Vertical):
    """Holds what is shown of one thing.

    ``title`` stands in the top border on the left, ``state`` on the right; ``keys``,
    those that act on this frame, in the bottom border. Where there is no room for all,
    ``short_title`` takes the title's place or the title is shortened, and keys that do not
    fit are left out. A click on one of ``frame_keys`` presses it.
    """

    auto_links = False

    title: var[str | Text] = var[str | Text]("", init=False)
    short_title: var[str | Text] = var[str | Text]("", init=False)
    state: var[str | Text] = var[str | Text]("", init=False)
    keys: var[str | Text] = var[str | Text]("", init=False)
    _line: int | None = None

    def __init__(
        self,
        *children: Widget,
        title: str | Text = "",
        short_title: str | Text = "",
        state: str | Text = "",
        keys: str | Text = "",
        id: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(*children, id=id, classes=classes)
        self.set_reactive(Frame.title, title)
        self.set_reactive(Frame.short_title, short_title)
        self.set_reactive(Frame.state, state)
        self.set_reactive(Frame.keys, keys)
        self._joined_rows: dict[Divider, int | None] = {}
        self._title_is_of: object = None
        self._keys_are_of: object = None

    def on_mouse_down(self, event: MouseDown) -> None:
        """Give what the frame holds the focus: the keys in its border act there."""
        pointed_at, _ = self.screen.get_widget_at(*event.screen_offset)
        if pointed_at is self and not self.has_pseudo_class("focus-within"):
            inside = (each for each in self.screen.focus_chain if self in each.ancestors)
            self.screen.set_focus(next(inside, self.screen.focused))

    def celebrate(self) -> None:
        """Turn green for a second; not where every byte counts."""
        if not getattr(self.app, "low_bandwidth", False):
            self.add_class("-joy")
            later(self, JOY_SECONDS, lambda: self.remove_class("-joy"))

    def watch_title(self) -> None:
        """Write the title into the border."""
        self._write_labels()

    def watch_short_title(self) -> None:
        """Write it into the border where there is no room for the title."""
        self._write_labels()

    def watch_state(self) -> None:
        """Write the state into the border."""
        self._write_labels()

    def watch_keys(self) -> None:
        """Write the keys into the border."""
        self._write_labels()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        """Fill the border from one label to the other before it is drawn, the first time, too."""
        updated = super()._size_updated(size, virtual_size, container_size, layout)
        self._write_labels()
        return updated

    def on_resize(self, event: Resize) -> None:
        """Fill the border once what the frame holds knows its own size, too."""
        self._write_labels()

    def notify_style_update(self) -> None:
        """Take on the color of the focus, or of another theme."""
        super().notify_style_update()
        if self.is_attached:
            self._write_labels()

    def render_lines(self, crop: Region) -> list[Strip]:
        """Join the dividers to the sides."""
        strips = super().render_lines(crop)
        for divider in self.query_children(Divider):
            row = divider.region.y - self.region.y - crop.y
            if divider.display and 0 <= row < len(strips):
                strips[row] = _joined(strips[row], crop, self.outer_size.width)
        return strips

    def join(self, divider: Divider, row: int | None) -> None:
        """Draw the sides again where a divider was and where it is now, None for hidden."""
        before = self._joined_rows.get(divider)
        self._joined_rows[divider] = row
        if row != before:
            width = self.outer_size.width
            rows = [Region(-1, each, width, 1) for each in (before, row) if each is not None]
            self.call_later(self.refresh, *rows)

    def _write_labels(self) -> None:
        room = self.outer_size.width - AROUND
        color = self.styles.border_top[1]
        focused = self.has_pseudo_class("focus-within")
        look = (room, color.css, focused, self.app.theme)
        titles = self.title, self.short_title, self.state
        above, below = (*look, *titles), (*look, self._keys_in_reach)
        if room <= 0:
            return
        if above != self._title_is_of:
            self._title_is_of = above
            state = _label(self.state, bold=focused)
            title = _label(self._title_for(room, state), bold=focused)
            label = _apart(title, state, room, Style(foreground=color).rich_style)
            with self._redrawing(line=-1):
                self.border_title = Content.from_rich_text(label, self.app.console)
        if below != self._keys_are_of:
            self._keys_are_of = below
            keys = Content.from_rich_text(_label(self._keys_in_reach), self.app.console)
            with self._redrawing(line=self.size.height):
                self.border_subtitle = keys if keys.cell_length <= room else ""

    def _title_for(self, room: int, state: Text) -> str | Text:
        """The title, or the short one where it does not fit beside the state."""
        needed = _label(self.title).cell_len + state.cell_len + (LEAST_LINE + 2 if state else 0)
        return self.short_title if self.short_title and needed > room else self.title

    @property
    def _keys_in_reach(self) -> str | Text:
        """The frame's keys; a list that is alone in a compact terminal says how to leave it."""
        if not (self.keys and self.has_class("side") and self.screen.has_class("-compact")):
            return self.keys
        return Text(GAP).join([frame_keys(("enter", "open")), _label(self.keys)])

    @contextmanager
    def _redrawing(self, line: int) -> Iterator[None]:
        """Send one line of the border, not all that the frame holds."""
        self._line = line
        yield
        self._line = None

    def refresh(self, *regions: Region, **choices: bool) -> Self:
        """Draw the frame again, or the one line that a label has changed."""
        if self._line is not None:
            regions = (Region(-1, self._line, self.outer_size.width, 1),)
        return super().refresh(*regions, **choices)


def frame_keys(*keys: tuple[str, str], strong: Container[str] = ()) -> Text:
    """Keys by their names, and what each does: ``⏎ open  p change``, for a frame's border.

    A click on one presses it, also on each of several (``comma full_stop``, ``↑↓``), and one
    on the words the last that has a name. The words of the keys in ``strong`` stand out.
    """
    line = Text()
    for key, words in keys:
        names = key.split()
        said = Text(words, STRONG if key in strong else QUIET)
        if key.isascii():
            said.stylize(pressing(names[-1]))
        entry = Text(" ").join([*(signs_text(spelled(name), ACCENT) for name in names), said])
        line.append(GAP if line else "").append_text(entry)
    return line


def _label(label: str | Text, *, bold: bool = False) -> Text:
    # Assembled, as a border shows the styles of a text's parts, but not that of the whole.
    text = Text(label) if isinstance(label, str) else Text.assemble(label)
    if bold:
        text.stylize("bold")
    return text


def _apart(left: Text, right: Text, room: int, line: RichStyle) -> Text:
    """Two labels with a line between them; the left one is shortened where it must be."""
    if not right:
        return shortened(left, room)
    needed = right.cell_len + LEAST_LINE + 2
    if room < needed + 4:
        return shortened(left, room) if left else right
    left = shortened(left, room - needed)
    width = room - left.cell_len - right.cell_len - (2 if left else 1)
    return Text.assemble(left, " " if left else "", ("─" * width, line), " ", right)


def _joined(strip: Strip, crop: Region, width: int) -> Strip:
    """A row of a frame whose sides turn into a line, as far as they are within ``crop``."""
    left, right = int(crop.x == 0), int(crop.right == width)
    end = strip.cell_length - right
    inner = strip.crop(left, end)
    return Strip.join(
        [_with_sign(strip.crop(0, left), "├"), inner, _with_sign(strip.crop(end), "┤")]
    )


def _with_sign(cell: Strip, sign: str) -> Strip:
    """The cell with ``sign``, or a plain one where its side is spelled plainly."""
    signs = [Segment("+" if text.isascii() else sign, style) for text, style, _ in cell]
    return Strip(signs, cell.cell_length)
