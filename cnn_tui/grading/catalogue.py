"""The exercises, and where the files of each are.

A learner edits a copy of the pristine starter; the hidden tests and the
reference solution carry the same file name in their own folders. Exercises of
other installed packages say where their files are.
"""

import functools
import sys
from importlib import import_module
from pathlib import Path

from cnn_tui import plugins
from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading import exercises as exercise_records
from cnn_tui.grading.exercises import Exercise
from cnn_tui.names import match, normalize
from cnn_tui.next_steps import Action, step
from cnn_tui.workspace import Workspace

ROOM = Path(__file__).parent
RECORDS = ROOM / "exercises"
STARTERS = RECORDS / "starters"
HIDDEN_TESTS = RECORDS / "hidden_tests"
SOLUTIONS = (RECORDS / "solutions", ROOM.parents[1] / "solutions")
"""In an installed wheel, and in a clone."""
SUFFIXES = (".py", ".ipynb")
"""What learners write their solutions in: a module, or a notebook."""
PLUGINS = "cnn_lab.exercises"
"""The entry points by which other packages add exercises."""


@functools.cache
def exercises() -> tuple[Exercise, ...]:
    """Every exercise: the lab's own, in order, then those of other packages."""
    own = own_exercises()
    taken = {normalize(exercise.name) for exercise in own}

    def fault(exercise: Exercise) -> str:
        reason = _fault(exercise, taken)
        taken.add(normalize(exercise.name))
        return reason

    return (*own, *plugins.records(PLUGINS, Exercise, fault))


@functools.cache
def own_exercises() -> tuple[Exercise, ...]:
    """The exercises that come with the lab, in order."""
    names = (file.stem for file in RECORDS.glob("[!_]*.py"))
    in_order = sorted(names, key=lambda name: (len(name), name))  # exercise10 after exercise9
    return tuple(import_module(f"{exercise_records.__name__}.{name}").EXERCISE for name in in_order)


def names() -> tuple[str, ...]:
    """Every exercise's name, in order."""
    return tuple(exercise.name for exercise in exercises())


def find(name: str) -> Exercise | None:
    """The exercise of exactly this name; None where there is none, such as a teacher's own."""
    return next((exercise for exercise in exercises() if exercise.name == name), None)


def exercise_named(name: str) -> Exercise:
    """The exercise that ``exercise3`` or ``3`` means; raises UsageError with the nearest."""
    numbers = {exercise.number: exercise for exercise in exercises()}
    if name.strip() in numbers:
        return numbers[name.strip()]
    found = find(match(name, names(), "exercise", step(Action.PROGRESS)))
    assert found is not None
    return found


def resolve(argument: str, workspace: Workspace | None) -> tuple[Exercise, Path]:
    """The exercise that an argument means, and the learner's file of it.

    ``argument`` is a name, a number, or the path of a file named after an
    exercise; only names and numbers need a workspace. Raises UsageError.
    """
    path = Path(argument)
    is_file = path.suffix in SUFFIXES
    if is_file and (len(path.parts) > 1 or path.exists()):
        return _named_like(path), path
    if path.suffix == SUFFIXES[1] or (is_file and find(path.stem) is None):
        raise UsageError(f"There is no file {path}: check its path, or name an exercise.")
    exercise = exercise_named(argument.removesuffix(".py"))
    if workspace is None:
        raise UsageError(
            f"There is no workspace here to find {exercise.file_name} in: give the file's path.",
            next_steps=(step(Action.INIT),),
        )
    return exercise, workspace.exercises / exercise.file_name


def in_workspace(workspace: Workspace) -> list[tuple[Exercise, Path]]:
    """Every exercise with its file, be it missing; raises UsageError where all are."""
    files = [(each, workspace.exercises / each.file_name) for each in exercises()]
    if not any(path.exists() for _, path in files):
        raise UsageError(
            f"{workspace.exercises} holds no exercise file.",
            next_steps=(step(Action.INIT, str(workspace.root)),),
        )
    return files


def starter(exercise: Exercise) -> Path:
    """The pristine file that a learner begins with."""
    return exercise.starter or STARTERS / exercise.file_name


def starters() -> dict[str, Path]:
    """Every pristine starter by the name that it has in a workspace, in order."""
    return {exercise.file_name: starter(exercise) for exercise in exercises()}


def hidden_tests(exercise: Exercise) -> Path:
    """The pytest file that decides."""
    return exercise.tests or HIDDEN_TESTS / exercise.file_name


def solution(exercise: Exercise) -> Path:
    """The reference; raises LabFault where an installation lacks it."""
    if exercise.reference is not None:
        return exercise.reference
    for folder in SOLUTIONS:
        if (folder / exercise.file_name).is_file():
            return folder / exercise.file_name
    raise LabFault(
        f"The reference solution of {exercise.name} is missing from this installation. "
        "Install cnn-lab again."
    )


def private_folders() -> tuple[Path, ...]:
    """The folders of hidden tests and references, in every place where some may be."""
    of_plugins = (each for each in exercises() if each not in own_exercises())
    folders = (folder for each in of_plugins for folder in _private_folders(each))
    return tuple(dict.fromkeys((HIDDEN_TESTS, *SOLUTIONS, *folders)))


def _private_folders(exercise: Exercise) -> list[Path]:
    return [path.parent for path in (exercise.tests, exercise.reference) if path is not None]


def _fault(exercise: Exercise, taken: set[str]) -> str:
    """Why an exercise of another package cannot be used; "" where it can."""
    if not exercise.name.isidentifier():
        return f"the exercise's name {exercise.name!r} is no name of a Python module"
    if normalize(exercise.name) in taken:
        return f"there is another exercise named {exercise.name}"
    files = {"starter": exercise.starter, "tests": exercise.tests, "reference": exercise.reference}
    for what, path in files.items():
        if not isinstance(path, Path) or not path.is_file():
            return f"the {what} of {exercise.name} is no file ({path})"
    searched = [Path(each).resolve() for each in sys.path]
    for folder in _private_folders(exercise):
        # Submissions see nothing of this folder, so it cannot hold what Python itself needs.
        if any(each.is_relative_to(folder.resolve()) for each in searched):
            return f"the tests and the reference of {exercise.name} need a folder below {folder}"
    return ""


def _named_like(path: Path) -> Exercise:
    if exercise := find(path.stem):
        return exercise
    known = " or ".join(f"{exercise.name}{path.suffix}" for exercise in exercises())
    raise UsageError(f"{path} is not named like an exercise: call the file {known}.")
