"""Winnowing finds every common passage that is long enough, and its lines."""

import pytest

from cnn_tui.grading.classroom.similarity.winnowing import (
    GUARANTEED,
    LEFT_BLANK,
    NOISE,
    RIGHT_BLANK,
    Tokens,
    one_after_another,
    passages,
    tokens_of,
)

PASSAGE = "\n".join(f"if a < {number}: b = c * {number}" for number in range(3))
"""Of more tokens than are always found."""


def shared(one: str, other: str, common: str = "") -> list[tuple[tuple[int, int], tuple[int, int]]]:
    left, right = tokens_of(one), tokens_of(other)
    given = set(tokens_of(common).hashes)
    blanked = left.without(given, LEFT_BLANK), right.without(given, RIGHT_BLANK)
    return [(each.lines, each.other_lines) for each in passages(left, right, *blanked)]


@pytest.mark.parametrize("before", range(0, 12, 3))
def test_finds_a_passage_wherever_it_stands(before: int) -> None:
    assert len(tokens_of(PASSAGE).numbers) >= GUARANTEED
    other = "\n".join([f"x[{number}] = 'more'" for number in range(before)] + [PASSAGE])
    assert shared(f"start()\n{PASSAGE}", other) == [((2, 4), (before + 1, before + 3))]


def test_marks_a_passage_from_its_first_token_to_its_last() -> None:
    for first in (100, 200, 300):
        numbers = "\n".join(map(str, range(first, first + 25)))
        assert shared(f"0\n{numbers}\n0", f"1\n1\n{numbers}") == [((2, 26), (3, 27))]


def test_does_not_mark_what_counts_for_nobody() -> None:
    own = "\n".join(f"for k in v[{number}]: w += {number}" for number in range(4))
    text = f"{PASSAGE}\n{own}"
    assert shared(text, text) == [((1, 7), (1, 7))]
    ((lines, others),) = shared(text, text, PASSAGE)
    assert lines == others == (4, 7)


def test_marks_each_passage_once() -> None:
    assert shared(f"{PASSAGE}\n{PASSAGE}", PASSAGE) == [((1, 3), (1, 3))]


def test_names_comments_docstrings_and_layout_make_no_difference() -> None:
    one = 'def f(a, b):\n    """It adds."""\n    return g(a, b)  # a sum\n'
    other = "def f(x, y):\n\n  return total(\n    x,\n    y,\n  )\n"
    assert tokens_of(one).numbers == tokens_of(other).numbers
    assert tokens_of(one).numbers != tokens_of(one.replace("a, b)", "a, b) - 1")).numbers


def test_a_string_that_is_used_is_no_docstring() -> None:
    assert len(tokens_of("x = 'a'").numbers) == 3
    assert len(tokens_of("f('a')").numbers) == 4
    assert len(tokens_of("'a'").numbers) == 0


def test_a_short_file_has_no_fingerprints() -> None:
    assert not tokens_of("+".join("a" * (NOISE // 2))).fingerprints
    assert tokens_of("+".join("a" * NOISE)).fingerprints


def test_refuses_what_cannot_be_divided_into_tokens() -> None:
    with pytest.raises(ValueError, match="EOF"):
        tokens_of("'''")


def matched(left: Tokens, right: Tokens) -> list[tuple[str, tuple[int, int], str, tuple[int, int]]]:
    blanked = left.without(set(), LEFT_BLANK), right.without(set(), RIGHT_BLANK)
    found = passages(left, right, *blanked)
    return [(each.file, each.lines, each.other_file, each.other_lines) for each in found]


def test_no_passage_goes_on_in_another_file() -> None:
    first, second = f"x()\n{PASSAGE}", "\n".join(f"for k in v[{n}]: w += {n}" for n in range(4))
    two = one_after_another([("", tokens_of(first)), ("b.py", tokens_of(second))])
    swapped = one_after_another([("", tokens_of(second)), ("a.py", tokens_of(first))])
    one = tokens_of(f"{first}\n{second}")
    assert matched(two, two) == [("", (1, 4), "", (1, 4)), ("b.py", (1, 4), "b.py", (1, 4))]
    assert matched(two, swapped) == [("", (1, 4), "a.py", (1, 4)), ("b.py", (1, 4), "", (1, 4))]
    assert matched(two, one) == [("", (1, 4), "", (1, 4)), ("b.py", (1, 4), "", (5, 8))]


def test_files_that_are_too_short_have_no_fingerprints_together() -> None:
    short = tokens_of("+".join("a" * (NOISE // 2)))
    files = [(name, short) for name in ("", "b.py", "c.py")]
    assert not one_after_another(files).fingerprints
