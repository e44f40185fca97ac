"""``cnn-lab train`` as a user meets it: whole processes, real runs."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import starters
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, read_header
from cnn_tui.workspace import Workspace, create
from tests.subprocesses import cnn_lab

SECONDS = 60
CPU = ("--device", "cpu")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> subprocess.CompletedProcess[str]:
    """LeNet-5 after two epochs on digits; ``args`` end with its workspace."""
    space, _ = create(tmp_path_factory.mktemp("trained") / "workspace", starters())
    return train_lenet5(space, epochs=2)


def train_lenet5(space: Workspace, *, epochs: int) -> subprocess.CompletedProcess[str]:
    words = ("train", "lenet5", "--epochs", str(epochs), "--name", "first", *CPU)
    return cnn_lab(*words, "--workspace", space.root)


def space_of(done: subprocess.CompletedProcess[str]) -> Path:
    return Path(done.args[-1])


@pytest.mark.slow
def test_five_epochs_reach_97_percent_on_test_images(workspace: Workspace) -> None:
    trained = train_lenet5(workspace, epochs=5)
    assert trained.returncode == 0, trained.stderr
    listed = json.loads(cnn_lab("runs", "--json", "--workspace", space_of(trained)).stdout)
    assert [run["state"] for run in listed] == ["finished"]
    assert listed[0]["test_accuracy"] >= 0.97


def test_a_pipe_gets_one_line_per_epoch_and_the_result(
    trained: subprocess.CompletedProcess[str],
) -> None:
    lines = trained.stdout.splitlines()
    assert [line.split()[1] for line in lines[:-1]] == ["1/2", "2/2"]
    assert lines[-1].startswith("Test accuracy 9")
    assert "\x1b" not in trained.stdout + trained.stderr


def test_trains_like_another_run(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    where = ("--no-start", "--workspace", str(workspace.root))
    first = ("train", "lenet5", "--lr", "0.02", "--seed", "3", "--name", "first")
    assert main([*first, *where]) == 0
    assert main(["train", "--like", "first", "--seed", "4", "--name", "second", *where]) == 0
    second = read_header(listing.find_run(workspace, "second")).config
    assert second == default_config("lenet5", "digits", lr=0.02, seed=4)
    assert main(["train", "cifar10net", "--like", "first", "--name", "third", *where]) == 0
    third = read_header(listing.find_run(workspace, "third")).config
    assert third == default_config("cifar10net", "digits", lr=0.02, seed=3)
    capsys.readouterr()
    assert main(["train", *where]) == 2
    assert "--like last" in capsys.readouterr().err
    assert main(["train", "--like", "nothing", *where]) == 2


@pytest.mark.slow
def test_the_talk_says_what_is_trained_and_how_to_look_at_it(
    trained: subprocess.CompletedProcess[str],
) -> None:
    assert "44,426 parameters" in trained.stderr
    assert "28×28" in trained.stderr
    assert "cnn-lab curves" in trained.stderr


@pytest.mark.slow
def test_attach_shows_a_finished_run_again(trained: subprocess.CompletedProcess[str]) -> None:
    again = cnn_lab("attach", "first", "--workspace", space_of(trained))
    assert again.returncode == 0
    assert again.stdout == trained.stdout


@pytest.mark.slow
def test_attach_on_a_terminal_draws_one_bar(trained: subprocess.CompletedProcess[str]) -> None:
    terminal, end = os.openpty()
    words = ["attach", "first", "--workspace", str(space_of(trained))]
    process = subprocess.Popen(
        [sys.executable, "-m", "cnn_tui", *words],
        stdin=end,
        stdout=end,
        stderr=end,
        env={**os.environ, "TERM": "xterm-256color", "COLUMNS": "80"},
    )
    os.close(end)
    shown = read_to_end(terminal)
    assert process.wait(SECONDS) == 0
    assert "epoch 2/2" in shown
    assert "100%" in shown
    assert "Test accuracy" in shown
    assert "epoch 1/2  train" not in shown


def read_to_end(terminal: int) -> str:
    chunks = []
    try:
        while chunk := os.read(terminal, 65_536):
            chunks.append(chunk)
    except OSError:  # Linux says so when the other end is closed.
        pass
    os.close(terminal)
    return b"".join(chunks).decode()


def test_json_is_one_document_with_the_promised_fields(
    trained: subprocess.CompletedProcess[str],
) -> None:
    done = cnn_lab("attach", "last", "--json", "--workspace", space_of(trained))
    document = json.loads(done.stdout)
    assert document["run"].split("-")[2:4] == ["lenet5", "digits"]
    assert (document["state"], document["epochs"]) == ("finished", 2)
    assert 0.8 <= document["test_accuracy"] <= 1
    assert document["test_loss"] > 0
    assert document["images_per_second"] > 0


@pytest.mark.slow
def test_a_finished_run_can_be_stopped_but_not_resumed(
    trained: subprocess.CompletedProcess[str],
) -> None:
    stopped = cnn_lab("stop", "first", "--workspace", space_of(trained))
    assert (stopped.returncode, stopped.stdout) == (0, "")
    assert "was not running: it is finished" in stopped.stderr
    resumed = cnn_lab("resume", "first", "--workspace", space_of(trained))
    assert resumed.returncode == 2
    assert "has finished" in resumed.stderr


@pytest.mark.slow
def test_a_failed_run_gives_its_sentence_and_exit_1(workspace: Workspace) -> None:
    words = (
        "--lr",
        "100",
        "--optimizer",
        "sgd",
        "--batch-size",
        "32",
        "--epochs",
        "1",
        "--json",
        *CPU,
    )
    done = cnn_lab("train", "lenet5", *words, cwd=workspace.root)
    assert done.returncode == 1
    assert json.loads(done.stdout)["state"] == "failed"
    assert done.stderr.splitlines()[-1].startswith("Error: The loss is no longer a number")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["lenet6"], "did you mean lenet5"),
        (["lenet5", "--data", "digit"], "did you mean digits"),
        (["lenet5", "--data", "folder:/no/such/folder"], "does not exist"),
        (
            ["lenet5", "--epochs", "0"],
            "from 1 to 100,000, not '0' (--epochs).",
        ),
        (["lenet5", "--epochs", "many"], "not 'many' (--epochs)."),
        (["lenet5", "--lr", "nan"], "not 'nan' (--lr)."),
        (["lenet5", "--optimizer", "adm"], "did you mean adam"),
        (["lenet5", "--image-size", "8"], "smallest size that works is 16"),
        (["lenet5", "--cutout", "28"], "choose one below 28, such as 14 (--cutout)."),
        (["lenet5", "--patience", "0"], "not '0' (--patience)."),
        (["lenet5", "--name", "last"], "and not 'last' (--name)."),
        (["lenet5", "--rdzv-endpoint", ""], "Rendezvous endpoint needs a value: HOST:PORT"),
        (["vgg16,batch_norm=maybe"], "must be true or false, not 'maybe'."),
        ([":lenet5"], "names no file or module"),
        ([], "a run whose settings to take (--like last)"),
    ],
)
def test_wrong_use_starts_nothing_and_exits_2(
    words: list[str], said: str, workspace: Workspace
) -> None:
    done = cnn_lab("train", *words, cwd=workspace.root)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stdout == ""
    assert listing.list_runs(workspace) == []


def test_what_is_asked_for_reaches_the_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[TrainConfig] = []

    def make(space: Workspace, config: TrainConfig, *_: object, **__: object) -> None:
        asked.append(config)
        raise UsageError("no need to train")

    monkeypatch.setattr(launcher, "make", make)
    words = "--cutout 4 --clip-grad 0.5 --patience 3 --compile --deterministic --workspace"
    assert main(["train", "lenet5", *words.split(), str(workspace.root)]) == 2
    assert asked == [
        default_config(
            "lenet5",
            "digits",
            cutout=4,
            clip_grad=0.5,
            patience=3,
            compile=True,
            deterministic=True,
        )
    ]


def test_a_run_can_be_made_and_not_started(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["train", "lenet5", "--no-start", "--workspace", str(workspace.root)]
    assert main(words) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert read_header(RunFolder(folder)).config == default_config("lenet5", "digits")
    assert not (folder / "run.lock").exists()
    assert main([*words, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["path"] == str(workspace.runs / document["run"])
    assert document["epochs"] == 10
    assert "not been started yet" in document["message"]
    assert len(listing.list_runs(workspace)) == 2


def test_train_without_a_workspace_offers_to_make_one(tmp_path: Path) -> None:
    done = cnn_lab("train", "lenet5", cwd=tmp_path)
    assert done.returncode == 2
    assert "cnn-lab init" in done.stderr


@pytest.mark.slow
def test_ctrl_c_stops_following_and_the_run_goes_on_without_torch_here(
    workspace: Workspace,
) -> None:
    words = ["train", "lenet5", "--epochs", "2000", *CPU, "--workspace", str(workspace.root)]
    code = (
        "import sys\nfrom cnn_tui.cli import main\n"
        f"code = main({words})\n"
        "print('torch' in sys.modules)\nsys.exit(code)"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    deadline = time.monotonic() + SECONDS
    while not running_epochs(workspace) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    stdout, stderr = process.communicate(timeout=SECONDS)
    assert process.returncode == 130
    assert "The run goes on" in stderr
    assert "cnn-lab stop" in stderr
    assert stdout.splitlines()[-1] == "False"
    assert listing.list_runs(workspace)[0].state == "running"

    stopped = cnn_lab("stop", "last", cwd=workspace.root)
    assert stopped.returncode == 0
    assert "of 2000 epochs" in stopped.stdout
    assert "cnn-lab resume" in stopped.stderr

    resumed = cnn_lab("resume", "last", "--detach", cwd=workspace.root)
    assert resumed.returncode == 0
    assert resumed.stdout.strip() == listing.list_runs(workspace)[0].run
    try:
        assert listing.list_runs(workspace)[0].state == "running"
    finally:
        launcher.stop(listing.find_run(workspace, "last"))


def running_epochs(workspace: Workspace) -> int:
    listed = listing.list_runs(workspace)
    return listed[0].epoch if listed else 0
