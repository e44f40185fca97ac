"""Dropout inside a small trained CNN: what falls out of one step, and what the answers do."""

import math
from functools import lru_cache

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.chapter.demos.shared import digit_batches
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.data.dataset import first_images
from cnn_tui.data.preparation import digits
from cnn_tui.nets.dropout_cnn import CNNWithDropout

TRAINING_IMAGES, BATCH_SIZE, EPOCHS, LEARNING_RATE = 1400, 70, 3, 3e-3
WIDTH = 8
"""Channels of the first convolution: few, so that it trains while you wait."""
MASKS_AVERAGED = 10
"""Masks for each test image: more hardly change the accuracy."""
USES = ("evaluation", "training mode, one mask", f"training mode, mean of {MASKS_AVERAGED} masks")
DIGITS_SHOWN = 3
LIKELY = 2
"""Standard errors: chance alone leads further away in one case of twenty."""


def dropout_in_a_cnn(
    p: float = 0.5, image: int = 3, passes: int = 200, seed: int = 0
) -> DemoContent:
    """Train CNNWithDropout for three epochs of digits, then look at test image ``image``.

    ``passes`` times that image goes through the network in training mode, each
    time with other masks.
    """
    net = _trained(p, seed)
    test = digits.prepared()
    images, labels = next(digit_batches(test, test.test, len(test.test), 8).in_order())
    one, label = images[image : image + 1], labels[image : image + 1]
    torch.manual_seed(seed)  # a network kept from before has drawn nothing
    steps = [*_one_step(net.train(), one, label), *_one_step(net.eval(), one, label)]
    twice_in_training = _twice_differs(net.train(), one)
    twice_in_evaluation = _twice_differs(net.eval(), one)
    by_mask = _probabilities(net.train(), one.expand(passes, -1, -1, -1))
    evaluation = _probabilities(net.eval(), one)[0]
    otherwise = int((by_mask.argmax(1) != evaluation.argmax()).sum())
    right = _right_answers(net, images, labels)
    percents = [100 * hits.float().mean().item() for hits in right]
    return DemoContent(
        blocks=(
            Table(
                f"Units in one step on test image {image}, the digit {label.item()}; p = {p:g}",
                ("mode", "layer", "active", "of these dropped", "kept", "rows not learning"),
                tuple(steps),
            ),
            Say(
                "A unit that the ReLU has silenced or that the mask drops gets no gradient: "
                "nothing is learned in its row of the layer's weights in this step."
            ),
            Table(
                "The same image twice: largest difference between the scores",
                ("mode", "difference"),
                (("training", twice_in_training), ("evaluation", twice_in_evaluation)),
            ),
            Table(
                f"What the image is taken for, in % of certainty; {passes} passes in training mode",
                ("digit", "evaluation", "mean", "spread", "lowest", "highest"),
                _digit_rows(by_mask, evaluation, label.item()),
            ),
            Say(_doubt(p, otherwise, passes)),
            Table(
                f"All {len(labels)} test images",
                ("the same network", "right", "%"),
                tuple(
                    (use, int(hits.sum()), percent)
                    for use, hits, percent in zip(USES, right, percents, strict=True)
                ),
            ),
            Say(
                f"{_verdict(*right[:2])} Try {_other(p, image)}. Whether dropout makes a network "
                "better, one training cannot tell: the experiment dropout trains several."
            ),
        ),
        figures={
            "twice_in_training": twice_in_training,
            "twice_in_evaluation": twice_in_evaluation,
            "otherwise": otherwise,
            "evaluation_percent": percents[0],
            "one_mask_percent": percents[1],
            "many_masks_percent": percents[2],
        },
    )


@lru_cache(maxsize=4)
def _trained(p: float, seed: int) -> CNNWithDropout:
    """The network after its three epochs: kept, so that another image costs no training."""
    torch.manual_seed(seed)
    data = digits.prepared()
    net = CNNWithDropout(in_channels=1, image_size=8, p=p, width=WIDTH)
    batches = digit_batches(data, first_images(data.train, TRAINING_IMAGES), BATCH_SIZE, 8)
    optimizer = torch.optim.Adam(net.parameters(), lr=LEARNING_RATE)
    for epoch in range(EPOCHS):
        for images, labels in batches.epoch(seed, epoch):
            loss = F.cross_entropy(net(images), labels)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
    return net


