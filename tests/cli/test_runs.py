import csv
import json
import os
import pty
import signal
import sys
import time
from dataclasses import asdict
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.training.config import CONFIG_VERSION
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import Ended
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import create_run
from cnn_tui.training.store.metrics import MetricsWriter
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.subprocesses import cnn_lab


def test_a_workspace_without_runs_says_how_to_start_one(workspace: Workspace) -> None:
    done = cnn_lab("runs", cwd=workspace.root)
    assert done.returncode == 0
    assert "cnn-lab train lenet5" in done.stdout
    assert json.loads(cnn_lab("runs", "--json", cwd=workspace.root).stdout) == []


def test_runs_are_readable_at_80_columns(workspace: Workspace) -> None:
    made = create_run(workspace, default_config("cifar10net", "folder:/pictures"), name="mine")
    done = cnn_lab("runs", cwd=workspace.root, COLUMNS="80")
    assert made.run in done.stdout
    assert "interrupted" in done.stdout
    assert "mine" in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())


def test_runs_as_json_keep_their_field_names(workspace: Workspace) -> None:
    create_run(workspace, default_config("lenet5", "digits", epochs=7))
    (run,) = json.loads(cnn_lab("runs", "--json", cwd=workspace.root).stdout)
    promised = {"run", "net", "data", "state", "epoch", "epochs", "best_val_accuracy"}
    assert promised <= run.keys()
    assert (run["net"], run["data"], run["epoch"], run["epochs"]) == ("lenet5", "digits", 0, 7)


