import pytest

from cnn_tui.bench.training.watching import rate_during
from cnn_tui.errors import LabFault
from cnn_tui.training.records import StepMetrics


def told(time: float, step: int, rate: float) -> StepMetrics:
    return StepMetrics(
        time=time,
        step=step,
        epoch=0,
        epochs=1,
        best_val_accuracy=None,
        loss=1.0,
        accuracy=0.5,
        lr=0.1,
        images_per_second=rate,
    )


def test_weighs_each_rate_with_the_time_it_held() -> None:
    steps = [told(1, 10, 5.0), told(2, 20, 100.0), told(3, 40, 50.0), told(4, 50, 7.0)]
    # 10 steps at 100 and 20 at 50 images a second: 30 steps in 0.1 + 0.4 of the same unit.
    assert rate_during(steps, 0.5, 3.5) == pytest.approx(60)


def test_refuses_a_turn_in_which_nothing_was_told() -> None:
    with pytest.raises(LabFault, match="recorded nothing"):
        rate_during([told(1, 10, 5.0), told(9, 20, 5.0)], 2, 8)
