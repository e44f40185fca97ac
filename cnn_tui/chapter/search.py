"""Where the chapter speaks of something: a search through the title and text of every topic."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import groupby

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.page import LINK, head, parts, questions, without_narrow_forms

MARKS = re.compile(r"^[|: -]+$|^[>|-] ?|\*\*?|`+", re.MULTILINE)
PARAGRAPHS = re.compile(r"\n\s*\n")
CELL_SIDES = re.compile(r" \| |│")
EXCERPT_BEFORE, EXCERPT_LENGTH = 24, 72
"""Characters of an excerpt before what was found, and of the whole."""
SHORTEST_WORDS = 2
"""One letter is on every line."""
SIDES = "▌│"
"""What stands before a row of a block quote, and around one in a frame."""


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
class FoundLine:
    """A paragraph that has what was searched for; ``heading`` is "" where it stands under none."""

    heading: str
    excerpt: str
    in_answer: bool


@dataclass(frozen=True)
class FoundTopic:
    """A topic that has every word that was searched for, and where."""

    topic: Topic
    matches: tuple[FoundLine, ...]


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

    @cached_property
    def folded(self) -> str:
        """The text as it is searched."""
        return _folded(self.text)


def search(words: str) -> tuple[Place, ...]:
    """The paragraphs that have ``words``, next to each other and in this order.

    Case and accents do not matter. Pages whose title has the words come first, else the
    chapter's order. Nothing is found by fewer than two characters.
    """
    wanted = _folded(words)
    if is_too_short(words):
        return ()
    pages = _titled_first(topics(), [wanted])
    return tuple(place for page in pages for place in _places(page, wanted))


def search_topics(words: str) -> tuple[FoundTopic, ...]:
    """The topics that have all of ``words``, in any order, and the paragraphs that have all.

    Where no paragraph of a topic has all of them, those that have any of them. The topics
    come in the order of ``search``, which finds the same paragraphs by a single word.
    """
    wanted = _folded(words).split()
    if is_too_short(words):
        return ()
    found = [page for page in topics() if _has_all(_text(page), wanted)]
    return tuple(FoundTopic(page, _matches(page, wanted)) for page in _titled_first(found, wanted))


def is_too_short(words: str) -> bool:
    """Whether ``words`` are too few characters to search for."""
    return len(_folded(words)) < SHORTEST_WORDS


def spans(lines: Sequence[str], words: str) -> list[tuple[Span, ...]]:
    """Where a drawn page has ``words``: for each time one span, or more where they are wrapped.

    ``lines`` are the rows as plain text, with the bars of block quotes and the sides of frames.
    """
    wanted = _folded(words)
    if not wanted:
        return []
    text, where = _in_one_line(lines)
    found = (where[at : at + len(wanted)] for at in _occurrences(text, wanted))
    return [tuple(_by_row(lines, cells)) for cells in found]


def _titled_first(pages: Iterable[Topic], wanted: Sequence[str]) -> list[Topic]:
    """The pages in their order, but first those whose title has all that is wanted."""
    return sorted(pages, key=lambda page: not _has_all(_folded(page.title), wanted))


def _has_all(folded: str, wanted: Iterable[str]) -> bool:
    return all(word in folded for word in wanted)


def _text(page: Topic) -> str:
    return "\n".join(paragraph.folded for paragraph in _paragraphs(page))


def _matches(page: Topic, wanted: Sequence[str]) -> tuple[FoundLine, ...]:
    paragraphs = _paragraphs(page)
    having_all = [each for each in paragraphs if _has_all(each.folded, wanted)]
    having_any = [each for each in paragraphs if any(word in each.folded for word in wanted)]
    return tuple(
        FoundLine(each.heading, _excerpt(each.text, _first(each.folded, wanted)), each.in_answer)
        for each in having_all or having_any
    )


def _first(folded: str, wanted: Sequence[str]) -> int:
    """Where the words stand next to each other, else where the first of them stands."""
    together = " ".join(wanted)
    if together in folded:
        return folded.find(together)
    return min(folded.find(each) for each in wanted if each in folded)


def _places(page: Topic, wanted: str) -> Iterator[Place]:
    count = 0
    for paragraph in _paragraphs(page):
        found = _occurrences(paragraph.folded, wanted)
        if found:
            excerpt = _excerpt(paragraph.text, found[0])
            yield Place(
                page.slug, page.title, paragraph.heading, excerpt, count, paragraph.in_answer
            )
        count += len(found)


@cache
def _paragraphs(page: Topic) -> tuple[_Paragraph, ...]:
    """Everything that the page says, in the order in which it is drawn."""
    found = [_Paragraph("", text) for text in (page.title, *_plain(head(page)))]
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
    text = MARKS.sub("", LINK.sub(r"\1", without_narrow_forms(markdown)))
    lines = (" ".join(CELL_SIDES.sub(" ", each).split()) for each in PARAGRAPHS.split(text))
    return [line for line in lines if line]


def _occurrences(text: str, wanted: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(wanted), text)]


def _in_one_line(lines: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """The rows as one text with single spaces, and for each character its (row, column)."""
    text, where = [" "], [(0, 0)]
    for row, line in enumerate(lines):
        for column, character in enumerate(f"{line} "):
            plain = (
                " " if character.isspace() or character in SIDES else _folded_character(character)
            )
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
    end = start + EXCERPT_LENGTH
    if end < len(text):
        end = max(text.rfind(" ", at, end), at) if " " in text[at:end] else end
    excerpt = text[start:end]
    before = "…" if start else ""
    after = " …" if end < len(text) else ""
    return f"{before}{excerpt.rstrip()}{after}"


def _folded(text: str) -> str:
    """The text in one line, without regard to case and accents."""
    plain = text if text.isascii() else "".join(map(_without_accents, text))
    return " ".join(plain.casefold().split())


def _folded_character(character: str) -> str:
    return _without_accents(character).casefold()


@cache
def _without_accents(character: str) -> str:
    """``character`` without its accents; nothing of an accent that stands alone."""
    pieces = unicodedata.normalize("NFD", character)
    return "".join(each for each in pieces if not unicodedata.combining(each))
