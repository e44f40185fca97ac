"""The options of pooling in one or two lines; a click or the wheel changes the one it is on."""

from rich.style import Style
from rich.text import Text
from textual.events import MouseScrollDown, MouseScrollUp
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from cnn_tui.analysis.pooling.records import PoolSettings
from cnn_tui.render.draw import styles
from cnn_tui.render.pooling.settings import ShownSetting, shown_settings

WIDEST_GAP, NARROWEST_GAP = 6, 2
SHORT_LABELS = {"kernel size": "kernel", "output size": "output"}
NONE = "the one window is the whole map"
FIELD = "field"
"""What the characters of an option carry, for the wheel."""


class SettingsLine(Widget):
    """``kernel size ◂ 2×2 ▸``: the left sign makes it smaller, all else goes on."""

    settings: reactive[PoolSettings] = reactive(PoolSettings(), layout=True)
    auto_links = False

    class Changed(Message):
        """An option was clicked: one step down or up, or the other way round."""

        def __init__(self, field: str, step: int) -> None:
            super().__init__()
            self.field = field
            self.step = step

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the options take."""
        return len(self._lines(width))

    def render(self) -> Text:
        """The options, with room between them."""
        return Text("\n", no_wrap=True).join(self._lines(self.content_size.width))

    def action_step(self, field: str, step: int) -> None:
        """A click on one side of an option."""
        self.post_message(self.Changed(field, step))

    def on_mouse_scroll_up(self, event: MouseScrollUp) -> None:
        """One step up."""
        self._scrolled(event, 1)

    def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
        """One step down."""
        self._scrolled(event, -1)

    def _scrolled(self, event: MouseScrollUp | MouseScrollDown, step: int) -> None:
        field = event.style.meta.get(FIELD)
        if field:
            event.stop()
            self.post_message(self.Changed(field, step))

    def _lines(self, width: int) -> list[Text]:
        shown = shown_settings(self.settings)
        if not shown:
            return [Text(NONE, self._style(styles.QUIET))]
        for labels in ({}, SHORT_LABELS):
            entries = [self._entry(each, labels) for each in shown]
            free = width - sum(each.cell_len for each in entries)
            gap = min(WIDEST_GAP, free // max(1, len(entries) - 1))
            if gap >= NARROWEST_GAP:
                return [Text(" " * gap).join(entries)]
        return _filled(entries, width)

    def _entry(self, shown: ShownSetting, labels: dict[str, str]) -> Text:
        quiet, strong = self._style(styles.QUIET), self._style(styles.STRONG)
        less, more = (
            Style(meta={FIELD: shown.field, "@click": f"step({shown.field!r}, {step})"})
            for step in (-1, 1)
        )
        label = labels.get(shown.label, shown.label)
        if shown.is_switch:
            return Text.assemble((f"{label} ", quiet + more), (shown.value, strong + more))
        arrow = self._style(styles.ACCENT)
        return Text.assemble(
            (f"{label} ", quiet + more),
            ("◂ ", arrow + less),
            (shown.value, strong + more),
            (" ▸", arrow + more),
        )

    def _style(self, name: str) -> Style:
        return self.app.console.get_style(name)


def _filled(entries: list[Text], width: int) -> list[Text]:
    """As many entries in each line as fit."""
    lines = [entries[0]]
    for entry in entries[1:]:
        if lines[-1].cell_len + NARROWEST_GAP + entry.cell_len <= width:
            lines[-1] = Text.assemble(lines[-1], " " * NARROWEST_GAP, entry)
        else:
            lines.append(entry)
    return lines
