"""What teachers import to write hidden tests of their own; see ``checks.testing``."""

from cnn_tui.grading.checks.testing import (
    CheckError,
    as_number,
    described,
    differs,
    expect,
    expect_equal,
    expect_items,
    expect_module,
    expect_number,
    expect_tensor,
    needs,
    points,
    topic,
)

__all__ = [
    "CheckError",
    "as_number",
    "described",
    "differs",
    "expect",
    "expect_equal",
    "expect_items",
    "expect_module",
    "expect_number",
    "expect_tensor",
    "needs",
    "points",
    "topic",
]
