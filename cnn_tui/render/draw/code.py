"""Source code in the colors of the theme's roles: keywords, strings, numbers, calls, comments.

Python's own tokenizer finds them: Pygments takes longer to load and to begin than the first page
takes to be drawn, and has more kinds than the theme has roles.
"""

import builtins
import keyword
import re
import tokenize
from collections.abc import Iterator, Mapping
from io import StringIO
from types import BuiltinFunctionType

from rich.text import Text

from cnn_tui.render.draw.styles import ACCENT, CODE, CURVES, FRAME, PASSED, QUIET, STRONG

PYTHON_STYLES: Mapping[str, tuple[str, ...]] = {
    "comment": (QUIET,),
    "string": (PASSED,),
    "keyword": (STRONG, CURVES[2]),
    "number": (CURVES[1],),
    "name": (ACCENT,),
}
"""The roles of what is found. A keyword is bold, too: it is looked for without color as well."""
ROLES = {
    tokenize.COMMENT: "comment",
    tokenize.STRING: "string",
    tokenize.NUMBER: "number",
    **{
        getattr(tokenize, name): "string"
        for name in ("FSTRING_START", "FSTRING_MIDDLE", "FSTRING_END")
        if hasattr(tokenize, name)
    },
}
"""Of tokens that have one whatever they say; f-strings have parts from Python 3.12 on."""
KEYWORDS = frozenset(keyword.kwlist)
NAMED = frozenset({"def", "class"})
"""What comes before a name that begins to exist here."""
BUILTINS = {"self", "cls"} | {
    name
    for name, value in vars(builtins).items()
    if name.islower() and isinstance(value, type | BuiltinFunctionType)
}
DECORATOR = re.compile(r"\s*@[\w.]*")
"""A line up to a part of its decorator's name."""
MAGIC = re.compile(r"__\w+__")
DIAGRAM = re.compile(r"(?P<line>[─-╿╱-╳]+)|(?P<bar>[▀-▟]+)")
DIAGRAM_STYLES = {"line": (FRAME,), "bar": (ACCENT,)}
COMMAND = re.compile(r"^(?P<command>cnn-lab\b.*?)(?:  .*)?$", re.MULTILINE)
COMMAND_STYLES = {"command": (CODE,)}


def python_code(code: str) -> Text:
    """Python with its syntax highlighted; also a piece that is no whole program."""
    text = Text(code)
    starts = [0]
    for line in StringIO(code):  # as the tokenizer counts lines, not as str.splitlines does
        starts.append(starts[-1] + len(line))
    before = ""
    for token in _tokens(code):
        start, end = (starts[row - 1] + column for row, column in (token.start, token.end))
        for style in PYTHON_STYLES.get(_role_of(token, before), ()):
            text.stylize(style, start, end)
        if token.string.strip():
            before = token.string
    return text


def _tokens(code: str) -> Iterator[tokenize.TokenInfo]:
    """The tokens up to where the piece stops being Python: a statement or a string left open."""
    try:
        yield from tokenize.generate_tokens(StringIO(code).readline)
    except (tokenize.TokenError, SyntaxError):
        return


def _role_of(token: tokenize.TokenInfo, before: str) -> str:
    """The role of a token behind another; "" for what has none."""
    if token.type in ROLES:
        return ROLES[token.type]
    if DECORATOR.fullmatch(token.line[: token.end[1]]):
        return "name"
    if token.type != tokenize.NAME:
        return ""
    if token.string in KEYWORDS and before != ".":
        return "keyword"
    is_builtin = token.string in BUILTINS and before != "."
    return "name" if is_builtin or before in NAMED or MAGIC.fullmatch(token.string) else ""


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
