"""What a teacher commits into an assignment's repository on GitHub, so that each push is checked.

The workflow, and in ``.github/cnn-lab/`` the lab as a wheel and a teacher's hidden tests.
Learners can read and change all of it in their own repository.
"""

import json
import secrets
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.catalogue import SUFFIXES
from cnn_tui.grading.classroom.lab_wheel import lab_wheel, refuse_other_packages
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.formats.files import write_bytes
from cnn_tui.grading.limits import MAX_SEED
from cnn_tui.workspace import EXERCISES

TEMPLATE = Path(__file__).parent / "github" / "classroom.yml"
WORKFLOW = ".github/workflows/classroom.yml"
LAB = ".github/cnn-lab"
TESTS = f"{LAB}/tests"


def workflow_files(
    exercises: Sequence[Exercise],
    seed: int | None,
    repository: Path,
    *,
    own_tests: bool,
    install: str | None = None,
    allow_helpers: bool = False,
) -> dict[str, bytes]:
    """The files to commit, by their path in ``repository``.

    With ``own_tests``, the exercises are a teacher's; ``seed`` None draws the one of
    everybody's inputs; ``install`` is what pip installs there instead of the running lab. With
    ``allow_helpers``, an exercise may import the files beside it.

    Raises UsageError for an exercise of another package, which the lab's wheel lacks, and where
    the lab was not installed.
    """
    files = {}
    if install is None:
        if not own_tests:
            refuse_other_packages(exercises)
        name, wheel = lab_wheel()
        install = f"{LAB}/{name}"
        files[install] = wheel
    drawn = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
    options = ["--seed", str(drawn)]
    if allow_helpers:
        options.append("--allow-helpers")
    if own_tests:
        options += ["--tests", TESTS]
        for each in exercises:
            assert each.tests is not None
            files[f"{TESTS}/{each.tests.name}"] = each.tests.read_bytes()
    # Whole paths: a file that is missing is then named as such, wherever the lab is installed.
    work = [f'"$GITHUB_WORKSPACE"/{_place(each, repository)}' for each in exercises]
    text = TEMPLATE.read_text(encoding="utf-8")
    text = text.replace("@INSTALL@", json.dumps(install))
    text = text.replace("@OPTIONS@", " ".join([*map(shlex.quote, options), *work]))
    return {WORKFLOW: text.encode(), **files}


def write(repository: Path, files: Mapping[str, bytes]) -> list[Path]:
    """Write the files; returns their paths.

    Raises UsageError for a workflow of that name that is somebody else's, and where
    ``repository`` is no folder; LabFault where a file cannot be written.
    """
    if not repository.is_dir():
        raise UsageError(f"{repository} is no folder: name the clone of the repository.")
    workflow = repository / WORKFLOW
    mark = TEMPLATE.read_bytes().splitlines()[0]
    if workflow.exists() and workflow.read_bytes().splitlines()[:1] != [mark]:
        raise UsageError(f"{workflow} is a workflow of your own: move or delete it first.")
    written = []
    for name, data in files.items():
        target = repository / name
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LabFault(f"{target.parent} cannot be made ({error.strerror}).") from error
        write_bytes(target, data)
        written.append(target)
    return written


def place_remark(repository: Path) -> str:
    """What keeps GitHub from running a workflow that was written there; "" where nothing does."""
    place = repository.resolve()
    if (place / ".git").exists():
        return ""
    if any((above / ".git").exists() for above in place.parents):
        return (
            f"{repository} is a folder within a repository: GitHub runs the workflow only if "
            "these files are committed at the repository's root."
        )
    return (
        f"{repository} is no clone of a repository: commit these files at the root of the "
        "assignment's repository."
    )


def _place(exercise: Exercise, repository: Path) -> str:
    """Where learners write an exercise: where the repository has it, else in its root."""
    names = [f"{exercise.name}{suffix}" for suffix in SUFFIXES]
    places = [*names, *(f"{EXERCISES}/{name}" for name in names)]
    return next((each for each in places if (repository / each).is_file()), names[0])
