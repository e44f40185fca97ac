"""The two consoles of the command line, and JSON.

Rich already honours ``NO_COLOR``, pipes and ``TERM=dumb``; what is added here
is a plain spelling of every sign that the terminal's encoding lacks.
"""

import codecs
import io
import json
import math
import os
import re
import sys
from typing import Any

from rich.console import Console

PIPE_WIDTH = 100
"""Columns assumed when the output is not a terminal."""

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


def stdout() -> Console:
    """Where data goes."""
    return _console(to_stderr=False)


def stderr() -> Console:
    """Where talk goes: progress, notes, next steps."""
    return _console(to_stderr=True)


def print_json(document: Any) -> None:
    """One JSON document on stdout; non-finite numbers are written as null.

    What the output's encoding lacks is escaped, so that it is the same document.
    """
    finite = _finite(document)
    text = json.dumps(finite, indent=2, ensure_ascii=False, allow_nan=False)
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        text = json.dumps(finite, indent=2, allow_nan=False)
    sys.stdout.write(f"{text}\n")


def _console(*, to_stderr: bool) -> Console:
    stream = sys.stderr if to_stderr else sys.stdout
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors=SPELL_OUT)
    console = Console(stderr=to_stderr, highlight=False, emoji=False, safe_box=True)
    if not console.is_terminal and "COLUMNS" not in os.environ:
        console.width = PIPE_WIDTH
    return console


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


def _finite(value: Any) -> Any:
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {key: _finite(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(each) for each in value]
    return value
