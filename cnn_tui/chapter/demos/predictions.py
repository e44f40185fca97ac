"""What a network answers on images that it never saw: right and wrong, and how sure it is."""

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks.modules import summarize_instance
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.analysis.trained import Trained, load_trained
from cnn_tui.chapter.demos.shared import digit_batches, mosaic, percent
from cnn_tui.chapter.records import DemoBlock, DemoContent, Say, Table
from cnn_tui.data.loading.loader import Loader
from cnn_tui.data.preparation import digits
from cnn_tui.nets.lenet5 import LeNet5
from cnn_tui.training.store.folder import LAST
from cnn_tui.training.store.listing import find_run, list_runs
from cnn_tui.workspace import find, find_or_none

NO_RUN = "none"
IMAGE_SIZE, BATCH_SIZE, LEARNING_RATE = 16, 16, 4e-3
"""Of the small network: with these a second is enough to learn the digits fairly well."""

MOST_JUDGED, FEWEST_JUDGED = 360, 20
MACS_TO_SPEND = 40e9
"""Multiply-accumulates: on one core about a second."""
CHUNK = 32
"""Images judged at a time, so that a large network needs little memory."""
PER_ROW = 3


@dataclass(frozen=True)
class Answers:
    """Test images (N, C, S, S) as uint8, their labels, and the probabilities (N, classes).

    ``run`` is empty where the network was trained on the spot.
    """

    source: str
    run: str
    name: str
    classes: tuple[str, ...]
    images: Tensor
    labels: Tensor
    probabilities: Tensor

    @property
    def guesses(self) -> Tensor:
        """The likeliest class of each image."""
        return self.probabilities.argmax(1)

    @property
    def confidence(self) -> Tensor:
        """The probability of that class."""
        return self.probabilities.amax(1)

    @property
    def hits(self) -> Tensor:
        """Where it is the true one."""
        return self.guesses == self.labels


def predictions(run: str = LAST, epochs: int = 3, pictures: int = 3, seed: int = 0) -> DemoContent:
    """Judge test images with the weights of ``run``: ``last`` is the last finished one.

    Where there is none, and for ``none``, a small network is trained on the spot
    for ``epochs`` epochs from ``seed``. Raises UsageError for a run that cannot be opened.
    """
    answers = _answers(run, epochs, seed)
    hits = answers.hits
    most_confident = answers.confidence.argsort(descending=True, stable=True)
    wrong = most_confident[~hits[most_confident]]
    least_confident = most_confident[hits[most_confident]].flip(0)
    sure_right = _mean_percent(answers.confidence[hits])
    sure_wrong = _mean_percent(answers.confidence[~hits])
    second = _second_guess_percent(answers)
    return DemoContent(
        blocks=(
            Say(answers.source),
            Table(
                f"{len(hits)} test images, and how sure the network is of its answer",
                ("", "images", "% of all", "mean probability, %"),
                (
                    ("right", int(hits.sum()), percent(int(hits.sum()), len(hits)), sure_right),
                    ("wrong", len(wrong), percent(len(wrong), len(hits)), sure_wrong),
                ),
            ),
            *_looked_at(answers, "Wrong, the most confident first", wrong[:pictures]),
            *_looked_at(answers, "Right, the least confident first", least_confident[:pictures]),
            Say(_about_errors(answers, second)),
            Say(_try(answers, epochs)),
        ),
        figures={
            "images": len(hits),
            "wrong": len(wrong),
            "accuracy_percent": 100 * hits.double().mean().item(),
            "sure_right_percent": sure_right,
            "sure_wrong_percent": sure_wrong,
            "second_guess_percent": second,
            "most_confused": max(_confusions(answers).values(), default=0),
        },
    )


def _answers(run: str, epochs: int, seed: int) -> Answers:
    if run.casefold() == NO_RUN:
        return _of_fresh_net("Without a run", epochs, seed)
    if run.casefold() != LAST:
        return _of_run(find_run(find(), run).run)
    space = find_or_none()
    runs = list_runs(space) if space else []
    finished = [each for each in runs if each.state == "finished" and not each.trouble]
    if not finished:
        return _of_fresh_net("There is no finished run here yet", epochs, seed)
    return _of_run(finished[0].run)


def _of_run(run: str) -> Answers:
    trained = load_trained(find(), run)
    test, count = trained.unseen, _affordable(trained)
    images, labels = test.images[:count], test.labels[:count]
    part = f"the first {len(images)} of {len(test):,}" if len(images) < len(test) else "all"
    return Answers(
        source=(
            f"The run {trained.run}: {trained.config.net} trained on {trained.config.data}, "
            f"judged on {part} test images, on the CPU."
        ),
        run=trained.run,
        name=trained.facts.name,
        classes=trained.classes,
        images=images,
        labels=labels,
        probabilities=torch.cat(
            [
                _probabilities(trained.net, trained.preparation(part))
                for part in torch.split(images, CHUNK)
            ]
        ),
    )


