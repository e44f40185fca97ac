"""CUDA graphs for the steps of training: recorded once, then started with one call each.

A GPU waits for Python wherever a network's kernels are shorter than the time it
takes to start them. A graph holds the whole forward pass, another the way back;
loss, clipping and optimizer stay outside, so that the learning rate may change in
every step. What dropout draws follows the seed of each step as before: torch hands
the generator's present seed to every replay.
"""

import torch
from torch import Tensor, nn

from cnn_tui.training.device.setup import autocast
from cnn_tui.training.loop.compiling import first_batch, reason, statistics_kept
from cnn_tui.training.loop.session import TrainingSession


def capture_steps(session: TrainingSession) -> str | None:
    """Let training steps replay CUDA graphs; returns why not where that fails.

    Only whole batches: a graph has one shape. A compiled network is captured as
    it was compiled. Neither weights nor batch norm's averages are changed by it.
    """
    if session.device.type != "cuda":
        return "no CUDA device"
    if session.ranks.size > 1:
        return "several processes share every batch"
    if session.config.accumulate > 1:  # whose gradients a replay would overwrite
        return "each batch is computed in parts"
    session.net.train()
    images, _ = first_batch(session)
    plain, size, graphed = session.forward, len(images), _Step(session)
    try:
        with statistics_kept(session.net):
            # A copy, because the graph keeps it as the place where its input lies.
            torch.cuda.make_graphed_callables(graphed, (images.clone(),))
    except Exception as error:  # Whatever a network does that cannot be recorded.
        return reason(error)

    def forward(images: Tensor) -> Tensor | tuple[Tensor, ...]:
        output: Tensor | tuple[Tensor, ...]
        output = graphed(images) if len(images) == size else plain(images)
        return output

    session.forward = forward
    return None


class _Step(nn.Module):
    """A training step's forward pass, apart from the network, which is judged as it is.

    torch replaces this module's ``forward``, and finds the parameters in it. Precision
    is chosen in here, because the way back must be recorded outside of autocast.
    """

    def __init__(self, session: TrainingSession) -> None:
        super().__init__()
        self.net = session.net
        self.config = session.config
        self.step = session.forward

    def forward(self, images: Tensor) -> Tensor | tuple[Tensor, ...]:
        with autocast(self.config):
            return self.step(images)
