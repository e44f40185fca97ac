"""The lab reads which depths a gradient is to be followed through."""

import pytest

from cnn_tui.analysis.gradients.depths import doubling, parse_depths
from cnn_tui.errors import UsageError


@pytest.mark.parametrize(
    ("text", "depths"),
    [
        ("2..64", (2, 4, 8, 16, 32, 64)),
        ("1..6", (1, 2, 4, 6)),
        ("4..4", (4,)),
        ("4", (4,)),
        (" 32, 2,8 ,2", (2, 8, 32)),
        ("007", (7,)),
    ],
)
def test_reads_ranges_lists_and_single_depths(text: str, depths: tuple[int, ...]) -> None:
    assert parse_depths(text) == depths


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("64..2", "smaller depth first, 2..64"),
        ("2..", "such as 2..64"),
        ("2...64", "such as 2..64"),
        ("", "such as 2..64"),
        ("1,,2", "such as 2..64"),
        ("-4", "such as 2..64"),
        ("²", "such as 2..64"),
        ("0..8", "1 to 128 blocks, not 0"),
        ("129", "not 129"),
        ("9" * 50, "1 to 128 blocks"),
        (",".join(map(str, range(1, 20))), "12 at most"),
    ],
)
def test_refuses_other_depths_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        parse_depths(text)


def test_does_not_repeat_a_text_without_end() -> None:
    with pytest.raises(UsageError, match="too long") as refusal:
        parse_depths("9" * 10_000)
    assert len(str(refusal.value)) < 100


def test_doubles_up_to_the_last_depth() -> None:
    assert doubling(1, 1) == (1,)
    assert doubling(3, 20) == (3, 6, 12, 20)
