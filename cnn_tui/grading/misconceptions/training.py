"""Recognizing a training that learns nothing, or learns from part of its images.

An image of NaN makes every weight NaN once it is used. So a training after which
the weights are still finite has not used the images that were NaN.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.misconceptions.nets import Make, filled
from cnn_tui.grading.misconceptions.probes import new_generator

CLASSES = 10
FEW, EPOCHS = 40, 2
"""Images of two whole batches, and two epochs: nobody drops all of it as one too few."""
BATCH_SIZE = 20
RATE = 1e-2
LEAST = 40
"""Images that must leave no trace: none of so many is used by chance in two trainings."""


@dataclass(frozen=True)
class TrainingProbe:
    """Trains a network of the submission, ``function(*args)``, always from the same weights.

    ``count`` images of shape ``image`` are those of the check that failed; 0 asks only
    whether weights move. ``extra`` is how many validation images ``train`` takes besides.
    """

    function: str
    args: tuple[object, ...]
    image: tuple[int, ...]
    right: Make
    count: int = 0
    extra: int = 0

    @property
    def mistakes(self) -> Mapping[str, int]:
        """The sentence on each mistake → how many images are used."""
        part = {_part(each, self.count): each for each in range(1, self.count - LEAST + 1)}
        return {UNMOVED: 0, **part}

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the mistake that the weights show, or ""."""
        right = self.right()
        net = filled(submission, self.function, self.args, (2, *self.image), right)
        start = {key: each.clone() for key, each in net.state_dict().items()}
        self._train(submission, net, self._images(FEW))
        if not _has_moved(net, start):
            return UNMOVED
        if not self.count or self._uses(submission, net, start, self.count - LEAST):
            return ""
        if not self._uses(submission, net, start, 0):
            return ""
        used = self._used(submission, net, start)
        is_sure = self.count - used >= LEAST and not self._uses(submission, net, start, used)
        return _part(used, self.count) if is_sure else ""

    def _used(
        self, submission: LoadedSubmission, net: RemoteObject, start: dict[str, Tensor]
    ) -> int:
        """How many images come before those that leave no trace."""
        low, high = 0, self.count
        while high - low > 1:
            middle = (low + high) // 2
            if self._uses(submission, net, start, middle):
                low = middle
            else:
                high = middle
        return high

    def _uses(
        self,
        submission: LoadedSubmission,
        net: RemoteObject,
        start: dict[str, Tensor],
        first: int,
    ) -> bool:
        """Whether training uses any image from the ``first`` on."""
        images = self._images(self.count)
        images[first:] = torch.nan
        net.load_state_dict(start)
        self._train(submission, net, images)
        return any(not torch.isfinite(each).all() for each in net.state_dict().values())

    def _train(self, submission: LoadedSubmission, net: RemoteObject, images: Tensor) -> None:
        labels = torch.arange(len(images)) % CLASSES
        more = (self._images(self.extra), labels[: self.extra]) if self.extra else ()
        submission.call("train", net, images, labels, *more, EPOCHS, BATCH_SIZE, RATE)

    def _images(self, count: int) -> Tensor:
        return torch.rand(count, *self.image, generator=new_generator())


UNMOVED = "train() left every weight as it was."


def _part(used: int, count: int) -> str:
    return f"train() used only the first {used} of {count} images."


def _has_moved(net: RemoteObject, start: Mapping[str, Tensor]) -> bool:
    """Whether a weight or a bias is another than it was."""
    after = net.state_dict()
    named = (key for key in start if key.endswith(("weight", "bias")))
    return any(not torch.equal(after[key], start[key]) for key in named)
