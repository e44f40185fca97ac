"""A screen of cells as an SVG that looks the same everywhere: no font is loaded from the net.

Every run of letters is fitted to its cells, whatever monospaced font the reader has; what
must join, boxes, blocks and braille, are shapes (``svg_signs``).
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

from rich.cells import cell_len
from rich.color import Color, blend_rgb
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme

from cnn_tui.render.draw.svg_signs import CELL_HEIGHT, CELL_WIDTH, DOT, LIGHT, Line, Rect, sign

FONTS = (
    "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', "
    "monospace"
)
FONT_SIZE = 19.9
"""In most monospaced fonts, letters of this size are about as wide as a cell."""
BASELINE = 18.2
MARGIN, TITLE_HEIGHT, RADIUS = 12, 36, 10
BUTTONS = ("#ff5f57", "#febc2e", "#28c840")
IN_EVERY_FONT = 0x2190
"""Signs from here on often come from another font, so that each is fitted to its own cell."""
DIMMED = 0.5


@dataclass(frozen=True)
class SvgLook:
    """How a run of cells is drawn."""

    ink: str
    ground: str
    is_bold: bool = False
    is_italic: bool = False
    has_line: str = ""

    def attributes(self) -> str:
        """What a ``text`` element says of it, apart from its color."""
        parts = []
        if self.is_bold:
            parts.append(' font-weight="bold"')
        if self.is_italic:
            parts.append(' font-style="italic"')
        if self.has_line:
            parts.append(f' text-decoration="{self.has_line}"')
        return "".join(parts)


SvgLines = dict[tuple[str, float, bool, float], list[tuple[float, float]]]
"""(color, width, whether it lies, where across) → from where to where."""


@dataclass
class SvgCanvas:
    """What has been drawn so far, by color; filled rectangles also by opacity."""

    grounds: dict[str, list[Rect]] = field(default_factory=lambda: defaultdict(list))
    rects: dict[tuple[str, float], list[Rect]] = field(default_factory=lambda: defaultdict(list))
    lines: SvgLines = field(default_factory=lambda: defaultdict(list))
    strokes: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    fills: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    dots: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    texts: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))


def svg(lines: Sequence[Iterable[Segment]], colors: TerminalTheme, *, title: str = "") -> str:
    """``lines`` of cells in a window with ``title``; ``colors`` says what ANSI colors mean."""
    canvas = SvgCanvas()
    columns = max(
        (_draw_row(canvas, row, line, colors) for row, line in enumerate(lines)), default=0
    )
    return "\n".join(_document(canvas, len(lines), columns, colors, title)) + "\n"


def _draw_row(canvas: SvgCanvas, row: int, line: Iterable[Segment], colors: TerminalTheme) -> int:
    """Draw one row; returns how many cells it has."""
    column = 0
    for text, style, control in line:
        if control:
            continue
        look = _look(style, colors)
        width = cell_len(text)
        place = (column * CELL_WIDTH, row * CELL_HEIGHT)
        canvas.grounds[look.ground].append((*place, width * CELL_WIDTH, CELL_HEIGHT))
        for start, word in _pieces(text):
            _draw_piece(canvas, (place[0] + start * CELL_WIDTH, place[1]), word, look)
        column += width
    return column


def _draw_piece(canvas: SvgCanvas, place: tuple[float, float], piece: str, look: SvgLook) -> None:
    x, y = place
    shape = sign(piece) if len(piece) == 1 else None
    if shape is None:
        canvas.texts[look.ink].append(
            f'<text x="{x:g}" y="{y + BASELINE:g}" textLength="{cell_len(piece) * CELL_WIDTH}" '
            f'lengthAdjust="spacingAndGlyphs"{look.attributes()}>{escape(piece, quote=False)}'
            "</text>"
        )
        return
    for left, top, width, height in shape.rects:
        canvas.rects[look.ink, shape.opacity].append((x + left, y + top, width, height))
    for line in shape.lines:
        along, across = (x, y) if line.is_horizontal else (y, x)
        key = (look.ink, line.width, line.is_horizontal, across + line.across)
        canvas.lines[key].append((along + line.start, along + line.end))
    canvas.dots[look.ink] += (f"M{x + left:g} {y + top:g}h0" for left, top in shape.dots)
    for target, path in ((canvas.strokes, shape.strokes), (canvas.fills, shape.fills)):
        if path:
            target[look.ink].append(f'<path transform="translate({x:g} {y:g})" d="{path}"/>')


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    """(its first cell, a piece): words of ordinary letters, other signs one by one.

    Words with one blank between them are one piece.
    """
    start = column = 0
    piece = ""
    for character in text:
        is_alone = ord(character) >= IN_EVERY_FONT
        if piece and (is_alone or (character == " " and piece.endswith(" "))):
            yield start, piece.rstrip()
            piece = ""
        if is_alone:
            yield column, character
        elif piece or character not in " \u00a0":
            start = start if piece else column
            piece += character
        column += cell_len(character)
    if piece.strip():
        yield start, piece.rstrip()


def _look(style: Style | None, colors: TerminalTheme) -> SvgLook:
    style = style or Style.null()
    ink = _rgb(style.color, colors, colors.foreground_color)
    ground = _rgb(style.bgcolor, colors, colors.background_color)
    if style.reverse:
        ink, ground = ground, ink
    if style.dim:
        ink = blend_rgb(ink, ground, DIMMED)
    line = "underline" if style.underline else "line-through" if style.strike else ""
    return SvgLook(ink.hex, ground.hex, bool(style.bold), bool(style.italic), line)


def _rgb(color: Color | None, colors: TerminalTheme, default: ColorTriplet) -> ColorTriplet:
    if color is None or color.is_default:
        return default
    return color.get_truecolor(colors)


def _document(
    canvas: SvgCanvas, rows: int, columns: int, colors: TerminalTheme, title: str
) -> Iterator[str]:
    inner = (columns * CELL_WIDTH, rows * CELL_HEIGHT)
    width, height = inner[0] + 2 * MARGIN, inner[1] + TITLE_HEIGHT + MARGIN
    ground, ink = colors.background_color.hex, colors.foreground_color.hex
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" font-family="{FONTS}" font-size="{FONT_SIZE}" '
        'xml:space="preserve">'
    )
    yield (
        f'<rect x=".5" y=".5" width="{width - 1}" height="{height - 1}" rx="{RADIUS}" '
        f'fill="{ground}" stroke="#808080" stroke-opacity=".6"/>'
    )
    for number, color in enumerate(BUTTONS):
        yield f'<circle cx="{22 + 20 * number}" cy="{TITLE_HEIGHT / 2:g}" r="6" fill="{color}"/>'
    if title:
        yield (
            f'<text x="{width / 2:g}" y="{TITLE_HEIGHT / 2 + 6:g}" text-anchor="middle" '
            f'fill="{ink}" fill-opacity=".7">{escape(title, quote=False)}</text>'
        )
    yield f'<g transform="translate({MARGIN} {TITLE_HEIGHT})">'
    yield '<g shape-rendering="crispEdges">'
    yield from _rects({(color, 1.0): rects for color, rects in canvas.grounds.items()}, ground)
    yield from _rects(canvas.rects)
    yield "</g>"
    yield from _lines(canvas.lines)
    for color, dots in canvas.dots.items():
        if dots:
            yield (
                f'<path stroke="{color}" stroke-width="{DOT}" stroke-linecap="round" '
                f'd="{"".join(dots)}"/>'
            )
    yield from _groups(canvas.strokes, f'fill="none" stroke-width="{LIGHT}" stroke')
    yield from _groups(canvas.fills, "fill")
    yield from _groups(canvas.texts, "fill")
    yield "</g>"
    yield "</svg>"


def _groups(drawn: Mapping[str, Sequence[str]], attribute: str) -> Iterator[str]:
    for color, parts in drawn.items():
        yield f'<g {attribute}="{color}">'
        yield from parts
        yield "</g>"


def _rects(drawn: Mapping[tuple[str, float], Sequence[Rect]], without: str = "") -> Iterator[str]:
    for (color, opacity), rects in drawn.items():
        if color == without:
            continue
        path = "".join(f"M{x:g} {y:g}h{w:g}v{h:g}h{-w:g}z" for x, y, w, h in _joined(rects))
        shade = f' fill-opacity="{opacity:g}"' if opacity < 1 else ""
        yield f'<path fill="{color}"{shade} d="{path}"/>'


def _joined(rects: Iterable[Rect]) -> list[Rect]:
    """The same area in fewer rectangles: side by side first, then one below the other."""
    rows: list[Rect] = []
    for x, y, width, height in sorted(rects, key=lambda rect: (rect[1], rect[3], rect[0])):
        last = rows[-1] if rows else None
        if last is not None and (last[0] + last[2], last[1], last[3]) == (x, y, height):
            rows[-1] = (last[0], y, last[2] + width, height)
        else:
            rows.append((x, y, width, height))
    joined: list[Rect] = []
    for x, y, width, height in sorted(rows, key=lambda rect: (rect[0], rect[2], rect[1])):
        last = joined[-1] if joined else None
        if last is not None and (last[0], last[1] + last[3], last[2]) == (x, y, width):
            joined[-1] = (x, last[1], width, last[3] + height)
        else:
            joined.append((x, y, width, height))
    return joined


def _lines(drawn: SvgLines) -> Iterator[str]:
    paths: dict[tuple[str, float], list[str]] = defaultdict(list)
    for (color, width, is_horizontal, across), parts in drawn.items():
        for start, end in _merged(parts):
            line = Line(is_horizontal, across, start, end, width)
            paths[color, width].append(_path(line))
    for (color, width), found in paths.items():
        yield (
            f'<path stroke="{color}" stroke-width="{width}" stroke-linecap="square" '
            f'd="{"".join(found)}"/>'
        )


def _merged(parts: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for start, end in sorted(parts):
        if merged and merged[-1][1] >= start:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _path(line: Line) -> str:
    length = line.end - line.start
    if line.is_horizontal:
        return f"M{line.start:g} {line.across:g}h{length:g}"
    return f"M{line.across:g} {line.start:g}v{length:g}"
