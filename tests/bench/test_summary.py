"""What ``cnn-lab bench summary`` measures, and whether the budgets are kept."""

import pytest

from cnn_tui.bench.summary import measure

FROM_SHELL = "cnn-lab summary vgg16 (reference: import torch)"


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_keeps_to_its_budgets() -> None:
    results = {result.name: result for result in measure()}
    assert set(results) == {
        FROM_SHELL,
        "summary vgg16, CPU time beyond import torch",
        "summary vgg16, peak memory",
        "real run of resnet18, batch 2, CPU time",
        "real run of resnet18, peak memory",
        "nets --measure, CPU time",
    }
    assert [name for name, result in results.items() if result.verdict == "missed"] == []
    assert all(result.value > 0 for result in results.values())
