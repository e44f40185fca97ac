"""Numbers stay with their units wherever a line is broken."""

import re

import pytest
from rich.console import RenderableType
from rich.text import Text
from textual.content import Content

from cnn_tui.render.draw.console import plain_text, wrapped_lines
from cnn_tui.render.draw.line_breaks import WORD
from cnn_tui.render.pages.lesson import LessonMarkdown
from cnn_tui.render.pages.question import QuestionBox

SENTENCE = (
    "A pass takes 70 % of 16 MB, or (40 %), in 2.8 s/epoch after 3 epochs, 12 ms each; "
    "1 h 10 min in all for 25.6 M parameters on 2 GB."
)
APART = re.compile(r"\d\n\s*[│▌•]?\s*(?:%|MB|s/|epochs|ms|h |min|M |GB)")
WIDTHS = range(14, 60)


def asked(width: int) -> str:
    """A question of that text, and its answer."""
    box = QuestionBox(1, LessonMarkdown(SENTENCE), LessonMarkdown(SENTENCE), is_next=False)
    lines = plain_text(box, width).splitlines()
    return "\n".join(line.strip("│ ") for line in lines)


def shown(content: RenderableType, width: int) -> str:
    return "\n".join(line.strip() for line in plain_text(content, width).splitlines())


@pytest.mark.parametrize("markup", [SENTENCE, f"- {SENTENCE}", f"> {SENTENCE}"])
def test_a_lesson_keeps_numbers_with_their_units(markup: str) -> None:
    for width in WIDTHS:
        assert not APART.search(shown(LessonMarkdown(markup), width)), width


def test_questions_sentences_and_notices_do_so_too() -> None:
    for width in WIDTHS:
        assert not APART.search(asked(width)), width
        lines = [line.plain.strip() for line in wrapped_lines(Text(SENTENCE), width)]
        assert not APART.search("\n".join(lines)), width
        assert " ".join(lines) == SENTENCE, "what is copied has its blanks"
        notice = Content(SENTENCE).wrap(width)
        assert not APART.search("\n".join(line.plain.strip() for line in notice)), width


def test_only_units_hold_on_to_a_number() -> None:
    words = [match.group().strip() for match in WORD.finditer("the 2 maps of 10 is 3 sums, 5 %.")]
    assert words == ["the", "2", "maps", "of", "10", "is", "3", "sums,", "5 %."]


def test_a_column_narrower_than_a_number_with_its_unit_still_shows_both() -> None:
    lines = [line.plain.strip() for line in wrapped_lines(Text("to 70 %"), 3)]
    assert "".join(lines) == "to70%"
