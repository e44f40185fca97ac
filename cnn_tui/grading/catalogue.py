"""The exercises, and where the files of each are.

A learner edits a copy of the pristine starter; the hidden tests and the
reference solution carry the same file name in their own folders.
"""

from dataclasses import dataclass
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.names import match
from cnn_tui.workspace import Workspace

ROOM = Path(__file__).parent
STARTERS = ROOM / "starters"
HIDDEN_TESTS = ROOM / "hidden_tests"
SOLUTIONS = (ROOM / "solutions", ROOM.parents[1] / "solutions")
"""In an installed wheel, and in a clone."""


@dataclass(frozen=True)
class Exercise:
    """One exercise: ``name`` is what users call it, ``exercise3``.

    ``max_score`` is the sum of its hidden tests' points. Deadlines are in
    seconds: of loading the learner's file, of one check, and of the whole
    submission. ``tests`` are the hidden tests of a teacher's own exercise.
    """

    name: str
    title: str
    task: str
    topic: str
    max_score: int = 10
    load_seconds: float = 20
    check_seconds: float = 10
    total_seconds: float = 30
    tests: Path | None = None

    @property
    def number(self) -> str:
        """What it may be called for short: ``3``."""
        return self.name.removeprefix("exercise")

    @property
    def file_name(self) -> str:
        """Its file in every folder: ``exercise3.py``."""
        return f"{self.name}.py"


EXERCISES: tuple[Exercise, ...] = (
    Exercise(
        name="exercise1",
        title="Pooling",
        task="Pool one map by maximum and by average, and measure what each keeps.",
        topic="pooling-max-and-average",
    ),
    Exercise(
        name="exercise2",
        title="Skip connections",
        task="Build blocks with and without a skip, and measure the gradient that comes through.",
        topic="skip-connections",
    ),
    Exercise(
        name="exercise3",
        title="Batch normalisation",
        task="Train one network with and without batch norm, and see which learns faster.",
        topic="batchnorm-effects",
        check_seconds=60,
        total_seconds=120,
    ),
    Exercise(
        name="exercise4",
        title="Dropout",
        task="Write dropout, and see how it lowers the gap between training and new images.",
        topic="dropout-why",
        check_seconds=90,
        total_seconds=180,
    ),
    Exercise(
        name="exercise5",
        title="Three architectures",
        task="Train LeNet-5, a VGG and a ResNet by one recipe, and weigh gain against cost.",
        topic="architectures-timeline",
        check_seconds=60,
        total_seconds=120,
    ),
)


def names() -> tuple[str, ...]:
    """Every exercise's name, in order."""
    return tuple(exercise.name for exercise in EXERCISES)


def exercise_named(name: str) -> Exercise:
    """The exercise that ``exercise3`` or ``3`` means; raises UsageError with the nearest."""
    numbers = {exercise.number: exercise for exercise in EXERCISES}
    if name.strip() in numbers:
        return numbers[name.strip()]
    found = match(name, names(), "exercise", "cnn-lab")
    return next(exercise for exercise in EXERCISES if exercise.name == found)


def resolve(argument: str, workspace: Workspace | None) -> tuple[Exercise, Path]:
    """The exercise that an argument means, and the learner's file of it.

    ``argument`` is a name, a number, or the path of a file named after an
    exercise; only names and numbers need a workspace. Raises UsageError.
    """
    path = Path(argument)
    if path.suffix == ".py" and (len(path.parts) > 1 or path.exists()):
        return _named_like(path), path
    exercise = exercise_named(argument.removesuffix(".py"))
    if workspace is None:
        raise UsageError(
            f"There is no workspace here to find {exercise.file_name} in. Make one with: "
            f"cnn-lab init, or give the file's path."
        )
    return exercise, workspace.exercises / exercise.file_name


def in_workspace(workspace: Workspace) -> list[tuple[Exercise, Path]]:
    """Every exercise with its file, be it missing; raises UsageError where all are."""
    files = [(each, workspace.exercises / each.file_name) for each in EXERCISES]
    if not any(path.exists() for _, path in files):
        raise UsageError(
            f"{workspace.exercises} holds no exercise. cnn-lab init puts the starters there."
        )
    return files


def starter(exercise: Exercise) -> Path:
    """The pristine file that a learner begins with."""
    return STARTERS / exercise.file_name


def starters() -> list[Path]:
    """Every pristine starter, in order."""
    return [starter(exercise) for exercise in EXERCISES]


def hidden_tests(exercise: Exercise) -> Path:
    """The pytest file that decides."""
    return exercise.tests or HIDDEN_TESTS / exercise.file_name


def solution(exercise: Exercise) -> Path:
    """The reference; raises LabFault where an installation lacks it."""
    for folder in SOLUTIONS:
        if (folder / exercise.file_name).is_file():
            return folder / exercise.file_name
    raise LabFault(
        f"The reference solution of {exercise.name} is missing from this installation. "
        "Install cnn-lab again."
    )


def _named_like(path: Path) -> Exercise:
    for exercise in EXERCISES:
        if path.name == exercise.file_name:
            return exercise
    known = " or ".join(exercise.file_name for exercise in EXERCISES)
    raise UsageError(f"{path} is not named like an exercise: call the file {known}.")
