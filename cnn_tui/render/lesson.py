"""Markdown as the chapter needs it: diagrams that never wrap, quiet headings."""

from itertools import chain
from typing import ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import (
    BlockQuote,
    Heading,
    Markdown,
    MarkdownContext,
    MarkdownElement,
    TextElement,
)
from rich.text import Text

from cnn_tui.render.spelling import spelled_out

DIAGRAM_INDENT = 2


class _Diagram(TextElement):
    """A code block as it stands: a line that is too long ends in an ellipsis, is not wrapped."""

    style_name = "none"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for line in str(self.text).rstrip().splitlines():
            shown = " " * DIAGRAM_INDENT + line
            yield Text(shown, style="cyan", no_wrap=True, overflow="ellipsis")


class _Heading(Heading):
    """Left-aligned and bold; the title underlined."""

    def on_enter(self, context: MarkdownContext) -> None:
        self.text = Text()
        context.enter_style("bold underline" if self.tag == "h1" else "bold")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text


class _Aside(BlockQuote):
    """A note beside the text, marked by its bar, not by an alarming colour."""

    style_name = "italic"


class LessonMarkdown(Markdown):
    """Rich's Markdown with the chapter's diagrams and headings.

    Where there is ASCII only, signs are spelled out before lines are broken.
    """

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "fence": _Diagram,
        "code_block": _Diagram,
        "heading_open": _Heading,
        "blockquote_open": _Aside,
    }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.ascii_only:
            for token in chain.from_iterable(
                [each, *(each.children or ())] for each in self.parsed
            ):
                token.content = spelled_out(token.content)
        yield from super().__rich_console__(console, options)
