"""Where the chapter speaks of something: a search through the title and text of every topic."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.page import LINK, parts, questions

MARKS = re.compile(r"^[|: -]+$|^[>|-] ?|\*\*?|`+", re.MULTILINE)
PARAGRAPHS = re.compile(r"\n\s*\n")
EXCERPT_BEFORE, EXCERPT_LENGTH = 24, 72
"""Characters of an excerpt before what was found, and of the whole."""
SHORTEST_WORDS = 2
"""One letter is on every line."""
BAR = "▌"
"""What stands before each row of a block quote."""


@dataclass(frozen=True)
class Place:
    """A paragraph that has the words.

    ``heading`` is the one that it stands under, ``occurrence`` counts the words on
    their page up to here, from 0; ``in_answer`` tells that they must be unfolded.
    """

    slug: str
    title: str
    heading: str
    excerpt: str
    occurrence: int
    in_answer: bool = False


@dataclass(frozen=True)
class Span:
    """Characters ``start`` up to ``end`` of one row."""

    row: int
    start: int
    end: int


@dataclass(frozen=True)
class _Paragraph:
    heading: str
    text: str
    in_answer: bool = False


def search(words: str) -> tuple[Place, ...]:
    """The paragraphs that have ``words``, in any case, next to each other and in this order.

    Pages whose title has them come first, else the chapter's order. Nothing is
    found by fewer than two characters.
    """
    wanted = _folded(words)
    if len(wanted) < SHORTEST_WORDS:
        return ()
    first = [each for each in topics() if wanted in each.title.casefold()]
    others = [each for each in topics() if each not in first]
    return tuple(place for page in (*first, *others) for place in _places(page, wanted))


def spans(lines: Sequence[str], words: str) -> list[tuple[Span, ...]]:
    """Where a drawn page has ``words``: for each time one span, or more where they are wrapped.

    ``lines`` are the rows as plain text, with the bars of block quotes.
    """
    wanted = _folded(words)
    if not wanted:
        return []
    text, where = _in_one_line(lines)
    found = (where[at : at + len(wanted)] for at in _occurrences(text, wanted))
    return [tuple(_by_row(lines, cells)) for cells in found]


def _places(page: Topic, wanted: str) -> Iterator[Place]:
    count = 0
    for paragraph in _paragraphs(page):
        folded = paragraph.text.casefold()
        found = _occurrences(folded, wanted)
        if found:
            excerpt = _excerpt(paragraph.text, found[0])
            yield Place(
                page.slug, page.title, paragraph.heading, excerpt, count, paragraph.in_answer
            )
        count += len(found)


@cache
def _paragraphs(page: Topic) -> tuple[_Paragraph, ...]:
    """Everything that the page says, in the order in which it is drawn."""
    found = [_Paragraph("", page.title)]
    for part in parts(page):
        if part.heading:
            found.append(_Paragraph(part.heading, part.heading))
        found += [_Paragraph(part.heading, text) for text in _plain(part.text)]
    for number, question in enumerate(questions(page), start=1):
        heading = f"Question {number}"
        found += [_Paragraph(heading, text) for text in _plain(question.asked)]
        found += [_Paragraph(heading, text, in_answer=True) for text in _plain(question.answer)]
    found += [_Paragraph("Sources", " ".join(text.split())) for text in page.sources]
    return tuple(found)


def _plain(markdown: str) -> list[str]:
    """The paragraphs of a text, each as one line without marks."""
    text = MARKS.sub("", LINK.sub(r"\1", markdown))
    lines = (" ".join(each.replace(" | ", " ").split()) for each in PARAGRAPHS.split(text))
    return [line for line in lines if line]


def _occurrences(text: str, wanted: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(wanted), text)]


def _in_one_line(lines: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The rows as one text with single spaces, and for each character its (row, column)."""
    text, where = [" "], [(0, 0)]
    for row, line in enumerate(lines):
        for column, character in enumerate(f"{line} "):
            plain = " " if character.isspace() or character == BAR else character.casefold()
            if plain != " " or text[-1] != " ":
                text += plain
                where += [(row, column)] * len(plain)
    return "".join(text), where


def _by_row(lines: Sequence[str], cells: Sequence[tuple[int, int]]) -> Iterator[Span]:
    for row, of_row in groupby(cells, lambda cell: cell[0]):
        # The space at a row's end stands for the break.
        columns = [column for _, column in of_row if lines[row][column : column + 1].strip()]
        if columns:
            yield Span(row, columns[0], columns[-1] + 1)


def _excerpt(text: str, at: int) -> str:
    start = max(0, at - EXCERPT_BEFORE)
    if start:
        start = text.find(" ", start, at) + 1 or start
    excerpt = text[start : start + EXCERPT_LENGTH]
    before = "…" if start else ""
    after = "…" if start + EXCERPT_LENGTH < len(text) else ""
    return f"{before}{excerpt.rstrip()}{after}"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
