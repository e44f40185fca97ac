"""``gradescope-zip``: the autograder that a teacher uploads to Gradescope."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import ClassSeedOption, ExerciseOption, HelpersOption, TestsOption


def gradescope_zip(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The zip to write.")],
    exercise: ExerciseOption = None,
    tests: TestsOption = None,
    seed: ClassSeedOption = None,
    allow_helpers: HelpersOption = False,
) -> None:
    """Write an autograder for Gradescope, which grades as grade does.

    It holds the lab as it is installed here, without its reference solutions.
    On Gradescope choose Ubuntu 24.04 as the base image.
    """
    from cnn_tui.grading.classroom.autograder_zip import autograder_zip
    from cnn_tui.grading.classroom.grade import exercises_named
    from cnn_tui.grading.formats.files import expect_writable, write_bytes
    from cnn_tui.render.draw.console import stderr

    chosen = exercises_named(exercise or [], tests)
    expect_writable(file)
    packed = autograder_zip(chosen, seed, own_tests=tests is not None, allow_helpers=allow_helpers)
    write_bytes(file, packed)
    stderr().print(f"Written: {file}", markup=False, soft_wrap=True)
