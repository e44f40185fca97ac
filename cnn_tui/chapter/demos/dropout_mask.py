"""What dropout does to a row of ones, in training and in evaluation."""

import torch
from torch import nn

from cnn_tui.chapter.demos.shared import rows_of
from cnn_tui.chapter.records import DemoContent, Grid, Say, Table

ROW, MANY = 10, 100_000


def dropout_mask(p: float = 0.5, trials: int = 3, seed: int = 0) -> DemoContent:
    """Draw some masks to look at, then one large enough to count."""
    torch.manual_seed(seed)
    dropout = nn.Dropout(p)
    ones = torch.ones(trials, ROW)
    training = dropout.train()(ones)
    evaluation = dropout.eval()(ones[:1])

    many = dropout.train()(torch.ones(MANY))
    passes = "1 pass" if trials == 1 else f"{trials} passes"
    kept = (many != 0).float().mean().item()
    survivor, mean = many.max().item(), many.mean().item()
    return DemoContent(
        blocks=(
            Grid(f"Training: {passes} of the same ten ones, p = {p:g}", rows_of(training)),
            Grid("Evaluation: the ones as they came", rows_of(evaluation)),
            Table(
                f"Counted over {MANY:,} ones in training",
                ("", "expected", "measured"),
                (
                    ("kept share, 1 − p", 1 - p, kept),
                    ("a survivor's value, 1 / (1 − p)", 1 / (1 - p), survivor),
                    ("mean of all values", 1.0, mean),
                ),
            ),
            Say(_about_scaling(p, mean)),
        ),
        figures={
            "kept": kept,
            "survivor": survivor,
            "mean": mean,
            "evaluation_mean": evaluation.mean().item(),
        },
    )


def _about_scaling(p: float, mean: float) -> str:
    if not p:
        return "With p = 0 nothing is dropped and nothing is scaled."
    return (
        f"Survivors are multiplied by {1 / (1 - p):.4g} while training: the mean was 1 and is "
        f"{mean:.3f} behind the mask. So evaluation needs no scaling at all."
    )
