"""What a topic's program says that it prints: the comment behind a print, or right below it."""

import io
import tokenize

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.snippets import program


def printed_comments(slug: str) -> list[str]:
    """The lines that the comments on the page's prints announce, from top to bottom."""
    announced = []
    below_a_print = False
    for line in program(topic(slug)).splitlines():
        comment = _comment(line)
        below_a_print = line.lstrip().startswith("print(") or (
            below_a_print and line.startswith("#")
        )
        if below_a_print and comment:
            announced.append(comment)
    return announced


def _comment(line: str) -> str:
    """The words of a comment that stands on one line of code."""
    tokens = tokenize.generate_tokens(io.StringIO(line.lstrip()).readline)
    try:
        return next(
            (each.string.lstrip("# ") for each in tokens if each.type == tokenize.COMMENT), ""
        )
    except tokenize.TokenError:  # the statement goes on in the next line
        return ""
