"""The learning rate range test: which rates stand out, and that a run is not touched by it."""

import math

import pytest

from cnn_tui.cli import main
from cnn_tui.training.loop.rate_range import HIGHEST, LOWEST, STEPS, found_in
from cnn_tui.workspace import Workspace

RATES = [LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1)) for step in range(STEPS)]


def curve(steepest: float, lowest: float) -> list[float]:
    """A loss that falls around one rate, is lowest at another, and rises beyond that."""
    losses = []
    for rate in RATES:
        fallen = 1 / (1 + math.exp(-4 * math.log10(rate / steepest)))
        risen = max(0.0, math.log10(rate / lowest)) ** 2
        losses.append(2.3 - 1.5 * fallen + risen)
    return losses


@pytest.mark.parametrize(("steepest", "lowest"), [(1e-3, 1e-1), (1e-2, 1.0), (1e-4, 1e-2)])
def test_finds_where_the_loss_falls_fastest_and_where_it_is_lowest(
    steepest: float, lowest: float
) -> None:
    found = found_in(RATES, curve(steepest, lowest))
    assert found.steepest == pytest.approx(steepest, rel=0.1)
    assert found.lowest == pytest.approx(lowest, rel=0.5)
    assert found.suggestion == float(f"{found.steepest:.0e}")


def test_suggests_nothing_where_the_loss_never_falls() -> None:
    for losses in ([2.3] * STEPS, [2.3 + step for step in range(STEPS)], []):
        found = found_in(RATES[: len(losses)], losses)
        assert found.suggestion is None
        assert found.lowest is None


def test_says_from_which_rate_on_the_loss_is_above_its_start() -> None:
    losses = curve(1e-3, 1e-2)
    found = found_in(RATES, losses)
    place = RATES.index(found.diverged)
    assert losses[place] > losses[0] >= losses[place - 1]


@pytest.mark.slow
def test_the_command_makes_no_run_and_suggests_a_rate_that_learns(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    given = ["train", "lenet5", "--find-lr", "--workspace", str(workspace.root)]
    assert main(given) == 0
    shown = capsys.readouterr()
    assert "falls fastest" in shown.out
    assert "cnn-lab train lenet5 --data digits --lr 0.00" in shown.err
    assert not workspace.runs.exists() or not list(workspace.runs.iterdir())
