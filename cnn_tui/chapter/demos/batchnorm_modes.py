"""Batch norm's two modes on real images, beside its formula; and batches of one image."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.data.preparation import digits

ROW, COLUMNS = 3, range(1, 6)
"""Which pixels of the first image are worked out by the formula."""
TOLD_AFTER = (0, 1, 2, 5, 10, 20, 50, 100, 200)
CHANNELS = 16
SHAPES = ((32, CHANNELS), (2, CHANNELS), (1, CHANNELS), (1, CHANNELS, 8, 8))
"""Behind a linear layer (N, C), and behind a convolution (N, C, H, W)."""


@dataclass(frozen=True)
class _Statistics:
    """A mean and a variance, as scalars or as one number for each channel."""

    mean: Tensor
    variance: Tensor


@torch.no_grad()
def batchnorm_modes(
    batch_size: int = 32, batches: int = 50, momentum: float = 0.1, seed: int = 0
) -> DemoContent:
    """Show ``batches`` of digits to a batch norm, then the last one again in evaluation mode.

    The layer has one channel, the pixels' brightness from 0 to 1, so that μ and σ²
    are one number each.
    """
    torch.manual_seed(seed)
    images = digits.prepared().train.images / 255  # (1437, 1, 8, 8)
    bn = nn.BatchNorm2d(1, momentum=momentum)
    running = _Statistics(torch.zeros(()), torch.ones(()))
    rows = [_running_row(0, bn, running, momentum)]
    for seen in range(1, batches + 1):
        batch = images[torch.randperm(len(images))[:batch_size]]
        training = bn.train()(batch)
        running = _moved(running, batch, momentum)
        if seen in TOLD_AFTER or seen == batches:
            rows.append(_running_row(seen, bn, running, momentum))
    evaluation = bn.eval()(batch)

    own = _Statistics(batch.mean(), batch.var(unbiased=False))
    by_formula = _normalized(batch, own, bn.eps), _normalized(batch, running, bn.eps)
    rounding = max(_gap(training, by_formula[0]), _gap(evaluation, by_formula[1]))
    alone_in_training = _gap(_by_own_statistics(batch[:1]), training[:1])
    alone_in_evaluation = _gap(bn(batch[:1]), evaluation[:1])
    data = ("all images", images.mean().item(), "", images.var().item(), "", "")
    like_instances = _gap_to_instance_norm(torch.randn(SHAPES[-1]), bn.eps)
    shapes = tuple(_shape_row(shape) for shape in SHAPES)
    return DemoContent(
        blocks=(
            Table(
                f"The running averages, over batches of {batch_size}; momentum {momentum:g}",
                ("batches", "mean", "by formula", "variance", "by formula", "start weighs"),
                (*rows, data),
            ),
            Say(
                "running ← (1 − momentum) · running + momentum · (this batch's), in training only. "
                "For this PyTorch divides the variance by m − 1, for the output by m."
            ),
            Table(
                f"The last batch in both modes: {len(COLUMNS)} pixels of its first image",
                ("pixel", "in", "training", "by formula", "evaluation", "by formula"),
                _pixel_rows(batch, (training, by_formula[0]), (evaluation, by_formula[1])),
            ),
            Say(
                f"Training: (x − {own.mean:.3f}) / √({own.variance:.3f} + ε), this batch's own. "
                f"Evaluation: (x − {running.mean:.3f}) / √({running.variance:.3f} + ε), the "
                f"running averages. Layer and formula differ by {rounding:.0e} at most."
            ),
            Table(
                f"The first image alone, against the same image among the {batch_size}",
                ("mode", "largest difference"),
                (("training", alone_in_training), ("evaluation", alone_in_evaluation)),
            ),
            Table(
                f"Smaller batches, {CHANNELS} channels of random numbers: how large |y| is",
                ("input", "values a channel", "training", "evaluation"),
                shapes,
            ),
            Say(
                f"{_refusal()} Of two values, one becomes +1 and the other −1, except for "
                f"ε: here |y| is {shapes[1][2]}. Behind a convolution one image "
                "will do: each channel is normalized over its own 64 positions, which is instance "
                f"norm (by its formula: {like_instances:.0e} apart at most)."
            ),
            Say(_try(batches, momentum)),
        ),
        figures={
            "running_mean": bn.get_buffer("running_mean").item(),
            "running_variance": bn.get_buffer("running_var").item(),
            "data_mean": images.mean().item(),
            "data_variance": images.var().item(),
            "start_weight_percent": 100 * (1 - momentum) ** batches,
            "rounding": rounding,
            "modes_differ": _gap(training, evaluation),
            "alone_in_training": alone_in_training,
            "alone_in_evaluation": alone_in_evaluation,
            "like_instance_norm": like_instances,
        },
    )


def _try(batches: int, momentum: float) -> str:
    """Other values than the given ones, and what they do."""
    told = []
    if momentum != 1:
        told.append("Try momentum = 1: evaluation then knows the last batch only.")
    if batches != 1 and momentum != 1:
        told.append(f"Try batches = 1: the start then weighs {100 * (1 - momentum):.3g} %.")
    return " ".join(told) or "Evaluation knows the last batch only: try momentum = 0.1."


def _moved(running: _Statistics, batch: Tensor, momentum: float) -> _Statistics:
    """What the running averages become once ``batch`` was seen, by the formula."""
    return _Statistics(
        (1 - momentum) * running.mean + momentum * batch.mean(),
        (1 - momentum) * running.variance + momentum * batch.var(unbiased=True),
    )


def _normalized(x: Tensor, by: _Statistics, eps: float) -> Tensor:
    """The layer's output by the formula, while γ is 1 and β is 0."""
    return (x - by.mean) / (by.variance + eps).sqrt()


