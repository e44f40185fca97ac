"""``github-workflow``: what a teacher commits so that GitHub checks each push of a learner.

Beside it, what ``check --github-actions`` prints in the job of that workflow.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import ClassSeedOption, ExerciseOption, HelpersOption, TestsOption

if TYPE_CHECKING:
    from cnn_tui.grading.records import CheckReport


def github_workflow(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="The clone of the assignment's repository."),
    ] = Path(),
    exercise: ExerciseOption = None,
    tests: TestsOption = None,
    seed: ClassSeedOption = None,
    allow_helpers: HelpersOption = False,
    install: Annotated[
        str | None,
        typer.Option(
            metavar="REQUIREMENT",
            help="What pip installs there, such as git+https://…, instead of a wheel of this lab.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Write a GitHub workflow that checks what learners push and reports their points.

    Commit what it writes: .github/workflows/classroom.yml and, in .github/cnn-lab, the lab
    as it is installed here, without its reference solutions. Learners can read all of it,
    your hidden tests too, and change it in their own repository: for marks that count,
    grade their clones with grade.

    The job is red where an exercise is not passed, and where it was not graded,
    which its last step then says; it reports no points in that case.
    """
    from cnn_tui.grading.classroom import github_workflow as workflow
    from cnn_tui.grading.classroom.grade import exercises_named
    from cnn_tui.render.draw.console import stderr

    chosen = exercises_named(exercise or [], tests)
    files = workflow.workflow_files(
        chosen,
        seed,
        folder,
        own_tests=tests is not None,
        install=install,
        allow_helpers=allow_helpers,
    )
    for path in workflow.write(folder, files):
        stderr().print(f"Written: {path}", markup=False, soft_wrap=True)
    if remark := workflow.place_remark(folder):
        stderr().print(remark, markup=False, soft_wrap=True)


@contextmanager
def in_github_job(reports: "Sequence[CheckReport]") -> Iterator[None]:
    """Report to the job once the block has filled ``reports``.

    What is printed meanwhile, such as by a learner's code, is no command to the runner.
    """
    import secrets  # would slow every command

    from cnn_tui.grading.formats import github_actions as job

    files = job.job_files(os.environ)
    before, after = job.paused(secrets.token_hex(16))
    typer.echo(before)
    try:
        yield
    finally:
        typer.echo(after)
    job.report_to(files, reports)
    for line in job.annotations(reports):
        typer.echo(line)
