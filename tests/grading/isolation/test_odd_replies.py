"""The lab fails whatever odd thing a submission returns, and never trips over it itself."""

import pytest
import torch

from cnn_tui.grading.checks.images import expect_logits
from cnn_tui.grading.checks.testing import CheckError
from tests.grading.conftest import Grade, reference

NUMBERS = {
    "10 ** 400": "expected a number, got 1000",
    "torch.eye(2).to_sparse()": "returned what cannot be sent: a tensor of torch.float32",
    "torch.ones(0)": "got a tensor of shape (0,)",
    "Odd(1.0)": "got an object of type Odd",
    "Equal()": "got an object of type Equal",
}
GAPS = {
    "{None: 1, (0.5, b'x'): 2, float('nan'): 3}": "got the keys [None, (0.5, b'x'), nan]",
    "{p: [] for p in results}": "expected a number, got a list of length 0",
}
ODD = """
from dataclasses import dataclass
make_net = train = None
@dataclass
class Odd:
    value: float
class Equal:
    def __eq__(self, other): return True
    def __len__(self): raise RuntimeError
    def __repr__(self): raise RuntimeError
"""
LIAR = """
right_net = make_net
def make_net(batch_norm):
    net = right_net(batch_norm)
    state = {**net.state_dict(), **STATE}
    net.state_dict, net.load_state_dict = lambda: state, lambda _: None
    return net
"""


@pytest.mark.parametrize(
    ("function", "returned", "reason"),
    [
        *(("best_p", returned, reason) for returned, reason in NUMBERS.items()),
        *(("gaps", returned, reason) for returned, reason in GAPS.items()),
    ],
)
def test_takes_no_odd_reply_for_an_answer(
    grade: Grade, function: str, returned: str, reason: str
) -> None:
    odd = f"right = {function}\ndef {function}(results):\n"
    odd += f"    return {returned} if len(results) == 3 else right(results)\n"
    result = grade("exercise4", f"{reference('exercise4')}{ODD}{odd}").results["best_p"]
    assert result.status == "failed"
    assert reason in result.message


@pytest.mark.parametrize(
    "state",
    [
        "{'weight': torch.tensor(1.0), '.weight': torch.ones(0, 2)}",
        "{'5.weight': torch.ones(1, 1).bool(), 'x': None, '': 3}",
    ],
)
def test_is_not_upset_by_a_state_that_was_made_up(grade: Grade, state: str) -> None:
    source = reference("exercise3") + LIAR.replace("STATE", state)
    results = grade("exercise3", source, until_first_failure=True).results
    assert results["plain_net"].status == "failed"


@pytest.mark.parametrize(
    "logits", [torch.ones(2, 10).bool(), torch.ones(2, 9), torch.ones(2, 10).half(), None]
)
def test_takes_nothing_but_floats_for_logits(logits: object) -> None:
    with pytest.raises(CheckError, match="logits: expected"):
        expect_logits(logits, count=2)
