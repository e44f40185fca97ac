"""The parts of a topic's page: its head, headings with their text, questions, links.

Where a heading stands in a terminal depends on the width, so a front end draws
the parts one by one and remembers where each began.
"""

import re
import textwrap
from dataclasses import dataclass
from functools import cache

from cnn_tui.chapter.catalogue import Topic, topic, topics

CHECK_YOURSELF = "Check yourself"
"""The heading of the questions, always a page's last."""
HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
ASKED = re.compile(r"^(?=\*\*\d+\. )", re.MULTILINE)
LINK = re.compile(r"\[([^\[\]]+)\]\(topic:([\w-]+)\)")
FENCED = re.compile(r"^```(\w*)\n(.*?)^```\n?", re.MULTILINE | re.DOTALL)
NARROW = "narrow"
"""The language of a block that is the block above it in fewer columns."""
NARROW_FORM = re.compile(rf"^```{NARROW}\n.*?^```\n?", re.MULTILINE | re.DOTALL)
COMMAND = "cnn-lab "
WORD = re.compile(r"\w[\w'’-]*")
WORDS_PER_MINUTE, CODE_LINES_PER_MINUTE = 180, 15
"""A text with formulas is read more slowly than a novel, and a diagram line by line."""


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


def head(page: Topic) -> str:
    """How the page begins, as Markdown: what it teaches, how long it takes, what to know before.

    "" for a page that names no goal.
    """
    if not page.goal:
        return ""
    known = ", ".join(f"[{each.title}](topic:{each.slug})" for each in known_before(page))
    needed = f"To know before: {known}." if known else "You need no other topic before."
    taken = f"Reading time: {reading_minutes(page)} min."
    return f"You will be able to {page.goal}.\n\n{taken} {needed}"


def known_before(page: Topic) -> tuple[Topic, ...]:
    """The topics that the page builds on."""
    return tuple(topic(slug) for slug in page.before)


def questions(page: Topic) -> tuple[ReviewQuestion, ...]:
    """What the page asks at its end; most pages ask two or three questions."""
    asking = (each.text for each in _all_parts(page) if each.heading == CHECK_YOURSELF)
    return tuple(_question(text) for part in asking for text in ASKED.split(part) if text.strip())


def links(page: Topic) -> tuple[Topic, ...]:
    """The topics that the page leads to: those to know before, then as its text names them."""
    return tuple(topic(slug) for slug in dict.fromkeys(_linked(page)))


def without_narrow_forms(text: str) -> str:
    """The text with each diagram once, in its widest form."""
    return NARROW_FORM.sub("", text)


@cache
def widest_diagram(page: Topic) -> int:
    """Columns of the longest line that must not be wrapped, each block in its narrowest form.

    Commands do not count; 0 for a page of prose.
    """
    widths: list[int] = []
    for language, block in FENCED.findall(page.text):
        if block.startswith(COMMAND):
            continue
        width = max(map(len, textwrap.dedent(block).splitlines()), default=0)
        if language == NARROW:
            widths[-1] = min(width, widths[-1])
        else:
            widths.append(width)
    return max(widths, default=0)


@cache
def reading_minutes(page: Topic) -> int:
    """How long the page takes to read, questions and diagrams included."""
    text = without_narrow_forms(page.text)
    code = [line for _, block in FENCED.findall(text) for line in block.splitlines() if line]
    words = WORD.findall(FENCED.sub("", text))
    return max(1, round(len(words) / WORDS_PER_MINUTE + len(code) / CODE_LINES_PER_MINUTE))


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
    return [*page.before, *(slug for _, slug in LINK.findall(page.text))]
