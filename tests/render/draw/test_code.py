"""Code and diagrams in the roles of the theme."""

import re

import pytest
from rich.text import Text

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.snippets import program
from cnn_tui.render.draw.code import diagram, python_code
from cnn_tui.render.draw.styles import ACCENT, CODE, CURVES, FRAME, PASSED, QUIET

CODE_LINES = 'for x in range(net.a, 2.5):  # "no" string\n    say("for # all", 0x1F)'


def styled(text: Text, style: str) -> list[str]:
    """What is drawn in a style; what touches is one."""
    pieces: list[tuple[int, int]] = []
    for span in sorted(each for each in text.spans if each.style == style):
        if pieces and pieces[-1][1] == span.start:
            pieces[-1] = (pieces[-1][0], span.end)
        else:
            pieces.append((span.start, span.end))
    return [text.plain[start:end] for start, end in pieces]


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (CURVES[2], ["for", "in"]),
        (ACCENT, ["range"]),
        (CURVES[1], ["2.5", "0x1F"]),
        (QUIET, ['# "no" string']),
        (PASSED, ['"for # all"']),
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


WHOLE = '''@torch.no_grad()
class Net(nn.Module):
    """Three
    lines and not one."""

    def forward(self, x):
        return x.sum() if x.is_cuda else rf"{x}\\"" or (
        # left open
'''


@pytest.mark.parametrize(
    ("style", "words"),
    [
        (ACCENT, ["@torch.no_grad", "Net", "forward", "self"]),
        (CURVES[2], ["class", "def", "return", "if", "else", "or"]),
        (PASSED, ['"""Three\n    lines and not one."""', 'rf"{x}\\""']),
    ],
)
def test_finds_the_roles_of_a_class_and_of_strings_of_all_kinds(
    style: str, words: list[str]
) -> None:
    text = python_code(WHOLE)
    assert text.plain == WHOLE
    assert styled(text, style) == words


def test_highlights_as_the_pygments_that_it_spares_the_first_page() -> None:
    lexers = pytest.importorskip("pygments.lexers.python")
    code = program(topic("convolution"))
    kinds = {"Comment": QUIET, "Number": CURVES[1], "Keyword|Operator.Word": CURVES[2]}
    tokens = list(lexers.PythonLexer().get_tokens(code))
    for kind, style in kinds.items():
        found = [value for token, value in tokens if re.search(kind, str(token))]
        assert styled(python_code(code), style) == found
