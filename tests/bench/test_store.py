"""What ``cnn-lab bench runs`` measures."""

import pytest

from cnn_tui.bench import store
from cnn_tui.bench.estimate import Budget


@pytest.mark.slow
def test_lists_many_runs_beside_one_and_again_beside_from_scratch(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(store, "RUNS", 3)
    monkeypatch.setattr(store, "ROUNDS", 1)
    for budget in ("MANY_RUNS", "RUNS_AGAIN"):
        monkeypatch.setattr(store, budget, Budget(at_most=9))  # clear after one round
    command, again = store.measure()
    assert command.name == "cnn-lab runs, 3 runs (reference: one)"
    assert command.verdict == again.verdict == "within"
    assert command.ratio is not None
    assert 0.2 < command.ratio < 5
    assert 0 < again.value < 1000
