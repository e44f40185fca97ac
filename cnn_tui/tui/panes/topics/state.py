"""What the Topics pane shows, as values: the topic, its answers, what was found, the way back."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.catalogue import topic as topic_named
from cnn_tui.chapter.page import known_before, linked_from, links, questions
from cnn_tui.chapter.reading import ReadingMarks
from cnn_tui.render.pages.topic import written
from cnn_tui.tui.panes.offers import offer

if TYPE_CHECKING:
    from cnn_tui.tui.dialogs.choice import Choices
    from cnn_tui.tui.dialogs.search import SearchResult

LINK = re.compile(r"\[([^\[\]]+)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Visit:
    """A topic that was left by a link, and the row at the top of what was seen of it."""

    topic: Topic
    row: int


@dataclass(frozen=True, eq=False)
class TopicsState:
    """``answers`` counts those that are unfolded of each topic, by its slug."""

    topic: Topic = field(default_factory=lambda: topics()[0])
    read: frozenset[str] = frozenset()
    answers: Mapping[str, int] = field(default_factory=dict)
    found: "SearchResult | None" = None
    visits: tuple[Visit, ...] = ()

    @property
    def unfolded(self) -> int:
        """How many answers of the topic are unfolded."""
        return self.answers.get(self.topic.slug, 0)

    @property
    def words(self) -> str:
        """What was searched for; "" for nothing."""
        return self.found.words if self.found else ""

    def opened(self, topic: Topic) -> "TopicsState":
        """Another topic, and the end of a search."""
        return replace(self, topic=topic, found=None)

    def neighbor(self, step: int) -> Topic | None:
        """The next topic of the chapter, or with -1 the one before."""
        pages = topics()
        place = pages.index(self.topic) + step
        return pages[place] if 0 <= place < len(pages) else None

    def answered(self) -> "TopicsState":
        """One more answer unfolded, or after the last none."""
        count = (self.unfolded + 1) % (len(questions(self.topic)) + 1)
        return replace(self, answers={**self.answers, self.topic.slug: count})

    def finding(self, found: "SearchResult | None") -> "TopicsState":
        """The place that was found, unfolded where it is in an answer; None ends the search."""
        if found is None:
            return replace(self, found=None)
        topic, answers = topic_named(found.place.slug), self.answers
        if found.place.in_answer:
            answers = {**answers, topic.slug: len(questions(topic))}
        return replace(self, topic=topic, answers=answers, found=found)

    def next_place(self, step: int) -> "SearchResult | None":
        """The next place that was found, or with -1 the one before; round and round."""
        if self.found is None:
            return None
        index = (self.found.index + step) % len(self.found.places)
        return replace(self.found, index=index)

    def leaving(self, row: int) -> "TopicsState":
        """Remember where the reader is, to come back."""
        return replace(self, visits=(*self.visits, Visit(self.topic, row)))

    def returned(self) -> "TopicsState":
        """Without the last visit, which has been gone back to."""
        return replace(self, visits=self.visits[:-1])

    def marked(self, read: frozenset[str]) -> "TopicsState":
        """These topics are read."""
        return self if read == self.read else replace(self, read=read)


def contents(topic: Topic, headings: Sequence[str]) -> "Choices":
    """The page from its top to its last heading, each as ``#HEADING``."""
    return {"": [("#", topic.title), *((f"#{name}", name) for name in headings)]}


def destinations(topic: Topic) -> "Choices":
    """Where the page's links and the links to it lead, and what it offers to do."""
    before, there, here = (
        [(f"topic:{each.slug}", each.title) for each in pages]
        for pages in (known_before(topic), links(topic), linked_from(topic))
    )
    return {
        "Try it": list(offered(topic)),
        "To know before": before,
        "Links from here": [each for each in there if each not in before],
        "Links to here": [each for each in here if each not in there],
    }


def offered(topic: Topic) -> Iterator[tuple[str, str]]:
    """What can be tried beside the page: (link, words)."""
    seen: set[str] = set()
    for words, link in LINK.findall(written(topic, offer)):
        if not link.startswith("topic:") and link not in seen:
            seen.add(link)
            yield link, words[:1].upper() + words[1:]


def begin(reading: ReadingMarks) -> TopicsState:
    """Where the reader was last."""
    known = {each.slug: each for each in topics()}
    return TopicsState(known.get(reading.last, topics()[0]), reading.read)
