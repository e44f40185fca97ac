import pytest
import torch
from torch.nn import functional as F

from cnn_tui.training.loop.losses import AUXILIARY_WEIGHT, loss_of, split_outputs


def test_takes_plain_logits_as_they_are() -> None:
    logits = torch.randn(4, 3)
    assert split_outputs(logits) == (logits, ())


def test_takes_the_first_of_several_outputs_as_the_logits() -> None:
    outputs = torch.randn(4, 3), torch.randn(4, 3), torch.randn(4, 3)
    assert split_outputs(outputs) == (outputs[0], outputs[1:])


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_adds_three_tenths_of_each_auxiliary_loss(smoothing: float) -> None:
    torch.manual_seed(0)
    logits, one, other = torch.randn(3, 4, 5)
    labels = torch.tensor([0, 1, 2, 3])
    main, first, second = (
        F.cross_entropy(each, labels, label_smoothing=smoothing) for each in (logits, one, other)
    )
    assert AUXILIARY_WEIGHT == 0.3
    torch.testing.assert_close(loss_of(logits, (), labels, smoothing), main)
    torch.testing.assert_close(
        loss_of(logits, (one, other), labels, smoothing), main + 0.3 * first + 0.3 * second
    )
