"""What looking inside the network costs: the same epochs with the record of it and without.

Two sessions take turns, each with its own network: an epoch of training and its validation.
"""

import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from cnn_tui.bench.catalogue import INSPECTION, Workload
from cnn_tui.bench.records import BenchResult, Pair, Talk, compared
from cnn_tui.bench.training.loops import wait_for
from cnn_tui.bench.training.workloads import config_for, made_up_images, session_for
from cnn_tui.data.cores import cores
from cnn_tui.nets.catalogue import net_info
from cnn_tui.training.device.cpu import use_cpu_well
from cnn_tui.training.device.setup import decide
from cnn_tui.training.loop.epochs import train_epoch, validate
from cnn_tui.training.loop.inspector import MOST_SNAPSHOTS, Inspector
from cnn_tui.training.loop.session import TrainingSession

TRAIN_IMAGES, OTHER_IMAGES = 1_280, 144
"""As many as the digits: the shortest epochs, of which a snapshot takes the largest part."""
EPOCHS = 10
ROUNDS = {"lenet5": 20, "cifar10net": 6}


def measure_inspecting(workloads: Sequence[Workload], talk: Talk) -> list[BenchResult]:
    """One row per network: images per second with snapshots beside those without."""
    return [_measure(each, talk) for each in workloads if each.net in ROUNDS]


def _measure(workload: Workload, talk: Talk) -> BenchResult:
    info = net_info(workload.net)
    data = made_up_images(TRAIN_IMAGES, OTHER_IMAGES, info.in_channels, info.image_size)
    config = decide(config_for(workload, epochs=MOST_SNAPSHOTS), data)
    talk.doing(f"{workload.net}: snapshots of the network's inside")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        watched, plain = (stack.enter_context(session_for(config, data)) for _ in range(2))
        watched.inspector = Inspector(watched, data, folder / "inspection.jsonl")
        for session in (watched, plain):
            _rate(session, 1)
        epochs = EPOCHS if workload.net == "lenet5" else 1
        pairs: list[Pair] = []
        for number in range(ROUNDS[workload.net]):
            turns = (watched, plain) if number % 2 else (plain, watched)
            rates = {id(session): _rate(session, epochs) for session in turns}
            pairs.append((rates[id(watched)], rates[id(plain)]))
    name = f"{workload.net} {config.precision}, snapshots on against off"
    return compared(name, "images/s", pairs, INSPECTION)


def _rate(session: TrainingSession, epochs: int) -> float:
    """Training images per second of so many epochs, their validation included."""
    use_cpu_well(session.config.threads or cores())
    wait_for(session.device)
    started = time.perf_counter()
    for _ in range(epochs):
        train_epoch(session)
        validate(session)
    wait_for(session.device)
    return epochs * session.train.size / (time.perf_counter() - started)
