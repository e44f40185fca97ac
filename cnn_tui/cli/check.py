"""``check``: grade exercises against their hidden tests, once or after every save."""

from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import (
    HelpersOption,
    SandboxOption,
    TestsOption,
    TimeoutOption,
    WorkspaceOption,
    json_option,
)
from cnn_tui.errors import UsageError
from cnn_tui.grading.limits import MAX_SEED

if TYPE_CHECKING:
    from cnn_tui.grading.exercises import Exercise
    from cnn_tui.grading.records import CheckReport
    from cnn_tui.workspace import Workspace


def check(
    exercises: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="EXERCISE",
            help="exercise3, 3, or a file named exercise3.py or .ipynb; all if not given.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, max=MAX_SEED, help="Replay the inputs of an earlier check.", show_default=False
        ),
    ] = None,
    timeout: TimeoutOption = None,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Check again after every save, until ctrl-c: 0 if passed."),
    ] = False,
    sandbox: SandboxOption = None,
    tests: TestsOption = None,
    allow_helpers: HelpersOption = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help="Run --tests DIR on solutions, files of any name."),
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of exercise, status, passed, score, max_score, sandbox, seed, "
            "checks (id, description, status, points, message)"
        ),
    ] = False,
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
    github_actions: Annotated[
        bool,
        typer.Option(
            "--github-actions",
            help="Report to the GitHub job that this runs in: its summary, points, and verdict.",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Check exercises: exit code 0 passed, 1 not passed, 2 no file to check, 3 not graded."""
    from cnn_tui.cli.github import in_github_job
    from cnn_tui.cli.watching import check_after_every_save
    from cnn_tui.grading.classroom.teacher_tests import choose
    from cnn_tui.grading.formats import files
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pages.report import check_summary

    documents = {"--junit": junit, "--gradescope": gradescope}
    printed = {"--json": json, "--github-actions": github_actions}
    files.expect_targets(documents, printed=[option for option, given in printed.items() if given])
    if dry_run and tests is None:
        raise UsageError("--dry-run runs tests of your own: name their folder with --tests DIR.")
    chosen, space = choose(exercises or [], tests, workspace, any_name=dry_run)
    if watch:
        _refuse_documents(json, junit, gradescope, github_actions)
        code = check_after_every_save(
            chosen,
            space,
            seed=seed,
            timeout=timeout,
            sandbox=sandbox,
            allow_helpers=allow_helpers,
        )
        raise typer.Exit(code)
    shows_pages = not json and files.STDOUT not in documents.values()
    reports: list[CheckReport] = []
    with in_github_job(reports) if github_actions else nullcontext():
        reports += _check(
            chosen,
            space,
            sandbox,
            seed,
            timeout,
            shows_pages=shows_pages,
            allow_helpers=allow_helpers,
        )
        if len(chosen) > 1 and shows_pages:
            stdout().print(check_summary(reports))
    if json:
        print_json([report.to_json() for report in reports])
    _write(reports, junit=junit, gradescope=gradescope)
    raise typer.Exit(max(report.exit_code for report in reports))


def _refuse_documents(*documents: object) -> None:
    if any(documents):
        raise UsageError(
            "--watch goes on without end, and --json, --junit, --gradescope and --github-actions "
            "report once: leave --watch or them out."
        )


def _check(
    chosen: "list[tuple[Exercise, Path]]",
    space: "Workspace | None",
    sandbox: str | None,
    seed: int | None,
    timeout: float | None,
    *,
    shows_pages: bool,
    allow_helpers: bool,
) -> "list[CheckReport]":
    """Check one after another; each report is shown and remembered as soon as it is there."""
    from cnn_tui.cli.watching import remember
    from cnn_tui.grading.checker import Checker
    from cnn_tui.grading.classroom.helper_files import check_with_helpers
    from cnn_tui.render.draw.console import stderr, stdout
    from cnn_tui.render.pages.report import check_report, helpers_hint

    many = len(chosen) > 1
    reports = []
    with Checker(sandbox) as checks:
        check_one = partial(check_with_helpers, checks.check) if allow_helpers else checks.check
        for exercise, path in chosen:
            with stderr().status(f"Checking {exercise.name} …"):
                report = check_one(exercise, path, seed=seed, timeout=timeout)
            reports.append(report)
            remember(report, exercise, space)
            if report.unusable:
                told = " ".join(filter(None, (report.unusable, helpers_hint(report))))
                stderr().print(f"Error: {told}", markup=False, soft_wrap=True)
                for remark in report.remarks:
                    stderr().print(remark, markup=False, soft_wrap=True)
            elif shows_pages:
                stdout().print(check_report(report, one_of_many=many), *[""] * many, sep="\n")
    return reports


def _write(reports: "list[CheckReport]", *, junit: str | None, gradescope: str | None) -> None:
    from cnn_tui.grading.formats import gradescope as results_json
    from cnn_tui.grading.formats import junit as junit_xml

    if junit:
        _deliver(junit, junit_xml.document([("", report) for report in reports]))
    if gradescope:
        _deliver(gradescope, results_json.text(reports))


def _deliver(target: str, text: str) -> None:
    """Write a document to its file, or print it in the encoding that it says it has."""
    from cnn_tui.files import utf8
    from cnn_tui.grading.formats import files
    from cnn_tui.render.draw.console import stderr

    if target == files.STDOUT:
        typer.echo(utf8(text), nl=False)
    else:
        files.write_whole(Path(target), text)
        stderr().print(f"Written: {target}", markup=False, soft_wrap=True)
