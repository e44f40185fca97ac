"""A network whose output depends on nothing is said to be cut off, not to raise an error."""

from typing import Any

import pytest
import torch

from cnn_tui.grading.checks.testing import CheckError
from cnn_tui.grading.checks.weights import grads_of
from cnn_tui.grading.isolation.submission_errors import RaisedError

CUT_OFF = (
    "Net.backward raised RuntimeError: element 0 of tensors does not require grad and does not "
    "have a grad_fn"
)


class Net:
    def __init__(self, sentence: str) -> None:
        self.sentence = sentence

    def grads(self, inputs: torch.Tensor, cotangent: torch.Tensor) -> dict[str, Any]:
        raise RaisedError(self.sentence)


def test_says_that_no_gradient_passes() -> None:
    with pytest.raises(CheckError, match=r"^net\(\): no gradient passes back from its output\."):
        grads_of(Net(CUT_OFF), torch.zeros(1), torch.zeros(1), "net()")  # type: ignore[arg-type]


def test_leaves_other_errors_as_they_are() -> None:
    with pytest.raises(RaisedError, match="no such layer"):
        grads_of(Net("no such layer"), torch.zeros(1), torch.zeros(1), "net()")  # type: ignore[arg-type]
