"""How text is written where the output's encoding lacks its signs: ``×`` as x, boxes as +-|.

Imports nothing heavy, so that an error's one sentence can use it too.
"""

import codecs
import io
import os
import re
from typing import TextIO

SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ", "0123456789-n")
POWER = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻ⁿ]+")

PLAIN_SPELLING = str.maketrans(
    {
        **dict.fromkeys("┌┐└┘├┤┬┴┼╭╮╰╯╞╡╪╔╗╚╝╠╣╦╩╬", "+"),
        **dict.fromkeys("─━═╴╶╸╺", "-"),
        **dict.fromkeys("│┃║", "|"),
        **dict.fromkeys("█▉▊▋▌▍▎▏▐▀▄▖▗▘▙▚▛▜▝▞▟", "#"),
        **dict(zip("░▒▓", ".:%", strict=True)),
        **dict.fromkeys("•·●", "*"),
        **dict.fromkeys("–—−", "-"),
        **dict.fromkeys("‘’", "'"),
        **dict.fromkeys("“”", '"'),
        **dict.fromkeys("⌊⌋⌈⌉", "|"),
        "×": "x",
        "→": "->",
        "←": "<-",
        "…": "...",
        "✓": "v",
        "✗": "x",
        "▶": ">",
        "■": "#",
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
        "μ": "mu",
        "σ": "sigma",
        "∂": "d",
        "Σ": "sum",
        "φ": "phi",
        "′": "'",
        "\u0302": "~",  # x̂, the normalised x
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


def _asks_for_ascii() -> bool:
    told = {"PYTHONIOENCODING", "PYTHONUTF8"} & os.environ.keys()
    return not told and os.environ.get("LC_ALL") in ("C", "POSIX")


def _spell_out(error: UnicodeError) -> tuple[str, int]:
    """A codec's error handler: what cannot be encoded, in plain signs of the same meaning."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    powers = POWER.sub(_power, error.object[error.start : error.end])
    spelled = powers.translate(PLAIN_SPELLING)
    return "".join(sign if sign.isascii() else "?" for sign in spelled), error.end


def _power(signs: re.Match[str]) -> str:
    return f"^{signs.group().translate(SUPERSCRIPTS)}"


SPELL_OUT = "cnn-lab-spell-out"
codecs.register_error(SPELL_OUT, _spell_out)
