"""How every result shows itself: in a notebook, with Rich, with print, and in one line."""

import io
import re
from html import unescape
from pathlib import Path

import pytest
from rich.console import Console

import cnn_tui as lab
from cnn_tui.api.results import LabResult
from cnn_tui.render.draw.notebook import THEME, WIDTH, to_html, to_text
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run

RUN = "20231114-221320-lenet5-digits-aaaa"


@pytest.fixture
def results(workspace: Workspace) -> dict[str, LabResult]:
    make_run(workspace, RUN)
    run = lab.runs(workspace.root)["last"]
    return {
        "nets": lab.list_nets(),
        "summary": lab.summary("lenet5"),
        "comparison": lab.compare("lenet5", "vggcifar"),
        "receptive field": lab.receptive_field("lenet5"),
        "pooled": lab.pool("edges"),
        "shifted": lab.pool("shifted").shifted(0, 1),
        "run": run,
        "curves": run.curves,
        "runs": lab.runs(workspace.root),
        "demo": lab.demo("compound-scaling"),
    }


def test_a_notebook_shows_what_print_shows(results: dict[str, LabResult]) -> None:
    for name, result in results.items():
        html = result._repr_html_()
        assert html.startswith("<pre style="), name
        assert html.endswith("</pre>"), name
        shown = unescape(re.sub(r"<[^>]*>", "", html))
        text = to_text(result, WIDTH)
        assert shown.split() == text.split(), name
        assert max(map(len, shown.splitlines())) <= WIDTH, name


def test_rich_prints_results_in_the_columns_that_there_are(results: dict[str, LabResult]) -> None:
    for name, result in results.items():
        console = Console(file=io.StringIO(), width=80)
        console.print(result)
        lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
        assert len(lines) > 1, name
        assert max(map(len, lines)) <= 80, name


def test_print_needs_no_colors(
    results: dict[str, LabResult], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "72")
    for name, result in results.items():
        text = str(result)
        assert "\x1b" not in text, name
        assert max(map(len, text.splitlines())) <= 72, name


def test_repr_is_one_line_with_what_matters(results: dict[str, LabResult]) -> None:
    assert all("\n" not in repr(each) for each in results.values())
    assert repr(results["pooled"]) == "Pooled(kind='max', input_size=(6, 6), output_size=(3, 3))"
    assert repr(results["run"]) == (
        f"TrainingRun(id='{RUN}', net='lenet5', data='digits', state='finished', epoch=10, "
        "accuracy=0.975)"
    )
    assert repr(results["comparison"]) == "Comparison(nets=('lenet5', 'vggcifar'))"


def test_html_escapes_what_others_named(tmp_path: Path) -> None:
    evil = tmp_path / "<script>&.csv"
    evil.write_text("1,2\n3,4\n")
    html = lab.pool(evil)._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;&amp;.csv" in html


def _contrast(color: tuple[int, int, int], ground: tuple[int, int, int]) -> float:
    def luminance(rgb: tuple[int, int, int]) -> float:
        linear = [
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
            for part in (each / 255 for each in rgb)
        ]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(color), luminance(ground)))
    return (high + 0.05) / (low + 0.05)


def test_html_is_readable_in_light_and_dark_notebooks() -> None:
    ground = THEME.background_color
    colors = [THEME.foreground_color, *(THEME.ansi_colors[index] for index in range(8))]
    assert min(_contrast(each, ground) for each in colors) >= 4.5
    html = to_html("text")
    assert f"color:{THEME.foreground_color.hex}" in html
    assert f"background-color:{ground.hex}" in html