def test_two_runs_are_compared_by_what_differs(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(workspace, "20261129-105203-lenet5-digits-aaaa", lr=0.02, name="fast")
    make_run(workspace, "20261129-105203-lenet5-digits-bbbb", lr=0.002, train_images=100)
    where = ("--workspace", str(workspace.root))
    assert main(["runs", "diff", "fast", "bbbb", *where]) == 0
    rows = [line.split() for line in capsys.readouterr().out.splitlines()]
    assert ["learning", "rate", "0.02", "0.002"] in rows
    assert ["training", "images", "all", "of", "them", "100"] in rows
    assert ["batch", "size"] not in [row[:2] for row in rows]
    assert main(["runs", "diff", "fast", "bbbb", "--json", *where]) == 0
    found = json.loads(capsys.readouterr().out)
    assert {"setting": "lr", "values": [0.02, 0.002]} in found["settings"]
    assert main(["runs", "diff", "fast", "nothing", *where]) == 2


@pytest.mark.parametrize("command", ["attach", "stop", "resume"])
def test_an_unknown_run_is_one_sentence_and_exit_2(command: str, workspace: Workspace) -> None:
    made = create_run(workspace, default_config("lenet5", "digits"))
    done = cnn_lab(command, made.run[:-1] + "x", cwd=workspace.root)
    assert done.returncode == 2
    assert f"did you mean {made.run}" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_attaching_to_a_dead_run_says_how_to_go_on(workspace: Workspace) -> None:
    made = create_run(workspace, default_config("lenet5", "digits"))
    done = cnn_lab("attach", "last", cwd=workspace.root)
    assert done.returncode == 1
    assert f"cnn-lab resume {made.run}" in done.stderr


@pytest.fixture
def unusable(workspace: Workspace) -> dict[str, str]:
    """Two runs, a newer lab's and a damaged one; what is said of each."""
    newer, damaged = (make_run(workspace, name) for name in ("newer-run", "damaged-run"))
    version = f'"version": {CONFIG_VERSION}'
    text = newer.config_file.read_text().replace(version, f"{version}0")
    newer.config_file.write_text(text)
    damaged.config_file.write_text(text[: len(text) // 2])
    return {newer.run: "made by a newer cnn-lab", damaged.run: "damaged"}


@pytest.mark.parametrize(
    "command", ["attach", "stop", "resume", "curves", "evaluate", "predict", "runs export"]
)
def test_a_run_that_cannot_be_used_is_refused_in_one_sentence(
    command: str,
    workspace: Workspace,
    unusable: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(workspace.root)
    for run, said in unusable.items():
        assert main([*command.split(), run]) == 2
        out, err = capsys.readouterr()
        assert (out, len(err.splitlines())) == ("", 1)
        assert f"Run {run} cannot be used: it" in err
        assert said in err


def test_the_list_says_which_runs_cannot_be_used_and_why(
    workspace: Workspace, unusable: dict[str, str]
) -> None:
    done = cnn_lab("runs", cwd=workspace.root, COLUMNS="80")
    assert done.returncode == 0
    rows = {line.split()[0]: line for line in done.stdout.splitlines()}
    assert "! newer cnn-lab" in rows["newer-run"]
    assert "! damaged" in rows["damaged-run"]
    assert "interrupted" not in done.stdout
    assert all(f"{run}: Run {run} cannot be used" in done.stdout for run in unusable)


def test_a_run_that_was_refused_what_it_asked_for_is_exit_2(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    common = {"time": 1.0, "step": 0, "epoch": 0, "epochs": 1, "best_val_accuracy": None}
    nothing = {"test_loss": None, "test_accuracy": None, "images_per_second": None, "seconds": 0}
    for refused, code in ((True, 2), (False, 1)):
        run = make_run(workspace, f"refused-{refused}", done=0, end=None)
        writer = MetricsWriter(run.metrics_file)
        why = {"state": "failed", "message": "because.", "refused": refused}
        writer.write(Ended(**why, **nothing, **common))
        writer.close()
        assert main(["attach", run.run, "--workspace", str(workspace.root)]) == code
        assert capsys.readouterr().err.splitlines()[-1] == "Error: because."


def test_a_run_whose_folder_cannot_be_written_to_is_not_resumed(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(workspace, "one", end=None)
    run.lock_file.mkdir()  # root may write to any folder, but nobody to a folder as to a file
    assert main(["resume", "one", "--workspace", str(workspace.root)]) == 2
    assert "nothing can be written to" in capsys.readouterr().err


def test_stop_as_json_is_the_runs_status(workspace: Workspace) -> None:
    run = make_run(workspace, "one")
    done = cnn_lab("stop", "one", "--json", cwd=workspace.root)
    assert done.returncode == 0
    assert json.loads(done.stdout) == json.loads(json.dumps(asdict(listing.status(run))))


def test_runs_are_deleted_without_a_question_only_if_asked_for(workspace: Workspace) -> None:
    for name in ("one", "two", "three"):
        make_run(workspace, name)
    refused = cnn_lab("runs", "delete", "one", cwd=workspace.root)
    assert refused.returncode == 2
    assert "--yes" in refused.stderr
    wrong = cnn_lab("runs", "delete", "one", "four", "--yes", cwd=workspace.root)
    assert wrong.returncode == 2
    assert len(listing.list_runs(workspace)) == 3
    done = cnn_lab("runs", "delete", "one", "two", "--yes", cwd=workspace.root)
    assert (done.returncode, done.stdout) == (0, "")
    assert [status.run for status in listing.list_runs(workspace)] == ["three"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("typed", "code", "left"), [(b"n\n", 1, 1), (b"\x04", 1, 1), (b"\x03", 130, 1), (b"y\n", 0, 0)]
)
def test_on_a_terminal_a_deletion_is_a_question(
    typed: bytes, code: int, left: int, workspace: Workspace
) -> None:
    make_run(workspace, "one")
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(workspace.root)
        os.execv(sys.executable, [sys.executable, "-m", "cnn_tui", "runs", "delete", "one"])
    shown = b""
    while b"[y/N]" not in shown:
        shown += os.read(terminal, 65_536)
    assert b"one: finished, 10 of 10 epochs" in shown
    assert listing.list_runs(workspace)
    assert _exit_code_after(pid, terminal, typed) == code
    os.close(terminal)
    assert len(listing.list_runs(workspace)) == left


def _exit_code_after(pid: int, terminal: int, typed: bytes) -> int:
    """Type, as a person would: again, where a key came too soon after the question to be heard."""
    for _ in range(10):
        os.write(terminal, typed)
        until = time.monotonic() + 5
        while time.monotonic() < until:
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    pytest.fail("it never answered")


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


@pytest.mark.slow
def test_a_file_that_cannot_be_written_is_one_sentence_and_exit_2(workspace: Workspace) -> None:
    make_run(workspace, "one")
    done = cnn_lab("runs", "export", "one", "--csv", "no/such/folder", cwd=workspace.root)
    assert done.returncode == 2
    assert done.stderr.startswith("Error: no/such/folder cannot be written: No such file")
    assert len(done.stderr.splitlines()) == 1


def test_notes_and_log_are_read_and_written_from_a_shell(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = make_run(workspace, "20261129-105203-lenet5-digits-aaaa")
    run.log_file.write_text("loading\n\x1b[31mdone")
    where = ("--workspace", str(workspace.root))
    assert main(["log", "last", *where]) == 0
    assert capsys.readouterr().out == "loading\n�[31mdone\n"
    assert main(["log", "last", "--follow", *where]) == 0  # it has ended: nothing is waited for
    assert capsys.readouterr().out.endswith("done\n")
    assert main(["note", "last", "Too slow", *where]) == 0
    assert "has 1 note." in capsys.readouterr().err
    assert main(["note", "last", *where]) == 0
    assert capsys.readouterr().out.endswith("  Too slow\n")
    assert main(["runs", *where]) == 0
    assert "» Too slow" in capsys.readouterr().out


def test_runs_are_listed_as_asked_for(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    make_run(workspace, "a-run", lr=0.02)
    make_run(workspace, "b-run", lr=0.002)
    where = ("--workspace", str(workspace.root))
    assert main(["runs", "--where", "lr=0.02", "--json", *where]) == 0
    assert [each["run"] for each in json.loads(capsys.readouterr().out)] == ["a-run"]
    assert main(["runs", "--group", "lr", "--sort", "lr", *where]) == 0
    out = capsys.readouterr().out
    assert out.index("lr 0.002") < out.index("b-run") < out.index("lr 0.02 ") < out.index("a-run")
    assert main(["runs", "--where", "lr>1", *where]) == 0
    assert "No run meets" in capsys.readouterr().err
    assert main(["runs", "--sort", "speed", *where]) == 2


@pytest.mark.slow
def test_a_runs_options_are_written_and_trained_with_again(
    workspace: Workspace, tmp_path: Path
) -> None:
    make_run(workspace, "one", epochs=3, done=3)
    file = tmp_path / "one.toml"
    done = cnn_lab("runs", "export", "one", "--config", file, cwd=workspace.root)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    words = ("--config", file, "--epochs", "2", "--no-start", "--name", "two")
    again = cnn_lab("train", *words, cwd=workspace.root)
    assert again.returncode == 0, again.stderr
    diff = cnn_lab("runs", "diff", "one", "two", "--json", cwd=workspace.root)
    settings = json.loads(diff.stdout)["settings"]
    assert [(each["setting"], each["values"]) for each in settings] == [("epochs", [3, 2])]
    both = cnn_lab("train", "--config", file, "--like", "one", cwd=workspace.root)
    assert both.returncode == 2 and "--like or --config" in both.stderr
