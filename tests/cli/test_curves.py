"""``cnn-lab curves`` as a user meets it: whole processes on a store with known numbers."""

import json
from dataclasses import replace

import pytest

from cnn_tui.training.records import Started
from cnn_tui.workspace import Workspace
from tests.made_up_runs import events, make_run, write_metrics
from tests.subprocesses import cnn_lab


def test_curves_of_a_run_fit_80_columns_and_stand_below_its_headline(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    done = cnn_lab("curves", "last", cwd=workspace.root, COLUMNS="80")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "20231114-221320-lenet5-digits-aaaa"
    assert lines[1].startswith("✓ finished   epoch 10/10")
    assert any(line.startswith("Accuracy") for line in lines)
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in done.stdout


def test_curves_show_other_panels_along_another_axis(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    words = ("--panel", "speed", "--panel", "rate", "--axis", "step", "--last", "20")
    done = cnn_lab("curves", "last", *words, cwd=workspace.root, COLUMNS="80")
    lines = done.stdout.splitlines()
    titles = [line.split("  ")[0] for line in lines if line.startswith(("Images/s", "Learning"))]
    assert titles == ["Images/s", "Learning rate"]
    assert lines[-1].partition("┼")[2].replace("─", " ").split()[-2:] == ["100", "steps"]
    everything = cnn_lab("curves", "last", "--all", "--log", cwd=workspace.root).stdout
    assert "Loss (log)" in everything
    assert "Images/s" in everything


@pytest.mark.slow
def test_curves_are_drawn_in_ascii_where_there_is_nothing_else(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    done = cnn_lab("curves", "last", cwd=workspace.root, COLUMNS="80", PYTHONIOENCODING="ascii")
    assert done.stdout.isascii()
    assert "?" not in done.stdout
    assert "train ===" in done.stdout
    assert "* epoch 10" in done.stdout


def test_curves_as_json_are_one_document_with_series_and_advice(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    short = {"net": "cifar10net", "epochs": 4, "done": 4}
    other = make_run(workspace, "20231114-231320-cifar10net-digits-bbbb", **short)
    started, *rest = events(4, 4, "finished")
    assert isinstance(started, Started)
    write_metrics(other, [replace(started, val_baseline=0.125), *rest])
    words = ("aaaa", "bbbb", "--json", "--from", "3", "--panel", "accuracy")
    done = cnn_lab("curves", *words, cwd=workspace.root)
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    assert document["axis"] == "epoch"
    first, second = document["runs"]
    assert first["run"] == "20231114-221320-lenet5-digits-aaaa"
    assert [(each["panel"], each["name"]) for each in first["series"]] == [
        ("accuracy", "train"),
        ("accuracy", "validation"),
    ]
    assert first["series"][1]["x"] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert second["series"][1]["x"] == [3, 4]
    assert (first["kept_epoch"], second["kept_epoch"]) == (10, 4)
    assert (first["baseline_accuracy"], second["baseline_accuracy"]) == (None, 0.125)
    assert all(len(each["x"]) == len(each["y"]) for each in first["series"])
    assert [each["rule"] for each in second["advice"]] == ["still-improving"]
    assert second["advice"][0].keys() == {"rule", "sentence", "epoch", "topic", "next_steps"}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--axis", "week"), "There is no axis named 'week'"),
        (("--from", "50"), "by epoch, the runs reach from 0.2 to 10"),
    ],
)
def test_an_unusable_option_of_curves_is_one_sentence_and_exit_2(
    workspace: Workspace, words: tuple[str, ...], sentence: str
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    done = cnn_lab("curves", "last", *words, cwd=workspace.root)
    assert done.returncode == 2
    assert done.stdout == ""
    assert sentence in done.stderr
    assert len(done.stderr.splitlines()) == 1
