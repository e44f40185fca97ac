"""The lab tells the call that went wrong: short, on one line, and safe to show."""

import pytest
import torch

from cnn_tui.grading.isolation.calls import MAX_CALL, MAX_NUMBERS, CheckedCall
from cnn_tui.grading.isolation.wire_values import Handle


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
    assert CheckedCall("f", [value], {}).shown() == f"f({shown})"


def test_names_keywords_and_cuts_a_long_call() -> None:
    assert CheckedCall("f", [1], {"stride": 2}).shown() == "f(1, stride=2)"
    call = CheckedCall("f", ["word"] * 100, {}).shown()
    assert len(call) == MAX_CALL
    assert call.startswith("f('word', 'word', ")
    assert call.endswith("…)")


def test_writes_a_call_as_python_that_makes_it_again(capsys: pytest.CaptureFixture[str]) -> None:
    x, counts = torch.randn(2, 3), torch.tensor([[1 << 40, -7]])
    given = []

    def pool(*args: object, **kwargs: object) -> str:
        given.extend([args, kwargs])
        return "called"

    code = CheckedCall("pool", [x, "max", 2], {"counts": counts, "stride": None}).replay()
    exec(code, {"pool": pool})
    (again, kind, size), named = given
    assert torch.allclose(again, x, rtol=1e-5)
    assert (kind, size, named["stride"]) == ("max", 2, None)
    assert named["counts"].equal(counts)
    assert capsys.readouterr().out == "called\n"


@pytest.mark.parametrize(
    "value",
    [
        torch.zeros(MAX_NUMBERS + 1),
        torch.tensor(torch.nan),
        Handle(1, "Net", True),
        [torch.zeros(1)],
        "x" * 1000,
        1 << 1000,
    ],
)
def test_writes_no_python_of_what_is_large_or_no_plain_value(value: object) -> None:
    assert CheckedCall("f", [value], {}).replay() == ""
    assert CheckedCall("Net.forward", [1], {}).replay() == ""
