"""Topics as Markdown and as Rich renderables: one page, its sections, and the tree of all."""

import re
import textwrap
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from rich.console import Group, RenderableType
from rich.text import Text
from rich.tree import Tree

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.chapter.page import CHECK_YOURSELF, LINK, ReviewQuestion, parts, questions
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.lesson import LessonMarkdown

SLUG_WIDTH, TEXT_WIDTH = 32, 76
READ = "✓"
QUOTED = re.compile(r"^> ?", re.MULTILINE)
FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
NOT_PROSE = ("|", "- ", "#")
FOLDED, NEXT_FOLDED = "▸ answer", "▸ answer: press a"


@dataclass(frozen=True)
class Section:
    """A piece of a page under one name: ``heading`` for the contents, "" where it has none."""

    heading: str
    content: RenderableType


def topic_page(topic: Topic) -> RenderableType:
    """A topic for a terminal; links read as the words and the slug to type."""
    text = LINK.sub(r"\1 (`\2`)", topic_markdown(topic))
    return LessonMarkdown(text, hyperlinks=False)


def topic_markdown(topic: Topic, *, plain: bool = False) -> str:
    """The whole page as Markdown: title, text, what to try next to it; the answers come last.

    No paragraph is wider than the page, not in ``plain`` ASCII either.
    """
    asked = questions(topic)
    blocks = [
        f"# {topic.title}",
        *(_headed(part.heading, part.text) for part in parts(topic)),
        *([_headed(CHECK_YOURSELF, _asked(asked))] if asked else []),
        *(_headed(heading, text) for heading, text in _beside(topic)),
        *([_headed("Answers", _answers(asked))] if asked else []),
    ]
    page = "\n\n".join(blocks)
    return _filled(spelled_out(page) if plain else page)


def topic_sections(topic: Topic, unfolded: int) -> tuple[Section, ...]:
    """The page in pieces, with the answers of the first ``unfolded`` questions.

    Links are hyperlinks to ``topic:SLUG``, for a front end to follow.
    """
    return tuple(_sections(topic, unfolded))


def topic_tree(topics: Iterable[Topic], read: Collection[str] = ()) -> RenderableType:
    """The chapter's sections, each with its topics: slug, title, and a mark if it was read."""
    tree = Tree("The chapter", style="bold", guide_style="dim")
    sections: dict[str, Tree] = {}
    for topic in topics:
        if topic.section not in sections:
            sections[topic.section] = tree.add(topic.section, style="bold")
        mark = f" {READ}" if topic.slug in read else ""
        line = Text(f"{topic.slug:<{SLUG_WIDTH}}{topic.title}{mark}")
        sections[topic.section].add(line, style="not bold")
    return tree


def _sections(topic: Topic, unfolded: int) -> Iterator[Section]:
    first, *rest = parts(topic)
    yield Section("", LessonMarkdown(f"# {topic.title}\n\n{first.text}"))
    for part in rest:
        yield Section(part.heading, LessonMarkdown(_headed(part.heading, part.text)))
    if asked := questions(topic):
        yield Section(CHECK_YOURSELF, LessonMarkdown(f"## {CHECK_YOURSELF}"))
        for index, question in enumerate(asked):
            yield Section("", _question(question, index, unfolded))
    for heading, text in _beside(topic):
        yield Section(heading, LessonMarkdown(_headed(heading, text)))


def _question(question: ReviewQuestion, index: int, unfolded: int) -> RenderableType:
    if index < unfolded:
        return LessonMarkdown(f"{question.asked}\n\n{question.answer}")
    folded = NEXT_FOLDED if index == unfolded else FOLDED
    return Group(LessonMarkdown(question.asked), Text(), Text(folded, style="dim"))


def _beside(topic: Topic) -> Iterator[tuple[str, str]]:
    """(heading, text) of what stands below every page: what to try, and where it is from."""
    tries = [
        *(f"- Run the demo: {_typed(Action.RUN_DEMO, name)}" for name in topic.demos),
        *(f"- Look at the net: {_typed(Action.SUMMARIZE, name)}" for name in topic.nets),
        *(f"- Do the exercise: {_typed(Action.CHECK, name)}" for name in topic.exercises),
    ]
    if tries:
        yield "Try it", "\n".join(tries)
    if topic.sources:
        yield "Sources", "\n".join(_item(each) for each in topic.sources)


def _typed(action: Action, target: str) -> str:
    return f"`{command(step(action, target))}`"


def _asked(asked: tuple[ReviewQuestion, ...]) -> str:
    return "\n\n".join([*(each.asked for each in asked), "The answers end this page."])


def _answers(asked: tuple[ReviewQuestion, ...]) -> str:
    return "\n\n".join(
        f"**{number}.** {QUOTED.sub('', question.answer)}"
        for number, question in enumerate(asked, start=1)
    )


def _filled(markdown: str) -> str:
    """The text with too wide paragraphs broken anew; code stays as it is."""
    pieces = FENCED.split(markdown)
    pieces[::2] = ["\n\n".join(map(_narrow, each.split("\n\n"))) for each in pieces[::2]]
    return "".join(pieces)


def _narrow(block: str) -> str:
    fits = all(len(line) <= TEXT_WIDTH for line in block.splitlines())
    if fits or block.startswith(NOT_PROSE):
        return block
    bar = "> " if block.startswith("> ") else ""
    return textwrap.fill(
        QUOTED.sub("", block),
        TEXT_WIDTH,
        initial_indent=bar,
        subsequent_indent=bar,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _headed(heading: str, text: str) -> str:
    return f"## {heading}\n\n{text}" if heading else text


def _item(text: str) -> str:
    return textwrap.fill(text, TEXT_WIDTH, initial_indent="- ", subsequent_indent="  ")
