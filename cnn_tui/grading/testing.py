"""What teachers import to write hidden tests of their own.

Marks: ``points``, ``needs``, ``topic``, and pytest's ``parametrize``. Each ``expect…`` fails the
check, with a sentence for the learner: ``expect`` (a condition), ``expect_equal`` (plain values of
any kind), ``expect_number``, ``expect_tensor``, ``expect_array`` (numpy), ``expect_items``,
``expect_module``, and ``with expect_raises(ValueError, "f(-1)"):``.

``submission.call("f", x, k=2)`` calls a function or makes an object of a class; it takes and
returns plain values, tensors, arrays, sets, dataclass instances (their fields are attributes), and
functions of the test, which the submission may call. ``submission.attribute("BATCH_SIZE")`` is a
constant, ``submission.output()`` what the last call printed. Any other object stays with the
submission: it can be iterated and called, and has ``.method("push", 5)`` and
``.attribute("size")``.

Where a test breaks on what the submission returned (it uses a None as a network, or unpacks two
values from three), the check fails, and the learner reads why. Where it breaks on a value of its
own, the test is wrong, and the submission is not graded: run it on your solution first.
"""

from cnn_tui.grading.checks.testing import (
    CheckError,
    as_number,
    described,
    differs,
    expect,
    expect_array,
    expect_equal,
    expect_items,
    expect_module,
    expect_number,
    expect_raises,
    expect_tensor,
    needs,
    points,
    topic,
    visibility,
)

__all__ = [
    "CheckError",
    "as_number",
    "described",
    "differs",
    "expect",
    "expect_array",
    "expect_equal",
    "expect_items",
    "expect_module",
    "expect_number",
    "expect_raises",
    "expect_tensor",
    "needs",
    "points",
    "topic",
    "visibility",
]
