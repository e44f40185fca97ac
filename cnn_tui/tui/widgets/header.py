"""The header line: the lab's name, the five tabs, and the state of the world."""

from collections.abc import Iterator, Sequence

from rich.style import Style
from rich.text import Text
from textual.reactive import reactive
from textual.widget import Widget

from cnn_tui.engine.state import EngineState
from cnn_tui.render.draw import styles
from cnn_tui.tui.lab_status import LabStatus, engine_line

NAME = " cnn-lab  "
SHORT_BELOW, NUMBERS_BELOW = 100, 72
"""Columns below which the state shrinks to its signs, and closed tabs to their numbers."""


class Header(Widget):
    """One line; a click on a tab opens its pane."""

    current: reactive[int] = reactive(0)
    status: reactive[LabStatus] = reactive(LabStatus())
    engine: reactive[EngineState] = reactive(EngineState())
    auto_links = False

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self._titles = titles

    def render(self) -> Text:
        """The line; the state stands at its right end, and gives way where it is narrow."""
        width = self.size.width
        name = self.app.console.get_style(styles.ACCENT) + Style(bold=True)
        line = Text.assemble((NAME, name))  # its style is no base of what follows
        line.append_text(self._tabs(are_numbers=width < NUMBERS_BELOW))
        room = width - line.cell_len - 1
        state = self._state(room, is_short=width < SHORT_BELOW)
        line.append(" " * max(0, room - state.cell_len))
        return Text.assemble(line, state, no_wrap=True, overflow="crop", end="")

    def _tabs(self, are_numbers: bool) -> Text:
        tabs = Text()
        for index, title in enumerate(self._titles):
            press = Style(meta={"@click": f"app.open_pane({index})"})
            label = f"{index + 1} {title}"
            if index == self.current:
                tabs.append_text(self._open_tab(label, press))
            else:
                tabs.append(f" {index + 1 if are_numbers else label} ", self._quiet() + press)
        return tabs

    def _open_tab(self, label: str, press: Style) -> Text:
        console = self.app.console
        accent = console.get_style(styles.ACCENT)
        left, right = "[]" if console.options.ascii_only else "▐▌"
        if accent.color is None or self.app.native_ansi_color or self.app.no_color:
            filled = accent + Style(bold=True, reverse=True)
        else:
            ground = self.app.theme_variables["lab-ground"]
            filled = Style(bold=True, color=ground, bgcolor=accent.color)
        return Text.assemble((left, accent), (label, filled + press), (right, accent))

    def _state(self, room: int, is_short: bool) -> Text:
        """As many parts as fit, the most urgent ones first."""
        parts = list(self._parts(is_short))
        while parts:
            between = Text.assemble(("  " if is_short else " · ", styles.QUIET))
            state = between.join(parts)
            if state.cell_len <= room:
                return state
            parts.pop()
        return Text()

    def _parts(self, is_short: bool) -> Iterator[Text]:
        status, engine = self.status, engine_line(self.engine, is_short=is_short)
        if engine and self.engine.phase != "ready":
            yield Text(engine, styles.WARNING)
        elif engine and not is_short:
            yield Text(engine, styles.QUIET)
        if status.running:
            runs = "run" if status.running == 1 else "runs"
            what = "" if is_short else f" {status.running} {runs} "
            far = "starting" if status.progress is None else f"{100 * status.progress:.0f} %"
            yield Text(f"▶{what}{far}", styles.PASSED)
        if status.max_points:
            points = f"{'' if is_short else ' '}{status.points}/{status.max_points}"
            yield Text.assemble(("★", styles.WARNING), points)

    def _quiet(self) -> Style:
        return self.app.console.get_style(styles.QUIET)