def _one_step(net: CNNWithDropout, image: Tensor, label: Tensor) -> list[tuple[TableCell, ...]]:
    """Forward and back once: a row for each dropout, on the units that it follows."""
    passed: list[tuple[nn.Linear, Tensor, Tensor]] = []
    x = net.features(image).flatten(1)
    for layer in net.classifier:
        before, x = x, layer(x)
        if isinstance(layer, nn.Linear):
            linear = layer
        elif isinstance(layer, nn.Dropout):
            passed.append((linear, before[0], x[0]))
    weights = [linear.weight for linear, _, _ in passed]
    gradients = torch.autograd.grad(F.cross_entropy(x, label), weights)
    mode = "training" if net.training else "evaluation"
    return [
        (mode, f"{len(out)} units", *_counts(before, out, gradient))
        for (_, before, out), gradient in zip(passed, gradients, strict=True)
    ]


def _counts(before: Tensor, out: Tensor, gradient: Tensor) -> tuple[int, int, int, int]:
    """Units active before a dropout, dropped of these, kept; and weight rows without gradient."""
    active, kept = int(before.count_nonzero()), int(out.count_nonzero())
    idle = int((gradient == 0).all(dim=1).sum())
    return active, active - kept, kept, idle


@torch.no_grad()
def _twice_differs(net: CNNWithDropout, image: Tensor) -> float:
    difference: Tensor = net(image) - net(image)
    return difference.abs().max().item()


@torch.no_grad()
def _probabilities(net: CNNWithDropout, images: Tensor) -> Tensor:
    """(N, 10)."""
    probabilities: Tensor = net(images).softmax(1)
    return probabilities


def _digit_rows(
    by_mask: Tensor, evaluation: Tensor, true: float
) -> tuple[tuple[TableCell, ...], ...]:
    """The likeliest digits: in evaluation, and over the passes (passes, 10)."""
    rows: list[tuple[TableCell, ...]] = []
    for digit in by_mask.mean(0).topk(DIGITS_SHOWN).indices.tolist():
        passes = 100 * by_mask[:, digit]
        numbers = (passes.mean(), passes.std(), passes.min(), passes.max())
        name = f"{digit}, the true one" if digit == true else str(digit)
        rows.append((name, 100 * evaluation[digit].item(), *(each.item() for each in numbers)))
    return tuple(rows)


def _other(p: float, image: int) -> str:
    others = ["image = 5"] * (image != 5) + ["p = 0" if p else "p = 0.5"]
    return ", or ".join(others)


def _doubt(p: float, otherwise: int, passes: int) -> str:
    if not p:
        return f"With p = 0 there is one network, and all {passes} passes are the same."
    if not otherwise:
        return f"All {passes} sub-networks take it for the same digit as evaluation does."
    return (
        f"{otherwise} of {passes} sub-networks take it for another digit than evaluation does. "
        "Where they disagree, the network is unsure (Monte Carlo dropout)."
    )


def _right_answers(net: CNNWithDropout, images: Tensor, labels: Tensor) -> list[Tensor]:
    """For each of USES, which images are classified right, (N,) as bool."""
    evaluation = _probabilities(net.eval(), images)
    passes = torch.stack([_probabilities(net.train(), images) for _ in range(MASKS_AVERAGED)])
    return [each.argmax(1) == labels for each in (evaluation, passes[0], passes.mean(0))]


def _verdict(evaluation: Tensor, one_mask: Tensor) -> str:
    """Evaluation against one mask, judged by the images that only one of them gets right."""
    gained, lost = int((evaluation & ~one_mask).sum()), int((one_mask & ~evaluation).sum())
    told = f"Only evaluation is right on {gained} images, only the one mask on {lost}"
    if gained == lost == 0:
        return f"{told}: they answer alike."
    if abs(gained - lost) <= LIKELY * math.sqrt(gained + lost):
        return f"{told}: no more than chance may do."
    better = "all units together do better" if gained > lost else "the mask does better"
    return f"{told}: more than chance, {better}."
