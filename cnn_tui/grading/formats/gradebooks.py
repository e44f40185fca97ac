"""Moodle's grading worksheet and Canvas' gradebook: a copy of the file, with the grades filled in.

The copy keeps every other column, and the order of rows and columns. Columns as in the sources
of Moodle (``mod/assign/gradingtable.php``) and Canvas (``gradebook_exporter.rb``).
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.grading.formats.csv_files import csv_bytes, read_csv
from cnn_tui.grading.formats.worksheet_columns import GRADE, IDENTIFIER, LANGUAGES, columns_of
from cnn_tui.grading.records import CANVAS, MOODLE
from cnn_tui.grading.text import one_line

NAMED = 5
MOST_HEADINGS = 20
WITH_NUMBER = re.compile(r"(?P<title>.*?)\s*\((?P<id>\d+)\)")
"""A Canvas assignment's column: its title, then its number."""
CALCULATED = re.compile(
    r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)|read only"
)
POINTS_POSSIBLE = "Points Possible"
KEPT = ("N/A", "EX")
"""Canvas: not assigned to this learner, and excused."""
HIDDEN = "participant"


@dataclass(frozen=True)
class LearnerTotal:
    """What one learner's submissions came to: ``score`` is None where there is no grade.

    ``comment`` is HTML, which Moodle shows beside the grade.
    """

    learner: str
    id: str
    score: int | None
    comment: str = ""


@dataclass(frozen=True)
class Gradebook:
    """A platform's file as it was read: where the ids, names, maxima and grades stand in it."""

    path: Path
    platform: str
    rows: tuple[tuple[str, ...], ...]
    encoding: str
    dialect: tuple[str, str]
    ids: int
    names: tuple[int, ...]
    grades: int
    comments: int | None = None
    maxima: int | None = None
    maximum: str = ""

    @property
    def copy(self) -> Path:
        """Where the copy with the grades is written."""
        return self.path.with_name(f"{self.path.stem}-graded{self.path.suffix}")


def read_worksheet(path: Path) -> Gradebook:
    """Moodle's grading worksheet; raises UsageError where it is none."""
    rows, encoding, dialect = read_csv(path)
    head = [cell.strip() for cell in rows[0]]
    columns = columns_of(head, rows[1:])
    needed = {IDENTIFIER: columns.ids, GRADE: columns.grades}
    missing = [name for name, place in needed.items() if place is None]
    if columns.ids is None or columns.grades is None:
        raise UsageError(
            f"{path} has no column {' and no column '.join(missing)}, in {LANGUAGES}: download "
            "Moodle's grading worksheet again, with Moodle set to one of these. It has "
            f"{_listed(head, MOST_HEADINGS)}.",
            fields=("moodle_worksheet",),
        )
    return Gradebook(
        path,
        MOODLE,
        rows,
        encoding,
        dialect,
        ids=columns.ids,
        names=() if columns.names is None else (columns.names,),
        grades=columns.grades,
        comments=columns.comments,
        maxima=columns.maxima,
    )


def read_gradebook(path: Path, assignment: str | None, exercises: Iterable[str]) -> Gradebook:
    """Canvas' gradebook, whose column ``assignment`` is to be filled.

    Without a name it is the only one, or the only one named like one of ``exercises``.
    Raises UsageError where the file is no gradebook, or several columns may be meant.
    """
    rows, encoding, dialect = read_csv(path)
    head = [cell.strip() for cell in rows[0]]
    names = _places(head, "Student") or _places(head, "FirstName", "LastName")
    if "ID" not in head or "Section" not in head or not names:
        raise UsageError(
            f"{path} is no gradebook of Canvas, which has the columns Student, ID and Section: "
            f"export it again. It has {_listed(head)}.",
            fields=("canvas_gradebook",),
        )
    possible = next((row for row in rows if row[0].strip() == POINTS_POSSIBLE), ())
    columns = {
        place: title
        for place, title in enumerate(head)
        if place > head.index("Section")
        and not CALCULATED.search(title)
        and not CALCULATED.search(_cell(possible, place))
    }
    grades = _assignment(path, columns, assignment, exercises)
    return Gradebook(
        path,
        CANVAS,
        rows,
        encoding,
        dialect,
        ids=head.index("ID"),
        names=names,
        grades=grades,
        maximum=_cell(possible, grades),
    )


