"""``torch.compile`` for the steps of training, tried out before the first of them."""

import torch

from cnn_tui.training.loss import loss_of, split_outputs
from cnn_tui.training.session import Session
from cnn_tui.training.setup import autocast


def compile_steps(session: Session) -> str | None:
    """Let training steps call a compiled network; returns why not where that fails.

    Only whole batches: the last one of an epoch is smaller, and a second shape
    would be compiled for it. Neither is what judges the network. Nothing else of
    the session changes, so that a resumed run goes on to the same bits.
    """
    net, size = session.net, session.config.batch_size
    compiled = torch.compile(net)

    def forward(images: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:
        output: torch.Tensor | tuple[torch.Tensor, ...]
        output = compiled(images) if len(images) == size else net(images)
        return output

    statistics = [buffer.clone() for buffer in net.buffers()]
    plain, session.forward = session.forward, forward
    try:
        _try_step(session)
    except Exception as error:  # Compilers raise whatever their many parts meet.
        session.forward = plain
        return f"{type(error).__name__}: {str(error).strip().partition(chr(10))[0]}"
    finally:
        for buffer, before in zip(net.buffers(), statistics, strict=True):
            buffer.copy_(before)
    return None


def _try_step(session: Session) -> None:
    """Forward and back on one batch, without the step down the gradient."""
    config = session.config
    images, labels = next(session.train.epoch(config.seed, 0))
    session.net.train()
    with autocast(config):
        logits, auxiliary = split_outputs(session.forward(images))
        loss = loss_of(logits, auxiliary, labels, config.label_smoothing)
    loss.backward()  # type: ignore[no-untyped-call]
