"""The names of all colors and emphases: what is drawn says `PASSED`, never "green".

They are styles that every Rich console knows, a reader's own and a notebook's, too: of
the terminal's 16 colors, whose ground is not known. The app lays those of its theme over
them. A meaning is never in the style alone; a sign or a word carries it first.

Whatever is drawn needs them, so this is also where Rich learns where lines may be broken.
"""

from rich import themes
from rich.style import Style

from cnn_tui.render.draw.line_breaks import keep_units_with_numbers

STRONG, QUIET, ACCENT = "lab.strong", "lab.quiet", "lab.accent"
"""What the reader came for; units, explanations and what is not chosen; the one accent."""
PASSED, WARNING, FAILED = "lab.passed", "lab.warning", "lab.failed"
PASSED_STRONG, FAILED_STRONG = "lab.passed.strong", "lab.failed.strong"
FRAME = "lab.frame"
"""Boxes, rules and axes."""
TITLE = "lab.title"
"""The headings of a page."""
SELECTED = "lab.selected"
"""The ground of what is chosen, or of a cell that is looked at."""
CURSOR = "lab.cursor"
"""The cell of a selected text that the next character goes to."""
CODE = "lab.code"
CURVES = ("lab.curve1", "lab.curve2", "lab.curve3", "lab.curve4")
"""Train, validation, third, fourth."""
ALL_STYLES = (
    *(STRONG, QUIET, ACCENT, PASSED, WARNING, FAILED, PASSED_STRONG, FAILED_STRONG),
    *(FRAME, TITLE, SELECTED, CURSOR, CODE, *CURVES),
)

themes.DEFAULT.styles.update(
    {
        name: Style.parse(look)
        for name, look in {
            STRONG: "bold",
            QUIET: "dim",
            ACCENT: "blue",
            PASSED: "green",
            WARNING: "yellow",
            FAILED: "red",
            PASSED_STRONG: "bold green",
            FAILED_STRONG: "bold red",
            FRAME: "dim",
            TITLE: "bold",
            SELECTED: "reverse",
            CURSOR: "not reverse underline",
            CODE: "cyan",
            **dict(zip(CURVES, ("blue", "yellow", "magenta", "cyan"), strict=True)),
        }.items()
    }
)
keep_units_with_numbers()
