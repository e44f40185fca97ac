"""How text is written where the output's encoding lacks its signs: ``×`` as x, boxes as +-|.

Imports nothing heavy, so that an error's one sentence can use it too.
"""

import codecs
import io
import os
import re
import unicodedata
from typing import TextIO

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n")
PRODUCT = re.compile(r"(?<=[\w)\]…])·(?=[\w(\[…])")
POWER = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ]+")


def _spelled_dots(sign: int) -> str:
    """The sign of ASCII that is most like one of braille: by where its dots are."""
    rows = [bool(sign & left) + bool(sign & right) for left, right in DOT_ROWS]
    places = [row for row, dots in enumerate(rows) if dots]
    if not places:
        return " "
    if len(places) >= TALL:
        return "#" if sum(rows) >= DENSE else "|"
    falls, rises = (
        places[0] != places[-1]
        and sign & DOT_ROWS[places[0]][first]
        and sign & DOT_ROWS[places[-1]][1 - first]
        for first in (0, 1)
    )
    if falls != rises:
        return "\\" if falls else "/"
    if len(places) > 1 and places[-1] - places[0] > 1:
        return ":"
    return "'--."[places[0]] if sum(rows) == 1 else "'--_"[places[0]]


DOT_ROWS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bits of a braille sign's dots, left and right, from the top row down."""
TALL, DENSE = 3, 5
"""Rows, and dots, from which on a braille sign is a stroke, or a blot."""


def _box(name: str) -> str:
    """How a sign of the box drawing block is spelled, by its Unicode name."""
    sides = [
        side for side in ("UP", "DOWN", "VERTICAL", "LEFT", "RIGHT", "HORIZONTAL") if side in name
    ]
    if "DIAGONAL" in name:
        return "X" if "CROSS" in name else "/" if "UPPER RIGHT TO" in name else "\\"
    if set(sides) <= {"LEFT", "RIGHT", "HORIZONTAL"}:
        return "-"
    return "|" if set(sides) <= {"UP", "DOWN", "VERTICAL"} else "+"


PLAIN_SPELLING = str.maketrans(
    {
        **{chr(code): _box(unicodedata.name(chr(code))) for code in range(0x2500, 0x2580)},
        **dict.fromkeys(map(chr, range(0x2580, 0x25A0)), "#"),
        **{chr(0x2800 + sign): _spelled_dots(sign) for sign in range(256)},
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╞╡╪╔╗╚╝╠╣╦╩╬", "+"),
        **dict.fromkeys("─═╴╶", "-"),
        **dict.fromkeys("│║╵╷", "|"),
        **dict.fromkeys("┍┎┏┑┒┓┕┖┗┙┚┛┝┞┟┠┡┢┣┥┦┧┨┩┪┫┭┮┰┱┲┳┵┶┸┹┺┻", "#"),
        **dict.fromkeys("┽┾╀╁╂╃╄╅╆╇╈╉╊╋┃╻╹╽╿", "#"),
        **dict.fromkeys("━╸╺╼╾┯┷┿", "="),  # heavy lines stay apart from light ones
        **dict(zip("░▒▓", ".:%", strict=True)),
        "▔": "-",
        "╌": "~",  # a level of a chart stays apart from curves and axes
        # What stands for a state has a sign of its own: no two that can meet look alike.
        **dict(zip("·●★◆◌▪⋅", "-o*+~=*", strict=True)),
        **dict.fromkeys("•○□", "o"),
        **dict.fromkeys("▶▸►›", ">"),
        **dict.fromkeys("◀◂◄‹", "<"),
        **dict(zip("▴▼▾↑↓▲", "^vv^v!", strict=True)),
        **dict(zip("＋－＝＠", "+-=@", strict=True)),
        **dict.fromkeys("–—−", "-"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("⌊⌋⌈⌉", "|"),
        "\N{MICRO SIGN}": "u",
        "×": "x",
        "∩": "n",
        "»": ">",
        "→": "->",
        "←": "<-",
        "…": "...",
        "✓": "v",
        "✗": "x",
        "■": "#",
        "⏎": "Enter",
        "ᵖ": "p",
        "ᵗ": "^t",
        "ᵀ": "^T",
        "≤": "<=",
        "≥": ">=",
        "≈": "~",
        "≠": "!=",
        "∞": "inf",
        "√": "sqrt",
        "α": "alpha",
        "β": "beta",
        "γ": "gamma",
        "ε": "eps",
        "η": "eta",
        "λ": "lambda",
        "μ": "mu",
        "σ": "sigma",
        "∂": "d",
        "Σ": "sum",
        "φ": "phi",
        "′": "'",
        "\u0302": "~",  # x̂, the normalized x
        **dict(zip("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₘₙ", "0123456789ijkmn", strict=True)),
        "\u00a0": " ",
    }
)


def make_plain(stream: TextIO) -> None:
    """Let ``stream`` spell out what its encoding lacks.

    In the C locale Python writes UTF-8 all the same; who sets ``LC_ALL=C`` asks for
    plain signs, unless Python itself was told an encoding.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(encoding="ascii" if _asks_for_ascii() else None, errors=SPELL_OUT)


def spelled_out(text: str) -> str:
    """The text in ASCII, as ``make_plain`` writes it."""
    return text.encode("ascii", SPELL_OUT).decode()


def plain_encoding(stream: TextIO) -> str | None:
    """The encoding in which ``stream`` must be written plainly; None where it has every sign."""
    encoding = "ascii" if _asks_for_ascii() else (stream.encoding or "ascii").lower()
    return None if encoding.startswith("utf") else encoding


def _asks_for_ascii() -> bool:
    told = {"PYTHONIOENCODING", "PYTHONUTF8"} & os.environ.keys()
    return not told and os.environ.get("LC_ALL") in ("C", "POSIX")


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """A codec's error handler: what cannot be encoded, in plain signs of the same meaning."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    before = max(0, error.start - 1)
    around = with_products(error.object[before : error.end + 1])
    powers = POWER.sub(_power, around[error.start - before :][: error.end - error.start])
    spelled = powers.translate(PLAIN_SPELLING)
    return "".join(map(_in_ascii, spelled)), error.end


def _in_ascii(sign: str) -> str:
    """A letter without its accents; ``?`` for what has no spelling."""
    base = unicodedata.normalize("NFD", sign)[0]
    return base if base.isascii() and (sign.isascii() or base.isalpha()) else "?"


def with_products(text: str) -> str:
    """The text with ``⋅`` for each ``·`` between two factors: alone it is a mark, or a pause."""
    return PRODUCT.sub("⋅", text) if "·" in text else text


def _power(signs: re.Match[str]) -> str:
    return f"^{signs.group().translate(SUPERSCRIPTS)}"


SPELL_OUT = "cnn-lab-spell-out"
codecs.register_error(SPELL_OUT, _spell_out)
