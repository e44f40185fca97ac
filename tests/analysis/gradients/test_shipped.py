"""Gradients by depth that come with the package: what torch computes, without torch."""

import pytest

from cnn_tui.analysis.gradients.depths import parse_depths
from cnn_tui.analysis.gradients.flow import gradient_flow
from cnn_tui.analysis.gradients.shipped import DEPTHS, shipped_flow

REMEDY = "they are out of date: python -m tests.shipped_data"


@pytest.mark.slow
def test_are_what_torch_computes() -> None:
    kept, now = shipped_flow(DEPTHS), gradient_flow(DEPTHS)
    assert kept is not None
    assert [each.label for each in kept] == [each.label for each in now]
    for before, after in zip(kept, now, strict=True):
        assert before.depths == after.depths
        assert before.norms == pytest.approx(after.norms, rel=0.01), REMEDY


def test_are_those_of_the_usual_settings_only() -> None:
    assert parse_depths("2..64") == DEPTHS
    assert shipped_flow(DEPTHS)
    assert shipped_flow(DEPTHS, "he") is None
    assert shipped_flow((2, 4)) is None
    assert shipped_flow(DEPTHS, seed=1) is None
