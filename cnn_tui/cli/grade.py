"""``grade``: the submissions of a whole class."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import (
    ClassSeedOption,
    ExerciseOption,
    HelpersOption,
    SandboxOption,
    TestsOption,
    TimeoutOption,
    json_option,
)
from cnn_tui.errors import ExitCode, UsageError


def grade(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="Holds a folder, a zip or tar, or files such as alice_exercise3.py per learner; "
            "or a class's zip from Canvas or Moodle.",
        ),
    ],
    exercise: ExerciseOption = None,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write the grades to a .csv, .json or .xml (JUnit); may be given several times.",
            show_default=False,
        ),
    ] = None,
    format: Annotated[
        str | None,
        typer.Option(
            metavar="FORMAT",
            help="csv, json, junit or gradescope (a folder), where FILE does not tell it.",
            show_default=False,
        ),
    ] = None,
    moodle_worksheet: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Fill a copy of Moodle's grading worksheet, FILE-graded.",
            show_default=False,
        ),
    ] = None,
    canvas_gradebook: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Fill a copy of Canvas' gradebook, FILE-graded.",
            show_default=False,
        ),
    ] = None,
    assignment: Annotated[
        str | None,
        typer.Option(
            metavar="NAME",
            help="The column of the gradebook, where several may be meant.",
            show_default=False,
        ),
    ] = None,
    feedback: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Write a page for each learner there, as Markdown and HTML.",
            show_default=False,
        ),
    ] = None,
    summary: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the class at a glance as JSON: scores and the checks most often missed.",
            show_default=False,
        ),
    ] = None,
    jobs: Annotated[
        int | None,
        typer.Option(
            min=1, max=256, help="Submissions at once; as many as cores.", show_default=False
        ),
    ] = None,
    tests: TestsOption = None,
    seed: ClassSeedOption = None,
    timeout: TimeoutOption = None,
    sandbox: SandboxOption = None,
    allow_unsandboxed: Annotated[
        bool,
        typer.Option(
            "--allow-unsandboxed",
            help="Grade on the level limits too, which is no security boundary.",
        ),
    ] = False,
    allow_helpers: HelpersOption = False,
    again: Annotated[
        bool, typer.Option("--again", help="Grade all, also what was graded before.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of learner, id, late, exercise, status, passed, score, max_score, sandbox, "
            "seed, checks (id, description, status, points, message)"
        ),
    ] = False,
) -> None:
    """Grade what the learners of a class handed in.

    With --exercise, learners who lack one are listed too.

    Exit code: 0 all graded, whatever the verdicts; 2 nothing to grade; 3 some
    could not be graded through no fault of theirs, such as on a machine that was
    too busy three times; 130 interrupted.

    Grades are kept as they come, in a .journal beside the first FILE: after an
    interruption, the same command grades what is left, and what has changed.
    """
    from cnn_tui.data.cores import cores
    from cnn_tui.grading.checker import Checker
    from cnn_tui.grading.classroom import glance, outputs
    from cnn_tui.grading.classroom import grade as classroom
    from cnn_tui.grading.formats.files import expect_writable, write_whole
    from cnn_tui.grading.sandbox import levels
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.classroom import class_summary, interrupted, telling

    exercises = classroom.exercises_for(exercise or [], tests)
    if format is not None and not out:
        raise UsageError("--format is the format of a file: name it with --out FILE.")
    if summary is not None:
        expect_writable(summary)
    order = classroom.GradingRequest(
        folder=folder,
        exercises=exercises,
        sandbox=levels.choose(sandbox),
        everyone=bool(exercise),
        outputs=outputs.chosen(out or [], format)
        + outputs.returned(
            [each.name for each in exercises],
            worksheet=moodle_worksheet,
            gradebook=canvas_gradebook,
            assignment=assignment,
            feedback=feedback,
        ),
        jobs=jobs or cores(),
        seed=seed,
        timeout=timeout,
        again=again,
        allow_helpers=allow_helpers,
    )
    if order.sandbox == levels.LIMITS and not allow_unsandboxed:
        raise UsageError(
            "The sandbox level limits is no security boundary, and no better one was found or "
            "asked for: see cnn-lab doctor, or grade only whom you trust, with --allow-unsandboxed."
        )
    with telling(stderr()) as talk:
        try:
            grades = classroom.grade_folder(
                order, lambda: Checker(order.sandbox, fresh_hosts=True), talk
            )
        except KeyboardInterrupt:
            talk.remark(interrupted(talk.done, talk.total, classroom.journal_file(order)))
            raise typer.Exit(ExitCode.INTERRUPTED) from None
    if summary is not None:
        write_whole(summary, glance.text(grades))
        stderr().print(f"Written: {summary}", markup=False, soft_wrap=True)
    if json:
        print_json(outputs.document(grades))
    else:
        stdout().print(class_summary(grades))
        for output in order.outputs:
            stderr().print(f"Written: {output.path}", markup=False, soft_wrap=True)
    raise typer.Exit(classroom.exit_code(grades))
