"""``new-exercise``: an exercise of a teacher's own, and whether its tests are good."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import SandboxOption, json_option


def new_exercise(
    folder: Annotated[
        Path,
        typer.Argument(metavar="DIR", help="A new folder, named like the exercise: homework1."),
    ],
    check: Annotated[
        bool,
        typer.Option("--check", help="Write nothing: run the tests of an exercise that is there."),
    ] = False,
    sandbox: SandboxOption = None,
    json: Annotated[
        bool,
        json_option(
            "a list of exercise, file, role, right, status, score, max_score, noticed_by, "
            "sentence, seed"
        ),
    ] = False,
) -> None:
    """Write an exercise of your own to start from, and run its tests on all its files.

    The tests must pass the reference, and fail the starter and every mutant (a wrong
    solution). Exit code: 0 they do; 1 they do not, or a mutant survives; 2 a file
    that cannot be used; 3 a mistake in a test.
    """
    from cnn_tui.grading.checker import Checker
    from cnn_tui.grading.classroom import new_exercise as exercise
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.new_exercise import trials_page

    if not check:
        for path in exercise.write_example(folder):
            stderr().print(f"Written: {path}", markup=False, soft_wrap=True)
    files = exercise.files_in(folder)
    done = []
    with Checker(sandbox) as checks, stderr().status("Running the tests …") as status:
        for trial in exercise.trials(files, checks):
            done.append(trial)
            status.update(f"Running the tests … {len(done)} of {len(files)}")
    if json:
        print_json([trial.to_json() for trial in done])
    else:
        stdout().print(trials_page(done))
    raise typer.Exit(exercise.exit_code(done))
