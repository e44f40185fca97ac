"""Runs in this process, on a handful of images: no worker, no waiting."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.device.setup import decide
from cnn_tui.training.loop import epochs
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.compiling import compile_steps
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.recorder import Recorder
from cnn_tui.training.loop.session import Stopped, TrainingSession, announce, open_session
from cnn_tui.training.records import Event
from cnn_tui.training.store.metrics import MetricsWriter, read_events


def made_up_data(train: int = 40, channels: int = 1, size: int = 16) -> DataSet:
    """Two classes, dark and light; a split of four validation and four test images."""

    def split(n: int) -> Split:
        labels = torch.arange(n) % 2
        draws = torch.Generator().manual_seed(n)
        noise = torch.randint(0, 40, (n, channels, size, size), generator=draws)
        return Split((noise + 150 * labels.view(-1, 1, 1, 1)).to(torch.uint8), labels)

    statistics = (0.4,) * channels, (0.3,) * channels
    return DataSet("made up", ("dark", "light"), split(train), split(4), split(4), *statistics)


def small_config(**overrides: object) -> TrainConfig:
    settings = {
        "epochs": 3,
        "batch_size": 8,
        "image_size": 16,
        "device": "cpu",
        "threads": 1,
        **overrides,
    }
    net = str(settings.pop("net", "lenet5"))
    return default_config(net, "digits", **settings)


@dataclass
class Here:
    """One run's folder, trained in this process as often as a test wants."""

    folder: Path
    data: DataSet
    config: TrainConfig

    def open(self, should_stop: Callable[[], bool] = lambda: False) -> TrainingSession:
        config = decide(self.config, self.data)
        writer = MetricsWriter(self.folder / "metrics.jsonl")
        recorder = Recorder(writer, config.epochs, RunCounters())
        checkpoints = Checkpoints(self.folder)
        resumed = checkpoints.last.exists()
        session = open_session(config, self.data, recorder, checkpoints, should_stop)
        announce(session, self.data, resumed=resumed)
        if config.compile:
            assert compile_steps(session) is None
        return session

    def train(self, should_stop: Callable[[], bool] = lambda: False) -> TrainingSession:
        session = self.open(should_stop)
        try:
            epochs.train(session)
        except Stopped:
            session.recorder.end("stopped", "")
        return session

    def events(self) -> tuple[Event, ...]:
        return read_events(self.folder / "metrics.jsonl")


@pytest.fixture
def here(tmp_path: Path) -> Callable[..., Here]:
    """Make a run folder; settings that are not of the configuration are of the data."""

    def make(name: str = "run", data: DataSet | None = None, **overrides: object) -> Here:
        folder = tmp_path / name
        folder.mkdir()
        return Here(folder, data or made_up_data(), small_config(**overrides))

    return make
