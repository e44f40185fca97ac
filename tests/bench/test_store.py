"""What ``cnn-lab bench runs`` measures."""

import pytest

from cnn_tui.bench import store


def test_lists_many_runs_beside_one_and_again_beside_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "RUNS", 3)
    monkeypatch.setattr(store, "ROUNDS", 1)
    command, again = store.measure()
    assert command.name == "cnn-lab runs, 3 runs (reference: one)"
    assert command.within is (command.value <= store.SECONDS_BUDGET)
    assert command.budget == "<= 0.5 s"
    assert again.within is (again.ratio <= store.AGAIN_BUDGET)
    assert 0 < again.value < 1000
