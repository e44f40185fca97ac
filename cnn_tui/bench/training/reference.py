"""The loop that most tutorials teach: PIL images in two worker processes, numbers at every step.

It needs Pillow and torchvision, which the lab's own loop does not.
"""

import time
from collections.abc import Callable, Generator
from contextlib import closing
from itertools import islice

import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision import transforms

from cnn_tui.data.cores import cores
from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.setup import make_net

WORKERS = 2
QUEUE = 2 * WORKERS
"""Batches that the workers make ahead; so many steps pass before the clock starts."""

DATA_STEPS = 15 * QUEUE
"""Steps of the data side alone: what lay in the queue when the clock started is a small part."""

CROP_PADDING = 4

Batches = DataLoader[tuple[Tensor, Tensor]]


def reference_rate(config: TrainConfig, data: DataSet) -> float:
    """Images per second of as many steps as the training images fill."""
    _as_torch_is()
    device = torch.device(config.device)
    net = make_net(config, data).to(device)
    steps = len(data.train) // config.batch_size
    return _rate(reference_steps(net, _batches(config, data, steps), device), steps)


def batches_rate(config: TrainConfig, data: DataSet) -> float:
    """The data side alone: images per second that the workers bring."""
    _as_torch_is()
    batches = _batches(config, data, DATA_STEPS)
    return _rate((len(labels) for _, labels in batches), DATA_STEPS)


def reference_steps(
    net: nn.Module, batches: Batches, device: torch.device
) -> Generator[int, None, None]:
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


def _as_torch_is() -> None:
    """What the lab's own loop sets for the process, as tutorials leave it."""
    torch.set_num_threads(cores())
    torch.set_flush_denormal(False)


def _batches(config: TrainConfig, data: DataSet, steps: int) -> Batches:
    """Batches for the warm-up, for ``steps``, and for a queue that is full to the end."""
    transform = transforms.Compose(
        [
            transforms.RandomCrop(data.image_size, padding=CROP_PADDING),
            transforms.RandomHorizontalFlip(),
            transforms.ToTensor(),
            transforms.Normalize(data.mean, data.std),
        ]
    )
    pictures = PictureDataset(data.train, transform)
    images = (QUEUE + steps + QUEUE) * config.batch_size
    order = RandomSampler(pictures, replacement=True, num_samples=images)
    return DataLoader(pictures, config.batch_size, sampler=order, num_workers=WORKERS)


def _rate(sizes: Generator[int, None, None], steps: int) -> float:
    with closing(sizes):
        for _ in islice(sizes, QUEUE):
            pass
        start = time.perf_counter()
        images = sum(islice(sizes, steps))
        return images / (time.perf_counter() - start)
