"""What the training benchmark trains on: made-up images, and the lab's settings for them."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from cnn_tui.bench.catalogue import Workload
from cnn_tui.data.dataset import DataSet, Split, channel_statistics
from cnn_tui.nets.catalogue import net_info
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.recorder import Recorder
from cnn_tui.training.loop.session import TrainingSession, open_session
from cnn_tui.training.store.metrics import MetricsWriter

CLASSES = 10
GPU_FACTOR = 20
"""A GPU takes so many times the steps of a CPU in one round."""

MANY_EPOCHS = 100_000
NO_CHECKPOINTS = 86_400.0
"""One would fall into every short round; in a run they may take a twentieth of the time at most."""


def made_up(workload: Workload) -> DataSet:
    """Images of the network's native shape, enough for the steps of one round."""
    info = net_info(workload.net)
    steps = workload.steps * (GPU_FACTOR if torch.cuda.is_available() else 1)
    return made_up_images(
        steps * workload.batch_size, workload.batch_size, info.in_channels, info.image_size
    )


def made_up_images(train: int, others: int, channels: int, side: int) -> DataSet:
    """A data set of noise: ``train`` images, and ``others`` each to validate and to test."""
    draws = torch.Generator().manual_seed(0)

    def split(n: int) -> Split:
        shape = (n, channels, side, side)
        images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=draws)
        return Split(images, torch.randint(0, CLASSES, (n,), generator=draws))

    names = tuple(map(str, range(CLASSES)))
    images, few = split(train), split(others)
    mean, std = channel_statistics(images.images)
    return DataSet("made-up images", names, images, few, few, mean, std)


def config_for(workload: Workload, **overrides: Any) -> TrainConfig:
    """The lab's own settings for the network, but for the data and the plain loss."""
    values: dict[str, Any] = {
        "batch_size": workload.batch_size,
        "image_size": net_info(workload.net).image_size,
        "augment": "crop+flip",
        "label_smoothing": 0.0,
        "checkpoint_seconds": NO_CHECKPOINTS,
        "epochs": MANY_EPOCHS,
    }
    return default_config(workload.net, "digits", **(values | overrides))


@contextmanager
def session_for(config: TrainConfig, data: DataSet) -> Iterator[TrainingSession]:
    """What the lab's loop works with, in a folder that lasts as long as the context."""
    with tempfile.TemporaryDirectory() as folder:
        writer = MetricsWriter(Path(folder) / "metrics.jsonl")
        recorder = Recorder(writer, config.epochs, RunCounters())
        try:
            yield open_session(config, data, recorder, Checkpoints(Path(folder)), lambda: False)
        finally:
            writer.close()
