"""The one-line footer: the keys that work now.

Textual's Footer makes new widgets for all keys whenever the focus moves, and
each round costs a layout of the whole screen (10 KB on the wire for a switch of
panes). This one is a single line of text; a click on a key presses it.
"""

import re
from collections.abc import Mapping

from rich.style import Style
from rich.text import Text
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import Widget

from cnn_tui.render.draw import styles
from cnn_tui.render.draw.keys import pressing

LAST = "lab.help"
"""The key that stays in sight however many others there are: it explains them all."""
BETWEEN = 2
SIGN = re.compile(r"[←↑↓→]|[^\s←↑↓→]+")
"""One key; arrows may stand side by side."""


class KeyLine(Widget):
    """The shown bindings of the focused widget, its pane and the app, in this order."""

    auto_links = False

    def on_mount(self) -> None:
        """Follow the screen's bindings."""
        self.screen.bindings_updated_signal.subscribe(self, self._take_in)

    def render(self) -> Text:
        """One line: the keys that fit, and at its right end the one that explains them all."""
        bindings = [
            active.binding
            for active in self.screen.active_bindings.values()
            if has_use(active.node, active.binding.action)
        ]
        named = {each.id or each.key: each for each in bindings if each.show and each.description}
        shown = list(named.values())
        last = Text().join(self._entry(each) for each in shown if each.id == LAST)
        room = self.size.width - last.cell_len - 1
        line = Text(" ")
        for entry in (self._entry(each) for each in shown if each.id != LAST):
            if line.cell_len + entry.cell_len + BETWEEN > room:
                break
            line.append_text(entry).append(" " * BETWEEN)
        line.append(" " * max(0, room - line.cell_len))
        return Text.assemble(line, last, no_wrap=True, overflow="crop")

    def _entry(self, binding: Binding) -> Text:
        console = self.app.console
        key = console.get_style(styles.ACCENT) + Style(bold=True)
        label = f" {binding.description[:1].upper()}{binding.description[1:]}"
        quiet = console.get_style(styles.QUIET) + pressing(binding.key)
        return Text.assemble(signs_text(sign_of(binding), key), (label, quiet))

    def _take_in(self, screen: Screen[object]) -> None:
        if screen is self.screen:
            self.refresh()


def has_use(node: DOMNode, action: str) -> bool:
    """Whether a key is worth naming: a pane may have nothing that it acts on now."""
    of_node = getattr(node, "has_use", None)
    return of_node is None or of_node(action)


def spelled(key: str) -> str:
    """A key as it is written on the keyboard: ``left_square_bracket`` → ``[``."""
    return SPELLINGS.get(key, key.replace("ctrl+", "ctrl-"))


def sign_of(binding: Binding) -> str:
    """How the key of a binding is shown; several that belong together are as one: ``[ ]``."""
    return binding.key_display or spelled(binding.key)


def signs_text(shown: str, style: str | Style = "", *, below: bool = False) -> Text:
    """Keys as they are shown, such as ``[ ]`` or ``←↑↓→``; a click on a sign presses its key."""
    text = Text(shown, style)
    for sign in SIGN.finditer(shown):
        text.stylize(pressing(sign.group(), below=below), *sign.span())
    return text


def pressed_by(keys: str) -> list[str]:
    """The keys that are written so on a page, one behind the other, as Textual calls them."""
    names = {spelling: key for key, spelling in SPELLINGS.items()}
    return [names.get(each, each.replace("ctrl-", "ctrl+")) for each in keys.split()]


SPELLINGS: Mapping[str, str] = {
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "less_than_sign": "<",
    "greater_than_sign": ">",
    "slash": "/",
    "comma": ",",
    "full_stop": ".",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "question_mark": "?",
    "enter": "⏎",
    "escape": "Esc",
    "space": "space",
    "pagedown": "PgDn",
    "up": "↑",
    "down": "↓",
    "left": "←",
    "right": "→",
}
