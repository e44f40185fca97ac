"""Every topic as a terminal shows it, at the two widths that readers meet most.

``pytest tests/render/pages/test_topic_pages.py --snapshot-update`` takes the pages as they are.
"""

import re
from itertools import chain

import pytest
from rich.console import Console

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.page import parts
from cnn_tui.render.pages.lesson import LessonMarkdown
from cnn_tui.render.pages.topic import topic_page

PYTHON = re.compile(r"^```python\n.*?^```\n*(?:^```narrow\n.*?^```\n*)?", re.MULTILINE | re.DOTALL)
SCREEN = 24
"""Rows of the smallest usual terminal."""


def rows(renderable: object, width: int) -> list[str]:
    console = Console(width=width, color_system=None, highlight=False, emoji=False)
    with console.capture() as capture:
        console.print(renderable)
    return [line.rstrip() for line in capture.get().splitlines()]


@pytest.mark.parametrize("width", [80, 120])
def test_shows_every_page_as_it_was_last_approved(width: int, snapshot: object) -> None:
    pages = ([f"=== {each.slug} ===", *rows(topic_page(each), width)] for each in topics())
    assert "\n".join(chain.from_iterable(pages)) == snapshot


@pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)
def test_tells_each_topic_on_about_three_screens_and_shows_its_code_on_two_more(
    page: Topic,
) -> None:
    text = "\n\n".join(f"## {part.heading}\n\n{part.text}" for part in parts(page))
    text = text.removeprefix("## \n\n")
    words = PYTHON.sub("", text)
    assert len(rows(LessonMarkdown(words), 80)) <= 3.3 * SCREEN
    assert 1.4 * SCREEN <= len(rows(LessonMarkdown(text), 80)) <= 5.6 * SCREEN
