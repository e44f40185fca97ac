"""Whether a function leaves what it is given as it is."""

from typing import Any

import torch
from torch import Tensor

from cnn_tui.grading.checks.testing import expect
from cnn_tui.grading.isolation.client import LoadedSubmission


def call_unchanging(
    submission: LoadedSubmission, function: str, *args: object, **kwargs: object
) -> Any:
    """Call ``function``; fails if that changes one of the tensors that it is given."""
    sent = [each for each in (*args, *kwargs.values()) if isinstance(each, Tensor)]
    got = submission.call(function, *args, **kwargs)
    now = submission.arguments()
    same = isinstance(now, list) and len(now) == len(sent) and all(map(_is_same, now, sent))
    expect(same, f"{function} changes the tensor that it is given: work on a copy of it.")
    return got


def _is_same(now: Any, sent: Tensor) -> bool:
    return type(now) is Tensor and now.dtype == sent.dtype and torch.equal(now, sent)
