"""Networks that the lab does not know: found by name, built without numbers, taken apart.

``summarize_target`` imports a file or module as Python itself would and runs its
code in this process; ``summarize_named`` is the part that follows, for a module
that is loaded already.
"""

import copy
import inspect
import sys
from collections.abc import Sequence
from contextlib import redirect_stdout
from dataclasses import replace
from types import ModuleType
from typing import Any

import torch
from torch import nn

from cnn_tui.analysis.networks.input_checks import refuse_several
from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.likely_inputs import about_hidden_layers, likely_inputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shapes import ShapeError
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.errors import UsageError
from cnn_tui.nets.own import (
    FoundFactory,
    blaming,
    find_factory,
    importable,
    listed,
    load,
    with_article,
)
from cnn_tui.nets.specs import NetSpec

BUILT_ON_CPU = "Its constructor needs real numbers, so it was built on the CPU."


def summarize_target(
    target: NetSpec,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    timed: bool = False,
    memory: bool = False,
) -> NetSummary:
    """Import the network that ``target`` names and take it apart.

    ``inputs`` are all that it is given, or (channels, height, width) of an image; guessed from
    the first layer if not given, and the note says so. ``timed`` also runs it with numbers and
    measures how long each layer takes. What the code prints goes to stderr. Raises UsageError
    for whatever is wrong with the target or its code.
    """
    with importable(target), redirect_stdout(sys.stderr):
        module = load(target)
        summary = summarize_named(module, target, inputs, memory=memory)
        return _measured(summary, _with_options(module, target)) if timed else summary


def summarize_instance(
    net: nn.Module,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    timed: bool = False,
    memory: bool = False,
) -> NetSummary:
    """Inspect a network that was built already; it is left as it is.

    ``inputs``, ``timed`` and ``memory`` are those of ``summarize_target``. What has to run
    with numbers does so in a copy on the CPU. Raises UsageError.
    """

    def copied() -> nn.Module:
        return copy.deepcopy(net).cpu()

    found = FoundFactory(NetSpec("", place=type(net).__name__), copied, _source_file(type(net)))
    with blaming(f"{found.title} could not be copied", found.file):
        bare = copy.deepcopy(_without_numbers(net))  # without numbers already, it is no copy yet
    summary = _summarized(found, bare, inputs, memory=memory)
    return _measured(summary, found) if timed else summary


def summarize_named(
    module: ModuleType,
    target: NetSpec,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    memory: bool = False,
) -> NetSummary:
    """Take the network of that name in a loaded module apart; raises UsageError."""
    found = _with_options(module, target)
    net, note = _build_without_numbers(found)
    return _summarized(found, net, inputs, note, memory=memory)


def _with_options(module: ModuleType, target: NetSpec) -> FoundFactory:
    """The network's factory, with the options that were given."""
    found = find_factory(module, target)
    return found.called_with() if target.options else found


def _summarized(
    found: FoundFactory,
    net: nn.Module,
    inputs: NetInputs | Sequence[int] | None,
    note: str = "",
    *,
    memory: bool,
) -> NetSummary:
    """A network without numbers, on the input that is given or the first one that fits."""
    given = NetInputs(()) if inputs is None else NetInputs.of(inputs)
    if given.specs:
        return _noted(_summary(found, net, given, memory=memory), note)
    refuse_several(found.title, net)
    likely = [replace(given, specs=(each,)) for each in _likely_inputs(found, net)]
    fitting, summary = _first_that_fits(found, net, likely, memory=memory)
    assumed = (
        f"No input shape was given: {fitting.text} is assumed, "
        "which its first layer takes and the others can follow."
    )
    return _noted(summary, assumed, note)


def _build_without_numbers(found: FoundFactory) -> tuple[nn.Module, str]:
    """The network on the meta device, and a note where it had to be built with numbers first."""
    _refuse_arguments(found)
    try:
        with torch.device("meta"):
            net = found.factory()
        note = ""
    except KeyboardInterrupt:
        raise
    except BaseException:
        # Perhaps only because there are no numbers on the meta device.
        with blaming(f"{found.title} could not be made", found.file):
            net = found.factory()
        note = BUILT_ON_CPU
    if not isinstance(net, nn.Module):
        raise UsageError(
            f"{found.title} made {with_article(type(net).__name__)}, and no torch.nn.Module: "
            "name a class, or a function that returns the network."
        )
    with blaming(f"{found.title} could not be copied", found.file):
        return _without_numbers(net), note


