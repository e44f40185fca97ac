"""What a training step goes down on: the cross-entropy of a network's outputs."""

from collections.abc import Sequence

from torch import Tensor
from torch.nn import functional as F

AUXILIARY_WEIGHT = 0.3
"""What each auxiliary classifier adds to the loss (Szegedy et al. 2014, section 5)."""


def split_outputs(output: Tensor | tuple[Tensor, ...]) -> tuple[Tensor, tuple[Tensor, ...]]:
    """A network's logits (N, classes), and the logits of its auxiliary classifiers, if any."""
    if isinstance(output, Tensor):
        return output, ()
    logits, *auxiliary = output
    return logits, tuple(auxiliary)


def loss_of(
    logits: Tensor, auxiliary: Sequence[Tensor], labels: Tensor, label_smoothing: float
) -> Tensor:
    """Mean cross-entropy of the batch, to go down on: a scalar."""
    loss = F.cross_entropy(logits, labels, label_smoothing=label_smoothing)
    for other in auxiliary:
        extra = F.cross_entropy(other, labels, label_smoothing=label_smoothing)
        loss = loss + AUXILIARY_WEIGHT * extra
    return loss
