"""The shorter stream: a terminal shows the same picture, for fewer bytes."""

import pyte
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tui.tui.terminal.driver import Terse

COLUMNS, LINES = 20, 6
COLOURS = ("", "39", "31", "97", "38;5;244", "38;2;1;2;3", "38;2;200;10;10")
GROUNDS = ("", "49", "41", "48;5;17", "48;2;18;18;18")
ATTRIBUTES = ("", "1", "3", "4", "7", "1;9", "7;4")

runs = st.tuples(
    st.sampled_from(ATTRIBUTES),
    st.sampled_from(COLOURS),
    st.sampled_from(GROUNDS),
    st.sampled_from(["ab", "   ", "×", " x ", "\x1b[2;3H", "", "\x1b[?25l", "\n"]),
    st.tuples(st.integers(1, LINES - 1), st.integers(1, COLUMNS - 6)),
)


def sent(run: tuple[str, str, str, str, tuple[int, int]]) -> str:
    """A run of cells as Textual sends it: position, style, text, reset."""
    *codes, text, (line, column) = run
    style = ";".join(filter(None, codes))
    return f"\x1b[{line};{column}H" + (f"\x1b[{style}m{text}\x1b[0m" if style else text)


def picture(stream: str) -> list[list[tuple[object, ...]]]:
    """What a terminal shows: of a blank, only what can be seen of it."""
    screen = pyte.Screen(COLUMNS, LINES)
    pyte.Stream(screen).feed(stream)
    return [[seen(screen.buffer[y][x]) for x in range(COLUMNS)] for y in range(LINES)]


def seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    lines = (cell.underscore, cell.strikethrough)
    ground = cell.fg if cell.reverse else cell.bg
    if cell.data == " " and not any(lines):
        return (" ", ground)
    ink = cell.bg if cell.reverse else cell.fg
    return (cell.data, ground, ink, cell.bold, cell.italics, *lines)


@settings(max_examples=200, deadline=None)
@given(st.lists(runs, max_size=12), st.integers(0, 12))
def test_shows_the_same_picture(pieces: list[tuple[object, ...]], cut: int) -> None:
    whole = [sent(piece) for piece in pieces]
    terse = Terse()
    first, second = "".join(whole[:cut]), "".join(whole[cut:])
    assert picture(terse.shorten(first) + terse.shorten(second)) == picture(first + second)


def test_says_a_style_once() -> None:
    style = "\x1b[38;2;224;224;224;48;2;18;18;18m"
    line = f"{style}a\x1b[0m{style}b\x1b[0m\x1b[48;2;18;18;18m  \x1b[0m{style}c\x1b[0m"
    terse = Terse()
    assert terse.shorten(line) == "\x1b[0;38;2;224;224;224;48;2;18;18;18mab  c"
    assert terse.shorten(line) == "ab  c"
