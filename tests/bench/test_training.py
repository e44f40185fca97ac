import pytest
import torch

from cnn_tui.bench import training
from cnn_tui.bench.training import Workload, measure


def test_the_training_benchmark_holds_the_loop_against_both_references(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    threads = torch.get_num_threads()
    monkeypatch.setattr(training, "WORKLOADS", (Workload("lenet5", batch_size=8, steps=6),))
    monkeypatch.setattr(training, "ROUNDS", 1)
    monkeypatch.setattr(training, "REFERENCE_ROUNDS", 1)
    monkeypatch.setattr(training, "GPU_FACTOR", 1)
    results = measure()
    torch.set_num_threads(threads)
    assert [result.name for result in results] == [
        "lenet5 fp32, DataLoader loop",
        "lenet5 fp32, compute limit",
    ]
    for result in results:
        assert result.unit == "images/s"
        assert result.value > 0
        assert result.ratio == pytest.approx(result.value / result.reference)
        assert result.within is (result.ratio >= float(result.budget.removeprefix(">= ")))
