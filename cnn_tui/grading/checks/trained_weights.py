"""What a network has learned, judged by its numbers and not by its word.

After training, a network's parameters and buffers are put into the reference,
and that answers in its place. So a network that knows digits by other means than
its weights, be it a table or a search among the training images, gains nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import islice, permutations, product
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.images import expect_logits, logits_of
from cnn_tui.grading.checks.testing import CheckError, expect
from cnn_tui.grading.checks.weights import Role, StateDict, expect_near, roles
from cnn_tui.grading.isolation.remote_objects import RemoteObject

Layer: TypeAlias = dict[str, Tensor]
"""A layer's tensors, by their names within it."""

FEW = 4
"""So many images tell which way of matching layers is right."""
AS_IT_DID = 0.1
"""Share of the distance to the last end within which an earlier end is meant."""
MAX_WAYS = 1000
"""Three norms of each of three widths, and two convolutions alike, make 432."""


def learned_logits(net: RemoteObject, reference: nn.Module, images: Tensor, what: str) -> Tensor:
    """The logits (N, 10) of ``images``, computed by ``reference`` with the numbers of ``net``.

    Both are left in evaluation mode. Where several layers are alike, it is tried
    which is which. Raises CheckError unless ``net`` itself answers the same.
    """
    net.train(False)
    reference.eval()
    told = expect_logits(net(images), len(images))
    for state in islice(_ways(net.state_dict(), reference.state_dict(), what), MAX_WAYS):
        reference.load_state_dict(state)
        if is_near(logits_of(reference, images[:FEW]), told[:FEW]):
            break
    wanted = logits_of(reference, images)
    finite = bool(torch.isfinite(wanted).all())
    expect(finite, f"{what}: logits that follow from its state_dict() are not finite.")
    expect_near(told, wanted, f"logits of {what}, against those that follow from its state_dict()")
    return wanted


def is_near(got: Any, wanted: Tensor) -> bool:
    """Whether ``got``, which may be anything, is ``wanted`` to the rounding of a network."""
    try:
        expect_near(got, wanted, "")
    except CheckError:
        return False
    return True


def expect_last_answers(got: Tensor, ends: Sequence[Tensor], when: str) -> None:
    """Fail unless the logits ``got`` after training are nearest to the last of ``ends``.

    These are the logits after 0, 1, … epochs. ``when`` begins the sentence on another end.
    """
    expect(bool(torch.isfinite(got).all()), f"{when} logits of the network are not finite.")
    distances = [float((got - end).norm()) for end in ends]
    nearest = distances.index(min(distances))
    if distances[nearest] == distances[-1]:
        return
    is_that = distances[nearest] <= AS_IT_DID * float((ends[-1] - ends[nearest]).norm())
    if not is_that:
        raise CheckError(
            f"{when} the network's answers are those of none of the epochs: the weights that stay "
            "should be those that the last step leaves, neither averaged nor changed afterwards."
        )
    then = f"after {nearest} epoch{'s' * (nearest != 1)}" if nearest else "before training"
    raise CheckError(
        f"{when} the network answers as it did {then}: keep the weights that the last step leaves."
    )


def _ways(state: StateDict, wanted: StateDict, what: str) -> Iterator[dict[str, Tensor]]:
    """``wanted`` with the numbers of ``state``, in each way that the layers can be matched.

    The first takes layers that are alike in the order in which they were made.
    """
    there, sought = _alike(state), _alike(wanted)
    choices = []
    for role, targets in sought.items():
        found = there.get(role, {})
        if len(found) < len(targets):
            kind, _, shape = role
            raise CheckError(f"{what}: it has too few {kind}s with a weight of shape {shape}.")
        choices.append(permutations(_candidates(found, len(targets)), len(targets)))
    for way in product(*choices):
        numbers = dict(wanted)
        for targets, layers in zip(sought.values(), way, strict=True):
            for (prefix, target), layer in zip(targets.items(), layers, strict=True):
                numbers |= {f"{prefix}.{name}": _like(layer, name, target, what) for name in target}
        yield numbers


def _alike(state: StateDict) -> dict[Role, dict[str, Layer]]:
    """The layers of ``state``: by the role of their weight, then by where they are."""
    known = roles(state)
    layers: dict[str, Layer] = {}
    for key in known:
        prefix, _, name = key.rpartition(".")
        layers.setdefault(prefix, {})[name] = state[key].float()
    alike: dict[Role, dict[str, Layer]] = {}
    for key, role in known.items():
        prefix, _, name = key.rpartition(".")
        if name == "weight":
            alike.setdefault(role, {})[prefix] = layers[prefix]
    return alike


def _candidates(found: dict[str, Layer], count: int) -> list[Layer]:
    """Each layer once, though a network may hold it under several names, if ``count`` are left."""
    once: list[Layer] = []
    for layer in found.values():
        if not any(_is_same(layer, each) for each in once):
            once.append(layer)
    return once if len(once) >= count else list(found.values())


def _is_same(layer: Layer, other: Layer) -> bool:
    return layer.keys() == other.keys() and all(
        torch.equal(layer[name], other[name]) for name in layer
    )


def _like(layer: Layer, name: str, target: Layer, what: str) -> Tensor:
    """A tensor of ``layer`` in the shape of the target's; a bias that it does without is 0."""
    shape = target[name].shape
    if name not in layer:
        return torch.zeros(shape)
    if layer[name].numel() != shape.numel():
        raise CheckError(f"{what}: a {name} of shape {tuple(layer[name].shape)} does not fit in.")
    return layer[name].reshape(shape)
