"""The columns of Moodle's grading worksheet, whose headings are in the language of whoever exports.

The identifier is also known by its values, a word and a number, in any language. Headings as in
Moodle's language packs.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

IDENTIFIER, FULL_NAME, GRADE = "Identifier", "Full name", "Grade"
MAXIMUM, COMMENTS = "Maximum Grade", "Feedback comments"
LANGUAGES = "English, German, French or Spanish"
HEADINGS = {
    IDENTIFIER: (IDENTIFIER, "ID", "Identifiant", "Identificador"),
    FULL_NAME: (FULL_NAME, "Vollständiger Name", "Nom complet", "Nombre completo"),
    GRADE: (GRADE, "Bewertung", "Note", "Calificación"),
    MAXIMUM: (MAXIMUM, "Maximum grade", "Bestwertung", "Note maximale", "Calificación máxima"),
    COMMENTS: (
        *(COMMENTS, "Feedback als Kommentar", "Feedback par commentaires"),
        "Comentarios de retroalimentación",
    ),
}
"""What each column is called, in English first."""
WORD_AND_NUMBER = re.compile(r"(?P<word>[^\d@]{1,60}?)\s*\d{1,20}")


@dataclass(frozen=True)
class WorksheetColumns:
    """Where each column stands, None for one that is not there."""

    ids: int | None
    names: int | None
    grades: int | None
    maxima: int | None
    comments: int | None


def columns_of(head: Sequence[str], rows: Sequence[Sequence[str]]) -> WorksheetColumns:
    """The columns of a worksheet with these headings and rows."""
    names, grades, maxima, comments = (
        _place(head, HEADINGS[name]) for name in (FULL_NAME, GRADE, MAXIMUM, COMMENTS)
    )
    ids = _place(head, (IDENTIFIER,))
    if ids is None:
        ids = next((at for at in range(len(head)) if _are_ids(_cells(rows, at))), None)
    if ids is None:
        ids = _place(head, HEADINGS[IDENTIFIER])
    return WorksheetColumns(ids, names, grades, maxima, comments)


def _place(head: Sequence[str], names: Sequence[str]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)


def _cells(rows: Sequence[Sequence[str]], place: int) -> list[str]:
    """What is not empty in a column."""
    cells = [row[place].strip() for row in rows if place < len(row)]
    return [cell for cell in cells if cell]


def _are_ids(cells: Sequence[str]) -> bool:
    """Whether all are one and the same word, each with another number."""
    found = [WORD_AND_NUMBER.fullmatch(cell) for cell in cells]
    words = {each["word"] for each in found if each}
    is_one_word = len(words) == 1 and any(each.isalpha() for word in words for each in word)
    return is_one_word and all(found) and len(set(cells)) == len(cells)
