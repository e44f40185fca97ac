"""The table of all runs: it fits, and cuts nothing."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from cnn_tui.render.pages.overview import overview
from cnn_tui.render.runs.comparison import comparison_view
from cnn_tui.render.runs.table import runs_table
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.comparison import RunComparison
from cnn_tui.tui.widgets.run_row import run_row
from cnn_tui.workspace import Workspace

STATUS = RunStatus(
    run="20260102-030405-efficientnet_b0-digits-abcd",
    name="",
    net="efficientnet_b0",
    data="digits",
    state="finished",
    epoch=1000,
    epochs=1000,
    step=9,
    best_val_accuracy=1.0,
    test_accuracy=0.98765,
    test_loss=0.0123,
    images_per_second=1234.5,
    message="Finished.",
    created=0.0,
    updated=0.0,
)


def shown(renderable: object, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width, highlight=False)
    console.print(renderable)
    return console.file.getvalue()


def test_the_widest_run_fits_80_columns() -> None:
    named = replace(STATUS, name="baseline", state="interrupted")
    text = shown(runs_table([named, STATUS]))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "1000/1000" in text
    assert "98.8" in text
    assert named.name in text


def test_a_failed_run_says_why_below_the_table() -> None:
    failed = replace(STATUS, state="failed", message="The loss was no number.")
    assert shown(runs_table([failed])).splitlines()[-1].endswith("The loss was no number.")


def test_500_runs_are_all_drawn() -> None:
    many = [replace(STATUS, run=f"{STATUS.run}{n}", name="mine") for n in range(500)]
    console = Console(file=io.StringIO(), width=80)
    console.print(runs_table(many))
    assert len(console.file.getvalue().splitlines()) > 1000


def test_runs_of_one_network_show_what_differs() -> None:
    runs = [replace(STATUS, settings={"lr": lr, "seed": 0}) for lr in (0.5, 0.25)]
    runs = [replace(each, run=f"run-{n}") for n, each in enumerate(runs)]
    lines = shown(runs_table(runs)).splitlines()
    assert lines[2].startswith("  lr 0.5")
    assert lines[4].startswith("  lr 0.25")


def test_how_long_a_run_took_stands_where_there_is_room() -> None:
    timed = [replace(STATUS, seconds=185.0), replace(STATUS, seconds=None)]
    header, first, second = shown(runs_table(timed), 100).splitlines()
    assert header.endswith("Test %  Time")
    assert first.endswith("98.8  3:05")
    assert second.endswith("98.8     –")
    assert "Time" not in shown(runs_table(timed), 99)


@pytest.mark.parametrize("width", [60, 80, 120])
def test_an_id_is_folded_and_never_cut(width: int) -> None:
    wide = replace(STATUS, run="図" * 30, name="baseline", state="stopped")
    lines = shown(runs_table([wide, STATUS]), width).splitlines()
    assert all(cell_len(line) <= width for line in lines)
    names = "".join(line.split()[0] for line in lines[1:] if line.split()[0] != "baseline")
    assert names == wide.run + STATUS.run
    assert all("stopped" in line or "finished" in line for line in lines if "1000/1000" in line)


def test_names_what_accuracies_are_compared_with_where_classes_are_uneven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uneven = replace(
        STATUS,
        is_uneven=True,
        baseline_accuracy=0.95,
        balanced_accuracy=0.5,
        uneven_val_baseline=0.9,
    )
    assert "\n  test: largest 95.0 %, balanced 50.0 %\n" in shown(runs_table([uneven]))
    assert "\n  test: largest class 95.0 %, balanced 50.0 %\n" in shown(runs_table([uneven]), 100)
    untested = replace(STATUS, test_accuracy=None, uneven_val_baseline=0.9)
    assert "\n  validation: largest class 90.0 %" in shown(runs_table([untested]))
    assert "largest" not in shown(runs_table([STATUS]))
    compared = RunComparison((uneven, STATUS), (), True, "The same images.")
    told = [" ".join(line.split()) for line in shown(comparison_view(compared)).splitlines()]
    for row in (
        "largest class, validation 90.00 % –",
        "largest class, test 95.00 % –",
        "balanced, test 50.00 % –",
    ):
        assert row in told
    even = replace(compared, runs=(STATUS, STATUS))
    assert "largest" not in shown(comparison_view(even))
    monkeypatch.setattr("cnn_tui.render.pages.overview.list_runs", lambda space: [uneven, STATUS])
    page = " ".join(shown(overview(Workspace(tmp_path)), 120).split())
    assert page.count("best 100.0 %") == 2
    assert page.count("(largest class 90.0 %)") == 1
    row = run_row(uneven, 60, Text())
    assert row.plain.splitlines()[-1].strip() == "val 100.0 % (largest class 90.0 %)"
    assert "largest" not in run_row(uneven, 30, Text()).plain
