"""Topics as Markdown and as Rich renderables: one page, its sections, and the tree of all."""

import re
import textwrap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.chapter.page import (
    CHECK_YOURSELF,
    LINK,
    ReviewQuestion,
    head,
    parts,
    questions,
    without_narrow_forms,
)
from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.commands import command
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.styles import FRAME, PASSED, STRONG
from cnn_tui.render.pages.lesson import LessonMarkdown
from cnn_tui.render.pages.question import QuestionBox

SLUG_WIDTH, TEXT_WIDTH = 32, 76
READ = "✓"
QUOTED = re.compile(r"^> ?", re.MULTILINE)
FENCED = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
NOT_PROSE = ("|", "- ", "#")
FENCE = "```"
COMMANDS = re.compile(r"^```\n((?:cnn-lab .*\n)+)```$", re.MULTILINE)
COMMAND = re.compile(r"`(cnn-lab\s[^`]+)`")
ASIDE_BREAK = re.compile(r"\s*\n>?\s*")
NUMBER = re.compile(r"\*\*\d+\. ")
COMMENT = re.compile(r" {2,}.*")

SEE: Mapping[str, str] = {
    "pool": "Pool a map",
    "receptive-field": "Follow the receptive field",
    "activations": "Look at feature maps",
    "gradients": "Measure gradients by depth",
    "compare": "Compare networks",
    "summary": "Look at the net",
    "curves": "Look at a run's curves",
    "evaluate": "Test a run",
    "predict": "Look at a run's predictions",
    "experiment": "Run the experiment",
}
"""What a page calls the commands that show its subject."""

Offer = Callable[[str], str]
"""How a front end writes what a command does, such as a link with its key; "" keeps it."""


def nothing_offered(command: str) -> str:
    """What a front end without keys offers: the command stays."""
    return ""


@dataclass(frozen=True)
class Section:
    """A piece of a page under one name: ``heading`` for the contents, "" where it has none."""

    heading: str
    content: RenderableType


def topic_page(topic: Topic) -> RenderableType:
    """A topic for a terminal; links read as the words and the slug to type."""
    text = LINK.sub(r"\1 (`\2`)", _markdown(topic))
    return LessonMarkdown(text, hyperlinks=False)


def topic_markdown(topic: Topic, *, plain: bool = False) -> str:
    """The whole page as Markdown: title, head, text, what to try; the answers come last.

    No paragraph is wider than the page, not in ``plain`` ASCII either; diagrams have
    their widest form.
    """
    return _markdown(topic, without_narrow_forms, plain=plain)


def _markdown(topic: Topic, form: Callable[[str], str] = str, *, plain: bool = False) -> str:
    asked = questions(topic)
    blocks = [
        f"# {topic.title}",
        *([head(topic)] if topic.goal else []),
        *(_headed(part.heading, form(part.text)) for part in parts(topic)),
        *([_headed(CHECK_YOURSELF, _asked(asked))] if asked else []),
        *(_headed(heading, text) for heading, text in _beside(topic, _items_of)),
        *([_headed("Answers", _answers(asked))] if asked else []),
    ]
    page = "\n\n".join(blocks)
    return _filled(spelled_out(page) if plain else page)


def topic_sections(
    topic: Topic, unfolded: int, offer: Offer = nothing_offered
) -> tuple[Section, ...]:
    """The page in pieces, with the answers of the first ``unfolded`` questions.

    The title is a piece of its own, the first. Links are hyperlinks to ``topic:SLUG``, for
    a front end to follow; ``offer`` says how it writes what a command does.
    """
    return tuple(_sections(topic, unfolded, partial(with_offers, offer)))


def written(topic: Topic, offer: Offer) -> str:
    """The whole page as Markdown, with what its commands do in place of them."""
    return with_offers(offer, _markdown(topic, without_narrow_forms))


