"""What ``cnn-lab bench summary`` measures, and whether the budgets are kept."""

import pytest

from cnn_tui.bench.summary import measure


@pytest.mark.slow
def test_keeps_to_its_budgets() -> None:
    results = {result.name: result for result in measure()}
    assert set(results) == {
        "summary vgg16, CPU time",
        "summary vgg16, peak memory",
        "nets --measure, CPU time",
    }
    assert all(result.within for result in results.values())
