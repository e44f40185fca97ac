"""The shorter stream: a terminal shows the same picture, for fewer bytes."""

import re
import unicodedata
from pathlib import Path

import pyte
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.drivers.headless_driver import HeadlessDriver

from cnn_tui.tui.terminal.terse import CERTAIN, Terse
from tests.tui.stage import PAGES, PANES, Scene, staged, staged_workspace

COLUMNS, LINES = 20, 6
COLORS = ("", "39", "31", "97", "38;5;244", "38;2;1;2;3", "38;2;95;175;255", "38;2;0;0;95")
GROUNDS = ("", "49", "41", "48;5;17", "48;2;18;18;18")
ATTRIBUTES = ("", "1", "3", "4", "7", "1;9", "7;4", "1;3;22", "23;4")
TEXTS = ("ab", "   ", "×", " x ", "a  b", "│─╮", "日本", "e\u0301x", "", "x\ny")
SEQUENCES = (
    *("\x1b[?25l", "\x1b[?25h", "\x1b]2;title\x07", "\x1b]52;c;YWI=\x1b\\", "\x07"),
    *("\x1b[?2026h", "\x1b[?2026l", "\x1b[2J", "\x1b[K", "\x1b[2X", "\x1b[m", "\x1b[1;31m"),
    *("\x1b]8;;https://example.com\x1b\\", "\x1b]8;;\x1b\\"),
)
NO_WRAP = "\x1b[?7l"
"""As Textual has it: what is too long for its line stays in it."""

runs = st.tuples(
    st.sampled_from(ATTRIBUTES),
    st.sampled_from(COLORS),
    st.sampled_from(GROUNDS),
    st.sampled_from(TEXTS),
    st.tuples(st.integers(1, LINES), st.integers(1, COLUMNS)),
)
Run = tuple[str, str, str, str, tuple[int, int]]


def sent(piece: Run | str) -> str:
    """A run of cells as Textual sends it: position, style, text, reset."""
    if isinstance(piece, str):
        return piece
    *codes, text, (line, column) = piece
    style = ";".join(filter(None, codes))
    return f"\x1b[{line};{column}H" + (f"\x1b[{style}m{text}\x1b[0m" if style else text)


def shown(*streams: str, size: tuple[int, int] = (COLUMNS, LINES)) -> pyte.Screen:
    screen = pyte.Screen(*size)
    stream = pyte.Stream(screen)
    for each in streams:
        stream.feed(each)
    return screen


def picture(screen: pyte.Screen) -> list[list[tuple[object, ...]]]:
    """What a terminal shows: of a blank, only what can be seen of it."""
    return [[seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    lines = (cell.underscore, cell.strikethrough)
    ground = cell.fg if cell.reverse else cell.bg
    if cell.data == " " and not any(lines):
        return (" ", ground)
    ink = cell.bg if cell.reverse else cell.fg
    return (cell.data, ground, ink, cell.bold, cell.italics, *lines)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.one_of(runs, st.sampled_from(SEQUENCES)), max_size=16),
    st.lists(st.integers(0, 600), max_size=4),
)
def test_shows_the_same_picture_however_it_is_cut(pieces: list[Run | str], cuts: list[int]) -> None:
    stream = NO_WRAP + "".join(map(sent, pieces)) + "\x1b[3;4H"
    terse = Terse(COLUMNS, LINES)
    ends = [*sorted(cuts), len(stream)]
    parts = [stream[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    mine = shown(*map(terse.shorten, parts))
    theirs = shown(stream)
    assert picture(mine) == picture(theirs)
    assert (mine.cursor.x, mine.cursor.y) == (theirs.cursor.x, theirs.cursor.y)
    assert mine.mode == theirs.mode


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(runs, max_size=6), max_size=6), st.integers(0, 6))
def test_a_terminal_that_was_overwritten_is_drawn_again(frames: list[list[Run]], when: int) -> None:
    terse = Terse(COLUMNS, LINES)
    screen = shown(NO_WRAP)
    stream = pyte.Stream(screen)
    for number, frame in enumerate(frames):
        if number == when:
            stream.feed("\x1b[m\x1b[2J\x1b[Hwritten by others")
            terse.forget(COLUMNS, LINES)
        stream.feed(terse.shorten("".join(map(sent, frame))))
    theirs = shown(NO_WRAP, *("".join(map(sent, frame)) for frame in frames[:when]))
    if when < len(frames):
        pyte.Stream(theirs).feed("\x1b[m\x1b[2J\x1b[Hwritten by others")
    pyte.Stream(theirs).feed("".join("".join(map(sent, frame)) for frame in frames[when:]))
    assert picture(screen) == picture(theirs)


def test_shows_names_that_utf_8_cannot_hold() -> None:
    terse = Terse(COLUMNS, LINES)
    first, second = (
        terse.shorten(sent(("", "", "", text, (1, 1)))) for text in ("ab|c", "x\udcff|d")
    )
    assert shown(first, second).display[0].rstrip() == "x?|d"


