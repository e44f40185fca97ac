"""Whether what comes as float64 has been computed in float64."""

from typing import Any

from torch import Tensor

from cnn_tui.grading.checks.testing import expect, expect_tensor

PRECISE = 1e-9
"""Of the largest value: far more than float64 rounds away, and far less than float32 does."""


def expect_float64(
    got: Any, wanted: Tensor, what: str, *, rtol: float = 1e-4, atol: float = 1e-5
) -> None:
    """Like ``expect_tensor``, and fails where ``got`` is only as precise as float32 is."""
    expect_tensor(got, wanted, what, rtol=rtol, atol=atol)
    precise = (got - wanted).abs().max() <= PRECISE * wanted.abs().max()
    expect(
        bool(precise),
        f"{what}: right to about 7 digits only, as if it were computed in float32. "
        "Compute in the dtype of the input.",
    )
