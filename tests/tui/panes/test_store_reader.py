"""What the Training pane reads of the run store each time, and what only where it changed."""

from collections.abc import Sequence

import pytest

from cnn_tui.training.records import RunStatus
from cnn_tui.tui.panes.training import store_reader
from cnn_tui.tui.panes.training.state import Snapshot
from cnn_tui.tui.panes.training.store_reader import StoreReader
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, add_epoch, alive, make_run


def test_a_reading_that_finds_nothing_new_is_the_one_before(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221330-lenet5-digits-bbbb", end=None, done=2)
    reader = StoreReader(workspace)

    def read(*runs: str) -> Snapshot:
        reader.begin()
        snapshot = reader.read_here(run.run, runs)
        reader.end()
        return snapshot

    first = read(run.run)
    assert [read(run.run) for _ in range(4)] == [first] * 4
    add_epoch(run, 3)
    second = read(run.run)
    assert second is not first
    assert len(second.shown[run.run].events) == len(first.shown[run.run].events) + 6
    assert read() is not second
    reader.list_next()
    make_run(workspace, "20231114-221340-lenet5-digits-cccc")
    assert len(read(run.run).statuses) == 2


def test_tells_runs_apart_again_only_where_one_comes_or_has_other_settings(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    differences = store_reader.differences

    def counted(statuses: Sequence[RunStatus]) -> dict[str, tuple[str, ...]]:
        asked.append(len(statuses))
        return differences(statuses)

    live = make_run(workspace, "20231114-221330-lenet5-digits-bbbb", end=None, done=2, seed=3)
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", created=CREATED - 9)
    reader = StoreReader(workspace)
    monkeypatch.setattr(store_reader, "differences", counted)
    with alive(live):
        for epoch in range(3, 8):
            assert reader.begin()
            snapshot = reader.read_here(live.run, [live.run])
            reader.end()
            add_epoch(live, epoch)
        status = snapshot.status(live.run)
        assert status is not None
        assert (status.epoch, snapshot.differences[live.run]) == (6, ("seed 3",))
        assert asked.count(2) == 1
        make_run(workspace, "20231114-221340-lenet5-digits-cccc", created=CREATED + 9, lr=0.5)
        reader.list_next()
        reader.begin()
        snapshot = reader.read_here(live.run, [live.run])
        assert asked.count(3) == 1
        assert snapshot.differences["20231114-221340-lenet5-digits-cccc"] == ("lr 0.5",)
