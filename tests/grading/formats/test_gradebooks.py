"""The lab fills the grades into a copy of Moodle's worksheet and of Canvas' gradebook."""

import csv
import io
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.formats.gradebooks import (
    LearnerTotal,
    filled,
    read_gradebook,
    read_worksheet,
)

WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade",'
    '"Grade can be changed","Last modified (grade)","Feedback comments"\r\n'
    '"Participant 11","Ada Ng",ada@x.org,Submitted,,100.00,Yes,-,\r\n'
    '"Participant 12","=cmd|x!A1",b@x.org,Submitted,,100.00,Yes,-,\r\n'
    '"Participant 13","Cem Öz",c@x.org,"No submission",,100.00,Yes,-,kept\r\n'
)
GRADEBOOK = (
    "Student,ID,SIS Login ID,Section,exercise1 (501),exercise2 (502),Homework (503),"
    "Homework Current Score,Final Score\n"
    ",,,,Manual Posting,,,,\n"
    "    Points Possible,,,,10.00,20.00,5.00,(read only),(read only)\n"
    '"Doe, Alice",12345,adoe,S1,,3,,55,60\n'
    '"Doe, Bea",12346,bdoe,S1,EX,4,,55,60\n'
    '"Student, Test",12399,test,S1,,,,,\n'
)
TOTALS = [LearnerTotal("doealice", "12345", 7), LearnerTotal("doebea", "12346", 7)]


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


def cells(data: bytes, encoding: str = "utf-8", separator: str = ",") -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=separator))


