"""The zip that a teacher uploads to Gradescope: its two scripts, the lab and the hidden tests."""

import secrets
from collections.abc import Sequence
from pathlib import Path

from cnn_tui.grading.classroom.lab_wheel import lab_wheel, refuse_other_packages, zipped
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.limits import MAX_SEED

SCRIPTS = Path(__file__).parent / "autograder"
TESTS = "tests"


def autograder_zip(
    exercises: Sequence[Exercise],
    seed: int | None,
    *,
    own_tests: bool,
    allow_helpers: bool = False,
) -> bytes:
    """The zip that grades ``exercises``; with ``own_tests``, they are a teacher's.

    ``seed`` None draws the one of everybody's inputs. With ``allow_helpers``, a submission
    may import what lies beside it.

    Raises UsageError for an exercise of another package, which the zip cannot
    install, and where the lab was not installed.
    """
    if not own_tests:
        refuse_other_packages(exercises)
    name, wheel = lab_wheel()
    files = {script.name: script.read_bytes() for script in sorted(SCRIPTS.iterdir())}
    executable = set(files)
    drawn = secrets.randbelow(MAX_SEED + 1) if seed is None else seed
    files["settings.sh"] = _settings(
        exercises, drawn, own_tests=own_tests, allow_helpers=allow_helpers
    )
    files[name] = wheel
    if own_tests:
        for each in exercises:
            assert each.tests is not None
            files[f"{TESTS}/{each.tests.name}"] = each.tests.read_bytes()
    return zipped(files, executable)


def _settings(
    exercises: Sequence[Exercise], seed: int, *, own_tests: bool, allow_helpers: bool
) -> bytes:
    """What ``run_autograder`` reads; names of exercises are letters, digits, - and _."""
    names = " ".join(each.name for each in exercises)
    return (
        f'SEED={seed}\nEXERCISES="{names}"\nTESTS={TESTS if own_tests else ""}\n'
        f"ALLOW_HELPERS={'1' if allow_helpers else ''}\n"
    ).encode()
