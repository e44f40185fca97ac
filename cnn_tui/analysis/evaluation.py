"""What a run's network makes of images: all of a split judged, or some of them guessed.

The network runs where, and as precisely as, it ran when it was trained, so that
it is judged exactly as the run judged itself.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.evaluation_records import (
    Evaluation,
    Guess,
    JudgedRun,
    Mistake,
    Prediction,
    Predictions,
)
from cnn_tui.analysis.images import Image, find_image, names_image_file, parse_image, refuse_missing
from cnn_tui.analysis.images import picture as make_picture
from cnn_tui.analysis.trained import Trained, load_trained
from cnn_tui.data.dataset import DataSet, Split
from cnn_tui.data.loading.loader import Loader
from cnn_tui.errors import UsageError
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.setup import autocast, decide, memory_format
from cnn_tui.training.store.listing import find_run, status
from cnn_tui.workspace import Workspace

MOST_MISTAKES = 12
"""Of the most confident mistakes, with their pictures, that an evaluation holds."""

PICTURE_SIDE = 96
"""Larger images are shrunk to this side for the screen."""

GUESSES = 3
MOST_IMAGES = 256
"""Images that are guessed at once; more would be no help to anybody who looks at them."""


@dataclass(frozen=True)
class Judge:
    """A run's network where it runs, and the decided configuration that it runs with."""

    net: nn.Module
    config: TrainConfig

    @property
    def device(self) -> torch.device:
        """Where the network is."""
        return torch.device(self.config.device)

    @torch.inference_mode()
    def __call__(self, images: Tensor) -> Tensor:
        """The logits (N, classes) as float32 of normalised ``images`` (N, C, H, W)."""
        with autocast(self.config):
            logits: Tensor = self.net(images)
        return logits.float()


@dataclass(frozen=True)
class Verdicts:
    """Of every image of a split: its true and its predicted class, how sure, and the loss."""

    labels: Tensor
    predicted: Tensor
    confidence: Tensor
    losses: Tensor
    seconds: float


def evaluate(
    workspace: Workspace,
    run: str,
    split: str = "test",
    *,
    most_mistakes: int = MOST_MISTAKES,
    data_dir: Path | None = None,
) -> Evaluation:
    """Judge the best weights of a run on every image of a split, ``test`` or ``val``.

    A run that goes on is judged by its best weights so far. ``data_dir`` is where
    its data set is now, if not where it was. Raises UsageError for whatever
    cannot be judged, as ``load_trained`` does.
    """
    if split not in ("test", "val"):
        raise UsageError(f"The split is test or val, not {split!r}.", fields=("split",))
    trained, judged = _open(workspace, run, data_dir)
    part = trained.data.test if split == "test" else trained.data.val
    try:
        verdicts = _judge_all(trained, part)
    except torch.OutOfMemoryError as error:
        raise UsageError(
            f"The {trained.header.config.device} device has too little memory left to judge run "
            f"{judged.run}: try again when nothing else runs there."
        ) from error
    hits = verdicts.predicted == verdicts.labels
    return Evaluation(
        judged=judged,
        split=split,
        classes=trained.classes,
        images=len(part),
        correct=int(hits.sum()),
        loss=verdicts.losses.double().mean().item(),
        images_per_second=len(part) / verdicts.seconds,
        confusion=_confusion(verdicts, len(trained.classes)),
        mistakes=tuple(_mistakes(trained, part, split, verdicts, most_mistakes)),
    )


def predict(
    workspace: Workspace,
    run: str,
    images: Sequence[str] = (),
    *,
    count: int = 6,
    wrong: bool = False,
    seed: int = 0,
    data_dir: Path | None = None,
) -> Predictions:
    """What the best weights of a run take ``images`` for, which are named as for ``find_image``.

    Where none are named, ``count`` test images that ``seed`` draws; with
    ``wrong`` only such that the network mistakes. Raises UsageError for whatever
    cannot be opened.
    """
    if images and wrong:
        raise UsageError(
            "The network's mistakes are looked for among the test images: name no images with it.",
            fields=("wrong",),
        )
    asked = len(images) or count
    if not 1 <= asked <= MOST_IMAGES:
        raise UsageError(f"{asked:,} images are too many or too few: ask for 1 to {MOST_IMAGES}.")
    trained, judged = _open(workspace, run, data_dir)
    judge = _judge(trained)
    if images:
        found = [_named(trained, spec) for spec in images]
        predictions = [_guess(trained, judge, image) for image in found]
        return Predictions(judged, tuple(predictions), _about(trained, found))
    drawn = _drawn(trained, seed)
    rows = list(_mistaken(trained, judge, drawn, count)) if wrong else drawn[:count].tolist()
    predictions = [_guess(trained, judge, _test_image(trained, row)) for row in rows]
    return Predictions(judged, tuple(predictions), (_how_chosen(trained, len(rows), wrong, seed),))


def _open(workspace: Workspace, run: str, data_dir: Path | None) -> tuple[Trained, JudgedRun]:
    folder = find_run(workspace, run)
    state = status(folder).state
    trained = load_trained(workspace, folder.run, data_dir)
    return trained, JudgedRun(
        run=trained.run,
        net=str(trained.config.net),
        data=str(trained.config.data),
        state=state,
        epochs=trained.config.epochs,
        has_best=trained.has_best,
        weights_epoch=trained.epoch,
    )


