"""``check``: grade exercises against their hidden tests."""

from typing import Annotated

import typer

from cnn_tui.cli.options import JsonOption, WorkspaceOption
from cnn_tui.grading.records import MAX_SEED


def check(
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXERCISE",
            help="exercise3, 3, or a file named exercise3.py; all of the workspace if not given.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=MAX_SEED, help="Replay the inputs of an earlier check.", show_default=False
        ),
    ] = None,
    timeout: Annotated[
        float | None,
        typer.Option(
            metavar="SECONDS",
            min=0.1,
            max=86_400,
            help="Time for all checks of an exercise together, instead of its own.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Check exercises: exit code 0 passed, 1 not passed, 2 a file that cannot be checked."""
    from cnn_tui import workspace as workspaces
    from cnn_tui.errors import LabFault
    from cnn_tui.grading import catalogue, checker, progress
    from cnn_tui.render.console import print_json, stderr, stdout
    from cnn_tui.render.report import check_report

    if exercises:
        space = workspaces.find_or_none(workspace)
        chosen = [catalogue.resolve(each, space) for each in exercises]
    else:
        space = workspaces.find(workspace)
        chosen = catalogue.in_workspace(space)
    reports = []
    for exercise, path in chosen:
        with stderr().status(f"Checking {exercise.name} …"):
            report = checker.check(exercise, path, seed=seed, timeout=timeout)
        reports.append(report)
        try:
            if space is not None:
                progress.record(space, report)
        except LabFault as fault:
            stderr().print(str(fault), markup=False)
        if report.unusable:
            stderr().print(f"Error: {report.unusable}", markup=False, soft_wrap=True)
        elif not json:
            stdout().print(check_report(report))
    if json:
        print_json([report.to_json() for report in reports])
    raise typer.Exit(max(report.exit_code for report in reports))
