"""How fast the lab trains: against a plain DataLoader loop, and against its own arithmetic.

The three take turns on the same images and the same network, so that a noisy
machine disturbs all alike. The reference reads PIL images in two worker
processes and asks the device for numbers at every step, as the loop that most
tutorials teach; the compute limit repeats one batch that never changes.
"""

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.data import DataLoader, Dataset

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.data.cores import cores
from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.data.statistics import channel_statistics
from cnn_tui.nets.catalogue import net_info
from cnn_tui.training.checkpoints import Checkpoints
from cnn_tui.training.config import TrainConfig, default_config
from cnn_tui.training.cpu import use_cpu_well
from cnn_tui.training.loop import train_epoch
from cnn_tui.training.metrics import MetricsWriter
from cnn_tui.training.optimizers import make_optimizer
from cnn_tui.training.progress import Progress
from cnn_tui.training.recorder import Recorder
from cnn_tui.training.session import Session, open_session
from cnn_tui.training.setup import autocast, decide, make_net, memory_format

ROUNDS = 7
"""How often this loop and its limit take turns; the much slower reference comes in some rounds."""

REFERENCE_ROUNDS = 3
WORKERS = 2
WARM_UP_STEPS = 4
"""Steps before the clock starts: the workers fill their queues meanwhile."""

NO_CHECKPOINTS = 86_400.0
"""One would fall into every short round; in a run they may take a twentieth of the time at most."""

CLASSES = 10
CROP_PADDING = 4
REFERENCE_BUDGET = 1.6
LIMIT_BUDGET = 0.95


@dataclass(frozen=True)
class Workload:
    """What one network is trained on: made-up images of its native shape.

    ``steps`` are those of one round on a CPU; a GPU takes GPU_FACTOR times as many.
    """

    net: str
    batch_size: int
    steps: int


WORKLOADS = (
    Workload("lenet5", batch_size=64, steps=60),
    Workload("cifar10net", batch_size=128, steps=5),
)
GPU_FACTOR = 20


def measure() -> list[BenchResult]:
    """Images per second of every workload, beside its two references."""
    return [result for workload in WORKLOADS for result in _measure(workload)]


def reference_steps(
    net: nn.Module, batches: DataLoader[tuple[Tensor, Tensor]], device: torch.device
) -> Iterator[int]:
    """Train as tutorials do, one step per value: the images that it took.

    Batches come from worker processes, and the loss and the hits are fetched
    from the device in every step.
    """
    criterion = nn.CrossEntropyLoss()
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, weight_decay=1e-4)
    net.train()
    total_loss, hits = 0.0, 0
    for images, labels in batches:
        images, labels = images.to(device), labels.to(device)
        optimizer.zero_grad()
        logits = net(images)
        loss = criterion(logits, labels)
        loss.backward()
        optimizer.step()
        total_loss += loss.item()
        hits += int((logits.argmax(dim=1) == labels).sum().item())
        yield len(labels)


class PictureDataset(Dataset[tuple[Tensor, Tensor]]):
    """Images kept as PIL pictures and transformed one at a time."""

    def __init__(self, split: Split, transform: Callable[[Image.Image], Tensor]) -> None:
        arrays = split.images.permute(0, 2, 3, 1).squeeze(-1).numpy()
        self._pictures = [Image.fromarray(array) for array in arrays]
        self._labels = split.labels
        self._transform = transform

    def __len__(self) -> int:
        """Pictures in all."""
        return len(self._pictures)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """One transformed picture (C, H, W) and its label."""
        return self._transform(self._pictures[index]), self._labels[index]


def _measure(workload: Workload) -> list[BenchResult]:
    data = _made_up(workload)
    config = decide(_config(workload), data)
    references, rates, limits = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        session = _session(config, data, Path(folder))
        for number in range(ROUNDS + 1):
            if number <= REFERENCE_ROUNDS:
                references.append(_reference_rate(config, data))
            rates.append(_lab_rate(session))
            limits.append(_limit_rate(config, data))
        session.recorder.writer.close()
    # The first round warms everything up and is not counted.
    reference, lab, limit = (statistics.median(each[1:]) for each in (references, rates, limits))
    name, unit = f"{workload.net} {config.precision}", "images/s"
    return [
        compared(f"{name}, DataLoader loop", lab, unit, reference, at_least=REFERENCE_BUDGET),
        compared(f"{name}, compute limit", lab, unit, limit, at_least=LIMIT_BUDGET),
    ]


def _config(workload: Workload) -> TrainConfig:
    """The lab's own settings for the network, but for the data and the plain loss."""
    return default_config(
        workload.net,
        "digits",
        batch_size=workload.batch_size,
        image_size=net_info(workload.net).image_size,
        augment="crop+flip",
        label_smoothing=0.0,
        checkpoint_seconds=NO_CHECKPOINTS,
        epochs=ROUNDS + 1,
    )


def _session(config: TrainConfig, data: DataSet, folder: Path) -> Session:
    recorder = Recorder(MetricsWriter(folder / "metrics.jsonl"), config.epochs, Progress())
    return open_session(config, data, recorder, Checkpoints(folder), lambda: False)


def _made_up(workload: Workload) -> DataSet:
    info = net_info(workload.net)
    draws = torch.Generator().manual_seed(0)

    def split(n: int) -> Split:
        shape = (n, info.in_channels, info.image_size, info.image_size)
        images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=draws)
        return Split(images, torch.randint(0, CLASSES, (n,), generator=draws))

    steps = workload.steps * (GPU_FACTOR if torch.cuda.is_available() else 1)
    train = split(steps * workload.batch_size)
    mean, std = channel_statistics(train.images)
    names = tuple(map(str, range(CLASSES)))
    few = split(workload.batch_size)
    return DataSet("made-up images", names, train, few, few, mean, std)


def _lab_rate(session: Session) -> float:
    use_cpu_well(session.config.threads)
    start = time.perf_counter()
    train_epoch(session)
    seconds = time.perf_counter() - start
    session.progress.epoch += 1
    session.progress.begin_epoch()
    return session.train.size / seconds


def _reference_rate(config: TrainConfig, data: DataSet) -> float:
    torch.set_num_threads(cores())
    torch.set_flush_denormal(False)  # torch's default, as the tutorials leave it
    device = torch.device(config.device)
    batches = DataLoader(
        PictureDataset(data.train, _reference_transform(data)),
        batch_size=config.batch_size,
        shuffle=True,
        num_workers=WORKERS,
    )
    steps = reference_steps(make_net(config, data).to(device), batches, device)
    for _ in islice(steps, WARM_UP_STEPS):
        pass
    start = time.perf_counter()
    images = sum(steps)
    return images / (time.perf_counter() - start)


def _reference_transform(data: DataSet) -> Callable[[Image.Image], Tensor]:
    from torchvision import transforms

    transform: Callable[[Image.Image], Tensor] = transforms.Compose(
        [
            transforms.RandomCrop(data.image_size, padding=CROP_PADDING),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(data.mean, data.std),
        ]
    )
    return transform


def _limit_rate(config: TrainConfig, data: DataSet) -> float:
    """Nothing but forward, backward and the optimizer, on one batch that stays where it is."""
    use_cpu_well(config.threads)
    device, layout = torch.device(config.device), memory_format(config)
    net = make_net(config, data).to(memory_format=layout).to(device)
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

    for _ in range(WARM_UP_STEPS):
        step()
    steps = len(data.train) // config.batch_size
    _wait_for(device)
    start = time.perf_counter()
    for _ in range(steps):
        step()
    _wait_for(device)
    return steps * config.batch_size / (time.perf_counter() - start)


def _wait_for(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)
