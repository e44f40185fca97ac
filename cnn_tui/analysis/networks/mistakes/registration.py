"""Weights that ``model.parameters()`` does not list, and dropout that ``model.eval()`` misses."""

from collections.abc import Iterable, Iterator
from typing import Any

from torch import Tensor, nn
from torch.nn.modules.dropout import _DropoutNd

from cnn_tui.analysis.networks.calls import WatchedCall, aten
from cnn_tui.analysis.networks.mistakes.run import TracedRun, listed, note
from cnn_tui.analysis.networks.receptive_field import tensors
from cnn_tui.analysis.networks.records import NetNote

DROPOUTS = frozenset(
    {
        *(aten.dropout.default, aten.dropout_.default, aten.feature_dropout.default),
        *(aten.alpha_dropout.default, aten.feature_alpha_dropout.default),
    }
)
CONTAINERS = {list: "list", tuple: "tuple", dict: "dict", set: "set"}
DEEPEST = 3


def unregistered(run: TracedRun) -> list[NetNote]:
    """Layers and weights that forward uses and no optimizer finds."""
    made = {id(each) for module, _ in run.made for each in module.parameters()}
    made.update(id(each) for call in run.calls for each in call.outputs)
    stray = {
        id(each): each
        for given in run.graph.inputs
        for each in given
        if id(each) not in run.names and _is_leaf(each) and id(each) not in made
    }
    if not stray:
        return []
    for path, module in run.net.named_modules():
        for name, value in vars(module).items():
            held = _held(value, stray)
            if held:
                return _about_kept(f"{path}.{name}".lstrip("."), value, held)
    users = [call for call in run.calls if any(id(each) in stray for each in tensors(call.args))]
    message = (
        f"{users[0].title} uses weights that are no part of the network: model.parameters() does "
        f"not list {_numbers(stray.values())}, so no optimizer trains them, and they are not "
        "counted here. Make the layer in __init__ and assign it to self."
    )
    return note("unregistered", users[0].name, message, "modules")


def _is_leaf(tensor: Tensor) -> bool:
    """Whether an optimizer could train it: made by no operation, and not frozen."""
    return tensor.requires_grad and tensor.is_leaf


def _held(value: Any, stray: dict[int, Tensor], depth: int = DEEPEST) -> list[Tensor]:
    """The stray weights in what a module keeps under one name."""
    if isinstance(value, nn.Module):
        return [each for each in value.parameters() if id(each) in stray]
    if isinstance(value, Tensor):
        return [value] if id(value) in stray else []
    if not depth or not isinstance(value, tuple(CONTAINERS)):
        return []
    return [found for each in _inside(value) for found in _held(each, stray, depth - 1)]


def _about_kept(name: str, value: Any, held: list[Tensor]) -> list[NetNote]:
    kind = next((word for each, word in CONTAINERS.items() if isinstance(value, each)), "")
    if not kind:
        holder, remedy = "a plain tensor", "nn.Parameter"
    else:
        holder = f"a Python {kind}"
        of = "Module" if any(isinstance(each, nn.Module) for each in _flat(value)) else "Parameter"
        remedy = f"nn.{of}{'Dict' if kind == 'dict' else 'List'}"
    message = (
        f"{name} is {holder}, which registers nothing: model.parameters() does not list "
        f"{_numbers(held)} in it, so no optimizer trains them, and they are not counted here. "
        f"Use {remedy}."
    )
    return note("unregistered", name, message, "modules")


def _flat(value: Any, depth: int = DEEPEST) -> Iterator[Any]:
    if depth and isinstance(value, tuple(CONTAINERS)):
        for each in _inside(value):
            yield from _flat(each, depth - 1)
    else:
        yield value


def _inside(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, dict) else value


def _numbers(weights: Any) -> str:
    return f"the {sum(each.numel() for each in weights):,} parameters"


def made_in_forward(run: TracedRun) -> list[NetNote]:
    """Layers that a forward makes when it runs."""
    inside = {
        id(child) for module, _ in run.made for child in module.modules() if child is not module
    }
    outermost = [(module, path) for module, path in run.made if id(module) not in inside]
    if not outermost:
        return []
    module, path = outermost[0]
    registered = next((name for name, each in run.net.named_modules() if each is module), "")
    what = f"{registered} ({type(module).__name__})" if registered else f"A {_described(module)}"
    where = f"the forward of {path}" if path else "forward"
    harm = (
        "an optimizer made before the first call does not know its weights"
        if registered
        else "each call makes new random weights, and none of them is trained"
    )
    message = (
        f"{what} is made in {where}: {harm}. Make it in __init__ and call it in forward; where "
        "the number of its inputs is not known there, nn.LazyLinear and nn.LazyConv2d find it."
    )
    if len(outermost) > 1:
        others = [type(each).__name__ for each, _ in outermost[1:]]
        message += f" The same goes for {listed(others)}."
    return note("made-in-forward", registered or path, message, "modules")


def _described(module: nn.Module) -> str:
    return f"{type(module).__name__}({module.extra_repr()})"


def always_dropping(run: TracedRun) -> list[NetNote]:
    """Dropout that also drops in evaluation."""
    if run.net.training:
        return []
    for call in run.calls:
        if call.func in DROPOUTS and call.args[1] and call.args[2] and not _on_purpose(run, call):
            message = (
                f"{call.title} also drops in evaluation: model.eval() does not reach it. Write "
                "F.dropout(x, p, training=self.training), or make an nn.Dropout in __init__ and "
                "assign it to self."
            )
            return note(
                "dropout-in-eval",
                call.name,
                message,
                "dropout-placement",
            )
    return []


def _on_purpose(run: TracedRun, call: WatchedCall) -> bool:
    """Whether a registered dropout layer did it, which somebody must have switched on."""
    path = call.running.path
    return bool(path) and isinstance(run.net.get_submodule(path), _DropoutNd)
