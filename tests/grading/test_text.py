"""The lab shows what a submission printed, and nothing that it meant for the terminal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnn_tui.grading.text import HALF, HeadAndTail, clean, one_line, shortened


@pytest.mark.parametrize(
    ("printed", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\r\nthree\r", "two\nlines\nthree\n"),
        ("a\tb", "a   b"),
        ("\x1b[31mred\x1b[0m \x1b[2J\x1b[1;1H", "red "),
        ("\x1b]0;a title\x07after", "after"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1bcreset", "reset"),
        ("\x9b31mred", "�31mred"),
        ("bell\x07 null\x00 backspace\x08", "bell� null� backspace�"),
        ("\u202eright to left\u2066", "�right to left�"),
        ("\ud800", "�"),
        ("größer ✓ 数", "größer ✓ 数"),
        ("wide\u00a0space", "wide space"),
    ],
)
def test_leaves_only_what_can_be_read(printed: str, shown: str) -> None:
    assert clean(printed) == shown


@given(st.text())
def test_never_lets_a_control_character_through(printed: str) -> None:
    assert all(sign == "\n" or sign.isprintable() for sign in clean(printed))


def test_cuts_what_is_long() -> None:
    assert clean("x" * 100, 10) == "x" * 9 + "…"
    assert (shortened(" a  b ", 3), shortened("abcd", 3)) == ("a b", "ab…")
    assert one_line("a\n  b\x07" * 100, 9) == "a b�a b�a"


def test_keeps_head_and_tail_of_a_long_output() -> None:
    output = HeadAndTail()
    output.add(b"first\n")
    for _ in range(1000):
        output.add(b"noise\n" * 1000)
    output.add(b"last\n")
    text = output.text()
    assert text.startswith("first\nnoise\n")
    assert text.endswith("noise\nlast\n")
    assert "bytes left out" in text
    assert len(text) < 2 * HALF + 100


@given(st.lists(st.binary(max_size=HALF), max_size=5))
def test_counts_what_it_leaves_out(chunks: list[bytes]) -> None:
    output = HeadAndTail()
    for chunk in chunks:
        output.add(chunk)
    whole = b"".join(chunks)
    assert len(output.head) + len(output.tail) + output.dropped == len(whole)
    assert whole.startswith(output.head)
    assert whole.endswith(output.tail)