def _judge(trained: Trained) -> Judge:
    config = _as_trained(trained.header.config, trained.data)
    net = trained.net.to(memory_format=memory_format(config, trained.net)).to(config.device)
    return Judge(net, config)


def _as_trained(config: TrainConfig, data: DataSet) -> TrainConfig:
    try:
        return decide(config, data)
    except UsageError:  # trained on a device that is not here
        return decide(replace(config, device="cpu", precision="fp32"), data)


def _judge_all(trained: Trained, part: Split) -> Verdicts:
    judge = _judge(trained)
    predicted, confidence, losses = [], [], []
    loader = _loader(trained, judge, part)
    judge(next(loader.in_order())[0])  # The first forward pass alone waits for kernels and threads.
    since = time.perf_counter()
    for images, labels in loader.in_order():
        logits = judge(images)
        surest = logits.softmax(1).max(1)
        predicted.append(surest.indices)
        confidence.append(surest.values)
        losses.append(F.cross_entropy(logits, labels, reduction="none"))
    return Verdicts(
        labels=part.labels,
        predicted=torch.cat(predicted).cpu(),
        confidence=torch.cat(confidence).cpu(),
        losses=torch.cat(losses).cpu(),
        seconds=time.perf_counter() - since,  # last: the device has caught up by now
    )


def _loader(trained: Trained, judge: Judge, part: Split) -> Loader:
    return Loader(
        part,
        mean=trained.data.mean,
        std=trained.data.std,
        batch_size=judge.config.batch_size,
        image_size=trained.preparation.image_size,
        device=judge.device,
        memory_format=memory_format(judge.config, trained.net),
    )


def _confusion(verdicts: Verdicts, classes: int) -> tuple[tuple[int, ...], ...]:
    """Counts, a row for each true class and a column for each predicted one."""
    cells = verdicts.labels * classes + verdicts.predicted
    counts = torch.bincount(cells, minlength=classes**2).view(classes, classes)
    return tuple(tuple(row) for row in counts.tolist())


def _mistakes(
    trained: Trained, part: Split, split: str, verdicts: Verdicts, most: int
) -> Iterator[Mistake]:
    """The mistakes that the network was surest of, the surest first."""
    rows = torch.nonzero(verdicts.predicted != verdicts.labels).flatten()
    surest = verdicts.confidence[rows].argsort(descending=True, stable=True)[:most]
    name = _data_name(trained) + ("" if split == "test" else " validation")
    for row in rows[surest].tolist():
        yield Mistake(
            index=row,
            true=trained.classes[int(verdicts.labels[row])],
            predicted=trained.classes[int(verdicts.predicted[row])],
            probability=verdicts.confidence[row].item(),
            picture=make_picture(f"{name}#{row}", part.images[row], PICTURE_SIDE),
        )


def _named(trained: Trained, spec: str) -> Image:
    """The image that ``spec`` names; the run's own test images as the run sees them."""
    if not names_image_file(spec):
        data, index = parse_image(spec)
        if data == trained.config.data:
            refuse_missing(data.name, index, len(trained.data.test))
            return _test_image(trained, index)
    return find_image(spec, trained.header.data_dir)


def _test_image(trained: Trained, row: int) -> Image:
    test = trained.data.test
    label = trained.classes[int(test.labels[row])]
    return Image(f"{_data_name(trained)}#{row}", test.images[row], label)


def _data_name(trained: Trained) -> str:
    data = trained.config.data
    return data.name if data.path is None else data.path.name


def _guess(trained: Trained, judge: Judge, image: Image) -> Prediction:
    logits = judge(trained.prepare(image.pixels).to(judge.device))[0]
    likeliest = logits.softmax(0).cpu().topk(min(GUESSES, len(trained.classes)))
    guesses = zip(likeliest.indices.tolist(), likeliest.values.tolist(), strict=True)
    known = image.label in trained.classes
    return Prediction(
        picture=make_picture(image.name if known else image.title, image.pixels, PICTURE_SIDE),
        true=image.label if known else None,
        guesses=tuple(Guess(trained.classes[index], share) for index, share in guesses),
    )


def _drawn(trained: Trained, seed: int) -> Tensor:
    """The rows of the test images, in an order that follows from ``seed``."""
    draws = torch.Generator().manual_seed(seed)
    return torch.randperm(len(trained.data.test), generator=draws)


def _mistaken(trained: Trained, judge: Judge, drawn: Tensor, count: int) -> Iterator[int]:
    """The first ``count`` rows of ``drawn`` whose images are mistaken for something else."""
    test = trained.data.test
    for rows in torch.split(drawn, judge.config.batch_size):
        images = trained.preparation(test.images[rows]).to(judge.device)
        wrong = judge(images).argmax(1).cpu() != test.labels[rows]
        found = rows[wrong].tolist()[:count]
        yield from found
        count -= len(found)
        if not count:
            return


def _about(trained: Trained, images: Sequence[Image]) -> tuple[str, ...]:
    square = all(image.pixels.shape[1] == image.pixels.shape[2] for image in images)
    cropped = () if square else ("Of an image's longer side, only the middle is used.",)
    return (trained.preparation.description, *cropped)


def _how_chosen(trained: Trained, found: int, wrong: bool, seed: int) -> str:
    total = len(trained.data.test)
    if not wrong:
        return f"Drawn from the {total:,} test images with seed {seed}."
    if not found:
        return f"All {total:,} test images are classified right: there is no mistake to show."
    return f"Mistakes among the {total:,} test images, in an order drawn with seed {seed}."
