"""The lab keeps what a failure was about: both sides, the call, and the learner's own lines."""

from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.isolation.source import read_source
from tests.grading.conftest import Grade, reference


def test_keeps_both_sides_and_the_call_of_the_first_comparison_that_fails(grade: Grade) -> None:
    wrong = reference("exercise1").replace("F.max_pool2d(", "F.avg_pool2d(")
    failed = grade("exercise1", wrong).results["max_pool"]
    assert failed.comparison is not None
    assert failed.comparison.shape == (2, 3, 4, 4)
    assert failed.comparison.first == (0, 0, 0, 0)
    assert len(failed.comparison.got) == 4
    assert failed.comparison.expected[0][0] > failed.comparison.got[0][0]
    assert failed.call == "max_pool(tensor (2, 3, 8, 8), 2, 2)"
    assert failed.replay.count(",") > 2 * 3 * 8 * 8 and "print(max_pool(x, 2, 2))" in failed.replay


def test_keeps_the_lines_that_led_to_what_was_raised(grade: Grade) -> None:
    source = (
        "def helper(x):\n    return x.nothing\n\n\n"
        "def max_pool(x, kernel_size, stride):\n    return helper(x)\n"
    )
    failed = grade("exercise1", source).results["max_pool"]
    assert failed.lines == (6, 2)
    assert failed.comparison is None


def test_believes_no_line_that_the_file_does_not_have(grade: Grade) -> None:
    source = (
        "import traceback\n\n\n"
        "class Frame:\n    filename, lineno = 'exercise1.py', 10**9\n\n\n"
        "def forged(*_):\n    return [Frame() for _ in range(50)]\n\n\n"
        "traceback.extract_tb = forged\n\n\ndef max_pool(*_):\n    raise ValueError('wrong')\n"
    )
    failed = grade("exercise1", source).results["max_pool"]
    assert "raised ValueError: wrong" in failed.message
    assert failed.lines == ()


@pytest.mark.parametrize(
    ("source", "lines"),
    [(b"x = 1\ny = (\n", (2,)), (b"x = 1\n# \xff\n", (2,)), (b"", ())],
)
def test_knows_the_line_of_a_file_that_is_no_python(
    tmp_path: Path, source: bytes, lines: tuple[int, ...]
) -> None:
    path = tmp_path / "exercise1.py"
    path.write_bytes(source)
    with pytest.raises(UsageError) as refused:
        read_source(path)
    assert getattr(refused.value, "lines", ()) == lines
