"""A channel's mean and spread before and after batch norm; training against evaluation."""

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.chapter.records import Cell, Say, Shown, Table
from cnn_tui.nets.blocks import ConvBNReLU

CHANNELS, CHANNELS_SHOWN = 16, 5
BATCHES_SEEN = (1, 10, 50)
MOMENTUM = 0.1
"""PyTorch's default: how much of a running statistic each new batch replaces."""


@torch.no_grad()
def batchnorm_statistics(
    batch_size: int = 32, input_mean: float = 0.0, input_std: float = 1.0, seed: int = 0
) -> Shown:
    """Send random images (N, 3, 32, 32) through Conv → BN → ReLU and look at every step."""
    torch.manual_seed(seed)
    conv, bn, _ = ConvBNReLU(3, CHANNELS)

    def new_batch() -> Tensor:
        images = input_mean + input_std * torch.randn(batch_size, 3, 32, 32)
        maps: Tensor = conv(images)
        return maps

    before = new_batch()
    normalised = bn(before)
    activated = F.relu(normalised)
    trained = nn.BatchNorm2d(CHANNELS, momentum=MOMENTUM)
    catching_up = _train_statistics(trained, new_batch, before, normalised)
    alone_in_training = _largest_difference(_by_own_batch(before[:1]), normalised[:1])
    alone_in_evaluation = _largest_difference(trained(before[:1]), trained(before)[:1])
    return Shown(
        blocks=(
            _channel_table(before, normalised, activated),
            Say(
                "After BN every channel has mean 0 and standard deviation 1. ReLU cuts the "
                "lower half off, so what the next layer sees has neither."
            ),
            Table(
                "Evaluation (running statistics) against training (this batch's own)",
                ("batches seen", "weight of the start value", "largest difference"),
                catching_up,
            ),
            Table(
                f"One image alone, against the same image in its batch of {batch_size}",
                ("mode", "largest difference"),
                (("training", alone_in_training), ("evaluation", alone_in_evaluation)),
            ),
            Say(f"A single value per channel cannot be normalised. {_refusal()}"),
        ),
        figures={
            "bn_mean": normalised.mean(dim=(0, 2, 3)).abs().max().item(),
            "bn_std": normalised.std(dim=(0, 2, 3)).mean().item(),
            "relu_mean": activated.mean().item(),
            "relu_std": activated.std().item(),
            "alone_in_training": alone_in_training,
            "alone_in_evaluation": alone_in_evaluation,
        },
    )


def _train_statistics(
    bn: nn.BatchNorm2d, new_batch: Callable[[], Tensor], probe: Tensor, normalised: Tensor
) -> tuple[tuple[Cell, ...], ...]:
    """Show ``bn`` batch after batch, and leave it in evaluation mode.

    Each row: batches seen, what the start values still weigh, and how far the
    evaluation of ``probe`` is from ``normalised``, its own batch's statistics.
    """
    rows: list[tuple[Cell, ...]] = []
    for seen in range(1, BATCHES_SEEN[-1] + 1):
        bn.train()(new_batch())
        if seen in BATCHES_SEEN:
            gap = _largest_difference(bn.eval()(probe), normalised)
            rows.append((seen, (1 - MOMENTUM) ** seen, gap))
    return tuple(rows)


def _by_own_batch(x: Tensor) -> Tensor:
    return F.batch_norm(x, running_mean=None, running_var=None, training=True)


def _largest_difference(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def _channel_table(*steps: Tensor) -> Table:
    rows = []
    for index in range(CHANNELS_SHOWN):
        channels = [step[:, index] for step in steps]
        statistics = [(each.mean().item(), each.std().item()) for each in channels]
        rows.append((index, *(number for pair in statistics for number in pair)))
    return Table(
        "Mean and standard deviation in training mode, by channel",
        ("channel", "conv mean", "std", "BN mean", "std", "ReLU mean", "std"),
        tuple(rows),
    )


def _refusal() -> str:
    try:
        nn.BatchNorm1d(CHANNELS)(torch.zeros(1, CHANNELS))
    except ValueError as error:
        return f"PyTorch says: {error}."
    return ""
