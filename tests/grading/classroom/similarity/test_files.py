"""The files of similar pairs hold what was found, and run nothing that a learner wrote."""

import csv
import io
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.classroom.similarity import files
from cnn_tui.grading.classroom.similarity.records import (
    NotCompared,
    Passage,
    SimilarityReport,
    SimilarPair,
)

HOSTILE = '=cmd|"<script>alert(1)</script>'
PAIR = SimilarPair(
    "exercise1", HOSTILE, " ..", 0.999, 2 / 3, (Passage((2, 3), (1, 2)), Passage((4, 4), (9, 9)))
)
TEXTS = {
    ("exercise1", HOSTILE): "a\n</pre><script>x</script>\nb & c\nd\n\x1b[2J",
    ("exercise1", " .."): "\n".join("pqrstuvwxyz"),
}
REPORT = SimilarityReport(0.5, 3, (PAIR,), (NotCompared("-1+1", "exercise1", "<b>short"),), TEXTS)


class Tags(HTMLParser):
    """The tags of a page, and the classes and texts of its marked lines."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.marked: list[str] = []
        self.links: dict[str, list[str]] = {"id": [], "href": []}
        self._open = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        told = dict(attributes)
        if tag == "span":
            self.marked.append("")
        for name, value in told.items():
            if name in self.links:
                self.links[name].append((value or "").removeprefix("#"))
        self._open = tag if tag == "span" else self._open

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == "span" else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.marked[-1] += data


def test_the_page_has_both_files_with_their_passages_marked() -> None:
    page = files.page(REPORT)
    assert '<a id="p0-0-1" href="#p0-1-1">' in page  # to the passage of the other file
    tags = Tags(page)
    marked = [" ".join(line.split()) for line in tags.marked]
    assert marked == [
        *("2 1 </pre><script>x</script>", "3 b & c", "4 2 d"),
        *("1 1 p", "2 q", "9 2 x"),
    ]
    assert set(tags.links["href"]) <= set(tags.links["id"])
    assert len(set(tags.links["id"])) == len(tags.links["id"])


def test_the_page_runs_nothing_that_a_learner_wrote() -> None:
    page = files.page(REPORT)
    assert not {"script", "b", "img"} & set(Tags(page).tags)
    assert "default-src 'none'" in page
    assert "\x1b" not in page
    assert "99 % of it" in page
    assert "not a verdict" in page


def test_the_page_ends_where_nobody_would_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "MAX_PAIRS", 3)
    monkeypatch.setattr(files, "MAX_LINES", 9)
    long = dict.fromkeys(TEXTS, "x\n" * (files.MAX_LINES + 2))
    pairs = (PAIR,) * (files.MAX_PAIRS + 1)
    page = files.page(SimilarityReport(0.5, 3, pairs, (), long))
    assert "3 more lines are not shown" in page
    assert f"The {files.MAX_PAIRS} most alike are shown." in page
    assert page.count("<h2") == files.MAX_PAIRS


def test_the_table_has_no_cell_that_a_spreadsheet_runs() -> None:
    first, second = csv.DictReader(io.StringIO(files.table(REPORT)))
    assert first["learner"] == f"'{HOSTILE}"
    assert (first["other"], first["share"], first["lines"]) == (" ..", "0.9990", "2–4")
    assert first["other_lines"] == "1–2, 9"
    assert (second["learner"], second["not_compared"]) == ("'-1+1", "<b>short")


def test_a_file_says_by_its_ending_what_it_is(tmp_path: Path) -> None:
    assert files.writer_for(tmp_path / "x.CSV") is files.table
    assert files.writer_for(tmp_path / "x.html") is files.page
    with pytest.raises(UsageError, match=r"end it in \.html or \.csv"):
        files.writer_for(tmp_path / "x.pdf")


def test_names_the_helper_files_that_passages_stand_in() -> None:
    found = (Passage((2, 3), (1, 2)), Passage((5, 5), (1, 1), "", "utils/maps.py"))
    pair = SimilarPair("exercise1", HOSTILE, " ..", 0.9, 0.8, found)
    helpers = {("exercise1", " .."): {"own.py": "not alike", "utils/maps.py": "<b>m\nn"}}
    report = SimilarityReport(0.5, 3, (pair,), (), TEXTS, helpers)
    page = files.page(report)
    tags = Tags(page)
    marked = [" ".join(line.split()) for line in tags.marked]
    assert marked[-3:] == ["1 1 p", "2 q", "1 2 <b>m"]
    assert "<p>utils/maps.py:</p>" in page
    assert "own.py" not in page
    assert set(tags.links["href"]) == set(tags.links["id"])
    (row,) = csv.DictReader(io.StringIO(files.table(report)))
    assert (row["lines"], row["other_lines"]) == ("2–3, 5", "1–2; utils/maps.py: 1")
