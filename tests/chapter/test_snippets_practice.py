"""The code of the practice topics: CIFAR-10's pipeline, network, training and predictions."""

import re
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.page import FENCED
from cnn_tui.chapter.snippets import snippets
from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.data.loading.augment import Draws, crop
from cnn_tui.data.loading.loader import Loader, seed_draws, seed_for
from cnn_tui.nets.cifar10net import CIFAR10Net
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.loop import epochs
from cnn_tui.training.loop.session import TrainingSession
from cnn_tui.training.records import EpochMetrics
from tests.chapter.printed_comments import printed_comments
from tests.chapter.snippet_runs import snippet_run
from tests.training.conftest import Here, small_config

PADDING = 4


@pytest.mark.parametrize(
    "slug",
    [
        "cifar10",
        "modern-cnn",
        "predictions",
        "training-loop",
        pytest.param("data-pipeline", marks=pytest.mark.slow),
    ],
)
def test_prints_what_its_comments_say(slug: str) -> None:
    announced = printed_comments(slug)
    assert announced
    printed = snippet_run(slug).printed.splitlines()
    assert [line for line in printed if line in announced] == announced


def test_splits_without_losing_or_doubling_an_image() -> None:
    names = snippet_run("cifar10").names
    parts = [*names["train"].indices, *names["val"].indices]
    assert sorted(parts) == list(range(len(names["data"])))


@pytest.mark.slow  # torchvision takes seconds to import
def test_prepares_an_image_as_the_lab_does() -> None:
    names = snippet_run("data-pipeline").names
    raw = torch.stack([_bytes(names, index) for index in range(8)])
    ours = torch.stack([names["test"].dataset[index][0] for index in range(8)])
    (theirs, _), *_ = _loader(Split(raw, torch.zeros(8, dtype=torch.int64))).in_order()
    torch.testing.assert_close(ours, theirs)


@pytest.mark.slow  # torchvision takes seconds to import
def test_augments_to_one_of_the_shifted_images_of_the_lab() -> None:
    names = snippet_run("data-pipeline").names
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        shown = torch.stack([names["train"].dataset[5][0] for _ in range(4)])
    raw, moves = _bytes(names, 5), 2 * PADDING + 1
    top, left, flipped = torch.cartesian_prod(*map(torch.arange, (moves, moves, 2))).T
    windows = crop(raw.expand(len(top), 3, 32, 32), PADDING, Draws(top, left, flipped.bool()))
    loader = _loader(Split(windows, torch.zeros(len(top), dtype=torch.int64)))
    possible = torch.cat([images for images, _ in loader.in_order()])
    distances = (shown[:, None] - possible).abs().amax((2, 3, 4))
    assert distances.amin(1).max() < 1e-5
    assert len(distances.argmin(1).unique()) > 1


def test_is_the_network_of_the_lab() -> None:
    ours = snippet_run("modern-cnn").names["net"]
    with torch.device("meta"):
        theirs = CIFAR10Net()
    weights = dict(zip(theirs.state_dict(), ours.state_dict().values(), strict=True))
    theirs.load_state_dict(weights, assign=True)
    x = torch.randn(2, 3, 32, 32)
    with torch.no_grad():
        torch.testing.assert_close(ours.eval()(x), theirs.eval()(x))


def test_learns_what_the_page_says() -> None:
    names = snippet_run("training-loop").names
    first, *_, last = (loss for loss, _ in names["history"])
    assert first == pytest.approx(1.3, abs=0.2)
    assert last == pytest.approx(0.3, abs=0.15)
    assert names["accuracy"](names["net"], names["test"]) > 0.75
    assert names["best"] == max(score for _, score in names["history"])


def test_a_plain_loop_trains_as_the_lab_does(tmp_path: Path) -> None:
    """On the same batches, with the same masks of dropout, to the same losses and weights."""
    names = snippet_run("training-loop").names
    run = Here(tmp_path, _rows(names["images"], names["labels"]), _plain_config())
    session = run.open()
    net = deepcopy(session.net)
    epochs.train(session)
    theirs = [each for each in run.events() if isinstance(each, EpochMetrics)]

    plain = {
        **names,
        "net": net,
        "train": _TheirBatches(session),
        "val": list(session.val.in_order()),
        "test": list(session.test.in_order()),
    }
    with torch.random.fork_rng(devices=[]):
        exec(_loop(), plain)
    losses, scores = zip(*plain["history"], strict=True)
    assert losses == pytest.approx([each.train_loss for each in theirs], rel=1e-4)
    assert scores == pytest.approx([each.val_accuracy for each in theirs])
    assert scores.count(max(scores)) == 1, "the lab looks at the loss where the best are equal"
    for name, weights in load_file(run.folder / "best.safetensors").items():
        torch.testing.assert_close(plain["weights"][name], weights, rtol=1e-3, atol=1e-4)


def test_counts_predictions_as_the_lab_does() -> None:
    names = snippet_run("predictions").names
    scores, labels = names["scores"], names["labels"]
    chances = scores.double().exp() / scores.double().exp().sum(1, keepdim=True)
    torch.testing.assert_close(names["chances"], chances.float())
    counts = torch.bincount(labels * 10 + names["predicted"], minlength=100).view(10, 10)
    assert torch.equal(names["matrix"], counts)
    ranks = (scores > scores.gather(1, labels[:, None])).sum(1)
    assert names["top3"].item() == pytest.approx((ranks < 3).double().mean().item())


def test_reads_the_matrix_of_the_page() -> None:
    (drawn,) = (
        block for _, block in FENCED.findall(topic("predictions").text) if "true cat" in block
    )
    rows = re.findall(r"(\d+) +(\d+) +(\d+)$", drawn, re.MULTILINE)
    animals = snippet_run("predictions").names["animals"]
    assert [[*map(int, row)] for row in rows] == animals.tolist()


class _TheirBatches:
    """What the lab trains on, epoch by epoch; dropout's masks begin where they begin there."""

    def __init__(self, session: TrainingSession) -> None:
        self._session = session
        self._epoch = 0

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        seed, step = self._session.config.seed, self._epoch * len(self._session.train)
        for at, batch in enumerate(self._session.train.epoch(seed, self._epoch), start=step):
            seed_draws(self._session.device, seed_for(seed, "dropout", at))
            yield batch
        self._epoch += 1


def _loop() -> str:
    """The block of the page that trains."""
    (loop,) = (each for each in snippets(topic("training-loop")) if "deepcopy" in each)
    return loop


def _plain_config() -> TrainConfig:
    return small_config(
        net="dropoutcnn,width=4",
        image_size=8,
        epochs=5,
        batch_size=32,
        optimizer="adam",
        lr=0.01,
        schedule="constant",
        warmup=0.0,
        weight_decay=0.0,
        augment="none",
        precision="fp32",
    )


def _rows(images: Tensor, labels: Tensor) -> DataSet:
    """The images of the page, as bytes."""
    pixels = (images * 40 + 128).clamp(0, 255).byte()
    split = Split(pixels, labels)
    parts = split.between(0, 500), split.between(500, 800), split.between(800, None)
    return DataSet("rows", tuple(map(str, range(8))), *parts, (0.5,), (0.2,))


def _loader(split: Split) -> Loader:
    return Loader(
        split,
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
        batch_size=64,
        image_size=32,
        device=torch.device("cpu"),
    )


def _bytes(names: dict[str, Any], index: int) -> Tensor:
    """The made-up image as it is stored, (3, 32, 32)."""
    images = names["images"](64, names["v2"].PILToTensor())
    return images[index][0]
