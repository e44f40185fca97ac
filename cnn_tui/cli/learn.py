"""A learner's commands beside ``check``: ``hint``, ``solution``, ``reset``, ``progress``."""

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import WorkspaceOption, agrees, json_option

if TYPE_CHECKING:
    from cnn_tui.chapter.predicted import KeptPredictions

ExerciseArgument = Annotated[
    str, typer.Argument(metavar="EXERCISE", help="exercise3, 3, or its file.")
]


def hint(
    exercise: Annotated[
        str | None,
        typer.Argument(
            metavar="EXERCISE",
            help="exercise3, 3, or its file; the first that is not passed if not given.",
            show_default=False,
        ),
    ] = None,
    all: Annotated[
        bool, typer.Option("--all", help="Read again what you have taken, and take no new one.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "exercise, number, total, text", "with --all: a list of exercise, number, total, text"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Take the next of three hints; no hint costs points."""
    from dataclasses import asdict

    from cnn_tui.grading.learner.hints import hints_seen, take_hint
    from cnn_tui.grading.learner.status import exercise_meant, older_file
    from cnn_tui.render.draw.commands import with_steps
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.learner import hints_page
    from cnn_tui.workspace import find

    space = find(workspace)
    meant = exercise_meant(space, exercise)
    seen = hints_seen(space, meant)
    if all:
        shown = seen
    else:
        taken = take_hint(space, meant)
        shown = seen if taken in seen else (taken,)
    if json:
        print_json([asdict(each) for each in shown] if all else asdict(taken))
    else:
        stdout().print(hints_page(meant, shown))
    note, steps = older_file(space, meant)
    if note:
        stderr().print(with_steps(note, steps), soft_wrap=True, markup=False)


def solution(
    exercise: ExerciseArgument,
    spoil: Annotated[
        bool, typer.Option("--spoil", help="Show it although you have not passed.")
    ] = False,
    json: Annotated[bool, json_option("exercise, path, passed, diff, reference")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare your file with the reference, once you have passed."""
    from cnn_tui.errors import RunError
    from cnn_tui.grading import catalogue
    from cnn_tui.grading.learner.difference import difference, may_see_solution
    from cnn_tui.grading.learner.status import exercise_meant
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.exercise import diff_text
    from cnn_tui.workspace import find

    space = find(workspace)
    meant = exercise_meant(space, exercise)
    passed = may_see_solution(space, meant)
    if not passed and not spoil:
        raise RunError(
            f"You have not passed {meant.name} yet: take a hint with cnn-lab hint {meant.name}, "
            "or see the reference all the same with --spoil."
        )
    path = space.exercises / meant.file_name
    diff = difference(meant, path)
    if json:
        reference = catalogue.solution(meant).read_text(encoding="utf-8")
        print_json(
            {
                "exercise": meant.name,
                "path": str(path),
                "passed": passed,
                "diff": diff,
                "reference": reference,
            }
        )
    elif diff:
        stdout().print(diff_text(diff), soft_wrap=True)
    else:
        stderr().print(f"{path} is the reference, line for line.", markup=False, soft_wrap=True)


def reset(
    exercise: ExerciseArgument,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    add_missing: Annotated[
        bool,
        typer.Option(
            "--add-missing",
            help="Only add the functions that an older file lacks; your code stays as it is.",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Restore the starter of an exercise; what you wrote is kept beside it."""
    from cnn_tui.errors import ExitCode, UsageError
    from cnn_tui.grading.learner import reset as resetting
    from cnn_tui.grading.learner import versions
    from cnn_tui.grading.learner.status import exercise_meant
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.workspace import find

    space = find(workspace)
    meant = exercise_meant(space, exercise)
    path = space.exercises / meant.file_name
    if add_missing:
        added = versions.what_was_added(meant, *versions.add_missing(space, meant))
        stderr().print(added, soft_wrap=True, markup=False)
        return
    was_pristine = resetting.is_pristine(space, meant)
    talk = stderr()
    if path.exists() and not was_pristine and not yes:
        if not sys.stdin.isatty():
            raise UsageError("Nobody is here to be asked: say --yes to reset without a question.")
        talk.print(f"{path} becomes the starter; what it holds is kept beside it.", markup=False)
        if not agrees("Reset it?"):
            talk.print("Nothing was changed.")
            raise typer.Exit(ExitCode.NOT_PASSED)
    backup = resetting.reset(space, meant)
    if was_pristine:
        talk.print(f"{path} is the starter already.", soft_wrap=True, markup=False)
    else:
        talk.print(f"{path} is the starter now.", soft_wrap=True, markup=False)
    if backup is not None:
        talk.print(f"What you had is kept in {backup}", soft_wrap=True, markup=False)


def progress(
    predictions: Annotated[
        bool,
        typer.Option("--predictions", help="List what you predicted of demos, and what came out."),
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of exercise, title, state, score, best_score, max_score, attempts, hints_seen, "
            "changed, missing, next_step",
            "with --predictions: a list of demo, question, answer, outcome, correct",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Show where you stand: exercises with score, attempts and hints, and your predictions."""
    from dataclasses import asdict

    from cnn_tui.chapter import predicted
    from cnn_tui.grading.learner.progress import trouble
    from cnn_tui.grading.learner.status import standings
    from cnn_tui.render.draw.commands import command
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.learner import progress_page
    from cnn_tui.workspace import find

    space = find(workspace)
    for sentence in filter(None, (trouble(space), predicted.trouble(space))):
        stderr().print(sentence, soft_wrap=True, markup=False)
    if predictions:
        _show_predictions(predicted.load(space), json)
        return
    all_of_them = standings(space)
    if json:
        print_json([asdict(each) | {"next_step": command(each.next_step)} for each in all_of_them])
    else:
        stdout().print(progress_page(all_of_them, predicted.load(space)))


def _show_predictions(kept: "KeptPredictions", json: bool) -> None:
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pages.prediction import predictions_page

    if json:
        print_json(
            [
                {
                    "demo": demo,
                    "question": each.question,
                    "answer": each.answer,
                    "outcome": each.outcome,
                    "correct": each.is_right,
                }
                for demo, each in kept.items()
            ]
        )
    else:
        stdout().print(predictions_page(kept))
