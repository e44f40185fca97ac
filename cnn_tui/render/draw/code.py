"""Source code in the colors of the theme's roles: keywords, strings, numbers, calls, comments.

Pygments finds them; its own styles would bring colors that the theme does not know.
"""

import re
from collections.abc import Mapping

from rich.text import Text

from cnn_tui.render.draw.styles import ACCENT, CODE, CURVES, FRAME, PASSED, QUIET, STRONG

PYTHON_STYLES: Mapping[str, tuple[str, ...]] = {
    "Comment": (QUIET,),
    "String": (PASSED,),
    "Keyword": (STRONG, CURVES[2]),
    "Operator.Word": (STRONG, CURVES[2]),
    "Number": (CURVES[1],),
    "Name.Builtin": (ACCENT,),
    "Name.Function": (ACCENT,),
    "Name.Class": (ACCENT,),
    "Name.Decorator": (ACCENT,),
}
"""Pygments' kinds of tokens. A keyword is bold, too: it is looked for without color as well."""
DIAGRAM = re.compile(r"(?P<line>[─-╿╱-╳]+)|(?P<bar>[▀-▟]+)")
DIAGRAM_STYLES = {"line": (FRAME,), "bar": (ACCENT,)}
COMMAND = re.compile(r"^(?P<command>cnn-lab\b.*?)(?:  .*)?$", re.MULTILINE)
COMMAND_STYLES = {"command": (CODE,)}


def python_code(code: str) -> Text:
    """Python with its syntax highlighted; also a piece that is no whole program."""
    from pygments.lexers.python import PythonLexer  # takes as long as the rest of a page

    text = Text()
    for kind, value in PythonLexer(stripnl=False, ensurenl=False).get_tokens(code):
        start = len(text)
        text.append(value)
        for style in _styles_of(str(kind)):
            text.stylize(style, start)
    return text


def _styles_of(kind: str) -> tuple[str, ...]:
    """The styles of a token such as ``Token.Literal.Number.Integer``."""
    return next((styles for name, styles in PYTHON_STYLES.items() if f".{name}" in kind), ())


def diagram(drawing: str) -> Text:
    """Lines quieter than the words between them, and commands as what they are."""
    if COMMAND.match(drawing):
        return _styled(drawing, COMMAND, COMMAND_STYLES)
    return _styled(drawing, DIAGRAM, DIAGRAM_STYLES)


def _styled(code: str, tokens: re.Pattern[str], styles: Mapping[str, tuple[str, ...]]) -> Text:
    text = Text(code)
    for match in tokens.finditer(code):
        for style in styles[match.lastgroup or ""]:
            text.stylize(style, *match.span(match.lastgroup or 0))
    return text
