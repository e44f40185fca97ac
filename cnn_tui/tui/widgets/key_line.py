"""The one-line footer: the keys that work now.

Textual's Footer makes a widget of every key anew whenever the focus moves, and
each round costs a layout of the whole screen (10 KB on the wire for a switch of
panes). This one is a single line of text; a click on a key presses it.
"""

from collections.abc import Iterable, Mapping

from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

ALWAYS = ("lab.help", "lab.quit")
"""Keys that stay in sight however many others there are."""


class KeyLine(Widget):
    """The shown bindings of the focused widget, its pane and the app, in this order."""

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._take_in)

    def render(self) -> Text:
        """One line: each key in bold, and what it does; what is cut off never hides the last."""
        bindings = [active.binding for active in self.screen.active_bindings.values()]
        shown = [each for each in bindings if each.show and each.description]
        last = _line(each for each in shown if each.id in ALWAYS)
        first = _line(each for each in shown if each.id not in ALWAYS)
        first.truncate(max(0, self.size.width - last.cell_len), overflow="ellipsis")
        return Text.assemble(first, last, no_wrap=True, overflow="ellipsis")

    def _take_in(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()


def _line(bindings: Iterable[Binding]) -> Text:
    line = Text()
    for binding in bindings:
        press = Style(meta={"@click": f"app.simulate_key({binding.key!r})"})
        line.append(binding.key_display or spelled(binding.key), Style(bold=True) + press)
        line.append(f" {binding.description}", press)
        line.append("  ")
    return line


def spelled(key: str) -> str:
    """A key as it is written on the keyboard: ``left_square_bracket`` → ``[``."""
    return SPELLINGS.get(key, key.replace("ctrl+", "ctrl-"))


SPELLINGS: Mapping[str, str] = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "slash": "/",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "question_mark": "?",
    "enter": "Enter",
    "escape": "Esc",
    "space": "Space",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
