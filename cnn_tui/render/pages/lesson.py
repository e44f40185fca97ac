"""Markdown as the chapter needs it: diagrams that never wrap, in the form that fits.

It reads what the topics are written in (headings, paragraphs, lists, tables,
asides, diagrams; bold, emphasis, code, links) and draws it as Rich's Markdown
would. Rich's own needs a parser and a highlighter whose import takes a tenth of
the time until the lab is seen.
"""

import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, JustifyMethod, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style
from rich.text import Text

from cnn_tui.chapter.snippets import EXCERPT, LANGUAGE
from cnn_tui.render.draw.code import diagram, python_code
from cnn_tui.render.draw.spelling import spelled_out
from cnn_tui.render.draw.styles import ACCENT, CODE, QUIET, STRONG, TITLE
from cnn_tui.render.pages.lesson_table import lesson_table

DIAGRAM_INDENT = 2
FENCE = "```"
NARROW = "```narrow"
"""Right below a diagram begins the form of it for fewer columns."""
PYTHON = (LANGUAGE, EXCERPT)
HEADING = re.compile(r"(#{1,6}) +(.*)")
ITEM = re.compile(r"(?P<mark>[-*] |(?P<number>\d+)\. )(?P<text>.*)")
ASIDE = re.compile(r"> ?")
RULE = re.compile(r"\|( *:?-+:? *\|)+ *")
CELL_END = re.compile(r"(?<!\\)\|")
OPENS = r"(?:(?=\w)|(?<!\w{stars})(?=[^\s\w]))"
CLOSES = r"(?:(?<=\w)|(?<=[^\s\w])(?!{stars}\w))"
"""Stars beside a word open or close; beside a sign only where no word is on the other side."""
INLINE = re.compile(
    r"(?P<ticks>`+)(?P<code>.+?)(?<!`)(?P=ticks)(?!`)"
    rf"|\*\*{OPENS.format(stars='..')}(?P<strong>.+?){CLOSES.format(stars='..')}\*\*"
    rf"|\*(?!\*){OPENS.format(stars='.')}(?P<em>.+?)(?<!\*){CLOSES.format(stars='.')}\*(?!\*)"
    r"|\[(?P<words>[^\]]+)\]\((?P<href>[^)\s]+)\)"
)
BULLET = " • "
BAR = "▌ "

EMPHASIS = Style(italic=True)
LINK_STYLES = (ACCENT, Style(underline=True))

Spell = Callable[[str], str]
"""What is done to the words of a text before it is broken into lines."""
DrawnBlock = Iterator[RenderableType | Segment]
DrawBlock = Callable[["_Pen"], DrawnBlock]
"""What draws one block. No dataclasses: making them takes longer than drawing the first page."""


class LessonMarkdown:
    """A text of the chapter as a renderable.

    With ``hyperlinks`` a link is its words, to be clicked; else they come with the
    address. Where there is ASCII only, signs are spelled out before lines are broken.
    """

    def __init__(self, markup: str, *, hyperlinks: bool = True) -> None:
        self._blocks = tuple(_blocks(markup.splitlines()))
        self._hyperlinks = hyperlinks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        spell = spelled_out if options.ascii_only else str
        pen = _Pen(console, options.update(height=None), spell, self._hyperlinks)
        for number, block in enumerate(self._blocks):
            if number:
                yield Segment.line()
            yield from block(pen)


