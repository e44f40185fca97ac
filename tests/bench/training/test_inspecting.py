"""What looking inside the network costs: measured on snapshots that are really taken."""

import pytest

from cnn_tui.bench.catalogue import Workload
from cnn_tui.bench.records import Talk
from cnn_tui.bench.training import inspecting
from cnn_tui.bench.training.inspecting import measure_inspecting
from cnn_tui.training.loop.inspector import Inspector

TINY = Workload("lenet5", batch_size=64, steps=6, rounds=3, looks=1)
OTHER = Workload("simpleresnet", batch_size=64, steps=6, rounds=3, looks=1)


@pytest.mark.slow
def test_holds_epochs_with_snapshots_against_those_without(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    taken: list[int] = []
    end_epoch = Inspector.end_epoch

    def counted(self: Inspector, session: object) -> None:
        taken.append(self._norms is not None)
        end_epoch(self, session)

    monkeypatch.setattr(Inspector, "end_epoch", counted)
    monkeypatch.setattr(inspecting, "ROUNDS", {"lenet5": 2})
    monkeypatch.setattr(inspecting, "EPOCHS", 2)
    (row,) = measure_inspecting([TINY, OTHER], Talk(lambda what: None, lambda what: None))
    assert row.name.startswith("lenet5")
    assert (row.unit, row.budget, row.rounds) == ("images/s", ">= 0.98", 2)
    assert row.value > 0
    assert row.reference > 0
    assert sum(taken) >= len(taken) // 2 > 0