def test_says_a_style_once() -> None:
    style = "\x1b[38;2;225;224;224;48;2;19;18;18m"
    line = f"\x1b[1;1H{style}a\x1b[0m{style}b\x1b[0m\x1b[48;2;19;18;18m  \x1b[0m{style}c\x1b[0m"
    assert Terse(COLUMNS, LINES).shorten(line) == (
        "\x1b[1H\x1b[0;38;2;225;224;224;48;2;19;18;18mab  c"
    )


def test_ends_bold_without_saying_the_colors_again() -> None:
    line = "\x1b[H\x1b[1;38;5;75;48;5;233mq\x1b[0m\x1b[38;5;248;48;5;233m Quit\x1b[0m"
    short = "\x1b[1H\x1b[0;1;38;5;75;48;5;233mq\x1b[22;38;5;248m Quit"
    assert Terse(COLUMNS, LINES).shorten(line) == short


def test_names_colors_of_the_palette_but_not_those_that_themes_of_shells_change() -> None:
    line = "\x1b[H\x1b[38;2;95;175;255;48;2;18;18;18mx\x1b[0m\x1b[38;2;0;0;95mx\x1b[0m"
    short = "\x1b[1H\x1b[0;38;5;75;48;5;233mx\x1b[0;38;2;0;0;95mx"
    assert Terse(COLUMNS, LINES).shorten(line) == short


def test_sends_only_the_cells_that_changed() -> None:
    terse = Terse(COLUMNS, LINES)
    frame = "\x1b[?2026h\x1b[2;1H\x1b[32m{}\x1b[0m\n\x1b[3;1Hloss 0.31\x1b[1;1H\x1b[?2026l"
    terse.shorten(frame.format("epoch 1 of 20"))
    assert terse.shorten(frame.format("epoch 1 of 20")) == ""
    assert terse.shorten(frame.format("epoch 2 of 20")) == (
        "\x1b[?2026h\x1b[2;7H\x1b[32m2\x1b[1H\x1b[?2026l"
    )


def test_jumps_over_what_takes_more_bytes_than_a_jump() -> None:
    terse = Terse(COLUMNS, LINES)
    terse.shorten("\x1b[Ha───b a...b")
    assert terse.shorten("\x1b[Hc───d c...d") == "\x1b[1Hc\x1b[3Cd c...d"


def test_leaves_an_accent_with_the_last_cell_of_its_line() -> None:
    terse, line = Terse(COLUMNS, LINES), f"\x1b[1;{COLUMNS - 2}H\x1b[31mabe\x1b[0m"
    streams = NO_WRAP, f"{line}\x1b[3;1H", f"{line}\u0301"
    assert picture(shown(*map(terse.shorten, streams))) == picture(shown(*streams))


def test_sends_the_text_of_a_link_with_the_link() -> None:
    terse = Terse(COLUMNS, LINES)
    begin, end = "\x1b]8;;https://example.com\x1b\\", "\x1b]8;;\x1b\\"
    for _ in range(2):
        sent_link = terse.shorten(f"\x1b[H{begin}ab{end}")
        inside = sent_link.partition(begin)[2].partition(end)[0]
        assert inside.endswith("ab")


def test_says_its_style_again_to_a_terminal_that_was_overwritten() -> None:
    terse = Terse(COLUMNS, LINES)
    line = "\x1b[H\x1b[31mab\x1b[0m"
    assert terse.shorten(line) == "\x1b[1H\x1b[0;31mab"
    terse.forget(COLUMNS, LINES)
    assert terse.shorten(line) == "\x1b[1H\x1b[0;31mab"


def test_follows_only_characters_that_take_one_cell_everywhere() -> None:
    certain = re.compile(f"[{CERTAIN}]")
    for code in range(0x20, 0x30000):
        sign = chr(code)
        if certain.match(sign) and unicodedata.category(sign) != "Cn":
            assert cell_len(sign) == 1
            assert unicodedata.east_asian_width(sign) not in "WF"
            assert unicodedata.category(sign) not in {"Mn", "Me", "Mc", "Cf", "Cc"}


@pytest.mark.slow
@pytest.mark.parametrize("scene", [*PANES, *PAGES[::4]], ids=lambda scene: scene.name)
async def test_the_lab_looks_the_same_in_fewer_bytes(
    scene: Scene, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns, lines = size = (80, 24)
    written: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "is_headless", False)
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: written.append(data))
    with staged_workspace(tmp_path) as space:
        async with staged(scene, space, size) as (_, pilot):
            await pilot.press("down", "up")
    terse = Terse(columns, lines)
    shorter = [terse.shorten(each) for each in written]
    assert picture(shown(*shorter, size=size)) == picture(shown(*written, size=size))
    assert sum(map(len, shorter)) < sum(map(len, written)) / 3
