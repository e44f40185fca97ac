"""The lab tells the call that went wrong: short, on one line, and safe to show."""

import pytest
import torch

from cnn_tui.grading.isolation.calls import MAX_CALL, shown_call
from cnn_tui.grading.isolation.wire import Handle


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (torch.zeros(2, 3, 8, 8), "tensor (2, 3, 8, 8)"),
        (torch.zeros(5, dtype=torch.int64), "tensor (5,) int64"),
        (torch.tensor(1.0), "tensor ()"),
        (0.5, "0.5"),
        (True, "True"),
        (None, "None"),
        ("same", "'same'"),
        ("a\nb\x1b[31m", "'a\\nb\\x1b[31m'"),
        ("x" * 1000, "'" + "x" * 38 + "…"),
        pytest.param(10**5000, "an int", id="an int of too many digits to write"),
        ([1, 2, 3, 4], "[1, 2, 3, …]"),
        ((1,), "(1,)"),
        ([[[1]], []], "[[[…]], []]"),
        ({"a": 1, "b": torch.zeros(1)}, "{'a': 1, 'b': tensor (1,)}"),
        (dict.fromkeys(range(9)), "{0: None, 1: None, 2: None, …}"),
        (Handle(1, "Net\n\x1b[2J", True), "a Net"),
    ],
)
def test_shows_each_kind_of_value(value: object, shown: str) -> None:
    assert shown_call("f", [value], {}) == f"f({shown})"


def test_names_keywords_and_cuts_a_long_call() -> None:
    assert shown_call("f", [1], {"stride": 2}) == "f(1, stride=2)"
    call = shown_call("f", ["word"] * 100, {})
    assert len(call) == MAX_CALL
    assert call.startswith("f('word', 'word', ")
    assert call.endswith("…)")
