"""The loops that take turns: this one, with and without its metrics, and its compute limit.

Each answers in images per second. Asked for a rate, each first sets the process
up as it would be alone: the reference leaves it otherwise.
"""

import time
from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.data.dataset import DataSet
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.cpu import use_cpu_well
from cnn_tui.training.device.setup import autocast, make_net, memory_format
from cnn_tui.training.loop.epochs import train_epoch
from cnn_tui.training.loop.optimizers import make_optimizer
from cnn_tui.training.loop.running_metrics import Meter
from cnn_tui.training.loop.session import TrainingSession


class NoMeter(Meter):
    """Counts nothing, so that nothing is ever told."""

    def add(self, loss: Tensor, logits: Tensor, labels: Tensor) -> None:
        """Forget the batch."""


def lab_rate(session: TrainingSession) -> float:
    """One epoch of the lab's loop."""
    return session.train.size / epoch_seconds(session)


def unmetered_rate(session: TrainingSession) -> float:
    """The same without its metrics: nothing is counted, told or written."""
    meter, session.meter = session.meter, NoMeter(session.ranks)
    try:
        return lab_rate(session)
    finally:
        session.meter = meter


def loader_rate(session: TrainingSession) -> float:
    """The data side of the lab's loop alone: the batches of one epoch, made and dropped."""
    use_cpu_well(session.config.threads)
    start = time.perf_counter()
    for _ in session.train.epoch(session.config.seed, 0):
        pass
    wait_for(session.device)
    return session.train.size / (time.perf_counter() - start)


def compute_limit(config: TrainConfig, data: DataSet) -> Callable[[], float]:
    """What forward, backward and optimizer reach alone, on one batch that stays where it is."""
    device, net = torch.device(config.device), make_net(config, data)
    layout = memory_format(config, net)
    net = net.to(memory_format=layout).to(device)
    optimizer = make_optimizer(net, config)
    images = data.train.images[: config.batch_size].to(device, torch.float32) / 255
    images = images.contiguous(memory_format=layout)
    labels = data.train.labels[: config.batch_size].to(device)
    net.train()

    def step() -> None:
        with autocast(config):
            loss = F.cross_entropy(net(images), labels, label_smoothing=config.label_smoothing)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()

    def rate() -> float:
        use_cpu_well(config.threads)
        step()
        steps = len(data.train) // config.batch_size
        wait_for(device)
        start = time.perf_counter()
        for _ in range(steps):
            step()
        wait_for(device)
        return steps * config.batch_size / (time.perf_counter() - start)

    return rate


def epoch_seconds(session: TrainingSession) -> float:
    """How long the lab's loop takes for one epoch of training, up to the device's last kernel."""
    use_cpu_well(session.config.threads)
    wait_for(session.device)
    start = time.perf_counter()
    train_epoch(session)
    wait_for(session.device)
    seconds = time.perf_counter() - start
    session.progress.epoch += 1
    session.progress.begin_epoch()
    return seconds


def wait_for(device: torch.device) -> None:
    """Until the device has done all it was told."""
    if device.type != "cpu":
        torch.accelerator.synchronize()
