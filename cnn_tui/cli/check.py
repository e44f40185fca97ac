"""``check``: grade exercises against their hidden tests, once or after every save."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import JsonOption, WorkspaceOption
from cnn_tui.grading.records import MAX_SEED


def check(
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXERCISE",
            help="exercise3, 3, or a file named exercise3.py; every exercise if not given.",
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
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Check again after every save, until Ctrl+C: 0 if passed."),
    ] = False,
    sandbox: Annotated[
        str | None,
        typer.Option(
            metavar="LEVEL",
            help="bwrap, landlock or limits, instead of the strongest that works here.",
            show_default=False,
        ),
    ] = None,
    tests: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Your own hidden tests: homework1.py there checks a file named homework1.py.",
            show_default=False,
        ),
    ] = None,
    json: JsonOption = False,
    junit: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write JUnit XML too; - prints it.", show_default=False),
    ] = None,
    gradescope: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write Gradescope's results.json too; - prints it.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Check exercises: exit code 0 passed, 1 not passed, 2 a file missing or not to be checked."""
    from cnn_tui import workspace as workspaces
    from cnn_tui.cli.watching import check_after_every_save, remember
    from cnn_tui.errors import UsageError
    from cnn_tui.grading import catalogue, checker
    from cnn_tui.grading.classroom import teacher_tests
    from cnn_tui.grading.formats import files
    from cnn_tui.grading.formats import gradescope as results_json
    from cnn_tui.grading.formats import junit as junit_xml
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.report import check_report, check_summary

    files.expect_targets({"--junit": junit, "--gradescope": gradescope}, json=json)
    space: workspaces.Workspace | None = None
    if tests is not None:
        chosen = teacher_tests.resolve(exercises or [], tests)
    elif exercises:
        space = workspaces.find_or_none(workspace)
        chosen = [catalogue.resolve(each, space) for each in exercises]
    else:
        space = workspaces.find(workspace)
        chosen = catalogue.in_workspace(space)
    if watch:
        if json or junit or gradescope:
            raise UsageError(
                "--watch goes on without end, and --json, --junit and --gradescope write one "
                "document: leave --watch or them out."
            )
        raise typer.Exit(
            check_after_every_save(chosen, space, seed=seed, timeout=timeout, sandbox=sandbox)
        )
    shows_pages = not json and files.STDOUT not in (junit, gradescope)
    many = len(chosen) > 1
    reports = []
    with checker.Checker(sandbox) as checks:
        for exercise, path in chosen:
            with stderr().status(f"Checking {exercise.name} …"):
                report = checks.check(exercise, path, seed=seed, timeout=timeout)
            reports.append(report)
            remember(report, exercise, space)
            if report.unusable:
                stderr().print(f"Error: {report.unusable}", markup=False, soft_wrap=True)
            elif shows_pages:
                stdout().print(check_report(report, one_of_many=many), *[""] * many, sep="\n")
    if many and shows_pages:
        stdout().print(check_summary(reports))
    if json:
        print_json([report.to_json() for report in reports])
    if junit:
        _deliver(junit, junit_xml.document([("", report) for report in reports]))
    if gradescope:
        _deliver(gradescope, results_json.text(reports))
    raise typer.Exit(max(report.exit_code for report in reports))


def _deliver(target: str, text: str) -> None:
    """Write a document to its file, or print it in the encoding that it says it has."""
    from cnn_tui.grading.formats import files
    from cnn_tui.render.draw.console import stderr

    if target == files.STDOUT:
        typer.echo(text.encode("utf-8"), nl=False)
    else:
        files.write_whole(Path(target), text)
        stderr().print(f"Written: {target}", markup=False, soft_wrap=True)
