"""The page of similar submissions has the pairs, and who was not compared."""

from cnn_tui.grading.classroom.similarity.records import (
    NotCompared,
    Passage,
    SimilarityReport,
    SimilarPair,
)
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.pages.similarity import MOST, NAMED, similarity_page

PAIR = SimilarPair(
    "exercise1",
    "ada",
    "\x1b[2J..",
    0.999,
    0.5,
    (Passage((2, 9), (1, 7)), Passage((12, 12), (9, 9))),
)
LEFT_OUT = tuple(NotCompared(f"bea{number}", "exercise1", "too short") for number in range(7))
ALIKE = SimilarityReport(0.5, 2, (PAIR,), LEFT_OUT)


def test_shows_of_each_file_how_much_is_in_the_other_and_where() -> None:
    page = plain_text(similarity_page(ALIKE))
    words = [line.split() for line in page.splitlines()]
    assert ["exercise1", "ada", "99", "%", "2–9,", "12"] in words
    assert ["�[2J..", "50", "%", "1–7,", "9"] in words
    assert "2 files compared: 1 pair in which at least 50 % of one file" in page
    assert "A high share is a reason to read both files, not a verdict." in page
    assert f"bea{NAMED - 1}, and 2 more" in " ".join(page.split())


def test_says_how_many_pairs_it_leaves_to_a_file() -> None:
    many = SimilarityReport(0.5, 99, (PAIR,) * (MOST + 3), ())
    page = plain_text(similarity_page(many))
    assert page.count("ada") == MOST
    assert "and 3 more pairs" in page


def test_says_that_there_are_none() -> None:
    page = plain_text(similarity_page(SimilarityReport(0.6, 1, (), ())))
    assert page.strip() == (
        "1 file compared: no pairs in which at least 60 % of one file is also in the other."
    )