def _refuse_arguments(found: FoundFactory) -> None:
    try:
        parameters = inspect.signature(found.factory).parameters.values()
    except (TypeError, ValueError):  # written in C: it will say so itself
        return
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        each.name for each in parameters if each.default is each.empty and each.kind not in variadic
    ]
    if needed:
        raise UsageError(
            f"{found.title} needs arguments ({listed(needed)}): write a function without any "
            f"that returns the network, and name it, as in {found.target.place}:make."
        )


def _without_numbers(net: nn.Module) -> nn.Module:
    """A copy of ``net`` on the meta device; a tensor that is used twice stays one tensor."""
    numbers = [each for each in (*net.parameters(), *net.buffers()) if not each.is_meta]
    twins = {id(each): _twin(each) for each in numbers}
    return copy.deepcopy(net, twins) if twins else net


def _twin(tensor: Any) -> Any:
    if nn.parameter.is_lazy(tensor):  # its shape is not known before the first forward
        kind: Any = type(tensor)
        return kind(requires_grad=tensor.requires_grad, device="meta")
    empty = torch.empty_like(tensor, device="meta")
    is_parameter = isinstance(tensor, nn.Parameter)
    return nn.Parameter(empty, tensor.requires_grad) if is_parameter else empty


def _likely_inputs(found: FoundFactory, net: nn.Module) -> list[InputSpec]:
    """What its first layer may be made for, the likeliest first."""
    for layer in net.modules():
        if likely := likely_inputs(layer):
            return likely
    raise UsageError(
        f"{found.title} does not tell which images it takes: give channels,height,width, "
        "such as 3,32,32, or the sides of whatever it takes.",
        fields=("input_shape",),
    )


def _first_that_fits(
    found: FoundFactory, net: nn.Module, likely: Sequence[NetInputs], *, memory: bool
) -> tuple[NetInputs, NetSummary]:
    errors: list[UsageError] = []
    for inputs in likely:
        try:
            return inputs, _summary(found, net, inputs, memory=memory)
        except UsageError as error:
            errors.append(error)
    hidden = about_hidden_layers(net)
    if not hidden and not _may_be_the_input(likely, errors):
        raise errors[0]
    more = hidden or "No input shape was given: give one, such as 3,32,32."
    raise UsageError(f"{errors[0]} {more}", fields=("input_shape",))


def _may_be_the_input(likely: Sequence[NetInputs], errors: Sequence[UsageError]) -> bool:
    """Whether another input could help: not where a layer, or the lab, refuses each alike."""
    if any(not isinstance(each.__cause__, ShapeError | None) for each in errors):
        return True
    said = [str(each).replace(tried.text, "") for tried, each in zip(likely, errors, strict=True)]
    if len(said) == 1:
        return said[0] != str(errors[0])  # it names the input
    return len(set(said)) > 1


def _summary(found: FoundFactory, net: nn.Module, inputs: NetInputs, *, memory: bool) -> NetSummary:
    with blaming(f"{found.title} failed on an input of {inputs.text}", found.file):
        return summarize_module(
            net,
            inputs,
            net_name=str(found.target),
            title=found.title,
            rebuild=found.factory,
            memory=memory,
        )


def _measured(summary: NetSummary, found: FoundFactory) -> NetSummary:
    from cnn_tui.analysis.networks.timing import measured

    with blaming(f"{found.title} could not be measured", found.file):
        return measured(summary, found.factory)


def _noted(summary: NetSummary, *notes: str) -> NetSummary:
    return replace(summary, note=" ".join(filter(None, (*notes, summary.note))))


def _source_file(kind: type) -> str:
    try:
        return inspect.getsourcefile(kind) or ""
    except (OSError, TypeError):  # written in a notebook, or built in
        return ""