class _Pen:
    """What the blocks of one text are drawn with; ``styles`` hold for all of their words."""

    def __init__(
        self,
        console: Console,
        options: ConsoleOptions,
        spell: Spell,
        hyperlinks: bool,
        styles: tuple[str, ...] = (),
    ) -> None:
        self.console = console
        self.options = options
        self.spell = spell
        self.hyperlinks = hyperlinks
        self.styles = styles

    def text(self, markup: str, *styles: str) -> Text:
        """Words with their inline markup."""
        text = Text()
        self._append(text, markup, (*self.styles, *styles))
        return text

    def lines(self, blocks: Iterable[DrawBlock], width: int, style: str) -> list[list[Segment]]:
        """Blocks below each other in fewer columns, in a style of the console's theme."""
        narrow = self.options.update(width=width)
        styles = (*self.styles, style)
        pen = _Pen(self.console, narrow, self.spell, self.hyperlinks, styles)
        below = _Below([part for block in blocks for part in block(pen)])
        return self.console.render_lines(below, narrow, style=self.console.get_style(style))

    def _append(self, text: Text, markup: str, styles: tuple[str | Style, ...]) -> None:
        end = 0
        for match in INLINE.finditer(markup):
            self._words(text, markup[end : match.start()], styles)
            end = match.end()
            if match["code"] is not None:
                self._words(text, _code(match["code"]), (*styles, CODE))
            elif match["strong"] is not None:
                self._append(text, match["strong"], (*styles, STRONG))
            elif match["em"] is not None:
                self._append(text, match["em"], (*styles, EMPHASIS))
            elif self.hyperlinks:
                link = (*LINK_STYLES, Style(link=match["href"]))
                self._append(text, match["words"], (*styles, *link))
            else:
                self._words(text, match["words"], (*styles, ACCENT))
                self._words(text, " (", styles)
                self._words(text, match["href"], (*styles, *LINK_STYLES))
                self._words(text, ")", styles)
        self._words(text, markup[end:], styles)

    def _words(self, text: Text, words: str, styles: tuple[str | Style, ...]) -> None:
        start = len(text)
        text.append(self.spell(words))
        for style in styles:
            text.stylize(style, start)


class _Below:
    """Parts that are drawn below each other."""

    def __init__(self, parts: Sequence[RenderableType | Segment]) -> None:
        self._parts = parts

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield from self._parts


def _draw_paragraph(markup: str, pen: _Pen) -> DrawnBlock:
    text = pen.text(markup)
    text.justify = "left"
    yield text


def _draw_heading(level: int, markup: str, pen: _Pen) -> DrawnBlock:
    """Left-aligned and bold; the title of a page in the accent color, too."""
    yield pen.text(markup, *((TITLE, ACCENT) if level == 1 else (TITLE,)))


def _draw_fenced(language: str, forms: Sequence[Sequence[str]], pen: _Pen) -> DrawnBlock:
    """Code or a diagram in the first form that fits, as it stands: no line is wrapped."""
    spelled = [pen.spell(textwrap.dedent("\n".join(form))).rstrip() for form in forms]
    widths = [max(map(cell_len, each.splitlines()), default=0) for each in spelled]
    room = pen.options.max_width
    chosen = next((at for at, width in enumerate(widths) if width <= room), len(forms) - 1)
    indent = " " * max(0, min(DIAGRAM_INDENT, room - widths[chosen]))
    drawn = (python_code if language in PYTHON else diagram)(spelled[chosen])
    for line in drawn.split("\n"):
        line.no_wrap, line.overflow = True, "ellipsis"
        yield Text(indent, no_wrap=True, overflow="ellipsis").append_text(line)


def _draw_aside(blocks: Sequence[DrawBlock], pen: _Pen) -> DrawnBlock:
    """A note beside the text, marked by its bar."""
    bar = Segment(BAR, pen.console.get_style(ACCENT))
    for line in pen.lines(blocks, pen.options.max_width - 2 * len(BAR), "none"):
        yield from (bar, *line, Segment.line())


def _draw_list(items: Sequence[Sequence[DrawBlock]], first: int | None, pen: _Pen) -> DrawnBlock:
    """Items behind bullets, or behind numbers from ``first`` on."""
    last = 0 if first is None else first + len(items)
    columns = len(BULLET) if first is None else len(str(last)) + 2
    style = pen.console.get_style(QUIET)
    for index, item in enumerate(items):
        number = BULLET if first is None else f"{first + index}".rjust(columns - 1)
        lines = pen.lines(item, pen.options.max_width - columns, "none")
        for row, line in enumerate(lines):
            mark = number.ljust(columns) if row == 0 else " " * columns
            yield from (Segment(mark, style), *line, Segment.line())


