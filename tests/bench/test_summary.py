"""What ``cnn-lab bench summary`` measures, and whether the budgets are kept."""

import pytest

from cnn_tui.bench.summary import measure

FROM_SHELL = "cnn-lab summary vgg16 (reference: import torch)"
"""Still imports torch, and so misses its budget."""


@pytest.mark.exhaustive
@pytest.mark.timeout(1200)
def test_keeps_to_its_budgets() -> None:
    results = {result.name: result for result in measure()}
    assert set(results) == {
        FROM_SHELL,
        "summary vgg16, CPU time beyond import torch",
        "summary vgg16, peak memory",
        "nets --measure, CPU time",
    }
    missed = {name for name, result in results.items() if result.verdict == "missed"}
    assert missed <= {FROM_SHELL}
    assert all(result.value > 0 for result in results.values())
