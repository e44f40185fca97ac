"""The grades of a class on their way back to a learning platform, and to each learner."""

from collections.abc import Callable, Sequence
from itertools import groupby
from pathlib import Path

from cnn_tui.errors import LabFault
from cnn_tui.grading.classroom.naming import folder_names
from cnn_tui.grading.classroom.workers import Grade
from cnn_tui.grading.formats import feedback
from cnn_tui.grading.formats.files import write_bytes, write_whole
from cnn_tui.grading.formats.gradebooks import Gradebook, LearnerTotal, filled
from cnn_tui.grading.records import MOODLE, CheckReport, PlatformMarks

FEEDBACK = "_assignfeedback_file"
"""Ends the names of folders that Moodle takes as feedback files, zipped."""


def fill(book: Gradebook, grades: Sequence[Grade], remark: Callable[[str], None]) -> None:
    """Write the copy of a platform's file with the grades in it; raises LabFault."""
    totals, points = totals_of(grades)
    data, remarks = filled(book, totals, points)
    write_bytes(book.copy, data)
    for sentence in remarks:
        remark(sentence)


def totals_of(grades: Sequence[Grade]) -> tuple[list[LearnerTotal], int]:
    """What each learner has in all exercises together, and the most that anyone can have.

    Who lacks an exercise has no points in it; who has one that could not be graded, or none at
    all, has no grade.
    """
    most: dict[str, int] = {}
    for grade in grades:
        report = grade.report
        most[report.exercise] = max(most.get(report.exercise, 0), report.max_score)
    totals = []
    for learner, marks, reports in _by_learner(grades):
        is_graded = any(report.exercise for report in reports)
        is_graded = is_graded and not any(report.not_graded for report in reports)
        score = sum(report.score for report in reports) if is_graded else None
        totals.append(LearnerTotal(learner, marks.id, score, feedback.comment(reports)))
    return totals, sum(most.values())


def write_feedback(folder: Path, grades: Sequence[Grade]) -> list[str]:
    """A page for each learner as Markdown and HTML; the sentences say what could not be written.

    Learners of Moodle have a folder each, which Moodle takes back in a zip of them all.
    """
    pages = {}
    for learner, marks, reports in _by_learner(grades):
        name = learner
        if marks.platform == MOODLE:
            name = f"{learner.removesuffix(f'_{marks.id}')}_{marks.id}{FEEDBACK}"
        pages[name] = (learner, marks.platform == MOODLE, reports)
    failures = []
    for name, place in folder_names(pages).items():
        learner, has_folder, reports = pages[name]
        base = folder / place / "feedback" if has_folder else folder / place
        try:
            base.parent.mkdir(parents=True, exist_ok=True)
            write_whole(base.with_name(f"{base.name}.md"), feedback.markdown(learner, reports))
            write_whole(base.with_name(f"{base.name}.html"), feedback.html(learner, reports))
        except OSError as error:
            failures.append(f"{base.parent} cannot be made ({error.strerror}).")
        except LabFault as fault:
            failures.append(str(fault))
    return failures


def _by_learner(grades: Sequence[Grade]) -> list[tuple[str, PlatformMarks, list[CheckReport]]]:
    return [
        (group[0].learner, group[0].marks, [grade.report for grade in group])
        for _, each in groupby(grades, key=lambda grade: grade.learner)
        if (group := list(each))
    ]