def _by_own_statistics(x: Tensor) -> Tensor:
    return F.batch_norm(x, running_mean=None, running_var=None, training=True)


def _gap_to_instance_norm(image: Tensor, eps: float) -> float:
    """How far training on ``image`` (1, C, H, W) is from each channel normalized by itself."""
    variance, mean = torch.var_mean(image, dim=(2, 3), correction=0, keepdim=True)
    return _gap(_by_own_statistics(image), _normalized(image, _Statistics(mean, variance), eps))


def _gap(a: Tensor, b: Tensor) -> float:
    return (a - b).abs().max().item()


def _running_row(
    seen: int, bn: nn.BatchNorm2d, running: _Statistics, momentum: float
) -> tuple[TableCell, ...]:
    weight = f"{100 * (1 - momentum) ** seen:.3g} %"
    mean, variance = (bn.get_buffer(name).item() for name in ("running_mean", "running_var"))
    return seen, mean, running.mean.item(), variance, running.variance.item(), weight


def _pixel_rows(batch: Tensor, *modes: tuple[Tensor, Tensor]) -> tuple[tuple[TableCell, ...], ...]:
    steps = [batch, *(each for mode in modes for each in mode)]
    return tuple(
        (f"({ROW}, {column})", *(step[0, 0, ROW, column].item() for step in steps))
        for column in COLUMNS
    )


def _shape_row(shape: tuple[int, ...]) -> tuple[TableCell, ...]:
    x = torch.randn(shape)
    bn = nn.BatchNorm1d(CHANNELS) if x.ndim == 2 else nn.BatchNorm2d(CHANNELS)
    evaluation = _range(bn.eval()(x))
    try:
        training = _range(bn.train()(x))
    except ValueError:
        training = "refused"
    name = ", ".join(str(size) for size in shape)
    return f"({name})", x.numel() // CHANNELS, training, evaluation


def _range(y: Tensor) -> str:
    return f"{y.abs().min():.2f} to {y.abs().max():.2f}"


def _refusal() -> str:
    try:
        nn.BatchNorm1d(CHANNELS)(torch.zeros(1, CHANNELS))
    except ValueError as error:
        return f"PyTorch says: {error}."
    return ""
