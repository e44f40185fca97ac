"""A training step whose batch is computed in parts, or whose images are mixed first.

The gradients of the parts add up to those of the whole batch, up to rounding, where no
layer looks at the rest of the batch, as batch norm does; the memory that a step takes
is that of one part.
"""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.data.loading.loader import seed_for
from cnn_tui.data.loading.mixing import draw_mixing, mixed
from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.losses import loss_of, split_outputs
from cnn_tui.training.loop.session import TrainingSession

FEWEST = 2
"""Images in a part, if the batch has them: batch norm cannot train on one value per channel."""


def back_in_parts(session: TrainingSession, images: Tensor, labels: Tensor) -> Tensor:
    """Leave the gradients of one batch where the optimizer finds them; returns its logits.

    Several processes take equally many parts, and meet in the last one.
    """
    config, step = session.config, session.progress.step
    targets = labels
    if config.mixup:
        seed = seed_for(config.seed, session.ranks.own("mixup"), step)
        draws = draw_mixing(len(images), config.mixup, seed)
        images, targets = mixed(images, labels, session.classes, draws)
    count = parts_of(session, step)
    parts = list(zip(images.tensor_split(count), targets.tensor_split(count), strict=True))
    share = session.train.weight(step) / len(images)
    session.optimizer.zero_grad()
    found = []
    for index, (some, wanted) in enumerate(parts):
        with _alone(session.forward, is_last=index == len(parts) - 1):
            with autocast(config):
                logits, auxiliary = split_outputs(session.forward(some))
                loss = loss_of(logits, auxiliary, wanted, config.label_smoothing)
            session.scaler.scale(loss * (share * len(some))).backward()  # type: ignore[no-untyped-call]
        found.append(logits.detach())
    return torch.cat(found)


def parts_of(session: TrainingSession, step: int) -> int:
    """In how many parts every process computes its share of ``step``'s batch."""
    return max(1, min(session.config.accumulate, session.train.fewest(step) // FEWEST))


def _alone(forward: Any, *, is_last: bool) -> AbstractContextManager[None]:
    """Let several processes add up their gradients once, with those of the last part."""
    if is_last or not isinstance(forward, nn.parallel.DistributedDataParallel):
        return nullcontext()
    return forward.no_sync()
