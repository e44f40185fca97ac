"""Finding the first layer of a network whose input or output is not what it should be.

The submission's network and the right one hold the same numbers and get the same
images. Only layers with a weight are compared: what lies between two of them, such
as a ReLU, may be a function and not a module. Where their weights have other shapes
or come in another order, nothing is said.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn

from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.misconceptions.nets import NetProbe, filled
from cnn_tui.grading.misconceptions.probes import alike, new_generator

KINDS = {nn.Conv2d: "convolution", nn.Linear: "linear layer", nn.BatchNorm2d: "batch norm"}
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")

CONSTANT = "Its output is the same for every input."

LayerCall: TypeAlias = tuple[nn.Module, Tensor, Tensor]


@dataclass(frozen=True)
class LayersProbe:
    """Compares the layers of ``net.function(*net.args)`` with those of the right network."""

    net: NetProbe

    @property
    def mistakes(self) -> Mapping[str, Any]:
        """Only one: else it says where a network deviates, and not by which mistake."""
        return {CONSTANT: _is_constant}

    def mistake(self, submission: LoadedSubmission) -> str:
        """The sentence on the first layer that deviates, or ""."""
        right = self.net.right().eval()
        net = filled(submission, self.net.function, self.net.args, self.net.inputs, right)
        images = torch.randn(self.net.inputs, generator=new_generator())
        wanted, logits = _calls(right, images)
        got = net(images)
        # A ReLU at the end makes logits that are all below 0 constant for these inputs only.
        if _is_constant(got) and not _is_constant(logits.clamp(min=0)):
            return CONSTANT
        return _first_deviation(net.layers(images), wanted, alike(got, logits))


def _is_constant(output: Any) -> bool:
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
    shapes = [list(layer.state_dict()["weight"].shape) for layer, _, _ in wanted]
    if [each[0] for each in told] != shapes:
        return ""
    count: Counter[str] = Counter()
    before = ""
    for (_, given, returned), (layer, taken, output) in zip(told, wanted, strict=True):
        kind = KINDS[type(layer)]
        name = f"{ORDINALS[count[kind]]} {kind}" if count[kind] < len(ORDINALS) else ""
        count[kind] += 1
        if not alike(given, taken):
            return _between(before, name, given, taken) if before and name else ""
        if not alike(returned, output):
            return _within(name, returned, output) if name else ""
        before = name
    if is_same_end or not before:
        return ""
    return f"Layer by layer it is equal up to the output of the {before}, different after it."


def _between(before: str, name: str, got: Any, wanted: Tensor) -> str:
    return (
        f"Layer by layer it is equal up to the output of the {before}, "
        f"different at the input of the {name}{_shapes(got, wanted)}."
    )


def _within(name: str, got: Any, wanted: Tensor) -> str:
    return (
        f"Layer by layer it is equal up to the input of the {name}, "
        f"different at its output{_shapes(got, wanted)}."
    )


def _shapes(got: Any, wanted: Tensor) -> str:
    if type(got) is not Tensor or got.shape == wanted.shape:
        return ""
    return f" (shape {tuple(got.shape)}, expected {tuple(wanted.shape)})"
