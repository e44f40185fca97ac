"""A run's network where it ran when it was trained, and as precisely.

So it is judged exactly as the run judged itself.
"""

from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn

from cnn_tui.analysis.evaluation_records import JudgedRun
from cnn_tui.analysis.trained import Trained, load_trained
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.selection import roomiest
from cnn_tui.training.device.setup import autocast, memory_format
from cnn_tui.training.store.listing import find_run, status
from cnn_tui.workspace import Workspace

PICTURE_SIDE = 96
"""Larger images are shrunk to this side for the screen."""


@dataclass(frozen=True)
class Judge:
    """A run's network where it runs, and the decided configuration that it runs with."""

    net: nn.Module
    config: TrainConfig

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return torch.device(self.config.device)

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """The logits (N, classes) as float32 of normalized ``images`` (N, C, H, W)."""
        with autocast(self.config):
            logits: Tensor = self.net(images)
        return logits.float()


def open_judged(workspace: Workspace, run: str, data_dir: Path | None) -> tuple[Trained, JudgedRun]:
    """The run that ``run`` means, to be judged; raises UsageError as ``load_trained`` does."""
    folder = find_run(workspace, run)
    state = status(folder).state
    trained = load_trained(workspace, folder.run, data_dir)
    return trained, JudgedRun(
        run=trained.run,
        net=str(trained.config.net),
        data=str(trained.config.data),
        state=state,
        epochs=trained.config.epochs,
        has_best=trained.has_best,
        weights_epoch=trained.epoch,
    )


def judge_of(trained: Trained) -> Judge:
    """The network where, and as precisely as, it ran when it was trained; else on the CPU."""
    config = _as_trained(trained)
    net = trained.net.to(memory_format=memory_format(config, trained.net)).to(config.device)
    return Judge(net, config)


def _as_trained(trained: Trained) -> TrainConfig:
    was = trained.header.config
    device = roomiest(was.device)
    if device is None:  # trained on a device that is not here, or on none yet
        return trained.config
    return replace(trained.config, device=device, precision=was.precision)
