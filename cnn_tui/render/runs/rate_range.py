"""A learning rate range test as a curve over the logarithm of the rate, and what it suggests."""

import math
from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.next_steps import Action, step
from cnn_tui.render.draw.axes import Scale
from cnn_tui.render.draw.commands import with_steps
from cnn_tui.render.draw.curves import Series
from cnn_tui.render.draw.plot import chart
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.rate_records import RateRange

HEIGHT = 14
HIGHEST_SHOWN = 1.5
"""Of the first loss."""


def rate_range_view(found: RateRange, *, width: int = 80) -> RenderableType:
    """The curve of the smoothed loss over log10 of the rate."""
    shown = _in_view(found.losses)
    xs = [math.log10(rate) for rate in found.rates[:shown]]
    star = None if found.steepest is None else math.log10(found.steepest)
    ticks = sorted({float(math.floor(x)) for x in xs})
    series = Series("smoothed loss", xs, found.losses[:shown], star=star)
    return Group(
        chart(
            "Training loss while the learning rate rises",
            [series],
            width=width,
            height=HEIGHT,
            x=Scale(ticks=ticks, unit="log10 of the learning rate"),
        ),
        Text(),
        Text(rates_sentence(found)),
    )


def _in_view(losses: Sequence[float]) -> int:
    """How many steps are drawn: what diverges would press the rest flat."""
    limit = HIGHEST_SHOWN * losses[0] if losses else 0.0
    return next((place for place, loss in enumerate(losses) if loss > limit), len(losses))


def rates_sentence(found: RateRange) -> str:
    """Which rates stand out."""
    if found.steepest is None or found.lowest is None:
        return (
            "The loss never fell: no rate can be suggested. Look at the data and the network "
            "first, or take a larger batch."
        )
    diverged = "" if found.diverged is None else f", and above its start from {found.diverged:.1g}"
    return (
        f"The loss falls fastest (★) at a learning rate of {found.steepest:.1g}, and is lowest at "
        f"{found.lowest:.1g}{diverged}. A good peak rate is {found.suggestion:g}."
    )


def rate_words(config: TrainConfig, found: RateRange) -> str:
    """How to train with what was found, beside the rate that the lab would take."""
    if found.suggestion is None:
        return f"The lab's own choice for this network would be {config.lr:g}."
    said = f"The lab's own choice for this network would be {config.lr:g}."
    train = step(Action.TRAIN, str(config.net), data=str(config.data), lr=found.suggestion)
    return with_steps(said, (train,))
