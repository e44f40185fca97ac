"""Code and diagrams in the roles of the theme."""

import pytest
from rich.text import Text

from cnn_tui.render.draw.code import diagram, python_code
from cnn_tui.render.draw.styles import ACCENT, CODE, CURVES, FRAME, PASSED, QUIET

CODE_LINES = 'for x in range(net.a, 2.5):  # "no" string\n    say("for # all", 0x1F)'


def styled(text: Text, style: str) -> list[str]:
    """What is drawn in a style."""
    return [text.plain[span.start : span.end] for span in text.spans if span.style == style]


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (CURVES[2], ["for", "in"]),
        (ACCENT, ["range"]),
        (CURVES[1], ["2.5", "0x1F"]),
        (QUIET, ['# "no" string']),
        (PASSED, ['"', "for # all", '"']),
    ],
)
def test_highlights_python_by_roles(style: str, words: list[str]) -> None:
    text = python_code(CODE_LINES)
    assert text.plain == CODE_LINES
    assert styled(text, style) == words


def test_draws_the_lines_of_a_diagram_quieter_than_its_words() -> None:
    text = diagram("x ─┤ conv ├─ y  ███")
    assert styled(text, FRAME) == ["─┤", "├─"]
    assert styled(text, ACCENT) == ["███"]


def test_tells_a_command_from_what_is_said_about_it() -> None:
    text = diagram("cnn-lab check exercise1      after every save")
    assert styled(text, CODE) == ["cnn-lab check exercise1"]
