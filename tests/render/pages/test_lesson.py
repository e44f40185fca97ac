"""The lab reads its chapter's Markdown as Rich does, without Rich's parser."""

from itertools import chain
from typing import ClassVar

import pytest
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import BlockQuote, Heading, Markdown, MarkdownContext, TextElement
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.page import LINK
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.lesson import LessonMarkdown
from cnn_tui.render.pages.topic import topic_markdown
from tests.subprocesses import run_python

WIDTHS = (40, 60, 84, 100)


class Diagram(TextElement):
    style_name = "none"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().splitlines():
            yield Text(f"  {line}", style="cyan", no_wrap=True, overflow="ellipsis")


class QuietHeading(Heading):
    def on_enter(self, context: MarkdownContext) -> None:
        self.text = Text()
        context.enter_style("bold underline" if self.tag == "h1" else "bold")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text


class Aside(BlockQuote):
    style_name = "italic"


class RichMarkdown(Markdown):
    """What the chapter should look like, by Rich's parser."""

    elements: ClassVar = {
        **Markdown.elements,
        "fence": Diagram,
        "heading_open": QuietHeading,
        "blockquote_open": Aside,
    }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.ascii_only:
            tokens = ([each, *(each.children or ())] for each in self.parsed)
            for token in chain.from_iterable(tokens):
                token.content = spelled_out(token.content)
        yield from super().__rich_console__(console, options)


def cells(renderable: object, width: int, encoding: str = "utf-8") -> list[tuple[str, Style]]:
    """Every character that is drawn, with its style."""
    console = Console(width=width, force_terminal=True, color_system="truecolor", highlight=False)
    options = console.options.update(width=width)
    options.encoding = encoding
    drawn = Segment.simplify(console.render(renderable, options))  # type: ignore[arg-type]
    return [
        (character, (style or Style()).update_link(style.link if style else None).copy())
        for text, style, _ in drawn
        for character in text
    ]


def same(ours: list[tuple[str, Style]], theirs: list[tuple[str, Style]]) -> None:
    assert "".join(each for each, _ in ours) == "".join(each for each, _ in theirs)
    for (character, our_style), (_, their_style) in zip(ours, theirs, strict=True):
        assert (our_style.without_color, our_style.color, our_style.link) == (
            their_style.without_color,
            their_style.color,
            their_style.link,
        ), character


@pytest.mark.parametrize(
    "topic",
    [
        pytest.param(topic, id=topic.slug, marks=[pytest.mark.slow] if number % 12 else [])
        for number, topic in enumerate(topics())
    ],
)
def test_draws_each_topic_as_rich_would(topic: Topic) -> None:
    markdown = topic_markdown(topic)
    for width in WIDTHS:
        same(cells(LessonMarkdown(markdown), width), cells(RichMarkdown(markdown), width))
    plain = LINK.sub(r"\1 (`\2`)", topic_markdown(topic, plain=True))
    for encoding in ("ascii", "utf-8"):
        ours = LessonMarkdown(plain, hyperlinks=False)
        theirs = RichMarkdown(plain, hyperlinks=False)
        same(cells(ours, 80, encoding), cells(theirs, 80, encoding))


@pytest.mark.parametrize(
    "markdown",
    [
        "# Title\n## Part\ntext right below",
        "a *b **c** d* **e *f* g** 2 * 3 * 4 ``a ` b``",
        "Text\n\n- one\n  goes on\n- **two**\n\n9. nine\n10. ten `x`\n",
        "Text\n\n> aside with `code`\n> goes on\n>\n> and *another*",
        "Text\n\n| a | b |\n| --- | --- |\n| `x` | **y** |\n| | two words |\n",
        "Text\n```python\nx = [1]  # as it is\n\n\n```\nend",
        "as long as beta =\n0. In evaluation, (a + 1)*16 and 2*(3*4) **(b)**c",
        "a [link *of* words](topic:resnet), and text",
        "",
    ],
)
@pytest.mark.parametrize("hyperlinks", [True, False])
def test_draws_each_kind_of_block_as_rich_would(markdown: str, hyperlinks: bool) -> None:
    if not hyperlinks:
        markdown = markdown.replace("*of*", "of")  # Rich shows the markup of a link's words then
    for width in WIDTHS:
        ours = LessonMarkdown(markdown, hyperlinks=hyperlinks)
        same(cells(ours, width), cells(RichMarkdown(markdown, hyperlinks=hyperlinks), width))


def test_needs_no_parser_of_markdown() -> None:
    code = "import sys, cnn_tui.render.pages.topic; print([m for m in ('markdown_it', 'pygments') "
    assert run_python(code + "if m in sys.modules])").stdout == "[]\n"
