"""Everything that the loop works with, made ready: network, optimizer, batches, checkpoints."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import nn

from cnn_tui.data.baseline import largest_share
from cnn_tui.data.cores import cores
from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.data.loading.loader import Loader
from cnn_tui.errors import UsageError
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.cpu import use_cpu_well
from cnn_tui.training.device.gpu import use_gpu_well
from cnn_tui.training.device.selection import device_named
from cnn_tui.training.device.setup import make_net, memory_format, settle_determinism
from cnn_tui.training.loop.averaging import WeightAverage
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.optimizers import make_optimizer
from cnn_tui.training.loop.ranks import Ranks
from cnn_tui.training.loop.recorder import Recorder
from cnn_tui.training.loop.running_metrics import Meter
from cnn_tui.training.loop.scaling import SkippedSteps, fill_momentum, make_scaler
from cnn_tui.training.records import Resumed, Started

if TYPE_CHECKING:
    from cnn_tui.training.loop.inspector import Inspector

FIRST_CHECKPOINT_SOONER = 5
"""By so much: until there is one, a run that dies has lost everything."""


class Stopped(Exception):  # noqa: N818 - a request, not an error
    """The run was asked to stop, and is between two steps."""


@dataclass
class TrainingSession:
    """What the functions of the loop share.

    ``config`` has been decided; ``ranks`` are the processes that share every batch;
    ``should_stop`` is asked between steps;
    ``checkpoint_due`` and ``best_due`` are times of ``time.monotonic()``; ``waiting_best`` are
    the epoch and the weights of the best so far until they are written; ``gradient_norm`` is what
    clipping measured in the last step, on the device; ``forward`` is how a training
    step calls the network; ``right_labels`` are those of the training images before some were
    made wrong, None where these images are not evaluated; ``skipped`` counts the steps that
    ``scaler`` has skipped, and ``told_of_skipped`` says whether a note has told of the first;
    ``inspector`` looks inside the network, where that is recorded; ``average`` is what
    validates and is kept, where that is not the weights themselves.
    """

    config: TrainConfig
    device: torch.device
    net: nn.Module
    optimizer: torch.optim.Optimizer
    train: Loader
    val: Loader
    test: Loader
    meter: Meter
    scaler: torch.amp.GradScaler
    skipped: SkippedSteps
    progress: RunCounters
    recorder: Recorder
    checkpoints: Checkpoints
    should_stop: Callable[[], bool]
    ranks: Ranks
    checkpoint_due: float
    classes: int
    forward: Callable[[torch.Tensor], torch.Tensor | tuple[torch.Tensor, ...]]
    right_labels: torch.Tensor | None = None
    best_due: float = 0.0
    waiting_best: tuple[int, dict[str, torch.Tensor]] | None = None
    gradient_norm: torch.Tensor | None = None
    told_of_skipped: bool = False
    inspector: "Inspector | None" = None
    average: WeightAverage | None = None


def open_session(
    config: TrainConfig,
    data: DataSet,
    recorder: Recorder,
    checkpoints: Checkpoints,
    should_stop: Callable[[], bool],
    ranks: Ranks | None = None,
) -> TrainingSession:
    """Make a network, or the one of the last checkpoint, ready to train on ``data``.

    ``config`` must have been decided by ``setup.decide``. Settings of the whole
    process are changed (``cpu.use_cpu_well``, ``gpu.use_gpu_well``, determinism). Raises
    UsageError for a checkpoint or an option that cannot be used.
    """
    ranks = ranks or Ranks(should_stop)
    image_size = config.image_size
    assert image_size is not None, "setup.decide settles the image size"
    use_cpu_well(config.threads)
    use_gpu_well(config)
    settle_determinism(config)
    device = torch.device(config.device)
    net = make_net(config, data)
    layout = memory_format(config, net)
    net = net.to(memory_format=layout).to(device)
    optimizer = make_optimizer(net, config)
    scaler = make_scaler(config)
    if scaler.is_enabled():
        fill_momentum(optimizer)
    average = None if config.ema is None else WeightAverage(net, config.ema)
    progress = checkpoints.restore(net, optimizer, scaler, average) or RunCounters(
        train_images=len(data.train)
    )
    if progress.train_images != len(data.train):
        raise UsageError(
            f"{config.data} had {progress.train_images:,} training images when this run began "
            f"and has {len(data.train):,} now: start a new run."
        )
    recorder.progress = progress
    _refuse_too_few_images(min(config.batch_size, len(data.train)), ranks)

    def loader(split: Split, augment: str = "none", cutout: int = 0) -> Loader:
        return Loader(
            split,
            mean=data.mean,
            std=data.std,
            batch_size=config.batch_size,
            image_size=image_size,
            device=device,
            augment=augment,
            cutout=cutout,
            memory_format=layout,
            placement=config.placement,
            rank=ranks.rank,
            ranks=ranks.size,
            works_ahead=device.type == "cpu" and config.threads * ranks.local_size < cores(),
        )

    batches = loader(data.train, config.augment, config.cutout)
    _refuse_other_steps(progress, len(batches))
    return TrainingSession(
        config=config,
        device=device,
        net=net,
        optimizer=optimizer,
        train=batches,
        val=loader(data.val),
        test=loader(data.test),
        meter=Meter(ranks),
        scaler=scaler,
        skipped=SkippedSteps(optimizer, scaler),
        progress=progress,
        recorder=recorder,
        checkpoints=checkpoints,
        should_stop=ranks.should_stop if ranks.size > 1 else should_stop,
        ranks=ranks,
        classes=len(data.classes),
        checkpoint_due=time.monotonic() + config.checkpoint_seconds / FIRST_CHECKPOINT_SOONER,
        forward=ranks.share(net),
        right_labels=_right_labels(config, data.train, device),
        average=average,
    )


def announce(session: TrainingSession, data: DataSet, *, resumed: bool) -> None:
    """Tell what is about to be trained, and with what."""
    config = session.config
    device = device_named(config.device)
    session.recorder.tell(
        Resumed if resumed else Started,
        device=device.option,
        precision=config.precision,
        threads=config.threads,
        image_size=config.image_size,
        parameters=sum(parameter.numel() for parameter in session.net.parameters()),
        train_images=len(data.train),
        val_images=len(data.val),
        test_images=len(data.test),
        skipped_files=len(data.skipped),
        steps_per_epoch=len(session.train),
        total_steps=len(session.train) * config.epochs,
        device_name=device.name,
        device_memory=device.total,
        placement=config.placement,
        processes=session.ranks.size,
        classes=len(data.classes),
        val_baseline=_baseline(data.val),
        test_baseline=_baseline(data.test),
    )


def _right_labels(config: TrainConfig, split: Split, device: torch.device) -> torch.Tensor | None:
    """The labels before some were made wrong, of a run that learns from some of the images only.

    Other runs do not evaluate their training images, which may be very many.
    """
    if config.train_images is None and not config.label_noise:
        return None
    return (split.labels if split.right_labels is None else split.right_labels).to(device)


def _baseline(split: Split) -> float | None:
    """The part of its images that are of the largest class; None where it has none."""
    return largest_share(torch.bincount(split.labels).tolist())


def _refuse_too_few_images(batch_size: int, ranks: Ranks) -> None:
    if batch_size < ranks.size:
        raise UsageError(
            f"A batch of {batch_size} cannot be shared by {ranks.size} processes: "
            "train again with a larger batch size, or with fewer processes.",
            fields=("batch_size", "nproc"),
        )


def _refuse_other_steps(progress: RunCounters, steps: int) -> None:
    """Raise UsageError where an epoch no longer has the steps that it began with."""
    if progress.steps_per_epoch not in (0, steps):
        raise UsageError(
            f"An epoch of this run had {progress.steps_per_epoch:,} steps and has {steps:,} now: "
            "go on with as many processes as it began with."
        )
    progress.steps_per_epoch = steps
