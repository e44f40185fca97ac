"""What training takes on a GPU, beside what a summary says of it."""

import pytest
import torch

from cnn_tui.bench import gpu_memory
from cnn_tui.bench.gpu_memory import NETS, TrainingMemory, compare, summarized

LARGE = 500_000_000


@pytest.mark.parametrize(("rise", "verdict"), [(1.0, "within"), (1.09, "within"), (0.85, "missed")])
def test_says_by_how_much_a_summary_is_off(rise: float, verdict: str) -> None:
    said = summarized("lenet5", 64)
    row = compare("lenet5", 64, TrainingMemory(round(rise * said), 3 << 20))
    assert row.value == pytest.approx(100 * abs(rise - 1), abs=0.1)
    assert row.verdict == verdict
    assert row.note.endswith("the peak of the step is 3 MiB")


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_measures_networks_that_keep_more_than_500_megabytes(name: str) -> None:
    assert summarized(name, NETS[name]) > LARGE


def test_measures_nothing_without_a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert gpu_memory.measure() == []


@pytest.mark.gpu
def test_a_summary_tells_the_memory_of_training_on_a_gpu() -> None:
    rows = gpu_memory.measure()
    assert [row.name for row in rows if row.verdict != "within"] == []