def _affordable(trained: Trained) -> int:
    """Test images, in their stratified order, that are judged in about a second."""
    side = trained.preparation.image_size
    shape = (trained.preparation.in_channels, side, side)
    is_own = trained.config.net.is_own
    summary = (
        summarize_instance(trained.net, shape) if is_own else summarize(trained.config.net, shape)
    )
    macs = max(1, summary.total_macs)
    return min(MOST_JUDGED, max(FEWEST_JUDGED, int(MACS_TO_SPEND / macs)))


def _of_fresh_net(why: str, epochs: int, seed: int) -> Answers:
    data = digits.prepared()
    length = "1 epoch" if epochs == 1 else f"{epochs} epochs"
    return Answers(
        source=(
            f"{why}: a LeNet-5 of {IMAGE_SIZE}×{IMAGE_SIZE} pixels was trained on the spot, "
            f"{length} on {len(data.train):,} digits, and judged on the {len(data.test)} test "
            "digits."
        ),
        run="",
        name="digits",
        classes=data.classes,
        images=data.test.images,
        labels=data.test.labels,
        probabilities=_learned(epochs, seed),
    )


@cache
def _learned(epochs: int, seed: int) -> Tensor:
    """The probabilities (N, classes) that the small network gives the test digits."""
    torch.manual_seed(seed)
    data = digits.prepared()
    net = LeNet5(image_size=IMAGE_SIZE)
    _train(net, digit_batches(data, data.train, BATCH_SIZE, IMAGE_SIZE), epochs, seed)
    images, _ = next(digit_batches(data, data.test, len(data.test), IMAGE_SIZE).in_order())
    return _probabilities(net.eval(), images)


def _train(net: nn.Module, batches: Loader, epochs: int, seed: int) -> None:
    optimizer = torch.optim.Adam(net.parameters(), LEARNING_RATE)
    net.train()
    for epoch in range(epochs):
        for images, labels in batches.epoch(seed, epoch):
            loss = F.cross_entropy(net(images), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()


@torch.inference_mode()
def _probabilities(net: nn.Module, images: Tensor) -> Tensor:
    logits: Tensor = net(images)
    return logits.softmax(1)


def _looked_at(answers: Answers, title: str, chosen: Tensor) -> tuple[DemoBlock, ...]:
    """The images ``chosen`` in rows, and a table of what the network says of them."""
    if not len(chosen):
        return ()
    per_row = min(PER_ROW, len(chosen))
    return (
        mosaic(title, answers.images[chosen], per_row, (f"#{each}" for each in chosen.tolist())),
        Table(
            "The same, row by row",
            ("image", "is", "taken for", "with", "given to the true class"),
            tuple(_row(answers, index) for index in chosen.tolist()),
        ),
    )


def _row(answers: Answers, index: int) -> tuple[str, ...]:
    guess, label = int(answers.guesses[index]), int(answers.labels[index])
    chances = (100 * answers.probabilities[index]).tolist()
    return (
        f"{answers.name}#{index}",
        answers.classes[label],
        answers.classes[guess],
        f"{chances[guess]:>5.1f} %",
        f"{chances[label]:>5.1f} %",
    )


def _about_errors(answers: Answers, second: float) -> str:
    confusions = _confusions(answers)
    if not confusions:
        return "No test image is mistaken: there is no error to learn from."
    (true, guess), count = max(confusions.items(), key=lambda each: each[1])
    wrong = int((~answers.hits).sum())
    of_class = int((answers.labels == true).sum())
    return (
        f"Most often, {answers.classes[true]} is taken for {answers.classes[guess]}: {count} of "
        f"{of_class}. Of the {wrong} mistaken images {second:.0f} % have the right class in "
        "second place. Look at the pictures: which would you have doubted, too?"
    )


def _confusions(answers: Answers) -> dict[tuple[int, int], int]:
    """How often a class (first) was taken for another (second)."""
    classes = len(answers.classes)
    counts = torch.bincount(answers.labels * classes + answers.guesses, minlength=classes**2)
    return {
        divmod(cell, classes): count
        for cell, count in enumerate(counts.tolist())
        if count and cell % (classes + 1)
    }


def _second_guess_percent(answers: Answers) -> float:
    """Of the mistaken images, those whose true class is the second likeliest; 0 without any."""
    missed = answers.probabilities[~answers.hits]
    if not len(missed) or len(answers.classes) < 2:
        return 0.0
    seconds = missed.topk(2).indices[:, 1]
    return 100 * (seconds == answers.labels[~answers.hits]).double().mean().item()


def _mean_percent(shares: Tensor) -> float:
    """0 where there are none."""
    return round(100 * shares.double().mean().item(), 1) if len(shares) else 0.0


def _try(answers: Answers, epochs: int) -> str:
    if answers.run:
        return (
            f"The evaluation of the run {answers.run} counts all test images, class by class. "
            "Try another run of yours, or run = none for a small network."
        )
    return (
        f"Try epochs = {'1' if epochs > 1 else '3'} and compare. Or train a network of your own, "
        "such as lenet5 on digits, and run this again."
    )
