import csv
import json
from pathlib import Path

import pytest

from cnn_tui.training import runs as store
from cnn_tui.training.config import CONFIG_VERSION, default_config
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.subprocesses import cnn_lab


def test_a_workspace_without_runs_says_how_to_start_one(workspace: Workspace) -> None:
    done = cnn_lab("runs", cwd=workspace.root)
    assert done.returncode == 0
    assert "cnn-lab train lenet5" in done.stdout
    assert json.loads(cnn_lab("runs", "--json", cwd=workspace.root).stdout) == []


def test_runs_are_readable_at_80_columns(workspace: Workspace) -> None:
    made = store.create(workspace, default_config("cifar10net", "folder:/pictures"), name="mine")
    done = cnn_lab("runs", cwd=workspace.root, COLUMNS="80")
    assert made.run in done.stdout
    assert "interrupted" in done.stdout
    assert "mine" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_runs_as_json_keep_their_field_names(workspace: Workspace) -> None:
    store.create(workspace, default_config("lenet5", "digits", epochs=7))
    (run,) = json.loads(cnn_lab("runs", "--json", cwd=workspace.root).stdout)
    promised = {"run", "net", "data", "state", "epoch", "epochs", "best_val_accuracy"}
    assert promised <= run.keys()
    assert (run["net"], run["data"], run["epoch"], run["epochs"]) == ("lenet5", "digits", 0, 7)


@pytest.mark.parametrize("command", ["attach", "stop", "resume"])
def test_an_unknown_run_is_one_sentence_and_exit_2(command: str, workspace: Workspace) -> None:
    made = store.create(workspace, default_config("lenet5", "digits"))
    done = cnn_lab(command, made.run[:-1] + "x", cwd=workspace.root)
    assert done.returncode == 2
    assert f"did you mean {made.run}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_attaching_to_a_dead_run_says_how_to_go_on(workspace: Workspace) -> None:
    made = store.create(workspace, default_config("lenet5", "digits"))
    done = cnn_lab("attach", "last", cwd=workspace.root)
    assert done.returncode == 1
    assert f"cnn-lab resume {made.run}" in done.stderr


def test_a_run_of_a_newer_lab_is_not_resumed(workspace: Workspace) -> None:
    made = store.create(workspace, default_config("lenet5", "digits"))
    newer = f'"version": {CONFIG_VERSION + 1}'
    text = made.config_file.read_text().replace(f'"version": {CONFIG_VERSION}', newer)
    made.config_file.write_text(text)
    done = cnn_lab("resume", "last", cwd=workspace.root)
    assert done.returncode == 2
    assert "newer cnn-lab" in done.stderr


def test_a_run_is_exported_row_by_row(workspace: Workspace, tmp_path: Path) -> None:
    make_run(workspace, "one", epochs=3, done=3)
    done = cnn_lab("runs", "export", "one", "--csv", cwd=workspace.root)
    assert done.returncode == 0, done.stderr
    rows = list(csv.DictReader(done.stdout.splitlines()))
    epochs = [row for row in rows if row["event"] == "epoch"]
    assert [row["epoch"] for row in epochs] == ["1", "2", "3"]
    assert all(float(row["val_loss"]) > 0 and row["loss"] == "" for row in epochs)
    steps = [row for row in rows if row["event"] == "step"]
    assert len(steps) == len(rows) - 3 > 0
    assert all(float(row["loss"]) > 0 and row["val_loss"] == "" for row in steps)
    file = tmp_path / "one.csv"
    words = ("--workspace", workspace.root, "export", "one", "--csv", file)
    assert cnn_lab("runs", *words, cwd=tmp_path).stdout == ""
    assert file.read_text() == done.stdout


def test_a_file_that_cannot_be_written_is_one_sentence_and_exit_2(workspace: Workspace) -> None:
    make_run(workspace, "one")
    done = cnn_lab("runs", "export", "one", "--csv", "no/such/folder", cwd=workspace.root)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no/such/folder cannot be written: No such file")
    assert len(done.stderr.splitlines()) == 1
