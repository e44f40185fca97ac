"""The lab reads its chapter's Markdown as Rich does, without Rich's parser."""

import re
import textwrap
from collections.abc import Sequence
from itertools import chain
from typing import ClassVar

import pytest
from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import (
    BlockQuote,
    Heading,
    Markdown,
    MarkdownContext,
    TableElement,
    TextElement,
)
from rich.segment import Segment
from rich.style import Style
from rich.table import Table
from rich.text import Text

from cnn_tui.chapter.catalogue import Topic, topics
from cnn_tui.chapter.page import LINK
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.pages.lesson import LessonMarkdown
from cnn_tui.render.pages.topic import topic_markdown
from tests.subprocesses import run_python

WIDTHS = (40, 60, 84, 100)
TABLE = re.compile(r"^\|.*(?:\n\|.*)*", re.MULTILINE)
TABLE_FITS = 84
"""Columns from which no table of the chapter is wrapped, which the lab does in its own way."""
NARROWEST = 28
"""Columns of the text in the smallest terminal that the lab opens in, and some less."""


class Diagram(TextElement):
    style_name = "none"

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = textwrap.dedent(str(self.text)).rstrip().splitlines()
        room = options.max_width - max(map(cell_len, lines), default=0)
        for line in lines:
            shown = " " * max(0, min(2, room)) + line
            yield Text(shown, no_wrap=True, overflow="ellipsis")


class QuietHeading(Heading):
    def on_enter(self, context: MarkdownContext) -> None:
        self.text = Text()
        context.enter_style("bold")

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.text


class Aside(BlockQuote):
    style_name = "none"


class Tabled(TableElement):
    """Rich's table without the blank lines around it, its columns aligned as the rule says."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        assert self.header is not None
        assert self.header.row is not None
        assert self.body is not None
        table = Table(box=box.SIMPLE, pad_edge=False, show_edge=False, collapse_padding=True)
        for name in self.header.row.cells:
            table.add_column(name.content, justify=name.justify)
        for row in self.body.rows:
            table.add_row(*(cell.content for cell in row.cells))
        yield table


class RichMarkdown(Markdown):
    """What the chapter should look like, by Rich's parser."""

    elements: ClassVar = {
        **Markdown.elements,
        "fence": Diagram,
        "heading_open": QuietHeading,
        "blockquote_open": Aside,
        "table_open": Tabled,
    }

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if options.ascii_only:
            tokens = ([each, *(each.children or ())] for each in self.parsed)
            for token in chain.from_iterable(tokens):
                token.content = spelled_out(token.content)
        yield from super().__rich_console__(console, options)


def cells(renderable: object, width: int, encoding: str = "utf-8") -> list[tuple[str, Style]]:
    """Every character that is drawn, with its emphasis and its link."""
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
        if character.strip():
            assert (our_style.italic, our_style.link) == (
                their_style.italic,
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
        shown = markdown if width >= TABLE_FITS else TABLE.sub("", markdown)
        same(cells(LessonMarkdown(shown), width), cells(RichMarkdown(shown), width))
    plain = LINK.sub(r"\1 (`\2`)", topic_markdown(topic, plain=True))
    for encoding in ("ascii", "utf-8"):
        ours = LessonMarkdown(plain, hyperlinks=False)
        theirs = RichMarkdown(plain, hyperlinks=False)
        same(cells(ours, 80, encoding), cells(theirs, 80, encoding))


def test_highlights_a_quote_of_the_lab_as_it_does_a_program() -> None:
    """Code of the lab is Python, too, though it does not run by itself."""
    programs, quotes, texts = (
        LessonMarkdown(f"```{language}\nfor x in net:\n    go(1)\n```")
        for language in ("python", "excerpt", "")
    )
    console = Console(width=WIDTHS[1], force_terminal=True, theme=None)
    drawn = [list(console.render(each)) for each in (programs, quotes, texts)]
    assert drawn[0] == drawn[1] != drawn[2]


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


DIAGRAM = """
```
wide ─────────────── enough
```
```narrow
narrow ──
```
"""


def test_draws_a_diagram_in_the_widest_form_that_fits() -> None:
    for width, shown in ((40, "  wide ─────────────── enough"), (28, " wide"), (26, "  narrow ──")):
        text = "".join(character for character, _ in cells(LessonMarkdown(DIAGRAM), width))
        assert text.startswith(shown)
        assert ("narrow" in text) == (width == 26)


def test_aligns_numbers_at_their_right_edge() -> None:
    table = LessonMarkdown("| net | weights |\n| --- | ---: |\n| a | 7 |\n| b | 1,000 |")
    lines = "".join(character for character, _ in cells(table, 40)).splitlines()
    assert [line.split()[1] for line in lines[2:]] == ["7", "1,000"]
    assert len({len(line.rstrip()) for line in lines[2:]}) == 1


def tables() -> list[str]:
    return [found[0] for topic in topics() for found in TABLE.finditer(topic_markdown(topic))]


def lines_of(markdown: str, width: int, encoding: str = "utf-8") -> list[str]:
    drawn = cells(LessonMarkdown(markdown), width, encoding)
    return "".join(character for character, _ in drawn).splitlines()


@pytest.mark.parametrize(
    "widths",
    [
        pytest.param((30, 44, 56)),
        pytest.param(range(NARROWEST, TABLE_FITS), marks=pytest.mark.slow),
    ],
    ids=["some", "all"],
)
def test_shows_every_word_of_a_table_in_any_width(widths: Sequence[int]) -> None:
    for table in tables():
        whole = " ".join(lines_of(table, 200)).replace("─", " ").split()
        for width in widths:
            lines = lines_of(table, width)
            shown = " ".join(lines)
            cut = [word for word in whole if cell_len(word) < width / 2 and word not in shown]
            assert not cut, f"{width} columns: {cut}\n{table}"
            assert shown.count("…") == table.count("…")
            assert max(map(cell_len, lines)) <= width


FUNCTIONS = """
| function | gives |
| --- | --- |
| `noise_gain(noise_in, noise_out)` | above 1: noise has grown |
| `better_pooling(x, wanted)` | "max" or "average" |
"""


def test_puts_the_first_cell_above_the_others_where_columns_would_be_slivers() -> None:
    assert [line.rstrip() for line in lines_of(FUNCTIONS, 44)] == [
        "function",
        "  gives",
        "─" * 44,
        "noise_gain(noise_in, noise_out)",
        "  above 1: noise has grown",
        "better_pooling(x, wanted)",
        '  "max" or "average"',
    ]
    assert "noise_out)  above 1" in lines_of(FUNCTIONS, 60)[2]
    assert lines_of(FUNCTIONS, 44, "ascii")[2] == "-" * 44


def test_keeps_columns_of_numbers_below_the_first_cell() -> None:
    row = "| EfficientNet-B0 | 5.3 M | 0.39 |"
    table = f"| network | parameters | GMACs |\n| --- | ---: | ---: |\n{row}\n"
    assert [line.rstrip() for line in lines_of(table, 30)] == [
        "network",
        "  parameters  GMACs",
        "─" * 30,
        "EfficientNet-B0",
        "       5.3 M   0.39",
    ]
    last = [line.rstrip() for line in lines_of(table, 16)[-3:]]
    assert last == ["  parameters", "  5.3 M", "  GMACs 0.39"]


def test_needs_no_parser_of_markdown() -> None:
    code = "import sys, cnn_tui.render.pages.topic; print([m for m in ('markdown_it', 'pygments') "
    assert run_python(code + "if m in sys.modules])").stdout == "[]\n"
