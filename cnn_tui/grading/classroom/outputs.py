"""The files that the grades of a class are written to, in the formats that others read."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, cast, get_args

from cnn_tui.errors import LabFault, UsageError
from cnn_tui.grading.classroom.naming import folder_names
from cnn_tui.grading.classroom.returns import fill, write_feedback
from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.formats import gradescope, junit, table
from cnn_tui.grading.formats.files import expect_writable, write_whole
from cnn_tui.grading.formats.gradebooks import Gradebook, read_gradebook, read_worksheet
from cnn_tui.grading.records import CheckReport
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step

Format = Literal["csv", "json", "junit", "gradescope"]
Returned = Literal["feedback", "gradebook"]
"""What goes back: pages for the learners, or the copy of a platform's own file."""
BY_SUFFIX: dict[str, Format] = {".csv": "csv", ".json": "json", ".xml": "junit"}
RESULTS = "results.json"


@dataclass(frozen=True)
class Output:
    """One file, or for Gradescope and feedback one folder with files for each learner.

    ``book`` is the platform's file that ``path`` is a copy of.
    """

    path: Path
    format: Format | Returned
    book: Gradebook | None = None


def chosen(paths: Sequence[Path], format: str | None) -> tuple[Output, ...]:
    """Where to write, and in which format: the one that a suffix tells, else the named one.

    Raises UsageError where neither tells, where nothing can be written, and
    where the named one is of no use.
    """
    named: Format | None = None
    if format is not None:
        named = cast(
            Format, match(format, get_args(Format), "format", step(Action.EXPLAIN, "grade"))
        )
    outputs = tuple(_output(path, named) for path in paths)
    if named is not None and all(each.format != named for each in outputs):
        raise UsageError(
            f"The format {named} is for a file that does not tell its own format, and each of "
            "yours does: name another file, or leave the format out.",
            fields=("out", "format"),
        )
    return outputs


def returned(
    exercises: Sequence[str],
    *,
    worksheet: Path | None = None,
    gradebook: Path | None = None,
    assignment: str | None = None,
    feedback: Path | None = None,
) -> tuple[Output, ...]:
    """What goes back to a platform or to learners; raises UsageError for what cannot be filled."""
    if assignment is not None and gradebook is None:
        raise UsageError(
            "The assignment is a column of Canvas' gradebook: name that file as well.",
            fields=("assignment",),
        )
    books = [] if worksheet is None else [read_worksheet(worksheet)]
    if gradebook is not None:
        books.append(read_gradebook(gradebook, assignment, exercises))
    for book in books:
        expect_writable(book.copy)
    pages = [] if feedback is None else [Output(_folder(feedback, "feedback"), "feedback")]
    return (*(Output(book.copy, "gradebook", book) for book in books), *pages)


def _folder(path: Path, what: str) -> Path:
    if path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file: {what} is written to a folder.")
    return path


def _output(path: Path, named: Format | None) -> Output:
    known = BY_SUFFIX.get(path.suffix.lower(), named)
    if known is None:
        raise UsageError(
            f"{path} does not tell its format: end it in .csv, .json or .xml, or add a format, "
            f"one of {', '.join(get_args(Format))} (gradescope: a folder).",
            fields=("format",),
        )
    if known != "gradescope":
        expect_writable(path)
    elif path.exists() and not path.is_dir():
        raise UsageError(f"{path} is a file: the gradescope format is a folder of results.")
    return Output(path, known)


def write_all(
    outputs: Sequence[Output],
    grades: Sequence[Grade],
    remark: Callable[[str], None] = lambda sentence: None,
) -> list[str]:
    """Write all grades to each of ``outputs``; the sentences say what could not be written.

    ``remark`` hears of learners whom a platform's file lacks. One that fails ends none of
    the others, and in a folder no learner's ends another's.
    """
    return [sentence for output in outputs for sentence in _write(output, grades, remark)]


def _write(output: Output, grades: Sequence[Grade], remark: Callable[[str], None]) -> list[str]:
    if output.format == "feedback":
        return write_feedback(output.path, grades)
    if (book := output.book) is not None:
        return _failure(lambda: fill(book, grades, remark))
    if output.format == "gradescope":
        return _write_gradescope(output.path, grades)
    return _failure(lambda: _write_file(output, grades))


def _write_file(output: Output, grades: Sequence[Grade]) -> None:
    told = [(grade.learner, grade.report) for grade in grades]
    if output.format == "csv":
        marks = [grade.marks for grade in grades]
        write_whole(output.path, table.document(told, marks))
    elif output.format == "junit":
        write_whole(output.path, junit.document(told))
    else:
        write_whole(output.path, _json(document(grades)))


def _failure(attempt: Callable[[], None]) -> list[str]:
    """Why an attempt to write has failed, if it has."""
    try:
        attempt()
    except LabFault as fault:
        return [str(fault)]
    return []


def document(grades: Sequence[Grade]) -> list[dict[str, Any]]:
    """The grades as plain JSON data."""
    return [
        {
            "learner": grade.learner,
            "id": grade.marks.id,
            "late": grade.marks.late,
            **grade.report.to_json(),
        }
        for grade in grades
    ]


def _write_gradescope(folder: Path, grades: Sequence[Grade]) -> list[str]:
    """``LEARNER/results.json`` for each learner, with all exercises of theirs in it."""
    failures = []
    names = folder_names(dict.fromkeys(grade.learner for grade in grades))
    for learner, group in groupby(grades, key=lambda grade: grade.learner):
        reports = [grade.report for grade in group]
        write = partial(_write_results, folder / names[learner] / RESULTS, reports)
        failures += _failure(write)
    return failures


def _write_results(target: Path, reports: Sequence[CheckReport]) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise LabFault(f"{target.parent} cannot be made ({error.strerror}).") from error
    write_whole(target, _json(gradescope.document(reports)))


def _json(document: Any) -> str:
    return json.dumps(document, indent=2) + "\n"
