"""A run's network judged on all images of a split."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from cnn_tui.analysis.evaluation_records import Evaluation, Mistake
from cnn_tui.analysis.images import picture as make_picture
from cnn_tui.analysis.judge import PICTURE_SIDE, Judge, judge_of, open_judged
from cnn_tui.analysis.trained import Trained
from cnn_tui.data.dataset import Split
from cnn_tui.data.loading.loader import Loader
from cnn_tui.errors import UsageError
from cnn_tui.training.device.setup import memory_format
from cnn_tui.workspace import Workspace

NO_TEST_SET = (
    "There are no test images: the run is judged on its validation images, which have chosen its "
    "weights."
)

MOST_MISTAKES = 12
"""Of the most confident mistakes, with their pictures, that an evaluation holds."""


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
    split: str | None = "test",
    *,
    most_mistakes: int = MOST_MISTAKES,
    data_dir: Path | None = None,
) -> Evaluation:
    """Judge the best weights of a run on every image of a split, ``test`` or ``val``.

    None is the test images, or the validation images where there are none. A run that goes
    on is judged by its best weights so far. ``data_dir`` is where its data set is now, if
    not where it was. Raises UsageError for whatever cannot be judged, as ``load_trained``
    does.
    """
    if split not in ("test", "val", None):
        raise UsageError(f"The split is test or val, not {split!r}.", fields=("split",))
    trained, judged = open_judged(workspace, run, data_dir)
    own = trained.own
    notes = own.notes
    if split is None:
        split = "test" if len(own.data.test) else "val"
        notes = notes if len(own.data.test) else (NO_TEST_SET, *notes)
    part = own.data.test if split == "test" else own.data.val
    if not len(part):
        raise UsageError(_no_images(trained, split), fields=("split",))
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
        mistakes=tuple(_mistakes(trained, part, verdicts, most_mistakes)),
        notes=notes,
    )


def _no_images(trained: Trained, split: str) -> str:
    name, other = ("test", "validation") if split == "test" else ("validation", "test")
    is_untested = split == "test" and trained.config.val_is_validation
    why = (
        "it was trained without a test set"
        if is_untested
        else f"{trained.config.data} holds none of its own, or they are gone"
    )
    return f"Run {trained.run} has no {name} images: {why}. Judge it on its {other} images."


def _judge_all(trained: Trained, part: Split) -> Verdicts:
    judge = judge_of(trained)
    predicted, confidence, losses = [], [], []
    loader = _loader(trained, judge, part)
    judge(next(loader.in_order())[0])  # The first forward pass alone waits for kernels and threads.
    since = time.perf_counter()
    for images, labels in loader.in_order():
        logits = judge(images)
        best = logits.softmax(1).max(1)
        predicted.append(best.indices)
        confidence.append(best.values)
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
        mean=trained.facts.mean,
        std=trained.facts.std,
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


def _mistakes(trained: Trained, part: Split, verdicts: Verdicts, most: int) -> Iterator[Mistake]:
    """The errors of the highest confidence, the most confident first."""
    rows = torch.nonzero(verdicts.predicted != verdicts.labels).flatten()
    most_confident = verdicts.confidence[rows].argsort(descending=True, stable=True)[:most]
    for row in rows[most_confident].tolist():
        image = trained.image(part, row)
        yield Mistake(
            index=row,
            true=trained.classes[int(verdicts.labels[row])],
            predicted=trained.classes[int(verdicts.predicted[row])],
            probability=verdicts.confidence[row].item(),
            picture=make_picture(image.name, image.pixels, PICTURE_SIDE),
        )
