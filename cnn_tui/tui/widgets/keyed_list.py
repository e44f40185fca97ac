"""What all lists of the lab share: ``j k`` move the cursor, and Enter opens what it is on."""

from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.events import Resize
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import OptionList, Tree

from cnn_tui.render.draw import styles

BAR = "▌"
BLOCKS = frozenset(map(chr, range(0x2580, 0x25A0)))
"""What bars are made of; the part that is not reached stays dim."""
BRIGHT = Style(dim=False)

OPENS_PAGE = "Read it; Esc comes back"


class KeyedList:
    """Comes before one of Textual's lists or trees: ``class Runs(KeyedList, OptionList, ...)``.

    ``room`` begins the ids of the keys and ``item`` names what is listed. ``opens``
    says what Enter does, where the lab's own words explain it better than Textual's.
    """

    BINDINGS: ClassVar[list[BindingType]]
    _theme_of_rows = ""

    def __init_subclass__(
        cls,
        *,
        room: str,
        item: str = "",
        opens: str = "",
        shows_open: bool = False,
        open_action: str = "select",
        **settings: Any,
    ) -> None:
        following, previous = f"Next {item}".rstrip(), f"Previous {item}".rstrip()
        keys = [
            Binding("j", "cursor_down", show=False, id=f"{room}.down", tooltip=following),
            Binding("k", "cursor_up", show=False, id=f"{room}.up", tooltip=previous),
        ]
        if opens:
            enter = Binding(
                "enter", open_action, "Open", show=shows_open, id=f"{room}.open", tooltip=opens
            )
            keys.insert(0, enter)
        # Textual collects the keys of a class while it is made, so they must be there by then.
        cls.BINDINGS = [*keys, *cls.__dict__.get("BINDINGS", ())]
        super().__init_subclass__(**settings)

    def on_resize(self, event: Resize) -> None:
        """Keep the selected row in sight, once the list has wrapped its rows again."""
        if isinstance(self, OptionList):
            self.call_later(self.scroll_to_highlight)

    def notify_style_update(self) -> None:
        """Make the rows again in another theme: each keeps the colors it was made in."""
        rows: Any = self
        is_made = isinstance(rows, OptionList) and rows.is_attached
        if is_made and rows.app.theme != self._theme_of_rows:
            self._theme_of_rows = rows.app.theme
            for option in rows.options:
                option._visual = None
        super().notify_style_update()  # type: ignore[misc]

    def render_line(self, y: int) -> Strip:
        """The row, whose first cell is the bar where it is the selected one."""
        assert isinstance(self, Widget)
        strip: Strip = super().render_line(y)  # type: ignore[misc]
        if not strip.cell_length or not _is_selected(self, y + self.scroll_offset.y):
            return strip
        blank = next(iter(strip))
        # A list that cannot have the focus is moved through from the field above it.
        is_active = self.has_focus or not self.can_focus
        bar = self.app.console.get_style(styles.ACCENT if is_active else styles.QUIET)
        ground = blank.style.background_style if blank.style else bar
        row = strip.crop(1)
        if self.app.native_ansi_color and blank.style:
            row = _in_ink(row, Style(color=blank.style.color))
        return Strip.join([Strip([Segment(BAR, bar + ground)], 1), row])

    def action_page_down(self) -> None:
        """A page down; Textual fails where the list is hidden, and so has no lines."""
        if not isinstance(self, OptionList) or self._lines:
            super().action_page_down()  # type: ignore[misc]

    def action_page_up(self) -> None:
        """A page up, unless the list is hidden."""
        if not isinstance(self, OptionList) or self._lines:
            super().action_page_up()  # type: ignore[misc]


def _in_ink(row: Strip, ink: Style) -> Strip:
    """The row without the user's 16 colors, most of which cannot be read on its ground."""
    return Strip(
        Segment(text, (look or ink) + (ink if BLOCKS & set(text) else ink + BRIGHT))
        for text, look, _ in row
    )


def _is_selected(rows: Widget, line: int) -> bool:
    if isinstance(rows, OptionList):
        of_lines = rows._lines
        return line < len(of_lines) and of_lines[line][0] == rows.highlighted
    return isinstance(rows, Tree) and line == rows.cursor_line
