"""What judging a run and guessing with it answer: frozen records without torch."""

import csv
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from typing import Any, TextIO

from cnn_tui.analysis.records import Picture
from cnn_tui.data.baseline import balanced_accuracy, is_uneven, largest_share


@dataclass(frozen=True)
class JudgedRun:
    """Which run's weights were judged, and which of its weights.

    ``epochs`` is how many it was asked for. The weights are those after epoch
    ``weights_epoch`` (None if unknown): with ``has_best`` the best on the
    validation images so far, else the last.
    """

    run: str
    net: str
    data: str
    state: str
    epochs: int
    has_best: bool
    weights_epoch: int | None

    def to_json(self) -> dict[str, Any]:
        """The beginning of what ``cnn-lab evaluate`` and ``predict`` print as JSON."""
        kind = {"weights": "best" if self.has_best else "last"}
        return {key: value for key, value in asdict(self).items() if key != "has_best"} | kind


@dataclass(frozen=True)
class ClassAccuracy:
    """How many of the images of one class were recognized; ``accuracy`` is None without any."""

    name: str
    images: int
    correct: int

    @property
    def accuracy(self) -> float | None:
        """The recognized part of its images, 0 to 1."""
        return self.correct / self.images if self.images else None


@dataclass(frozen=True)
class Mistake:
    """An image of the split that the network took for another class, and how sure it was."""

    index: int
    true: str
    predicted: str
    probability: float
    picture: Picture


@dataclass(frozen=True)
class Confusion:
    """How often images of one class were taken for another."""

    true: str
    predicted: str
    count: int


@dataclass(frozen=True)
class Evaluation:
    """A run's network judged on every image of one split, ``test`` or ``val``.

    ``loss`` is the mean cross-entropy per image. ``confusion`` counts images: a
    row is a true class, a column a predicted one, both in the order of
    ``classes``. ``mistakes`` are the most confident errors, in that order.
    ``notes`` say what has become of the images since the run began.
    """

    judged: JudgedRun
    split: str
    classes: tuple[str, ...]
    images: int
    correct: int
    loss: float
    images_per_second: float
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]
    notes: tuple[str, ...] = ()

    @property
    def accuracy(self) -> float:
        """The part of the images that were classified right, 0 to 1."""
        return self.correct / self.images

    @property
    def baseline_accuracy(self) -> float:
        """The accuracy of always answering with the largest class of these images."""
        return largest_share([each.images for each in self.per_class]) or 0.0

    @property
    def balanced_accuracy(self) -> float:
        """The mean over the classes that have images of the part that is classified right."""
        right, images = zip(*((each.correct, each.images) for each in self.per_class), strict=True)
        return balanced_accuracy(right, images) or 0.0

    @property
    def is_uneven(self) -> bool:
        """Whether one class has so many of the images that the accuracy alone says little."""
        there = sum(1 for each in self.per_class if each.images)
        return is_uneven(self.baseline_accuracy, there)

    @property
    def per_class(self) -> tuple[ClassAccuracy, ...]:
        """Every class in its order."""
        return tuple(
            ClassAccuracy(name, sum(row), row[index])
            for index, (name, row) in enumerate(zip(self.classes, self.confusion, strict=True))
        )

    @property
    def confusions(self) -> tuple[Confusion, ...]:
        """Every two classes that were confused, the most frequent first."""
        found = [
            Confusion(self.classes[i], self.classes[j], count)
            for i, row in enumerate(self.confusion)
            for j, count in enumerate(row)
            if i != j and count
        ]
        return tuple(sorted(found, key=lambda each: -each.count))

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab evaluate --json`` prints: no pixels."""
        is_test = self.split == "test"
        return {
            **self.judged.to_json(),
            "split": self.split,
            "images": self.images,
            "accuracy": self.accuracy,
            "baseline_accuracy": self.baseline_accuracy,
            "balanced_accuracy": self.balanced_accuracy,
            "loss": self.loss,
            "test_accuracy": self.accuracy if is_test else None,
            "test_loss": self.loss if is_test else None,
            "images_per_second": self.images_per_second,
            "classes": list(self.classes),
            "per_class": [asdict(each) | {"accuracy": each.accuracy} for each in self.per_class],
            "confusion": [list(row) for row in self.confusion],
            "mistakes": [
                {
                    "index": each.index,
                    "image": each.picture.title,
                    "true": each.true,
                    "predicted": each.predicted,
                    "probability": each.probability,
                }
                for each in self.mistakes
            ],
            "notes": list(self.notes),
        }


@dataclass(frozen=True)
class Guess:
    """A class, and the probability that the network gives it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """An image, the class that it truly is of (None if unknown), and the likeliest guesses."""

    picture: Picture
    true: str | None
    guesses: tuple[Guess, ...]

    @property
    def predicted(self) -> str:
        """The class that the network takes it for."""
        return self.guesses[0].name

    @property
    def is_right(self) -> bool | None:
        """Whether that is the true one; None where nobody knows."""
        return None if self.true is None else self.true == self.predicted


@dataclass(frozen=True)
class PredictedImage:
    """One image by its name, its true class (None if unknown), and what it was taken for."""

    image: str
    true: str | None
    predicted: str
    probability: float


def write_predictions(images: Iterable[PredictedImage], file: TextIO) -> None:
    """Write a row for each image below the names of the columns; unknown classes stay empty."""
    table = csv.DictWriter(
        file, [field.name for field in fields(PredictedImage)], lineterminator="\n"
    )
    table.writeheader()
    table.writerows(map(asdict, images))


@dataclass(frozen=True)
class Predictions:
    """What a run's network takes some images for; ``notes`` say how they were chosen and seen."""

    judged: JudgedRun
    images: tuple[Prediction, ...]
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab predict --json`` prints: no pixels."""
        return {
            **self.judged.to_json(),
            "images": [
                {
                    "image": each.picture.title,
                    "true": each.true,
                    "predicted": each.predicted,
                    "right": each.is_right,
                    "guesses": [asdict(guess) for guess in each.guesses],
                }
                for each in self.images
            ],
            "notes": list(self.notes),
        }
