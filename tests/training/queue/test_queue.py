"""The queue as its user sees it; what starts real workers is slow."""

import json
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from cnn_tui.cli import main
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action
from cnn_tui.processes import is_locked, take_lock
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.queue import spooler, waiting
from cnn_tui.training.store import listing
from cnn_tui.training.store.folder import RunFolder, create_run
from cnn_tui.training.store.queue_entry import QueueEntry, enter, entry_of, leave, queue_lock
from cnn_tui.workspace import Workspace
from tests.made_up_runs import alive

PATIENCE = 120.0


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """A workspace in which nothing is left behind, and a home of its own for its queues."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    (tmp_path / "space/exercises").mkdir(parents=True)
    space = Workspace(tmp_path / "space")
    yield space
    for status in listing.list_runs(space):
        leave(RunFolder(space.runs / status.run))
    for status in listing.list_runs(space):
        launcher.stop(RunFolder(space.runs / status.run))


def config(**settings: object) -> TrainConfig:
    return default_config("lenet5", "digits", **{"device": "cpu", "epochs": 1, **settings})


def queued(space: Workspace, since: float, queue: str = "cpu", **settings: object) -> RunFolder:
    """A run that waits since then, in a queue that nothing empties."""
    run = create_run(space, config(**settings))
    enter(run, QueueEntry(queue, since))
    return run


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def states(space: Workspace) -> dict[str, str]:
    return {each.run: each.state for each in listing.list_runs(space)}


@contextmanager
def alive_queue(space: Workspace, queue: str) -> Iterator[None]:
    """Hold the lock of a queue, as the process that empties it does."""
    file = queue_lock(space, queue)
    file.parent.mkdir(parents=True)
    lock = take_lock(file)
    try:
        yield
    finally:
        os.close(lock)


def queue_runs(space: Workspace) -> bool:
    return is_locked(queue_lock(space, "cpu"))


def spooler_of(space: Workspace) -> int:
    """The process that empties the queue, once it has said which it is."""
    file = queue_lock(space, "cpu")
    wait_until(lambda: bool(file.read_text()))
    return int(file.read_text())


def test_runs_wait_in_the_order_in_which_they_were_queued(space: Workspace) -> None:
    last, first, other = queued(space, 30.0), queued(space, 10.0), queued(space, 5.0, "cuda:1")
    with alive_queue(space, "cpu"):
        runs = waiting.in_queues(space)
    assert [each.run for each in runs] == [first.run, last.run, other.run]
    assert [(each.queue, each.queue_place, each.queue_runs) for each in runs] == [
        ("cpu", 1, True),
        ("cpu", 2, True),
        ("cuda:1", 1, False),
    ]
    assert [each.state for each in runs] == ["queued"] * 3
    assert "as soon as cpu is free" in runs[0].message
    assert "after the run queued before it" in runs[1].message
    assert "not running" in runs[2].message
    assert [each.action for each in runs[2].next_steps] == [Action.START_QUEUE]


def test_a_queue_that_does_not_run_says_how_to_start_it(
    space: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    run = queued(space, 1.0)
    for command in ("queue", "runs"):
        assert main([command, "--workspace", str(space.root)]) == 0
        printed = capsys.readouterr().out
        assert run.run in printed
        assert "cnn-lab queue --start" in printed
    assert main(["queue", "--json", "--workspace", str(space.root)]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["run"], told["state"], told["queue_place"]) == (run.run, "queued", 1)
    assert told["queue_runs"] is False


def test_a_run_that_is_stopped_leaves_the_queue_and_can_be_resumed(
    space: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = queued(space, 1.0), queued(space, 2.0)
    assert main(["stop", first.run, "--workspace", str(space.root)]) == 0
    assert "has left its queue" in capsys.readouterr().err
    assert states(space) == {first.run: "interrupted", second.run: "queued"}
    assert listing.status(second).queue_place == 1
    assert not launcher.start_queued(first)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"queue": 3, "since": 1}', '{"queue": "cpu"}'])
def test_a_damaged_entry_queues_nothing(space: Workspace, text: str) -> None:
    run = create_run(space, config())
    run.queue_file.write_text(text)
    assert entry_of(run) is None
    assert states(space) == {run.run: "interrupted"}


def test_only_what_has_not_ended_is_queued(space: Workspace) -> None:
    run = create_run(space, config())
    with alive(run), pytest.raises(UsageError, match="is running, and needs no queue"):
        waiting.enqueue(space, run)
    assert entry_of(run) is None


@pytest.mark.parametrize("other", ["--foreground", "--no-start"])
def test_a_queued_run_does_not_start_in_another_way(
    space: Workspace, capsys: pytest.CaptureFixture[str], other: str
) -> None:
    given = ["train", "lenet5", "--queue", other, "--workspace", str(space.root)]
    assert main(given) == 2
    assert other in capsys.readouterr().err
    assert not listing.list_runs(space)


@pytest.mark.parametrize(
    ("device", "visible", "name"),
    [
        ("cpu", "1", "cpu"),
        ("cuda:1", None, "cuda:1"),
        ("cuda", "2,3", "cuda of GPUs 2,3"),
    ],
)
def test_a_queue_is_named_for_its_device(device: str, visible: str | None, name: str) -> None:
    assert waiting.queue_of(config(device=device), visible) == name


@pytest.mark.parametrize(
    ("queue", "device", "same"),
    [
        ("cpu", "cpu", True),
        ("cpu", "cuda", False),
        ("cuda:0", "cuda:1", False),
        ("cuda", "cuda:1", True),
        ("cuda of GPUs 2,3", "cuda", True),
        ("cuda", "auto", True),
    ],
)
def test_a_queue_waits_for_runs_on_its_device(
    space: Workspace, queue: str, device: str, same: bool
) -> None:
    run = create_run(space, config(device=device))
    with alive(run):
        assert spooler.is_busy(listing.list_runs(space), queue) is same
    assert not spooler.is_busy(listing.list_runs(space), queue)


@pytest.mark.slow
def test_runs_start_one_after_another_without_a_front_end(space: Workspace) -> None:
    long = launcher.launch(space, config(epochs=2000))
    first, dropped, refused, last = (create_run(space, config(seed=seed)) for seed in range(4))
    for run in (first, dropped, refused, last):
        waiting.enqueue(space, run)
    launcher.stop(dropped)
    time.sleep(2 * spooler.POLL_SECONDS)
    assert states(space)[first.run] == "queued"
    refused.log_file.mkdir()
    launcher.stop(long)
    wait_until(lambda: states(space)[last.run] == "finished")
    assert states(space)[first.run] == "finished"
    assert states(space)[dropped.run] == "interrupted"
    assert states(space)[refused.run] in ("interrupted", "failed")
    began = [listing.status(run).updated for run in (first, last)]
    assert began == sorted(began)
    wait_until(lambda: not queue_runs(space))


@pytest.mark.slow
def test_a_killed_queue_goes_on_where_it_was(
    space: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    long = launcher.launch(space, config(epochs=2000))
    run = create_run(space, config())
    assert waiting.enqueue(space, run).queue_runs
    os.kill(spooler_of(space), signal.SIGKILL)
    wait_until(lambda: not queue_runs(space))
    assert states(space) == {long.run: "running", run.run: "queued"}
    assert not listing.status(run).queue_runs
    assert main(["queue", "--start", "--workspace", str(space.root)]) == 0
    assert "Started the queue on cpu" in capsys.readouterr().err
    assert listing.status(run).queue_runs
    launcher.stop(long)
    wait_until(lambda: states(space)[run.run] == "finished")
