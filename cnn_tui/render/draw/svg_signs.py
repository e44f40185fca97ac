"""Box lines, blocks, braille and simple marks as shapes, so that they join in every font.

A picture's reader has another monospaced font than its maker; in many, box lines leave
gaps, blocks are too low, and braille or triangles come from a font of another width.
Everything is measured in a cell of CELL_WIDTH × CELL_HEIGHT, from its top left corner.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

CELL_WIDTH, CELL_HEIGHT = 12, 24
LIGHT, HEAVY = 1.6, 3.2
"""How wide the two kinds of lines are."""
DOT = 3.4
DIRECTIONS = {
    "UP": ("up",),
    "RIGHT": ("right",),
    "DOWN": ("down",),
    "LEFT": ("left",),
    "HORIZONTAL": ("left", "right"),
    "VERTICAL": ("up", "down"),
}
WEIGHTS = {"LIGHT": LIGHT, "HEAVY": HEAVY}
DASHES = {"DOUBLE": 2, "TRIPLE": 3, "QUADRUPLE": 4}
SHADES = {"░": 0.25, "▒": 0.5, "▓": 0.75}
QUADRANTS = {
    **dict(zip("▖▗▘▝", ({"bl"}, {"br"}, {"tl"}, {"tr"}), strict=True)),
    **dict(zip("▚▞", ({"tl", "br"}, {"tr", "bl"}), strict=True)),
    "▙": {"tl", "bl", "br"},
    "▛": {"tl", "tr", "bl"},
    "▜": {"tl", "tr", "br"},
    "▟": {"tr", "bl", "br"},
}
BRAILLE_DOTS = ((0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (0, 3), (1, 3))
"""(column, row) of the dots, in the order of their bits."""

Rect = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass(frozen=True)
class Line:
    """A straight line along a row or a column of cells."""

    is_horizontal: bool
    across: float
    start: float
    end: float
    width: float


@dataclass(frozen=True)
class Sign:
    """What one sign is drawn as: lines, filled rectangles, dots, and paths.

    ``strokes`` are drawn with the width of a light line, ``fills`` are filled.
    """

    lines: tuple[Line, ...] = ()
    rects: tuple[Rect, ...] = ()
    dots: tuple[tuple[float, float], ...] = ()
    strokes: str = ""
    fills: str = ""
    opacity: float = 1.0


MIDDLE_X, MIDDLE_Y = CELL_WIDTH / 2, CELL_HEIGHT / 2


@lru_cache(maxsize=1024)
def sign(character: str) -> Sign | None:
    """How ``character`` is drawn; None where the font draws it."""
    code = ord(character)
    if 0x2500 <= code <= 0x257F:
        return _box(unicodedata.name(character).removeprefix("BOX DRAWINGS "))
    if 0x2580 <= code <= 0x259F:
        return Sign(rects=tuple(_blocks(character)), opacity=SHADES.get(character, 1.0))
    if 0x2800 <= code <= 0x28FF:
        return Sign(dots=tuple(_dots(code - 0x2800)))
    return MARKS.get(character)


def _box(name: str) -> Sign | None:
    if "ARC" in name:
        return Sign(strokes=_arc(name.removeprefix("LIGHT ARC ")))
    if "DIAGONAL" in name:
        return Sign(strokes=_diagonal(name))
    if "DASH" in name:
        return Sign(fills=_dashed(*name.split()))
    if "DOUBLE" in name:
        return None
    return Sign(lines=tuple(_arm(side, width) for side, width in _arms(name)))


def _arms(name: str) -> Iterator[tuple[str, float]]:
    """(side, width of its line), from a name such as DOWN LIGHT AND RIGHT HEAVY."""
    width = LIGHT
    for part in name.split(" AND "):
        words = part.split()
        width = next((WEIGHTS[word] for word in words if word in WEIGHTS), width)
        for word in words:
            for side in DIRECTIONS.get(word, ()):
                yield side, width


def _arm(side: str, width: float) -> Line:
    if side in ("left", "right"):
        start, end = (0, MIDDLE_X) if side == "left" else (MIDDLE_X, CELL_WIDTH)
        return Line(True, MIDDLE_Y, start, end, width)
    start, end = (0, MIDDLE_Y) if side == "up" else (MIDDLE_Y, CELL_HEIGHT)
    return Line(False, MIDDLE_X, start, end, width)


def _dashed(weight: str, count: str, _: str, direction: str) -> str:
    """Dashes as filled rectangles: the ends of lines would close the gaps between them."""
    is_horizontal = direction == "HORIZONTAL"
    number, width = DASHES[count], WEIGHTS[weight]
    step = (CELL_WIDTH if is_horizontal else CELL_HEIGHT) / number
    path = ""
    for start in (step * (each + 0.2) for each in range(number)):
        if is_horizontal:
            left, top, columns, rows = start, MIDDLE_Y - width / 2, step * 0.6, width
        else:
            left, top, columns, rows = MIDDLE_X - width / 2, start, width, step * 0.6
        path += f"M{left:g} {top:g}h{columns:g}v{rows:g}h{-columns:g}z"
    return path


def _arc(sides: str) -> str:
    vertical, horizontal = sides.split(" AND ")
    y, x = (CELL_HEIGHT if vertical == "DOWN" else 0), (CELL_WIDTH if horizontal == "RIGHT" else 0)
    bend = MIDDLE_Y + (MIDDLE_X if vertical == "DOWN" else -MIDDLE_X)
    return f"M{MIDDLE_X:g} {y}V{bend:g}Q{MIDDLE_X:g} {MIDDLE_Y:g} {x} {MIDDLE_Y:g}"


def _diagonal(name: str) -> str:
    falling, rising = f"M0 0L{CELL_WIDTH} {CELL_HEIGHT}", f"M0 {CELL_HEIGHT}L{CELL_WIDTH} 0"
    if "CROSS" in name:
        return falling + rising
    return rising if "UPPER RIGHT TO LOWER LEFT" in name else falling


def _blocks(character: str) -> Iterator[Rect]:
    code = ord(character)
    if character in QUADRANTS:
        for corner in QUADRANTS[character]:
            left = MIDDLE_X if "r" in corner else 0
            yield left, MIDDLE_Y if "b" in corner else 0, MIDDLE_X, MIDDLE_Y
    elif 0x2581 <= code <= 0x2588:
        height = CELL_HEIGHT * (code - 0x2580) / 8
        yield 0, CELL_HEIGHT - height, CELL_WIDTH, height
    elif 0x2589 <= code <= 0x258F:
        yield 0, 0, CELL_WIDTH * (0x2590 - code) / 8, CELL_HEIGHT
    else:
        yield {
            "▀": (0, 0, CELL_WIDTH, MIDDLE_Y),
            "▐": (MIDDLE_X, 0, MIDDLE_X, CELL_HEIGHT),
            "▔": (0, 0, CELL_WIDTH, CELL_HEIGHT / 8),
            "▕": (CELL_WIDTH * 7 / 8, 0, CELL_WIDTH / 8, CELL_HEIGHT),
        }.get(character, (0, 0, CELL_WIDTH, CELL_HEIGHT))


def _dots(bits: int) -> Iterator[tuple[float, float]]:
    for bit, (column, row) in enumerate(BRAILLE_DOTS):
        if bits >> bit & 1:
            yield CELL_WIDTH * (1 + 2 * column) / 4, CELL_HEIGHT * (1 + 2 * row) / 8


def _polygon(*points: tuple[float, float]) -> str:
    start, *others = points
    return f"M{start[0]:g} {start[1]:g}" + "".join(f"L{x:g} {y:g}" for x, y in others) + "Z"


def _triangle(size: float, x: int, y: int) -> str:
    """A triangle that points to where (x, y) leads from the middle of the cell."""
    tip = (MIDDLE_X + x * size, MIDDLE_Y + y * size)
    base = (MIDDLE_X - x * size, MIDDLE_Y - y * size)
    return _polygon(
        tip, (base[0] + y * size, base[1] + x * size), (base[0] - y * size, base[1] - x * size)
    )


def _circle(radius: float) -> str:
    turn = f"a{radius:g} {radius:g} 0 1 0 "
    width = 2 * radius
    return f"M{MIDDLE_X - radius:g} {MIDDLE_Y:g}{turn}{width:g} 0{turn}{-width:g} 0Z"


def _square(half: float) -> str:
    corners = [(-1, -1), (1, -1), (1, 1), (-1, 1)]
    return _polygon(*((MIDDLE_X + x * half, MIDDLE_Y + y * half) for x, y in corners))


def _dotted_circle() -> str:
    points = [(-1, -4), (3, -2.5), (4, 1.5), (1, 4), (-3, 2.5), (-4, -1.5)]
    return "".join(
        f"M{MIDDLE_X + x:g} {MIDDLE_Y + y:g}l{(u - x) / 3:.2g} {(v - y) / 3:.2g}"
        for (x, y), (u, v) in pairwise([*points, points[0]])
    )


MARKS = {
    **{each: Sign(fills=_triangle(5, 1, 0)) for each in "▶►"},
    **{each: Sign(fills=_triangle(5, -1, 0)) for each in "◀◄"},
    "▸": Sign(fills=_triangle(3.5, 1, 0)),
    "◂": Sign(fills=_triangle(3.5, -1, 0)),
    "▲": Sign(fills=_triangle(5, 0, -1)),
    "▼": Sign(fills=_triangle(5, 0, 1)),
    "▴": Sign(fills=_triangle(3.5, 0, -1)),
    "▾": Sign(fills=_triangle(3.5, 0, 1)),
    "■": Sign(fills=_square(4.5)),
    "□": Sign(strokes=_square(4)),
    "▪": Sign(fills=_square(2.8)),
    "●": Sign(fills=_circle(4.5)),
    "○": Sign(strokes=_circle(4)),
    "◌": Sign(strokes=_dotted_circle()),
}
"""Signs that some systems draw as colored emoji, or take from a font of another width."""
