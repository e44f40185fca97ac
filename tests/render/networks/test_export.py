"""Layers for other programs: CSV, Markdown and HTML that nothing in a name can break."""

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from cnn_tui.analysis.networks.costs import CostSettings, costs
from cnn_tui.analysis.networks.records import LayerSummary, NetNote, NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.nets.specs import parse
from cnn_tui.render.networks.export import FORMATS, csv_text, html_text, markdown_text

EVIL = '=1+1|"<script>`*_\n[x](y)\\'


@pytest.fixture(scope="module")
def evil() -> NetSummary:
    row = LayerSummary(EVIL, EVIL, 0, True, (3, 2), 7, 5, None)
    return NetSummary(EVIL, EVIL, (3, 2), (2,), 7, 5, (row, row), note=EVIL)


@pytest.fixture(scope="module")
def lenet5() -> NetSummary:
    summary = shipped_summary(parse("lenet5"))
    assert summary is not None
    return summary


class Cells(HTMLParser):
    """The cells of a page's table, and every tag."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.tags: set[str] = set()
        self._is_cell = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        self._is_cell = tag in ("td", "th")
        if tag == "tr":
            self.rows.append([])
        if self._is_cell:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self._is_cell = False

    def handle_data(self, data: str) -> None:
        if self._is_cell:
            self.rows[-1][-1] += data


def test_csv_has_a_row_for_each_layer_with_its_numbers(lenet5: NetSummary) -> None:
    rows = list(csv.DictReader(io.StringIO(csv_text(lenet5, costs(lenet5)))))
    assert [row["name"] for row in rows] == [layer.name for layer in lenet5.layers]
    assert int(rows[0]["flops"]) == lenet5.layers[0].flops
    assert rows[0]["output_shape"] == "6x24x24"
    assert rows[0]["bound"] == "memory"


def test_csv_keeps_a_name_and_lets_no_spreadsheet_compute_it(evil: NetSummary) -> None:
    rows = list(csv.reader(io.StringIO(csv_text(evil))))
    assert [row[0] for row in rows] == ["name", f"'{EVIL}", f"'{EVIL}"]
    assert len({len(row) for row in rows}) == 1


def test_markdown_is_one_table_whatever_a_name_holds(evil: NetSummary) -> None:
    lines = [line for line in markdown_text(evil).splitlines() if line.startswith("|")]
    pipes = [line.replace("\\\\", "").replace("\\|", "").count("|") for line in lines]
    assert len(lines) == 5
    assert len(set(pipes)) == 1
    assert set(lines[1]) <= set("|-: ")
    assert "<script>" not in markdown_text(evil)


def test_html_is_one_page_whose_cells_are_the_values(evil: NetSummary, lenet5: NetSummary) -> None:
    page = Cells(html_text(evil))
    assert [row[0] for row in page.rows] == ["Layer", EVIL, EVIL, "Total"]
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert len(Cells(html_text(lenet5, costs(lenet5))).rows) == 2 + len(lenet5.layers)


@pytest.mark.parametrize("form", FORMATS)
def test_a_network_without_layers_is_a_table_without_rows(form: str) -> None:
    bare = FORMATS[form](NetSummary("n", "n", (3,), (3,), 0, 0, ()), None)
    assert ("name" if form == "csv" else "Layer") in bare


def test_readable_tables_have_the_words_and_numbers_of_the_page_and_totals(
    lenet5: NetSummary,
) -> None:
    noted = replace(lenet5, real_run="on the CPU", notes=(NetNote("relu", "a", "No.", "topic"),))
    lines = markdown_text(noted).splitlines()
    assert "- Real run: on the CPU" in lines
    assert "- Warning: No. Topic: topic." in lines
    assert "| Layer | Type | Output | Parameters | MACs | Act. MiB | RF |" in lines
    assert "| fc1 | Linear | 120 | 30,840 | 30.72 k | &lt;0.01 | all |" in lines
    assert lines[-1].startswith("| Total |  |  | 44,426 | 281.6 k |")
    rows = Cells(html_text(lenet5, costs(lenet5, CostSettings("h100")))).rows
    assert rows[0][-4:] == ["FLOPs", "Bytes", "Bound", "Time ≥"]
    assert rows[1][-4:] == ["5.53 M", "531 KiB", "memory", "0.162 µs"]
    assert rows[-1][-4:] == ["18.32 M", "2.83 MiB", "", "0.957 µs"]