def _draw_table(
    rows: Sequence[Sequence[str]], alignments: Sequence[JustifyMethod], pen: _Pen
) -> DrawnBlock:
    names, *others = ([pen.text(cell) for cell in row] for row in rows)
    room, line = pen.options.max_width, pen.spell("─")
    yield from lesson_table(names, others, alignments, room, line)


def _blocks(lines: Sequence[str]) -> Iterator[DrawBlock]:
    """The blocks from top to bottom; each takes its lines off the front."""
    at = 0
    while at < len(lines):
        line = lines[at]
        if not line.strip():
            at += 1
            continue
        end = at + 1
        if heading := HEADING.fullmatch(line):
            yield partial(_draw_heading, len(heading[1]), heading[2])
        elif line.startswith(FENCE):
            end = _closing(lines, end)
            forms = [lines[at + 1 : end]]
            while lines[end + 1 : end + 2] == [NARROW]:
                start, end = end + 2, _closing(lines, end + 2)
                forms.append(lines[start:end])
            yield partial(_draw_fenced, line.removeprefix(FENCE), forms)
            end += 1
        elif ASIDE.match(line):
            end = _end(lines, at, lambda each: bool(ASIDE.match(each)))
            inner = _blocks([ASIDE.sub("", each, 1) for each in lines[at:end]])
            yield partial(_draw_aside, tuple(inner))
        elif ITEM.fullmatch(line):
            end = _end(lines, at, lambda each: bool(each.strip()))
            yield _list(lines[at:end])
        elif RULE.fullmatch(lines[end] if end < len(lines) else ""):
            end = _end(lines, at, lambda each: each.startswith("|"))
            cells = [_cells(each) for each in (line, *lines[at + 2 : end])]
            yield partial(_draw_table, cells, [_alignment(each) for each in _cells(lines[at + 1])])
        else:
            end = _end(lines, at, lambda each: not _begins_a_block(each))
            yield partial(_draw_paragraph, " ".join(each.strip() for each in lines[at:end]))
        at = end


def _begins_a_block(line: str) -> bool:
    """Whether a paragraph ends above ``line``; a number begins a list there only if it is 1."""
    if not line.strip() or line.startswith(FENCE):
        return True
    item = ITEM.fullmatch(line)
    if item:
        return item["number"] in (None, "1")
    return bool(HEADING.match(line) or ASIDE.match(line))


def _end(lines: Sequence[str], start: int, goes_on: Callable[[str], bool]) -> int:
    """Where the lines that ``goes_on`` accepts end; the first always belongs to them."""
    end = start + 1
    while end < len(lines) and goes_on(lines[end]):
        end += 1
    return end


def _closing(lines: Sequence[str], start: int) -> int:
    """Where the fence is that closes what begins at ``start``."""
    return next((at for at in range(start, len(lines)) if lines[at] == FENCE), len(lines))


def _alignment(rule: str) -> JustifyMethod:
    return "right" if rule.endswith(":") else "left"


def _list(lines: Sequence[str]) -> DrawBlock:
    items: list[list[str]] = []
    first: int | None = None
    for line in lines:
        item = ITEM.fullmatch(line)
        if item:
            if not items and item["number"]:
                first = int(item["number"])
            items.append([item["text"]])
        else:
            items[-1].append(line.strip())
    return partial(_draw_list, [tuple(_blocks(item)) for item in items], first)


def _cells(row: str) -> tuple[str, ...]:
    return tuple(cell.strip() for cell in CELL_END.split(row.strip().strip("|")))


def _code(code: str) -> str:
    """What stands between the ticks: one blank on both sides belongs to them."""
    if code.startswith(" ") and code.endswith(" ") and code.strip():
        return code[1:-1]
    return code
