"""Sweeps: what they plan, and a small one that is trained."""

import pytest

from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.queue_entry import entry_of
from cnn_tui.training.studies.sweep import MOST_RUNS, planned_sweep
from cnn_tui.workspace import Workspace
from tests.subprocesses import cnn_lab


def plan(*nets: str, count: int | None = None, draws: int = 0, **settings: object):
    return planned_sweep(nets or ["lenet5"], "digits", settings, random_runs=count, seed=draws)


def test_every_combination_is_one_run() -> None:
    runs = plan(lr="1e-3, 3e-3", batch_size="32,64", epochs="2")
    tried = [(each.config.lr, each.config.batch_size, each.config.epochs) for each in runs]
    assert tried == [(0.001, 32, 2), (0.001, 64, 2), (0.003, 32, 2), (0.003, 64, 2)]
    assert len({each.name for each in runs}) == 4
    assert runs[0].arm.label == "lr 0.001, batch 32, 2 epochs"


def test_a_larger_sweep_knows_the_runs_of_a_smaller_one() -> None:
    small = {each.name for each in plan(lr="1e-3,3e-3")}
    large = {each.name for each in plan(lr="1e-4,1e-3,3e-3")}
    assert small < large


def test_the_same_settings_twice_are_one_run() -> None:
    assert len(plan(lr="1e-3,0.001")) == 1


def test_networks_are_tried_one_after_another() -> None:
    runs = plan("lenet5", "cifar10net", seed="0,1")
    assert [(each.config.net.name, each.seed) for each in runs] == [
        *(("lenet5", 0), ("lenet5", 1), ("cifar10net", 0), ("cifar10net", 1)),
    ]
    assert runs[0].arm.label == "lenet5, seed 0"


def test_random_runs_are_drawn_from_lists_and_ranges_by_the_seed() -> None:
    runs = plan(count=50, lr="1e-4..1e-1", batch_size="16..32", optimizer="sgd,adam")
    assert [each.config for each in runs] == [
        each.config
        for each in plan(count=50, lr="1e-4..1e-1", batch_size="16..32", optimizer="sgd,adam")
    ]
    other = plan(count=50, draws=1, lr="1e-4..1e-1", batch_size="16..32", optimizer="sgd,adam")
    assert [each.config for each in runs] != [each.config for each in other]
    rates = [each.config.lr for each in runs]
    assert all(1e-4 <= rate <= 1e-1 for rate in rates)
    # Drawn on a logarithmic scale: each of the three decades gets about a third.
    assert all(sum(low <= rate < 10 * low for rate in rates) >= 8 for low in (1e-4, 1e-3, 1e-2))
    assert {each.config.batch_size for each in runs} <= set(range(16, 33))
    assert {each.config.optimizer for each in runs} == {"sgd", "adam"}


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"lr": "1e-4..1e-1"}, "no values to combine"),
        ({"lr": "1,,2"}, "missing between the commas"),
        ({"lr": "0.1,fast"}, "must be a number above 0"),
        ({"lr": "1e-1..1e-4", "count": 3}, "is no range"),
        ({"seed": ",".join(map(str, range(MOST_RUNS + 1)))}, "1 to 1,000 runs"),
        ({"count": 0}, "1 to 1,000 runs"),
    ],
)
def test_what_cannot_be_tried_is_refused(settings: dict[str, object], sentence: str) -> None:
    with pytest.raises(UsageError, match=sentence):
        plan(**settings)


def test_a_queued_sweep_waits_run_by_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("cnn_tui.training.queue.waiting.start_queue", lambda *_: True)
    given = ["sweep", "lenet5", "--lr", "1e-3,3e-3", "--workspace", str(workspace.root)]
    assert main([*given, "--queue"]) == 0
    assert "2 runs are queued" in capsys.readouterr().err
    runs = [RunFolder(workspace.runs / each.run) for each in listing.list_runs(workspace)]
    assert all(map(entry_of, runs))
    assert main([*given, "--queue"]) == 0
    assert "queued already" in capsys.readouterr().err
    assert len(listing.list_runs(workspace)) == 2


@pytest.mark.slow
def test_a_sweep_compares_its_runs_and_repeats_none(workspace: Workspace) -> None:
    given = ("sweep", "lenet5", "--lr", "1e-5,3e-3", "--epochs", "2")
    done = cnn_lab(*given, cwd=workspace.root)
    assert done.returncode == 0, done.stderr
    header, best, other = done.stdout.splitlines()
    assert header.split()[:4] == ["lr", "Val", "%", "Test"]
    assert best.split()[0] == "0.003"
    assert other.split()[0] == "1e-05"
    assert "Best on the validation images" in done.stderr
    before = {each.run: each.updated for each in listing.list_runs(workspace)}
    assert cnn_lab(*given, cwd=workspace.root).stdout == done.stdout
    assert {each.run: each.updated for each in listing.list_runs(workspace)} == before
