"""``gradescope-zip``: the autograder that a teacher uploads to Gradescope."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import TestsOption
from cnn_tui.errors import UsageError
from cnn_tui.grading.records import MAX_SEED


def gradescope_zip(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The zip to write.")],
    exercise: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME",
            help="Grade this one; may be given several times.",
            show_default=False,
        ),
    ] = None,
    tests: TestsOption = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=MAX_SEED,
            help="The seed of everybody's inputs; drawn once per zip.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write an autograder for Gradescope, which grades as grade does.

    It holds the lab as it is installed here, without its reference solutions.
    On Gradescope choose Ubuntu 24.04 as the base image.
    """
    from cnn_tui.grading.classroom.autograder_zip import autograder_zip
    from cnn_tui.grading.classroom.grade import exercises_for
    from cnn_tui.grading.formats.files import expect_writable, write_bytes
    from cnn_tui.render.draw.console import stderr

    if not exercise and tests is None:
        raise UsageError("Name what it grades: --exercise NAME, or your own tests with --tests.")
    expect_writable(file)
    chosen = exercises_for(exercise or [], tests)
    packed = autograder_zip(chosen, seed, own_tests=tests is not None)
    write_bytes(file, packed)
    stderr().print(f"Written: {file}", markup=False, soft_wrap=True)