def topic_tree(topics: Iterable[Topic], read: Collection[str] = ()) -> RenderableType:
    """The chapter's sections, each with its topics: slug, title, and a mark if it was read."""
    tree = Tree("The chapter", style=STRONG, guide_style=FRAME)
    sections: dict[str, Tree] = {}
    for topic in topics:
        if topic.section not in sections:
            sections[topic.section] = tree.add(topic.section, style=STRONG)
        line = Text(f"{topic.slug:<{SLUG_WIDTH}}{topic.title}")
        if topic.slug in read:
            line.append(f" {READ}", PASSED)
        sections[topic.section].add(line, style="not bold")
    return tree


def _sections(topic: Topic, unfolded: int, write: Offer) -> Iterator[Section]:
    yield Section("", LessonMarkdown(f"# {topic.title}"))
    if topic.goal:
        yield Section("", LessonMarkdown(head(topic)))
    for part in parts(topic):
        text = write(_headed(part.heading, part.text))
        yield Section(part.heading, LessonMarkdown(text))
    if asked := questions(topic):
        yield Section(CHECK_YOURSELF, LessonMarkdown(f"## {CHECK_YOURSELF}"))
        for index, question in enumerate(asked):
            yield Section("", _question(question, index, unfolded, write))
    for heading, text in _beside(topic, _block_of):
        yield Section(heading, LessonMarkdown(write(_headed(heading, text))))


def _question(question: ReviewQuestion, index: int, unfolded: int, write: Offer) -> RenderableType:
    asked = LessonMarkdown(write(_without_number(question.asked)))
    answer = LessonMarkdown(write(QUOTED.sub("", question.answer)))
    return QuestionBox(
        index + 1, asked, answer if index < unfolded else None, is_next=index == unfolded
    )


def _without_number(asked: str) -> str:
    """``**1. Why?**`` → ``**Why?**``: the number stands in the frame."""
    return NUMBER.sub("**", asked, count=1)


def with_offers(offer: Offer, markdown: str) -> str:
    """The text with what its commands do in place of them."""
    listed = COMMANDS.sub(lambda block: _list_of(offer, block[1]), markdown)
    return COMMAND.sub(lambda code: _inline(offer, code[1]) or code[0], listed)


def _list_of(offer: Offer, commands: str) -> str:
    lines = (COMMENT.sub("", line) for line in commands.splitlines())
    return "\n".join(f"- {_begun(_inline(offer, line)) or f'`{line}`'}" for line in lines)


def _begun(link: str) -> str:
    """The link as an item begins: with a capital."""
    return link[:1] + link[1:2].upper() + link[2:]


def _inline(offer: Offer, command: str) -> str:
    return offer(ASIDE_BREAK.sub(" ", command))


def _beside(
    topic: Topic, listed: Callable[[Iterable[tuple[str, str]]], str]
) -> Iterator[tuple[str, str]]:
    """(heading, text) of what stands below every page: what to try, and where it is from."""
    tries = [
        *((SEE.get(each.split()[1], "Try"), each) for each in topic.see),
        *(("Run the demo", _typed(Action.RUN_DEMO, name)) for name in topic.demos),
        *(("Look at the net", _typed(Action.SUMMARIZE, name)) for name in topic.nets),
        *(("Do the exercise", _typed(Action.CHECK, name)) for name in topic.exercises),
    ]
    if tries:
        yield "Try it", listed(tries)
    if topic.sources:
        yield "Sources", "\n".join(_item(each) for each in topic.sources)


def _items_of(tries: Iterable[tuple[str, str]]) -> str:
    """Each with its command, for a shell."""
    return "\n".join(f"- {words}: `{typed}`" for words, typed in tries)


def _block_of(tries: Iterable[tuple[str, str]]) -> str:
    """The commands alone: what they do replaces them."""
    return "\n".join([FENCE, *(typed for _, typed in tries), FENCE])


def _typed(action: Action, target: str) -> str:
    return command(step(action, target))


def _asked(asked: tuple[ReviewQuestion, ...]) -> str:
    return "\n\n".join([*(each.asked for each in asked), "The answers end this page."])


def _answers(asked: tuple[ReviewQuestion, ...]) -> str:
    return "\n\n".join(
        f"**{number}.** {QUOTED.sub('', question.answer)}"
        for number, question in enumerate(asked, start=1)
    )


def _filled(markdown: str) -> str:
    """The text with too wide paragraphs wrapped again; code stays as it is."""
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
