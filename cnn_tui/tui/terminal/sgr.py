"""What a terminal draws with, and the shortest sequence that changes it (SGR)."""

import re
from dataclasses import dataclass
from functools import lru_cache

CODE = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+")
FOREGROUND = re.compile(r"38;.*|3[0-7]|9[0-7]|39")
BACKGROUND = re.compile(r"48;.*|4[0-7]|10[0-7]|49")

REVERSE = "7"
SEEN_ON_BLANKS = frozenset({"4", REVERSE, "9", "21", "53"})
"""Underline, reverse, strike-through, double underline and overline."""
OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "5": "25", "7": "27", "8": "28", "9": "29"}
"""What ends an attribute; 22 ends both bold and dim. Others end with everything."""

LEVELS = (0, 95, 135, 175, 215, 255)
CUBE, END = 16, 256
OFTEN_CHANGED = 6
"""The first colors of the cube: some themes of shells give them other values."""


@dataclass(frozen=True)
class Style:
    """What a terminal draws with: attributes, foreground and background, as SGR codes."""

    attributes: frozenset[str] = frozenset()
    foreground: str = ""
    background: str = ""


PLAIN = Style()


@lru_cache(maxsize=4096)
def applied(style: Style, codes: str) -> Style:
    """``style`` after an SGR sequence with ``codes``."""
    attributes, foreground, background = set(style.attributes), style.foreground, style.background
    for code in CODE.findall(codes) or ["0"]:
        if code == "0":
            attributes, foreground, background = set(), "", ""
        elif FOREGROUND.fullmatch(code):
            foreground = "" if code == "39" else _short(code)
        elif BACKGROUND.fullmatch(code):
            background = "" if code == "49" else _short(code)
        elif code in OFF.values():
            attributes -= {on for on, off in OFF.items() if off == code}
        else:
            attributes.add(code)
    return Style(frozenset(attributes), foreground, background)


@lru_cache(maxsize=4096)
def on_blanks(style: Style) -> Style:
    """What of ``style`` can be seen of a blank: styles that are equal in this look the same."""
    if style.attributes & SEEN_ON_BLANKS == {REVERSE} and style.foreground.startswith("38"):
        return Style(frozenset(), "", f"4{style.foreground[1:]}")
    if style.attributes & SEEN_ON_BLANKS:
        return style
    return Style(frozenset(), "", style.background)


@lru_cache(maxsize=4096)
def enough_for_blanks(has: Style, wanted: Style) -> Style:
    """A style in which blanks look as in ``wanted``, as near as can be to what there is."""
    seen = on_blanks(wanted)
    if (has.attributes | seen.attributes) & SEEN_ON_BLANKS:
        return seen
    return Style(has.attributes, has.foreground, seen.background)


@lru_cache(maxsize=4096)
def change(has: Style | None, wanted: Style) -> str:
    """A short sequence that leads from one style to the other; None is an unknown one."""
    if has == wanted:
        return ""
    ways = [_sequence(["0"], PLAIN, wanted)]
    if has is not None and (ends := _ends(has, wanted)) is not None:
        left = Style(_left(has, ends), has.foreground, has.background)
        ways.append(_sequence(ends, left, wanted))
    return min(ways, key=len)


def _sequence(codes: list[str], has: Style, wanted: Style) -> str:
    codes = codes + sorted(wanted.attributes - has.attributes)
    if wanted.foreground != has.foreground:
        codes.append(wanted.foreground or "39")
    if wanted.background != has.background:
        codes.append(wanted.background or "49")
    return "\x1b[m" if codes == ["0"] else f"\x1b[{';'.join(codes)}m"


def _ends(has: Style, wanted: Style) -> list[str] | None:
    """The codes that end what is not wanted any more; None where only a reset does."""
    lost = has.attributes - wanted.attributes
    if lost <= OFF.keys():
        return sorted({OFF[attribute] for attribute in lost})
    return None


def _left(has: Style, ends: list[str]) -> frozenset[str]:
    return frozenset(each for each in has.attributes if OFF.get(each) not in ends)


@lru_cache(maxsize=4096)
def _short(code: str) -> str:
    """A color's code; as its number in the palette of 256, where that is exactly this color."""
    kind, _, values = code.partition(";2;")
    if not values:
        return code
    number = _numbers().get(values)
    return code if number is None else f"{kind};5;{number}"


@lru_cache(maxsize=1)
def _numbers() -> dict[str, int]:
    cube = [(red, green, blue) for red in LEVELS for green in LEVELS for blue in LEVELS]
    grays = [(level, level, level) for level in range(8, 239, 10)]
    palette = zip(range(CUBE, END), [*cube, *grays], strict=True)
    numbers = {";".join(map(str, color)): number for number, color in palette}
    return {color: number for color, number in numbers.items() if number >= CUBE + OFTEN_CHANGED}
