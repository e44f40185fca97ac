"""Keys in a text: in the accent color, and pressed by a click where the text is in the app."""

import re
from collections.abc import Sequence

from rich.style import Style
from rich.text import Text

from cnn_tui.render.draw.styles import ACCENT

BETWEEN = "   "
"""Between two keys."""
BRACES = re.compile(r"\{([^{}]+)\}")
DrawnKey = tuple[str, str]
"""A key, or several that follow each other (``4 r``), and what it does."""


def key_text(key: str, words: str = "", *, is_first: bool = False) -> Text:
    """``h take a hint``: a key in the accent color, what it does beside it; all of the first."""
    text = Text.assemble((key, ACCENT), (f" {words}" if words else "", ACCENT if is_first else ""))
    text.stylize(pressing(key))
    return text


def pressing(keys: str, *, below: bool = False) -> Style:
    """Lets a click press keys, as they are spelled or as Textual calls them.

    Those ``below`` act on what a dialog lies over, which is closed first.
    """
    return Style(meta={"@click": f"app.press({keys!r}, {below})"})


def keyed(sentence: str, style: str = "") -> Text:
    """A sentence whose keys stand in braces, as in ``Press {e} to begin``."""
    parts = BRACES.split(sentence)
    return Text(style=style).join(
        key_text(part) if number % 2 else Text(part) for number, part in enumerate(parts)
    )


def keys_text(keys: Sequence[DrawnKey], *, is_first: bool = False) -> Text:
    """Several of them on one line."""
    return Text(BETWEEN).join(key_text(key, words, is_first=is_first) for key, words in keys)
