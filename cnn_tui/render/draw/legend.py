"""The head line of a chart: its title, and each series with its sign and its value."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.text import Text

from cnn_tui.render.draw.styles import QUIET, TITLE

GAP, NARROW_GAP = 3, 2
"""Cells between two entries."""


@dataclass(frozen=True)
class LegendEntry:
    """One series: its label, a shorter one, its sign, its value and the style of all that."""

    label: str
    short: str
    sign: str
    value: str
    style: str
    on_top: bool = False

    def text(self, *, short: bool) -> Text:
        """``train ━━━ 0.081``."""
        words = (short and self.short) or self.label, self.sign, self.value
        text = Text()
        text.append(" ".join(filter(None, words)), self.style)
        if self.on_top:
            text.stylize("bold")
        return text


def legend_lines(
    title: str, note: str, entries: Sequence[LegendEntry], width: int, most: int
) -> list[Text]:
    """The title on the left, the entries to the right, on one line where they fit.

    Else short labels are taken, then the entries go on in further lines, ``most`` in all.
    What is left out then is counted.
    """
    bare = Text(title, TITLE)
    noted = Text.assemble(bare, (f"  {note}", QUIET)) if note else bare
    heads = [(noted, False, GAP), (noted, True, GAP), (noted, True, NARROW_GAP)]
    heads += [(bare, True, GAP), (bare, True, NARROW_GAP)]
    for head, short, gap in heads:
        texts = [each.text(short=short) for each in entries]
        space = width - head.cell_len - sum(gap + each.cell_len for each in texts)
        if space >= 0:
            return [_spread(head, texts, space, gap)]
    return _wrapped(noted if noted.cell_len <= width else bare, texts, width, most)


def _spread(head: Text, texts: Sequence[Text], space: int, gap: int) -> Text:
    line = Text(no_wrap=True).append_text(head)
    line.append(" " * space if texts else "")
    for each in texts:
        line.append(" " * gap).append_text(each)
    return line


def _wrapped(head: Text, texts: Sequence[Text], width: int, most: int) -> list[Text]:
    lines: list[list[Text]] = [[head]]
    for number, each in enumerate(texts):
        taken = sum(GAP + part.cell_len for part in lines[-1]) + each.cell_len
        if taken > width and len(lines) == most:
            return _counted(lines, len(texts) - number, width)
        if taken > width:
            lines.append([Text(" ")])
        lines[-1].append(each)
    return [_joined(parts, width) for parts in lines]


def _counted(lines: list[list[Text]], left: int, width: int) -> list[Text]:
    """Say at the end of the last line how many there are more, in place of what is in its way."""
    while len(lines[-1]) > 1:
        more = Text(f"+{left} more", QUIET)
        taken = sum(GAP + part.cell_len for part in lines[-1]) + more.cell_len
        if taken <= width:
            break
        lines[-1].pop()
        left += 1
    lines[-1].append(Text(f"+{left} more", QUIET))
    return [_joined(parts, width) for parts in lines]


def _joined(parts: Sequence[Text], width: int) -> Text:
    line = Text(" " * GAP).join(parts)
    line.no_wrap = True
    if line.cell_len > width:
        line.truncate(width, overflow="ellipsis")
    return line
