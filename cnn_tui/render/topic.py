"""Topics as Markdown and as Rich renderables: one page, and the tree of all."""

import re
import textwrap
from collections.abc import Iterable

from rich.console import RenderableType
from rich.text import Text
from rich.tree import Tree

from cnn_tui.chapter.catalogue import Topic
from cnn_tui.render.lesson import LessonMarkdown

SLUG_WIDTH, TEXT_WIDTH = 32, 76
TOPIC_LINK = re.compile(r"\[([^\]]+)\]\(topic:([\w-]+)\)")


def topic_page(topic: Topic) -> RenderableType:
    """A topic for a terminal; links read as the words and the slug to type."""
    text = TOPIC_LINK.sub(r"\1 (`\2`)", topic_markdown(topic))
    return LessonMarkdown(text, hyperlinks=False)


def topic_markdown(topic: Topic) -> str:
    """The whole page as Markdown: title, text, and what to try next to it."""
    parts = [f"# {topic.title}", topic.text]
    tries = [
        *(f"- Run the demo: `cnn-lab demo {name}`" for name in topic.demos),
        *(f"- Look at the net: `cnn-lab summary {name}`" for name in topic.nets),
        *(f"- Do the exercise: `cnn-lab check {name}`" for name in topic.exercises),
    ]
    if tries:
        parts += ["## Try it", "\n".join(tries)]
    if topic.sources:
        parts += ["## Sources", "\n".join(_item(each) for each in topic.sources)]
    return "\n\n".join(parts)


def topic_tree(topics: Iterable[Topic]) -> RenderableType:
    """The chapter's sections, each with its topics: slug and title."""
    tree = Tree("The chapter", style="bold", guide_style="dim")
    sections: dict[str, Tree] = {}
    for topic in topics:
        if topic.section not in sections:
            sections[topic.section] = tree.add(topic.section, style="bold")
        line = Text(f"{topic.slug:<{SLUG_WIDTH}}{topic.title}")
        sections[topic.section].add(line, style="not bold")
    return tree


def _item(text: str) -> str:
    return textwrap.fill(text, TEXT_WIDTH, initial_indent="- ", subsequent_indent="  ")
