"""What a search of the chapter found: each topic with the lines that have the words."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.chapter.search import SHORTEST_WORDS, FoundLine, FoundTopic, spans
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.styles import ACCENT, QUIET, STRONG

HEADING_INDENT, LINE_INDENT = " " * 2, " " * 4


def search_page(found: Sequence[FoundTopic], words: str) -> RenderableType:
    """The topics, each with its lines; what was searched for is highlighted."""
    lines = [line for each in found for line in _found_topic(each, words)]
    count = f"{len(found)} topics" if len(found) > 1 else "One topic"
    read = command(step(Action.READ_TOPIC, found[0].topic.slug))
    return Group(*lines, Text(f"\n{count}. Read one with: {read}"))


def _found_topic(found: FoundTopic, words: str) -> Iterator[Text]:
    topic = found.topic
    slug, title = Text(topic.slug, style=STRONG), highlighted(topic.title, words)
    yield Text.assemble(slug, "  ", title, "  ", (topic.section, QUIET))
    below = [match for match in found.matches if match.excerpt != topic.title]
    for heading, matches in groupby(below, key=_heading):
        if heading:
            yield Text.assemble(HEADING_INDENT, highlighted(heading, words))
        for match in matches:
            if match.excerpt != match.heading:
                yield Text.assemble(LINE_INDENT, highlighted(match.excerpt, words))


def _heading(match: FoundLine) -> str:
    return f"{match.heading}, answer" if match.in_answer else match.heading


def highlighted(text: str, words: str, style: str = "") -> Text:
    """The text with the words highlighted: all together where it has them so, else each."""
    line = Text(text, style)
    together = spans([text], words)
    each = (spans([text], word) for word in words.split() if len(word) >= SHORTEST_WORDS)
    for found in together or (places for of_word in each for places in of_word):
        for span in found:
            line.stylize(STRONG, span.start, span.end)
            line.stylize(ACCENT, span.start, span.end)
    return line
