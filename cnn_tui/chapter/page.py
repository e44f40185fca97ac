"""The parts of a topic's page: headings with their text, questions with their answers, links.

Where a heading stands in a terminal depends on the width, so a front end draws
the parts one by one and remembers where each began.
"""

import re
from dataclasses import dataclass
from functools import cache

from cnn_tui.chapter.catalogue import Topic, topic, topics

CHECK_YOURSELF = "Check yourself"
"""The heading of the questions, always a page's last."""
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
ASKED = re.compile(r"^(?=\*\*\d+\. )", re.MULTILINE)
LINK = re.compile(r"\[([^\]]+)\]\(topic:([\w-]+)\)")
FENCED = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class TopicSection:
    """What stands under one heading, as Markdown; the text above the first has the heading ""."""

    heading: str
    text: str


@dataclass(frozen=True)
class ReviewQuestion:
    """One question and its answer, as Markdown; the answer is a block quote."""

    asked: str
    answer: str


def parts(page: Topic) -> tuple[TopicSection, ...]:
    """The page from top to bottom, without its questions."""
    return tuple(each for each in _all_parts(page) if each.heading != CHECK_YOURSELF)


def questions(page: Topic) -> tuple[ReviewQuestion, ...]:
    """What the page asks at its end; most pages ask two or three questions."""
    asking = (each.text for each in _all_parts(page) if each.heading == CHECK_YOURSELF)
    return tuple(_question(text) for part in asking for text in ASKED.split(part) if text.strip())


def links(page: Topic) -> tuple[Topic, ...]:
    """The topics that the page leads to, in the order in which it names them."""
    return tuple(topic(slug) for slug in dict.fromkeys(_linked(page)))


@cache
def widest_diagram(page: Topic) -> int:
    """Columns of the longest line that must not be wrapped; 0 for a page of prose."""
    lines = (line for each in FENCED.findall(page.text) for line in each.splitlines())
    return max(map(len, lines), default=0)


def linked_from(page: Topic) -> tuple[Topic, ...]:
    """The topics that lead to the page, in the chapter's order."""
    return tuple(each for each in topics() if page.slug in _linked(each))


@cache
def _all_parts(page: Topic) -> tuple[TopicSection, ...]:
    first, *rest = HEADING.split(page.text)
    headed = zip(rest[::2], rest[1::2], strict=True)
    under = [
        TopicSection("", first.strip()),
        *(TopicSection(name.strip(), text.strip()) for name, text in headed),
    ]
    return tuple(each for each in under if each.heading or each.text)


def _question(text: str) -> ReviewQuestion:
    asked, mark, answer = text.partition("\n>")
    return ReviewQuestion(asked.strip(), (mark + answer).strip())


def _linked(page: Topic) -> list[str]:
    return [slug for _, slug in LINK.findall(page.text)]
