"""The learning rate range test (Smith 2017, Cyclical Learning Rates, section 3.3).

The network trains for a few hundred steps while the rate rises exponentially. Where the loss
falls fastest is a good peak rate; where it begins to rise, the rate is too high.
"""

import math
from collections.abc import Callable, Sequence
from itertools import count

from torch.nn import functional as F

from cnn_tui.data.loading.loader import seed_draws, seed_for
from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.losses import loss_of, split_outputs
from cnn_tui.training.loop.optimizers import set_lr
from cnn_tui.training.loop.session import TrainingSession
from cnn_tui.training.rate_records import RateRange

LOWEST, HIGHEST = 1e-6, 10.0
STEPS = 200
SMOOTHED = 0.9
"""The part of the mean so far that each loss keeps; the start is corrected for."""
DIVERGED = 2.0
"""So many times the lowest loss, and above the first one: nothing further is of interest."""
FALLEN = 0.95
"""A loss that never fell below this part of its first value has not learned anything."""
FEWEST = 20
"""Steps before a loss counts as diverged, and that a slope is measured over, a tenth of each."""


def rate_range(
    session: TrainingSession, tell: Callable[[int, int], None] = lambda step, steps: None
) -> RateRange:
    """Train ``session``'s network through all rates, until the loss has diverged.

    ``tell`` is called with (step, steps). The network is of no use afterwards.
    """
    net, seed = session.net.train(), session.config.seed
    rates: list[float] = []
    losses: list[float] = []
    mean, lowest = 0.0, math.inf
    batches = (batch for epoch in count() for batch in session.train.epoch(seed, epoch))
    for step, (images, labels) in zip(range(STEPS), batches, strict=False):
        rate = LOWEST * (HIGHEST / LOWEST) ** (step / (STEPS - 1))
        seed_draws(session.device, seed_for(seed, "dropout", step))
        set_lr(session.optimizer, rate)
        with autocast(session.config):
            logits, auxiliary = split_outputs(net(images))
            loss = loss_of(logits, auxiliary, labels, session.config.label_smoothing)
        session.optimizer.zero_grad()
        session.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        session.scaler.step(session.optimizer)
        session.scaler.update()
        value = float(F.cross_entropy(logits.detach().float(), labels))
        mean = SMOOTHED * mean + (1 - SMOOTHED) * value
        smooth = mean / (1 - SMOOTHED ** (step + 1))
        tell(step + 1, STEPS)
        if not math.isfinite(smooth):
            break
        rates.append(rate)
        losses.append(smooth)
        lowest = min(lowest, smooth)
        if step >= FEWEST and smooth > max(DIVERGED * lowest, losses[0]):
            break
    return found_in(rates, losses)


def found_in(rates: Sequence[float], losses: Sequence[float]) -> RateRange:
    """The rates that stand out in a smoothed curve of losses, one value per rate."""
    lowest = min(range(len(losses)), key=losses.__getitem__, default=0)
    has_fallen = bool(losses) and losses[lowest] < FALLEN * losses[0]
    window = max(1, FEWEST // 4)
    slopes = {
        place: losses[place + window] - losses[place - window]
        for place in range(window, lowest - window + 1)
    }
    steepest = min(slopes, key=slopes.__getitem__, default=None) if has_fallen else None
    risen = [place for place in range(lowest, len(losses)) if losses[place] > losses[0]]
    return RateRange(
        tuple(rates),
        tuple(losses),
        None if steepest is None else rates[steepest],
        rates[lowest] if has_fallen else None,
        rates[risen[0]] if risen else None,
    )
