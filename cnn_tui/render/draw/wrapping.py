"""Sentences as lines of a page, whatever room there is."""

from rich.console import Console
from rich.text import Text

_RULER = Console(width=80)
"""Wrapping text asks for a console, and uses nothing of it but its encoding."""


def wrapped_lines(sentence: Text, width: int) -> list[Text]:
    """The lines that ``sentence`` takes in ``width`` columns; without any, those it takes in one.

    A page beside others may have no columns left, and Rich wraps no text there.
    """
    return list(sentence.wrap(_RULER, max(1, width)))