@pytest.mark.parametrize(
    ("encoding", "separator"),
    [("utf-8", ","), ("utf-8-sig", ";"), ("utf-16", "\t"), ("cp1252", ",")],
)
def test_fills_a_worksheet_by_id_and_keeps_the_rest(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    path = write(tmp_path / "w.csv", WORKSHEET.replace(",", separator), encoding)
    totals = [
        LearnerTotal("Ada Ng", "11", 7, "7 of 10 &lt;b&gt; ✓"),
        LearnerTotal("Zoe", "99", 7),
        LearnerTotal("Cem Öz", "13", None),
    ]
    book = read_worksheet(path)
    data, remarks = filled(book, totals, 10)
    before, after = cells(path.read_bytes(), encoding, separator), cells(data, encoding, separator)
    assert data[:2] == path.read_bytes()[:2]
    assert after[0] == before[0]
    comment = "7 of 10 &lt;b&gt; " + ("&#10003;" if encoding == "cp1252" else "✓")
    assert after[1] == [*before[1][:4], "70", *before[1][5:8], comment]
    assert after[2] == [before[2][0], "'=cmd|x!A1", *before[2][2:]]
    assert after[3] == before[3]
    assert remarks == [
        "Zoe (99) has no row in w.csv.",
        "Cem Öz (13) has no grade: the cell in w.csv is kept.",
        "1 row of w.csv without a submission: kept as it was.",
        "w.csv grades out of 100.00: the 10 points are scaled to that.",
    ]
    assert book.copy == tmp_path / "w-graded.csv"


LOCALIZED = {
    "de": (
        "ID;Vollständiger Name;E-Mail-Adresse;Status;Bewertung;Bestwertung;"
        "Bewertung kann geändert werden;Zuletzt geändert (Bewertung);Feedback als Kommentar",
        "Teilnehmer/in",
    ),
    "fr": (
        "Identifiant;Nom complet;Adresse de courriel;Statut;Note;Note maximale;"
        "La note peut être modifiée;Dernière modification (note);Feedback par commentaires",
        "Participant",
    ),
    "es": (
        "Identificador;Nombre completo;Dirección de correo;Estado;Calificación;Calificación máxima;"
        "La calificación puede ser cambiada;Última modificación (calificación);"
        "Comentarios de retroalimentación",
        "Participante ",
    ),
    "an own heading": (
        "Matrikel;Full name;Email;Status;Grade;Maximum Grade;Changeable;Changed;Feedback comments",
        "Étudiant·e ",
    ),
}


@pytest.mark.parametrize(("head", "word"), LOCALIZED.values(), ids=LOCALIZED.keys())
def test_fills_a_worksheet_in_the_language_that_it_is_in(
    tmp_path: Path, head: str, word: str
) -> None:
    rows = [f"{word}1{at};Ada Ng;ada@x{at}.org;Group {at};;100,00;Ja;-;" for at in range(3)]
    path = write(tmp_path / "w.csv", "\n".join([head, *rows, ""]))
    totals = [LearnerTotal("Ada Ng", "11", 7, "Good."), LearnerTotal("Group A", "12", 7)]
    data, remarks = filled(read_worksheet(path), totals, 8)
    before, after = cells(path.read_bytes(), separator=";"), cells(data, separator=";")
    assert after[2] == [*before[2][:4], "87,5", *before[2][5:8], "Good."]
    assert [after[0], after[1], after[3]] == [before[0], before[1], before[3]]
    assert remarks[0] == "Group A (12) has no row in w.csv."


@pytest.mark.parametrize(
    ("head", "cell", "missing"),
    [
        ("Identificativo;Valutazione", "Partecipante 5", "no column Grade"),
        ("Identificativo;Grade", "Ada", "no column Identifier"),
        ("Identificativo;Grade", "ada@x5", "no column Identifier"),
        ("Identificativo;Grade", "12", "no column Identifier"),
    ],
)
def test_names_the_headings_where_a_column_is_not_known(
    tmp_path: Path, head: str, cell: str, missing: str
) -> None:
    path = write(tmp_path / "w.csv", f"{head};a;b;c;d;e\n{cell};;;;;;\n")
    with pytest.raises(UsageError) as caught:
        read_worksheet(path)
    assert str(caught.value) == (
        f"{path} has {missing}, in English, German, French or Spanish: download Moodle's grading "
        f"worksheet again, with Moodle set to one of these. It has "
        f"{head.replace(';', ', ')}, a, b, c, d, e."
    )


def test_takes_no_column_for_ids_that_repeats_one(tmp_path: Path) -> None:
    text = "Group;Number;Grade\nGroup 1;Person 7;\nGroup 1;Person 8;\n"
    assert read_worksheet(write(tmp_path / "w.csv", text)).ids == 1


def test_takes_no_group_of_moodle_for_the_learner_of_its_number(tmp_path: Path) -> None:
    book = read_worksheet(write(tmp_path / "w.csv", WORKSHEET))
    _, remarks = filled(book, [LearnerTotal("Group A", "11", 7)], 10)
    assert remarks[0] == "Group A (11) has no row in w.csv."
    data, _ = filled(book, [LearnerTotal("Participant 11", "11", 7)], 100)
    assert cells(data)[1][4] == "7"


def test_finds_a_learner_without_id_by_the_name_alone(tmp_path: Path) -> None:
    book = read_gradebook(write(tmp_path / "g.csv", GRADEBOOK), "501", ())
    data, _ = filled(book, [LearnerTotal("Alice Doe", "", 7)], 10)
    assert cells(data)[3][4] == "7"
    twice = GRADEBOOK + '"Doe, Alice",12347,adoe2,S1,,,,,\n'
    book = read_gradebook(write(tmp_path / "g.csv", twice), "501", ())
    data, remarks = filled(book, [LearnerTotal("doealice", "", 7)], 10)
    assert cells(data)[3][4] == ""
    assert remarks[0] == "doealice has no row in g.csv."


def test_fills_one_column_of_a_gradebook(tmp_path: Path) -> None:
    path = write(tmp_path / "g.csv", GRADEBOOK)
    data, remarks = filled(read_gradebook(path, None, ["exercise2"]), TOTALS, 10)
    before, after = cells(path.read_bytes()), cells(data)
    assert after[:3] == before[:3]
    assert after[3] == [*before[3][:5], "14", *before[3][6:]]
    assert after[4][5] == "14"
    assert after[5] == before[5]
    assert remarks[-1] == "g.csv grades out of 20.00: the 10 points are scaled to that."


def test_keeps_who_is_excused(tmp_path: Path) -> None:
    book = read_gradebook(write(tmp_path / "g.csv", GRADEBOOK), "exercise1", ())
    data, remarks = filled(book, TOTALS, 10)
    assert [row[4] for row in cells(data)[3:5]] == ["7", "EX"]
    assert remarks[0] == "doebea (12346) has EX in g.csv, which is kept."


def test_writes_a_decimal_comma_where_the_file_has_one(tmp_path: Path) -> None:
    text = GRADEBOOK.replace(",", ";").replace("10.00", "10,00").replace("Doe; ", "Doe, ")
    book = read_gradebook(write(tmp_path / "g.csv", text), "501", ())
    data, _ = filled(book, TOTALS[:1], 8)
    assert cells(data, separator=";")[3][4] == "8,75"


@pytest.mark.parametrize("assignment", ["Exercise2", "502", "exercise2 (502)"])
def test_knows_an_assignment_by_title_or_number(tmp_path: Path, assignment: str) -> None:
    path = write(tmp_path / "g.csv", GRADEBOOK)
    assert read_gradebook(path, assignment, ["exercise1"]).grades == 5


@pytest.mark.parametrize(
    ("assignment", "exercises", "sentence"),
    [
        (
            None,
            ["exercise1", "exercise2"],
            r"Several columns .* one of exercise1 \(501\), exercise2",
        ),
        (None, ["exercise9"], r"No column of g.csv .* Homework \(503\)\."),
        ("Final Score", ["exercise1"], "No column of g.csv"),
    ],
)
def test_asks_which_column_is_meant(
    tmp_path: Path, assignment: str | None, exercises: list[str], sentence: str
) -> None:
    path = write(tmp_path / "g.csv", GRADEBOOK)
    with pytest.raises(UsageError, match=sentence) as caught:
        read_gradebook(path, assignment, exercises)
    assert caught.value.fields == ("assignment",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("a,b\n", "no column Identifier and no column Grade"), ("", "is empty"), (None, "cannot be")],
)
def test_says_why_a_worksheet_cannot_be_filled(
    tmp_path: Path, text: str | None, sentence: str
) -> None:
    path = tmp_path / "w.csv"
    if text is not None:
        write(path, text)
    with pytest.raises(UsageError, match=sentence):
        read_worksheet(path)
    if text == "a,b\n":
        with pytest.raises(UsageError, match="no gradebook of Canvas"):
            read_gradebook(path, None, ())
