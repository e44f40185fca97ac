"""Finding the first layer of a network whose input or output is not what it should be.

The submission's network and the right one hold the same numbers and get the same
images. Only layers with a weight are compared: what lies between two of them, such
as a ReLU, may be a function and not a module. Where the layers are others, that is
said, if all weights of the network belong to layers that are called once.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from cnn_tui.grading.checks.weights import roles
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.misconceptions.nets import NetProbe, filled
from cnn_tui.grading.misconceptions.probes import alike, all_alike, new_generator

KINDS = {nn.Conv2d: "convolution", nn.Linear: "linear layer", nn.BatchNorm2d: "batch norm"}
COUNTER = "num_batches_tracked"
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")

CONSTANT = "Its output is the same for every input."
PASSES = 6
"""More passes, of which one may be the first that differs."""
RANDOM = "Two passes of the same input differ: something in it is random, such as dropout."
UNUSED = "One of its layers is never used in forward."
REUSED = "One of its layers is used more than once in forward."
SHARED = "Two of its layers are one and the same: each should have weights of its own."

LayerCall: TypeAlias = tuple[nn.Module, Tensor, Tensor]


@dataclass(frozen=True)
class LayersProbe:
    """Compares the layers of ``net.function(*net.args)`` with those of the right network."""

    net: NetProbe

    @property
    def mistakes(self) -> Mapping[str, Any]:
        """Only these: else it says where a network deviates, and not by which mistake."""
        return {
            CONSTANT: is_constant,
            RANDOM: _is_random,
            UNUSED: _is_unused,
            REUSED: _is_reused,
            SHARED: _is_shared,
        }

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the first layer that deviates, or ""."""
        right = self.net.right().eval()
        asked = self.net
        net = filled(submission, asked.function, asked.args, asked.inputs, right, asked.zero)
        images = torch.randn(self.net.inputs, generator=new_generator())
        wanted, logits = _calls(right, images)
        got, told = net(images), net.layers(images)
        if _is_random(net, images):
            return RANDOM
        # A ReLU at the end makes logits that are all below 0 constant for these inputs only.
        if is_constant(got) and not is_constant(logits.clamp(min=0)):
            return CONSTANT
        if _is_shared(net):
            return SHARED
        if _is_unused(net, images, told):
            return UNUSED
        if _is_reused(net, told):
            return REUSED
        shapes = [list(layer.state_dict()["weight"].shape) for layer, _, _ in wanted]
        if [each[0] for each in told] != shapes:
            state = net.state_dict()
            return self._other_layers(told, shapes) if _has_only_layers(state, told) else ""
        if told and not alike(told[0][1], wanted[0][1]):
            return f"What enters the first layer of {self._name} is not its input as it came."
        where = _first_deviation(told, wanted, alike(got, logits))
        return f"Layer by layer {self._name} is equal up to the {where}." if where else ""

    @property
    def _name(self) -> str:
        return f"{self.net.function}({', '.join(map(repr, self.net.args))})"

    def _other_layers(self, told: Any, wanted: list[list[int]]) -> str:
        """What its layers with weights are, and what the task has."""
        if len(told) != len(wanted):
            return f"{self._name} has {len(told)} layers with weights: the task has {len(wanted)}."
        got, expected = (Counter(map(tuple, each)) for each in ([one[0] for one in told], wanted))
        if got == expected:  # In another order, such as that of two branches.
            return ""
        extra, missing = (next(iter(each)) for each in (got - expected, expected - got))
        return (
            f"{self._name} has a layer with a weight of shape {extra}, where the task has one of "
            f"shape {missing}."
        )


def _is_random(net: RemoteObject, images: Tensor) -> bool:
    """Whether it answers differently when it is asked again, in either mode."""
    for training in (True, False):
        net.train(training)
        first = net(images)
        if not all(alike(net(images), first) for _ in range(PASSES)):
            return True
    return False


def _is_unused(net: RemoteObject, images: Tensor, told: Any) -> bool:
    """Whether the weight of a layer, which has one name only, makes no difference."""
    state = net.state_dict()
    outputs = [each[2] for each in told]
    unused = False
    for key in state:
        if key.rpartition(".")[2] == "weight" and not unused:
            net.load_state_dict(state | {key: 1 + 2 * state[key]})
            unused = all_alike([each[2] for each in net.layers(images)], outputs)
    net.load_state_dict(state)
    return unused


def _is_reused(net: RemoteObject, told: Any) -> bool:
    """Whether more layers were called than the network has weights."""
    return sum(key.rpartition(".")[2] == "weight" for key in net.state_dict()) < len(told)


def _is_shared(net: RemoteObject) -> bool:
    """Whether a layer has two names."""
    state = net.state_dict()
    weights = [key for key in state if key.rpartition(".")[2] == "weight"]
    marked = {key: torch.full_like(state[key], at) for at, key in enumerate(weights)}
    net.load_state_dict(state | marked)
    after = net.state_dict()
    net.load_state_dict(state)
    return any(not torch.equal(after[key], each) for key, each in marked.items())


def _has_only_layers(state: Mapping[str, Tensor], called: Sequence[Any]) -> bool:
    """Whether all its numbers are those of layers, of which each has been called once."""
    known = roles(state)
    weights = [key for key in known if key.rpartition(".")[2] == "weight"]
    rest = (key for key in state if key not in known)
    return len(weights) == len(called) and all(key.endswith(COUNTER) for key in rest)


def is_constant(output: Any) -> bool:
    """Whether all rows of a tensor are the same; False where it is none."""
    return type(output) is Tensor and output.dim() > 1 and bool((output == output[:1]).all())


def _calls(net: nn.Module, images: Tensor) -> tuple[list[LayerCall], Tensor]:
    """The calls of layers with a weight in one forward pass, and what that returns."""
    calls: list[LayerCall] = []

    def note(layer: nn.Module, args: tuple[Tensor, ...], output: Tensor) -> None:
        calls.append((layer, args[0].clone(), output.clone()))

    for each in net.modules():
        if type(each) in KINDS:
            each.register_forward_hook(note)
    with torch.no_grad():
        return calls, net(images)


def _first_deviation(told: Any, wanted: list[LayerCall], is_same_end: bool) -> str:
    count: Counter[str] = Counter()
    before = ""
    for (_, given, returned), (layer, taken, output) in zip(told, wanted, strict=True):
        kind = KINDS[type(layer)]
        name = f"{ORDINALS[count[kind]]} {kind}" if count[kind] < len(ORDINALS) else ""
        count[kind] += 1
        if not alike(given, taken):
            return _between(before, name, given, taken) if name else ""
        if not alike(returned, output):
            return _within(name, returned, output) if name else ""
        before = name
    if is_same_end or not before:
        return ""
    return f"output of the {before}, different after it"


def _between(before: str, name: str, got: Any, wanted: Tensor) -> str:
    return f"output of the {before}, different at the input of the {name}{_shapes(got, wanted)}"


def _within(name: str, got: Any, wanted: Tensor) -> str:
    return f"input of the {name}, different at its output{_shapes(got, wanted)}"


def _shapes(got: Any, wanted: Tensor) -> str:
    if type(got) is not Tensor or got.shape == wanted.shape:
        return ""
    return f" (shape {tuple(got.shape)}, expected {tuple(wanted.shape)})"
