"""Where lines may be broken: not between a number and its unit, as in ``70 %`` or ``2.8 s``.

Rich breaks a line at every kind of blank, the non-breaking one too, and so does Textual,
which asks Rich. What counts as one word is changed here once for all of it: lessons,
reports and notices. The text itself keeps its blank, and so does what is copied.
"""

import re

from rich import _wrap

UNITS = (
    *("%", "ns", "\N{MICRO SIGN}s", "μs", "ms", "s", "min", "h"),
    *("[kKMGT]?B", "[KMGT]iB", "[kMGT]", "epochs?"),
)
"""What belongs to the number before it, as patterns."""
WORD = re.compile(rf"\s*(?:\S*\d (?:{'|'.join(UNITS)})(?!\w)\S*|\S+)\s*")


def unbroken(text: str) -> list[str]:
    """The pieces of ``text`` that stand on one line each where there is room for them."""
    return [piece.strip() for piece in WORD.findall(text)]


def keep_units_with_numbers() -> None:
    """Let Rich break no line between a number and its unit, wherever it breaks one."""
    _wrap.re_word = WORD
