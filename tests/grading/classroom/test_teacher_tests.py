"""The lab grades a teacher's own exercises, and says what is wrong with their tests."""

from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.teacher_tests import (
    choose,
    exercise_called,
    exercise_from,
    exercises_in,
    resolve,
)
from cnn_tui.grading.judge.plan import read_plan, result

TESTS = '''
from cnn_tui.grading.testing import expect, needs, points, topic

TITLE = "My own"
CHECK_SECONDS = 3
TOTAL_SECONDS = 7.5
SIZES = [raise_if_run() for _ in "never run here"]

@points(2)
@topic("pooling-why")
def test_first(submission):
    """The first works."""

@needs("first")
def test_second(submission, generator):
    """The second works too."""
'''


def write(folder: Path, source: str, name: str = "homework1") -> Path:
    path = folder / f"{name}.py"
    path.write_text(source)
    return path


def test_reads_an_exercise_without_running_its_tests(tmp_path: Path) -> None:
    tests = write(tmp_path, TESTS)
    exercise = exercise_from(tests)
    assert (exercise.name, exercise.title, exercise.max_score) == ("homework1", "My own", 3)
    assert (exercise.check_seconds, exercise.total_seconds) == (3, 7.5)
    assert exercise.tests == tests.resolve()
    assert [check.id for check in read_plan(tests)] == ["first", "second"]


def test_reads_settings_however_they_are_assigned(tmp_path: Path) -> None:
    settings = "CHECK_SECONDS = TOTAL_SECONDS = 170\nTITLE: str = 'Mine'\n"
    helper = "def helper():\n    LOAD_SECONDS = 1\n"
    exercise = exercise_from(write(tmp_path, f"{settings}{helper}{TESTS.split('7.5', 1)[-1]}"))
    assert (exercise.check_seconds, exercise.total_seconds, exercise.title) == (170, 170, "Mine")
    assert exercise.load_seconds == exercise_from(write(tmp_path, TESTS)).load_seconds


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("", "homework1.py is empty: write hidden tests"),
        ("def f(:", "homework1.py has a syntax error in line 1"),
        ("x = 1\n", "holds no test"),
        ("@needs('zero')\ndef test_a(): pass\n", "needs 'zero', but no test before it"),
        ("@needs('b')\ndef test_a(): pass\ndef test_b(): pass\n", "needs 'b', but no test before"),
        ("def test_a(): pass\ndef test_a(): pass\n", "two tests named test_a"),
        ("@points(MANY)\ndef test_a(): pass\n", "line 2: test_a is marked in a way"),
        ("@points(-1)\ndef test_a(): pass\n", "marked in a way that is not understood"),
        ("@points('2')\ndef test_a(): pass\n", "marked in a way that is not understood"),
        ("@needs(1)\ndef test_a(): pass\n", "marked in a way that is not understood"),
        ("@visibility('never')\ndef test_a(): pass\n", "marked in a way that is not"),
        ("@points(0)\ndef test_a(): pass\n", "worth no points"),
        ("@pytest.mark.skip\ndef test_a(): pass\n", "points, needs, topic and visibility only"),
        (
            "@parametrize('x', [1])\ndef test_a(): pass\n",
            "points, needs, topic and visibility only",
        ),
        ("class TestA:\n    def test_a(self): pass\n", "TestA is a class"),
        ("async def test_a(): pass\n", "test_a is async"),
        ("TITLE = 3\ndef test_a(): pass\n", "TITLE must be a string"),
        ("CHECK_SECONDS = 0\ndef test_a(): pass\n", "CHECK_SECONDS must be a number"),
        ("TOTAL_SECONDS = 60 * x\ndef test_a(): pass\n", "TOTAL_SECONDS must be a number"),
        ("TOTAL_SECONDS: float\ndef test_a(): pass\n", "TOTAL_SECONDS must be a number"),
        ("CHECK_SECONDS, x = 5, 6\ndef test_a(): pass\n", "line 1: CHECK_SECONDS is set in a way"),
        ("x = 1\nif x:\n    TITLE = 'a'\ndef test_a(): pass\n", "line 3: TITLE is set in a way"),
        ("LOAD_SECONDS += 5\ndef test_a(): pass\n", "LOAD_SECONDS is set in a way"),
        ("x = (TITLE := 'a')\ndef test_a(): pass\n", "TITLE is set in a way"),
    ],
)
def test_says_what_is_wrong_with_the_tests(tmp_path: Path, source: str, sentence: str) -> None:
    with pytest.raises(UsageError) as refusal:
        exercise_from(write(tmp_path, source))
    assert sentence in str(refusal.value)


def test_needs_a_folder_with_tests(tmp_path: Path) -> None:
    write(tmp_path, TESTS, "_helpers")
    with pytest.raises(UsageError, match="holds no hidden tests"):
        exercises_in(tmp_path)
    with pytest.raises(UsageError, match="cannot be read"):
        exercises_in(tmp_path / "missing")
    with pytest.raises(UsageError, match="name it with letters"):
        exercises_in(write(tmp_path, TESTS, "home work").parent)


def test_finds_the_file_that_an_argument_means(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tests = tmp_path / "tests"
    tests.mkdir()
    write(tests, TESTS)
    write(tests, TESTS, "homework2")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UsageError, match=r"no homework1\.py here"):
        resolve([], tests)
    write(tmp_path, "", "homework2")
    assert [(each.name, str(path)) for each, path in resolve([], tests)] == [
        ("homework2", "homework2.py")
    ]
    assert resolve(["some/homework1.py"], tests)[0][1] == Path("some/homework1.py")
    with pytest.raises(UsageError, match="did you mean homework1"):
        exercise_called("homewrok1", exercises_in(tests))


def test_takes_over_when_gradescope_shows_a_check(tmp_path: Path) -> None:
    source = "@visibility('after_due_date')\ndef test_a(): pass\ndef test_b(): pass\n"
    plan = read_plan(write(tmp_path, source))
    assert exercise_from(tmp_path / "homework1.py").max_score == 2
    assert [result(each, "failed", "").visibility for each in plan] == ["after_due_date", "visible"]


def test_finds_the_exercise_of_a_solution_of_any_name(tmp_path: Path) -> None:
    for name in ("homework1", "homework10"):
        (tmp_path / f"{name}.py").write_text(TESTS)
    chosen, space = choose(["a/homework10_right.py", "homework1.py"], tmp_path, any_name=True)
    assert [(exercise.name, str(path)) for exercise, path in chosen] == [
        ("homework10", "a/homework10_right.py"),
        ("homework1", "homework1.py"),
    ]
    assert space is None
