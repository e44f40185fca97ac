"""A learning rate range test from its configuration: data, network, and a rate that rises."""

import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from cnn_tui.data.preparation import prepare
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.setup import decide, learned_from
from cnn_tui.training.loop.checkpoints import Checkpoints
from cnn_tui.training.loop.counters import RunCounters
from cnn_tui.training.loop.rate_range import rate_range
from cnn_tui.training.loop.recorder import Recorder, Silence
from cnn_tui.training.loop.session import open_session
from cnn_tui.training.rate_records import RateRange
from cnn_tui.workspace import data_dir as find_data_dir


def find_rate(
    config: TrainConfig,
    data_dir: Path | None = None,
    tell: Callable[[int, int], None] = lambda step, steps: None,
) -> RateRange:
    """The range test of what ``config`` would train; no run is made, and nothing is kept.

    Raises what ``prepare.load``, ``decide`` and ``open_session`` raise.
    """
    whole = prepare.load(
        config.data,
        find_data_dir(data_dir),
        image_size=config.image_size,
        val_fraction=config.val_fraction,
        val_is_validation=config.val_is_validation,
        rule=config.split_rule,
        download=True,
        progress=lambda what: None,
    )
    data = learned_from(config, whole)
    decided = decide(replace(config, nproc=1, nnodes=1), data)
    with tempfile.TemporaryDirectory() as folder:
        recorder = Recorder(Silence(), decided.epochs, RunCounters())
        session = open_session(
            decided, data, recorder, Checkpoints(Path(folder), writes=False), lambda: False
        )
        return rate_range(session, tell)
