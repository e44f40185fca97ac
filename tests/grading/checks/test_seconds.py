"""The lab says how an epoch's time is taken where the seconds cannot be right."""

import pytest

from cnn_tui.grading.checks.seconds import expect_seconds
from cnn_tui.grading.checks.testing import CheckError

TOOK = 0.5


@pytest.mark.parametrize(
    ("seconds", "sentence"),
    [
        ([0.1, 0.2, 0.3], "0.6 s together, but .* only 0.5 s. Start the clock again in each epoch"),
        ([100.0, 110.0, 90.0], "Subtract the time at which an epoch starts .*, in seconds"),
        ([0.1, 0.0, 0.1], "one in your history takes 0 s. .* do not round"),
        ([-0.1, -0.1], "one in your history takes -0.1 s. Subtract the time before its first step"),
        ([float("nan")], "one in your history takes nan s"),
    ],
    ids=["one start for all", "milliseconds", "whole seconds", "start minus end", "no number"],
)
def test_says_how_to_take_the_time(seconds: list[float], sentence: str) -> None:
    with pytest.raises(CheckError, match=sentence):
        expect_seconds(seconds, TOOK)


def test_passes_seconds_that_train_took() -> None:
    expect_seconds([0.1, 0.1, 0.2], TOOK)
