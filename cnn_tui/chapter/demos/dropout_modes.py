"""The same input through dropout in both modes, and why the survivors are scaled."""

import math

import torch
from torch import Tensor, nn

from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell

INPUTS = 6
AVERAGED_OVER = (10, 100, 1_000, 10_000)
ROUNDING = 1e-6
"""Masks that are all alike have no spread but this."""
SHOWN = 5e-4
"""What three decimals show."""
LIKELY = 2
"""Standard errors: chance alone leads further away in one case of twenty."""


@torch.no_grad()
def dropout_modes(p: float = 0.5, masks: int = 1000, seed: int = 0) -> DemoContent:
    """Drop some of six inputs, ``masks`` times, and watch the sum that the next unit makes."""
    torch.manual_seed(seed)
    x, weights = _one_decimal(INPUTS), _one_decimal(INPUTS)
    dropout = nn.Dropout(p)
    training = dropout.train()(x.expand(masks, INPUTS))  # (masks, INPUTS), a mask for each row
    evaluation = dropout.eval()(x)
    sums, sum_in_evaluation = training @ weights, (evaluation @ weights).item()

    mean, error = sums.mean().item(), _standard_error(sums)
    expected_error = math.sqrt(p / (1 - p) * (weights * x).square().sum().item() / masks)
    unscaled_mean = (1 - p) * mean
    after_relu = (sums - sum_in_evaluation).relu().mean().item()
    by_hand = x * (training[0] != 0) / (1 - p)
    return DemoContent(
        blocks=(
            _one_input(p, x, by_hand, training, evaluation),
            Table(
                f"A unit behind it: the sum of weight · value, weights {_listed(weights)}",
                ("masks", "mean", "standard error", "evaluation", "apart", "standard errors"),
                _mean_rows(sums, sum_in_evaluation),
            ),
            Say(
                f"{_verdict(mean - sum_in_evaluation, error)} By the formula, one standard error "
                f"is √(p/(1 − p) · Σ(w·x)² / masks) = {expected_error:.4f}."
            ),
            Table(
                f"Two ways to the same network, measured over {masks:,} masks",
                ("", "the paper", "PyTorch"),
                (
                    ("training: a survivor is multiplied by", 1.0, 1 / (1 - p)),
                    ("training: mean of the sum", unscaled_mean, mean),
                    ("evaluation: weights are multiplied by", 1 - p, 1.0),
                    ("evaluation: the sum", (1 - p) * sum_in_evaluation, sum_in_evaluation),
                ),
            ),
            Say(_mixing(p, mean, sum_in_evaluation)),
            Say(_about_relu(sum_in_evaluation, after_relu)),
        ),
        figures={
            "survivor": 1 / (1 - p),
            "mean": mean,
            "evaluation": sum_in_evaluation,
            "standard_error": error,
            "expected_standard_error": expected_error,
            "by_hand_differs": (by_hand - training[0]).abs().max().item(),
            "paper_mean": unscaled_mean,
            "paper_evaluation": (1 - p) * sum_in_evaluation,
            "after_relu": after_relu,
        },
    )


def _one_decimal(count: int) -> Tensor:
    """Random numbers from 0.1 to 1.0 that are easily multiplied by hand."""
    return torch.randint(1, 11, (count,)) / 10


def _one_input(p: float, x: Tensor, by_hand: Tensor, training: Tensor, evaluation: Tensor) -> Table:
    """The input, what the first mask makes of it, and what the layer does, step by step."""
    mask = (training[0] != 0).int()
    steps = {
        "input": x,
        "mask": mask,
        f"input · mask / (1 − {p:g})": by_hand,
        "training": training[0],
        "training again": training[1],
        "evaluation": evaluation,
    }
    return Table(
        f"nn.Dropout({p:g}), one input; the mask is the first pass's",
        ("", *(f"x{number}" for number in range(1, INPUTS + 1))),
        tuple((name, *values.tolist()) for name, values in steps.items()),
    )


def _mean_rows(sums: Tensor, evaluation: float) -> tuple[tuple[TableCell, ...], ...]:
    """How close the mean over more and more masks comes to ``evaluation``."""
    counts = [count for count in AVERAGED_OVER if count < len(sums)] + [len(sums)]
    rows: list[tuple[TableCell, ...]] = []
    for count in counts:
        mean, error = sums[:count].mean().item(), _standard_error(sums[:count])
        apart = mean - evaluation
        rows.append((count, mean, error, evaluation, apart, _in_errors(apart, error)))
    return tuple(rows)


def _standard_error(values: Tensor) -> float:
    return values.std().item() / math.sqrt(len(values))


def _in_errors(apart: float, error: float) -> str:
    return f"{apart / error:+.1f}" if error > ROUNDING else "–"


def _verdict(apart: float, error: float) -> str:
    if error < ROUNDING:
        return "All masks are alike here, so there is nothing to average."
    if abs(apart) <= LIKELY * error:
        return f"Mean and evaluation agree within {LIKELY} standard errors."
    return (
        f"The mean lies more than {LIKELY} standard errors from evaluation, as one seed in "
        "twenty will: more masks tell."
    )


def _mixing(p: float, mean: float, evaluation: float) -> str:
    if not p:
        return "With p = 0 nothing is dropped, so both ways and both modes are the same."
    return (
        "In each column training and evaluation aim at the same mean. Mixing the columns does not: "
        f"PyTorch's training has {mean:.3f}, the paper's evaluation {(1 - p) * evaluation:.3f}."
    )


def _about_relu(begins_at: float, mean: float) -> str:
    told = (
        f"A ReLU that begins at {begins_at:.3f} gives 0 in evaluation, and {mean:.3f} in the mean "
        "over the masks"
    )
    if mean < SHOWN:
        return f"{told}."
    return (
        f"{told}: averaging is exact for a sum only. Of a whole network, evaluation is close to "
        "that mean, no more."
    )


def _listed(numbers: Tensor) -> str:
    return " ".join(f"{number:.1f}" for number in numbers.tolist())
