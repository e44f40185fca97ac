"""The lab runs the hidden tests that a new teacher writes first, and says where they are wrong."""

from pathlib import Path

from cnn_tui.grading.classroom.teacher_tests import exercise_from
from tests.grading.conftest import Grade

HEAD = """
import numpy as np
import pytest
from cnn_tui.grading.testing import *
"""
TESTS = """
def test_numpy(submission):
    wanted = np.arange(6.0).reshape(2, 3)
    expect_array(submission.call("turned", wanted.T), wanted, "turned")

def test_sets(submission):
    expect_equal(submission.call("doubled", {1, 2}), {2, 4}, "doubled")

def test_fields(submission):
    expect_number(submission.call("statistics", [1, 2, 3]).mean, 2, "mean")
    expect_number(submission.call("statistics", [1, 2, 3]).attribute("mean"), 2, "mean")

def test_dataclass_methods(submission):
    interval = submission.call("Interval", 1, 3)
    interval.method("grow", 2)
    expect_number(interval.width, 4, "width")
    expect_number(interval.attribute("high"), 5, "high")

def test_generators(submission):
    expect_equal(list(submission.call("squares", 3)), [0, 1, 4], "squares")

def test_constants(submission):
    expect_equal(submission.attribute("BATCH_SIZE"), 32, "BATCH_SIZE")

def test_callbacks(submission):
    expect_equal(submission.call("thrice", lambda x: x + 1, 3), 6, "thrice")

def test_errors_of_callbacks(submission):
    def bad(x):
        raise KeyError("no")
    with expect_raises(LookupError, "thrice"):
        submission.call("thrice", bad, 3)

def test_checks_in_callbacks(submission):
    def counted(x):
        expect(type(x) is int, "thrice gives its function no int.")
        return x
    expect_equal(submission.call("thrice", counted, 3), 3, "thrice")

def test_keywords(submission):
    expect_equal(submission.call("joined", 3, function=2, name="x"), "3x2", "joined")

def test_raises(submission):
    with expect_raises(ValueError, "root(-1)"):
        submission.call("root", -1)

def test_prints(submission):
    submission.call("countdown", 2)
    expect_equal(submission.output(), "2\\n1\\n", "the countdown")

@points(2)
@pytest.mark.parametrize("n, wanted", [(1, 1), (2, 4), (3, 9)])
def test_parameters(submission, n, wanted):
    expect_equal(submission.call("square", n), wanted, f"square({n})")

@needs("parameters")
def test_objects(submission):
    stack = submission.call("Stack", size=3)
    expect_equal(stack.attribute("size"), 3, "size")
    stack.method("push", 5)
    expect_equal(stack.method("pop"), 5, "pop")

def test_words(submission):
    if submission.call("square", 3) != 9:
        pytest.fail("square(3) is not 9.")
"""
RIGHT = """
from dataclasses import dataclass
BATCH_SIZE = 32
@dataclass
class Statistics:
    mean: float
class Stack:
    def __init__(self, size): self.size, self.items = size, []
    def push(self, value): self.items.append(value)
    def pop(self): return self.items.pop()
@dataclass
class Interval:
    low: float
    high: float
    @property
    def width(self): return self.high - self.low
    def grow(self, by): self.high += by
def turned(x): return x.T
def doubled(x): return {2 * each for each in x}
def statistics(x): return Statistics(sum(x) / len(x))
def squares(n): yield from (each * each for each in range(n))
def thrice(f, x): return f(f(f(x)))
def joined(a, function, name): return f"{a}{name}{function}"
def root(x):
    if x < 0: raise ValueError("negative")
def countdown(n):
    for each in range(n, 0, -1): print(each)
def square(n): return n * n
"""
WRONG = """
class Statistics: median = 2
class Interval:
    def __init__(self, low, high): self.low, self.high = low, high
    def grow(self, by): pass
class Stack:
    def __init__(self, size): self.size = 2
def turned(x): return x
def doubled(x): return list(x)
def statistics(x): return Statistics()
def squares(n): yield 0
def thrice(f, x):
    try: f(2.5)
    except BaseException: return x
    return x
def joined(a, function, name): return ""
def root(x): raise TypeError("negative")
def countdown(n): print(n)
def square(n): return 4
"""
REASONS = {
    "numpy": "turned: expected shape (2, 3), got shape (3, 2).",
    "sets": "doubled: expected {2, 4}, got [1, 2].",
    "fields": "Statistics.mean raised AttributeError",
    "dataclass_methods": "Interval.width raised AttributeError",
    "generators": "squares: expected [0, 1, 4], got [0].",
    "constants": "homework1.py defines no BATCH_SIZE.",
    "callbacks": "thrice: expected 6, got 3.",
    "errors_of_callbacks": "thrice: expected a LookupError, got none.",
    "checks_in_callbacks": "thrice gives its function no int.",
    "keywords": "joined: expected '3x2', got ''.",
    "raises": "root(-1): expected a ValueError, got TypeError",
    "prints": "the countdown: expected '2\\n1\\n', got '2\\n'.",
    "parameters": "square(1): expected 1, got 4.",
    "objects": "First comes",
    "words": "square(3) is not 9.",
}
MISTAKES = {
    "nobody_wrote": (
        "    expect_equal(submission.call('square', 3), nein, 'square')",
        "line 6: NameError: name 'nein' is not defined",
    ),
    "asserts": (
        "    assert submission.call('square', 3) == 8",
        "line 6: a bare assert says nothing to the learner",
    ),
    "sends_anything": (
        "    submission.call('square', object())",
        "line 6: a object cannot be sent to square",
    ),
    "calls_within_a_call": (
        "    submission.call('thrice', lambda x: submission.call('square', x), 3)",
        "line 6: a function that was passed in: square is asked for by a function",
    ),
}


def written(folder: Path, tests: str) -> Path:
    path = folder / "homework1.py"
    path.write_text(HEAD + tests)
    assert exercise_from(path).name == "homework1"
    return path


def test_runs_what_a_new_teacher_writes_first(grade: Grade, tmp_path: Path) -> None:
    tests = written(tmp_path, TESTS)
    right = grade("homework1", RIGHT, tests=tests)
    assert right.passed, right.not_passed
    assert right.results["parameters"].points == 2
    wrong = grade("homework1", WRONG, tests=tests).not_passed
    assert wrong.keys() == REASONS.keys() == right.results.keys()
    for name, reason in REASONS.items():
        assert reason in wrong[name], name


def test_says_where_a_test_is_wrong(grade: Grade, tmp_path: Path) -> None:
    for name, (body, reason) in MISTAKES.items():
        tests = written(tmp_path, f"def test_{name}(submission):\n{body}\n")
        result = grade("homework1", RIGHT, tests=tests).results[name]
        assert result.status == "error"
        assert f"homework1.py, {reason}" in result.message
    tests = written(tmp_path, "def test_a(submission, rng):\n    pass\n")
    result = grade("homework1", RIGHT, tests=tests).results["a"]
    assert "homework1.py: there is no fixture rng" in result.message
