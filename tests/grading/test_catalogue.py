"""The lab knows its exercises, and where the files of each are."""

from pathlib import Path

import pytest

from cnn_tui import workspace
from cnn_tui.chapter.catalogue import topics
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import (
    RECORDS,
    exercises,
    hidden_tests,
    in_workspace,
    resolve,
    solution,
    starter,
    starters,
)
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.judge.plan import read_plan
from cnn_tui.next_steps import Action, step
from cnn_tui.workspace import Workspace
from tests.subprocesses import run_python
from tests.turns import slow_by_turns

LONGEST_DESCRIPTION = 60
"""What fits on one line of 80 columns beside mark, word and points."""

SHARE_OF_EXAMPLES = 3
"""At each commit, one exercise in three is run: they train networks with three seeds each."""
every_exercise = pytest.mark.parametrize("exercise", exercises(), ids=lambda each: each.name)


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    return workspace.create(tmp_path, starters())[0]


@pytest.mark.parametrize("word", ["exercise3", "3", "Exercise-3", "EXERCISE_3", "exercise3.py"])
def test_finds_an_exercise_by_name_or_number(space: Workspace, word: str) -> None:
    exercise, path = resolve(word, space)
    assert exercise.number == "3"
    assert path == space.exercises / "exercise3.py"


def test_finds_an_exercise_by_the_path_of_a_file(space: Workspace) -> None:
    path = space.exercises / "exercise1.py"
    assert resolve(str(path), None) == (exercises()[0], path)


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("exercsie1", "did you mean exercise1"),
        ("33", "no exercise named"),
        ("", "no exercise named"),
        ("folder/notes.py", "not named like an exercise: .*exercise1.py or exercise2.py or "),
    ],
)
def test_suggests_the_nearest_exercise(space: Workspace, word: str, sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        resolve(word, space)


def test_needs_a_workspace_to_find_an_exercise_by_name() -> None:
    with pytest.raises(UsageError, match="give the file's path") as error:
        resolve("exercise1", None)
    assert error.value.next_steps == (step(Action.INIT),)
    with pytest.raises(UsageError, match=r"no file nosuch\.py"):
        resolve("nosuch.py", None)


def test_lists_the_exercises_that_a_workspace_holds(space: Workspace) -> None:
    assert [exercise for exercise, _ in in_workspace(space)] == list(exercises())
    for name in starters():
        (space.exercises / name).unlink()
    with pytest.raises(UsageError, match="holds no exercise"):
        in_workspace(space)


def test_lists_the_exercises_that_have_a_record_in_its_folder(tmp_path: Path) -> None:
    for number in (2, 10, 9):
        record = f"EXERCISE = Exercise('exercise{number}', 'Title', 'Task', 'topic')"
        source = f"from cnn_tui.grading.exercises import Exercise\n{record}\n"
        (tmp_path / f"exercise{number}.py").write_text(source)
    done = run_python(
        "import pathlib; from cnn_tui.grading import catalogue, exercises\n"
        f"folder = {str(tmp_path)!r}\n"
        "exercises.__path__, catalogue.RECORDS = [folder], pathlib.Path(folder)\n"
        "print(*(each.number for each in catalogue.exercises()))"
    )
    assert done.stdout.split() == ["2", "9", "10"]


@every_exercise
def test_has_every_file_of_an_exercise(exercise: Exercise) -> None:
    for path in (starter(exercise), hidden_tests(exercise), solution(exercise)):
        assert path.name == exercise.file_name
        assert path.is_file()
    assert (RECORDS / exercise.file_name).is_file()


@every_exercise
def test_plans_checks_that_add_up_and_point_to_real_topics(exercise: Exercise) -> None:
    plan = read_plan(hidden_tests(exercise))
    slugs = {topic.slug for topic in topics()}
    earlier: set[str] = set()
    for check in plan:
        assert set(check.needs) <= earlier
        assert check.topic in slugs
        assert 10 < len(check.description) <= LONGEST_DESCRIPTION
        assert check.description.endswith(".")
        earlier.add(check.id)
    assert sum(check.points for check in plan) == exercise.max_score
    assert exercise.topic in slugs


@every_exercise
def test_starts_learners_with_the_functions_that_it_checks(exercise: Exercise) -> None:
    source = starter(exercise).read_text()
    assert "raise NotImplementedError" in source
    assert f"cnn-lab check {exercise.name}" in source
    assert 'if __name__ == "__main__":' in source


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "exercise",
    [
        pytest.param(each, id=each.name, marks=slow_by_turns(place, SHARE_OF_EXAMPLES))
        for place, each in enumerate(exercises())
    ],
)
def test_has_a_solution_whose_examples_run(exercise: Exercise) -> None:
    code = f"import runpy; runpy.run_path({str(solution(exercise))!r}, run_name='__main__')"
    run_python(code, timeout=800)


def test_reads_its_exercises_without_torch() -> None:
    run_python(
        "import sys, cnn_tui.grading.checker, cnn_tui.grading.catalogue;"
        "import cnn_tui.grading.learner.progress;"
        "assert not {'torch', 'numpy', 'pytest', 'rich'} & set(sys.modules)"
    )
