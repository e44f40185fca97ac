"""``similarity``: which submissions of a class are alike."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import ExerciseOption, TestsOption, json_option
from cnn_tui.grading.limits import LEAST_ALIKE


def similarity(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="DIR",
            help="A class's folder or zip, as grade takes it.",
        ),
    ],
    exercise: ExerciseOption = None,
    least: Annotated[
        float,
        typer.Option(
            metavar="SHARE",
            min=0,
            max=1,
            help="List pairs of which one file shares at least so much with the other, 0 to 1.",
        ),
    ] = LEAST_ALIKE,
    out: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="Write an .html with both files of each pair side by side, or a .csv; may be "
            "given several times.",
            show_default=False,
        ),
    ] = None,
    tests: TestsOption = None,
    json: Annotated[
        bool,
        json_option(
            "least, compared, pairs (exercise, learner, other, share, other_share, passages "
            "(lines, other_lines, file, other_file)), not_compared (learner, exercise, reason)"
        ),
    ] = False,
) -> None:
    """List the submissions of a class that are alike.

    Names, comments, docstrings, layout and the order of functions do not count, nor
    does what stands in the starter or, of 10 files and more, in most of them. Python
    files and packages beside an exercise are compared with it. A high share is a reason
    to read both files, not a verdict. With --exercise, learners who lack one are named
    too.

    Exit code: 0 compared, whatever was found; 2 nothing to compare.
    """
    from cnn_tui.data.cores import cores
    from cnn_tui.grading.classroom.grade import exercises_for
    from cnn_tui.grading.classroom.similarity.compare import compare_class
    from cnn_tui.grading.classroom.similarity.files import writer_for
    from cnn_tui.grading.formats.files import write_whole
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.pages.similarity import similarity_page

    exercises = exercises_for(exercise or [], tests)
    outputs = [(path, writer_for(path)) for path in out or []]
    talk = stderr()
    report = compare_class(
        folder,
        exercises,
        least=least,
        everyone=bool(exercise),
        jobs=cores(),
        remark=lambda sentence: talk.print(sentence, markup=False, soft_wrap=True),
    )
    for path, text in outputs:
        write_whole(path, text(report))
        talk.print(f"Written: {path}", markup=False, soft_wrap=True)
    if json:
        print_json(report.to_json())
    else:
        stdout().print(similarity_page(report))