def filled(book: Gradebook, totals: Sequence[LearnerTotal], points: int) -> tuple[bytes, list[str]]:
    """The copy with the grades, of ``points`` at most, and remarks on whom it lacks."""
    rows = [list(row) for row in book.rows]
    remarks, taken, scales = [], set(), set()
    for total in totals:
        place = _row_of(book, total)
        if place is None:
            remarks.append(f"{_told(total)} has no row in {book.path.name}.")
            continue
        row = rows[place]
        row += [""] * (len(rows[0]) - len(row))
        taken.add(place)
        if total.comment and book.comments is not None:
            row[book.comments] = total.comment
        if total.score is None:
            remarks.append(f"{_told(total)} has no grade: the cell in {book.path.name} is kept.")
        elif row[book.grades].strip() in KEPT:
            kept = row[book.grades].strip()
            remarks.append(f"{_told(total)} has {kept} in {book.path.name}, which is kept.")
        else:
            maximum = book.maximum if book.maxima is None else row[book.maxima]
            row[book.grades] = _grade(total.score, points, maximum)
            scales.add(maximum)
    others = sum(_is_learner(book, row) for row in book.rows[1:]) - len(taken)
    if others:
        what = "1 row" if others == 1 else f"{others} rows"
        remarks.append(f"{what} of {book.path.name} without a submission: kept as it was.")
    for maximum in sorted(scales):
        if _number(maximum) not in (None, points):
            remarks.append(
                f"{book.path.name} grades out of {maximum}: the {points} points are scaled to that."
            )
    return csv_bytes(rows, book.encoding, book.dialect), remarks


def _assignment(
    path: Path, columns: dict[int, str], assignment: str | None, exercises: Iterable[str]
) -> int:
    """The column to fill; raises UsageError where none or several may be meant."""
    numbered = {place: title for place, title in columns.items() if WITH_NUMBER.fullmatch(title)}
    columns = numbered or columns
    if assignment is not None:
        matches = _matching(columns, lambda title: assignment.casefold() in _spellings(title))
    else:
        wanted = [_plain(name) for name in exercises]
        matches = _matching(columns, lambda title: any(name in _plain(title) for name in wanted))
        if not matches and len(columns) == 1:
            matches = list(columns)
    if len(matches) == 1:
        return matches[0]
    several = [columns[place] for place in matches or columns]
    which = "Several columns" if matches else "No column" if columns else "No assignment"
    raise UsageError(
        f"{which} of {path.name} may be meant: name the assignment, one of {_listed(several)}.",
        fields=("assignment",),
    )


def _matching(columns: dict[int, str], is_meant: Callable[[str], bool]) -> list[int]:
    return [place for place, title in columns.items() if is_meant(title)]


def _spellings(title: str) -> tuple[str, ...]:
    found = WITH_NUMBER.fullmatch(title)
    names = (title, found["title"], found["id"]) if found else (title,)
    return tuple(name.casefold() for name in names)


def _row_of(book: Gradebook, total: LearnerTotal) -> int | None:
    """The row of a learner: by the id, and by the name alone where no id is known."""
    matches = []
    for place, row in enumerate(book.rows[1:], start=1):
        names = _names_of(book, row)
        if total.id:
            # A group of Moodle's may have the number of another learner.
            is_other = book.platform == MOODLE and not _is_same(names, total)
            is_match = _id(book, row) == total.id and not is_other
        else:
            is_match = _plain(total.learner) in names
        if is_match and _is_learner(book, row):
            matches.append(place)
    return matches[0] if len(matches) == 1 else None


def _names_of(book: Gradebook, row: Sequence[str]) -> set[str]:
    """A learner's name both ways round: Alice Doe, and Doe, Alice."""
    name = " ".join(_cell(row, column) for column in book.names)
    last, _, first = name.partition(",")
    return {_plain(name), _plain(first + last)} - {""}


def _is_same(names: set[str], total: LearnerTotal) -> bool:
    learner = _plain(total.learner.removesuffix(f"_{total.id}"))
    return not names or learner.startswith(HIDDEN) or learner in names


def _is_learner(book: Gradebook, row: Sequence[str]) -> bool:
    return bool(_id(book, row))


def _id(book: Gradebook, row: Sequence[str]) -> str:
    found = re.search(r"(\d+)\s*$", _cell(row, book.ids))
    return found[1] if found else ""


def _grade(score: int, points: int, maximum: str) -> str:
    most = _number(maximum)
    value = score if most is None or not points else score * most / points
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return text.replace(".", ",") if re.search(r",\d{1,2}$", maximum) else text


def _number(text: str) -> float | None:
    try:
        return float(re.sub(r",(\d{1,2})$", r".\1", text.strip()))
    except ValueError:
        return None


def _places(head: Sequence[str], *names: str) -> tuple[int, ...]:
    return tuple(head.index(name) for name in names if name in head)


def _cell(row: Sequence[str], place: int) -> str:
    return row[place] if place < len(row) else ""


def _plain(name: str) -> str:
    return "".join(filter(str.isalnum, name.casefold()))


def _told(total: LearnerTotal) -> str:
    return f"{total.learner} ({total.id})" if total.id else total.learner


def _listed(names: Sequence[str], most: int = NAMED) -> str:
    more = len(names) - most
    shown = [one_line(name, 60) for name in names[:most]]
    return ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])])
