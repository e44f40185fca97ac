"""Recognizing a training that is not in training mode in every step.

At a learning rate of 0 and on copies of one image, only the running statistics of batch
norm move, and only by steps in training mode: where they end shows which steps these were.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.weights import Role
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.nets import Make, filled
from cnn_tui.grading.misconceptions.probes import new_generator, only_match

COPIES, BATCH_SIZE, EPOCHS = 5, 2, 4
"""Three batches: no two of the mistakes have equally many steps in training mode."""

StepMode = Callable[[int, int, bool], bool]
"""Whether a step is in training mode: by its epoch, its place there, and how the network came."""

MISTAKES: Mapping[str, StepMode] = {
    "train() trains in evaluation mode: call net.train() before the steps.": (
        lambda epoch, place, came: False
    ),
    "train() leaves the network in the mode in which it comes: call net.train() first.": (
        lambda epoch, place, came: came
    ),
    "Only the first epoch is in training mode: call net.train() at the start of each.": (
        lambda epoch, place, came: not epoch
    ),
    "Only the first epoch is in training mode, and only if the network comes in it: call "
    "net.train() in each epoch.": lambda epoch, place, came: came and not epoch,
    "Only the first step of each epoch is in training mode: call net.train() before each step.": (
        lambda epoch, place, came: not place
    ),
    "Only the first step of all is in training mode: call net.train() before each step.": (
        lambda epoch, place, came: not epoch and not place
    ),
}


@dataclass(frozen=True)
class ModesProbe:
    """Trains a network of the submission that has batch norm, and comes in one mode or the other.

    It is that of ``function(*args)``. ``image`` is the shape of an image. ``extra`` is how many
    validation images ``train`` takes besides. Tensors of the roles ``zero`` get zeros.
    """

    function: str
    args: tuple[object, ...]
    image: tuple[int, ...]
    right: Make
    extra: int = 0
    zero: tuple[Role, ...] = ()

    @property
    def mistakes(self) -> Mapping[str, StepMode]:
        """The sentence on each mistake → which steps are in training mode."""
        return MISTAKES

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the modes that lead where the submission's training does, or ""."""
        right = self.right()
        image = torch.rand(1, *self.image, generator=new_generator())
        answers: list[Any] = []
        for came in (False, True):
            answers += self._ask(submission, right, image, came)
        outcomes = {sentence: ends(right, image, mode) for sentence, mode in MISTAKES.items()}
        return only_match(answers, ends(right, image, lambda *_: True), outcomes)

    def _ask(
        self, submission: LoadedSubmission, right: nn.Module, image: Tensor, came: bool
    ) -> list[Any]:
        """How many epochs training reports, and the logits after it."""
        shape = (2, *self.image)
        net = filled(submission, self.function, self.args, shape, right, self.zero)
        net.train(came)
        images, more = (image.expand(n, -1, -1, -1).clone() for n in (COPIES, self.extra))
        labels, told = (torch.zeros(n, dtype=torch.long) for n in (COPIES, self.extra))
        data = (images, labels, more, told) if self.extra else (images, labels)
        returned = submission.call("train", net, *data, EPOCHS, BATCH_SIZE, 0.0)
        net.train(False)
        return [len(returned), net(image)]


@torch.no_grad()
def ends(net: nn.Module, image: Tensor, mode: StepMode) -> Iterator[Any]:
    """The epochs, and the logits after them, for a network that comes in either mode.

    ``net`` is one of the judge's own, and is as before in the end.
    """
    start = {key: each.clone() for key, each in net.state_dict().items()}
    sizes = [min(BATCH_SIZE, COPIES - begin) for begin in range(0, COPIES, BATCH_SIZE)]
    found: list[Any] = []
    for came in (False, True):
        for epoch in range(EPOCHS):
            for place, size in enumerate(sizes):
                net.train(mode(epoch, place, came))
                net(image.expand(size, -1, -1, -1))
        found += [EPOCHS, net.eval()(image)]
        net.load_state_dict(start)
    return iter(found)
