"""Runs in notebooks: started, listed, read, and their networks taken back."""

import time
from collections.abc import Iterator
from itertools import islice

import pytest
import torch
from torch import nn

import cnn_tui as lab
from cnn_tui.errors import RunError, UsageError
from cnn_tui.training.records import Event
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.metrics import follow
from cnn_tui.workspace import Workspace
from tests.made_up_runs import add_ending, make_run
from tests.trained_runs import make_checkpoint

OLD, NEW = "20231114-221320-lenet5-digits-aaaa", "20231114-231320-cifar10net-digits-bbbb"
TINY = {"epochs": 1, "train_images": 100, "device": "cpu"}


@pytest.fixture
def two_runs(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(workspace, OLD)
    make_run(workspace, NEW, net="cifar10net", done=3, end=None, created=1_800_000_000)
    monkeypatch.chdir(workspace.root)


@pytest.mark.usefixtures("two_runs")
def test_lists_runs_newest_first_and_finds_them_by_name() -> None:
    runs = lab.runs()
    assert runs.ids == (NEW, OLD)
    assert [run.id for run in runs] == [NEW, OLD]
    assert [run.state for run in runs] == ["interrupted", "finished"]
    assert runs["aaaa"].id == runs[-1].id == runs[1:][0].id == OLD
    assert [each["run"] for each in runs.to_json()] == [NEW, OLD]
    with pytest.raises(UsageError, match="There is no run named 'cccc'"):
        runs["cccc"]


@pytest.mark.usefixtures("two_runs")
def test_a_run_has_state_accuracy_and_curves() -> None:
    run = lab.runs()["aaaa"]
    assert (run.net, run.data, run.state, run.epoch, run.accuracy) == (
        *("lenet5", "digits", "finished", 10),
        0.975,
    )
    assert run.curves["epoch"] == list(range(1, 11))
    assert {len(column) for column in run.curves.values()} == {10}
    assert set(run.curves) >= {"train_loss", "val_loss", "train_accuracy", "val_accuracy"}
    assert run.to_json()["test_accuracy"] == run.accuracy
    with pytest.raises(KeyError):
        run.curves["loss"]


@pytest.mark.usefixtures("two_runs")
def test_waiting_for_a_run_that_has_ended_says_how(capsys: pytest.CaptureFixture[str]) -> None:
    assert lab.runs()["aaaa"].wait().state == "finished"
    told = capsys.readouterr().out.splitlines()
    assert told[0] == f"Run {OLD}"
    assert any(line.startswith("epoch 10/10") for line in told)
    failed = lab.runs()["bbbb"]
    add_ending(failed.folder, "failed", "The loss is no longer a number.")
    with pytest.raises(RunError, match="no longer a number"):
        failed.wait(show=False)
    assert capsys.readouterr().out == ""


def test_loads_a_run_as_a_plain_module_in_evaluation_mode(workspace: Workspace) -> None:
    _, trained = make_checkpoint(workspace)
    net = lab.load("mine", workspace=workspace.root)
    assert isinstance(net, nn.Module)
    assert not any(each.training for each in net.modules())
    image = torch.rand(2, 1, 28, 28)
    assert net(image).equal(trained(image))
    run = lab.runs(workspace.root)[0]
    assert lab.load(run)(image).equal(trained(image))
    prepared = run.prepare(torch.zeros(2, 3, 40, 50, dtype=torch.uint8))
    assert prepared.shape == image.shape
    assert prepared.max() < 0  # black, normalized


def test_evaluates_and_predicts(workspace: Workspace) -> None:
    make_checkpoint(workspace)
    seen = lab.evaluate("mine", workspace=workspace.root)
    assert seen.images == 359
    assert seen.to_json()["test_accuracy"] == seen.accuracy
    run = lab.runs(workspace.root)[0]
    predicted = lab.predict(run, "digits#17", "digits#18")
    assert len(predicted.classes) == 2
    for each in (seen, predicted):
        assert run.id in str(each)
        assert "▀" in each._repr_html_()


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: lab.train("lenet5", learning_rte=1), "no option named 'learning_rte'"),
        (lambda: lab.train("lenet5", batchsize=0), "Batch size must be a whole number"),
        (lambda: lab.train("lenet6"), "did you mean lenet5"),
        (lambda: lab.load("mine"), "There are no runs"),
        (lambda: lab.runs("/no/such/folder"), "is not a workspace"),
    ],
)
def test_one_sentence_says_what_is_wrong(
    call: "object", sentence: str, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace.root)
    with pytest.raises(UsageError, match=sentence):
        call()  # type: ignore[operator]


def test_trains_like_another_run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(workspace, OLD, lr=0.02, seed=3)
    monkeypatch.setattr("cnn_tui.training.process.launcher.start", lambda _: None)
    run = lab.train(like="aaaa", seed=4, workspace=workspace.root, follow=False)
    settings = run.status.settings
    assert (run.net, run.data, settings["lr"], settings["seed"]) == ("lenet5", "digits", 0.02, 4)
    with pytest.raises(UsageError, match="takes a network"):
        lab.train(workspace=workspace.root)


@pytest.mark.slow
def test_trains_as_the_command_does(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = lab.train("lenet5", name="first", seed=3, workspace=workspace.root, **TINY)
    assert (run.state, run.status.name) == ("finished", "first")
    assert run.id in capsys.readouterr().out
    assert lab.evaluate(run).accuracy == pytest.approx(run.accuracy)
    assert lab.load(run).training is False


@pytest.mark.slow
def test_an_interrupt_ends_the_waiting_and_not_the_run(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(run: RunFolder) -> Iterator[tuple[Event, ...]]:
        yield from islice(follow(run), 3)
        raise KeyboardInterrupt

    monkeypatch.setattr("cnn_tui.api.runs.follow", interrupted)
    run = lab.train("lenet5", epochs=500, device="cpu", workspace=workspace.root, follow=False)
    assert run.state == "running"
    with pytest.raises(KeyboardInterrupt):
        run.wait()
    assert f"lab.runs()['{run.id}'].stop()" in capsys.readouterr().out
    assert run.state == "running"
    while not run.epoch:
        time.sleep(0.1)
    assert run.stop().state == "stopped"
    assert run.resume(follow=False).state == "running"
    assert run.stop().state == "stopped"
