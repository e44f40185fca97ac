"""``torch.compile`` for the steps of training, tried out before the first of them."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.losses import loss_of, split_outputs
from cnn_tui.training.loop.parts import parts_of
from cnn_tui.training.loop.session import TrainingSession


def compile_steps(session: TrainingSession) -> str | None:
    """Let training steps call a compiled network; returns why not where that fails.

    Only whole batches: the last one of an epoch is smaller, and a second shape
    would be compiled for it. Neither is what judges the network. Nothing else of
    the session changes, so that a resumed run goes on to the same bits.
    """
    plain = session.forward
    compiled = torch.compile(plain)
    images, labels = first_batch(session)
    size = len(images)

    def forward(images: Tensor) -> Tensor | tuple[Tensor, ...]:
        return compiled(images) if len(images) == size else plain(images)

    session.forward = forward
    try:
        with statistics_kept(session.net):
            _try_step(session, images, labels)
    except Exception as error:  # Compilers raise whatever their many parts meet.
        session.forward = plain
        return reason(error)
    return None


@contextmanager
def statistics_kept(net: nn.Module) -> Iterator[None]:
    """Give the network's buffers, such as batch norm's averages, their values back at the end."""
    before = [buffer.clone() for buffer in net.buffers()]
    try:
        yield
    finally:
        for buffer, value in zip(net.buffers(), before, strict=True):
            buffer.copy_(value)


def first_batch(session: TrainingSession) -> tuple[Tensor, Tensor]:
    """The images and labels of the run's first forward pass, to try something on."""
    images, labels = next(session.train.epoch(session.config.seed, 0))
    count = parts_of(session, 0)
    return images.tensor_split(count)[0], labels.tensor_split(count)[0]


def reason(error: Exception) -> str:
    """What went wrong, in one line."""
    return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"


def _try_step(session: TrainingSession, images: Tensor, labels: Tensor) -> None:
    """Forward and back on one batch, without the step down the gradient."""
    config = session.config
    session.net.train()
    with autocast(config):
        logits, auxiliary = split_outputs(session.forward(images))
        loss = loss_of(logits, auxiliary, labels, config.label_smoothing)
    loss.backward()  # type: ignore[no-untyped-call]
