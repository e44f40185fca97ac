"""Every layer's output, parameters, cost and receptive field.

The rows come from one run on torch's meta device, where tensors have shapes but no
numbers; where a forward needs them (it branches on a sum, say), from one run on the CPU.
Further runs complete the summary: a short one on the CPU, which confirms the shapes where
it costs little, one in training mode where a mistake is suspected that some networks make
on purpose, and a few for the memory and the time where those are asked for.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnn_tui.analysis.networks import receptive_field
from cnn_tui.analysis.networks.input_checks import refuse_call
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers, without_numbers
from cnn_tui.analysis.networks.mistakes.advice import refuse_without_result
from cnn_tui.analysis.networks.mistakes.find import find_notes
from cnn_tui.analysis.networks.nested import count, first_tensor, shape_of, unique_parameters
from cnn_tui.analysis.networks.real_run import confirm
from cnn_tui.analysis.networks.receptive_field import Reach
from cnn_tui.analysis.networks.records import TESTED, NetNote, NetSummary
from cnn_tui.analysis.networks.refusals import first_line, refusal
from cnn_tui.analysis.networks.shapes import ShapeError
from cnn_tui.analysis.networks.trace import OperatorTrace
from cnn_tui.analysis.records import GLOBAL, UNKNOWN
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.specs import NetSpec, parse

LARGEST_CPU_INPUT = 1 << 24
LARGEST_CPU_NET = 1 << 29
"""Numbers that a run on the CPU may take in and hold: up to 2 GiB of weights."""
NAMES_IN_NOTE = 3
OWN_NETS = "cnn_tui."
"""Where the classes of the lab's own networks are; others come from other packages."""

Rebuild = Callable[[], nn.Module]


def summarize(
    net: str | NetSpec,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    timed: bool = False,
    memory: bool = False,
) -> NetSummary:
    """Summarize the catalogue's network ``net``, such as ``vgg16,batch_norm=true``.

    ``inputs`` are one image, as a record or (channels, height, width); the network's native
    one if not given. ``timed`` also runs it with numbers and measures how long each layer
    takes; ``memory`` also finds out what its activations take. Raises UsageError for an
    unknown network or an impossible shape.
    """
    spec = parse(net) if isinstance(net, str) else net
    info = spec.info
    native = (info.in_channels, info.image_size, info.image_size)
    given = NetInputs.of(native if inputs is None else inputs)
    shape = given.image_of(info.title, native)
    given = replace(NetInputs.of(shape), batch=given.batch).checked()
    make = partial(build, spec, in_channels=shape[0], image_size=min(shape[1:]))
    with torch.device("meta"):
        module = make()
    is_tested = info.build.startswith(OWN_NETS)
    summary = summarize_module(
        module,
        given,
        net_name=str(spec),
        title=info.title,
        rebuild=None if is_tested else make,
        memory=memory,
    )
    if is_tested:
        summary = replace(summary, real_run=TESTED)
    return _measured(summary, make) if timed else summary


def summarize_all() -> tuple[NetSummary, ...]:
    """Summarize every network of the catalogue at its native input, oldest first."""
    return tuple(summarize(info.name) for info in all_nets())


def summarize_module(
    net: nn.Module,
    inputs: NetInputs | Sequence[int],
    *,
    net_name: str,
    title: str,
    rebuild: Rebuild | None = None,
    memory: bool = False,
) -> NetSummary:
    """Summarize any module on the meta device.

    ``inputs`` are all that it is given, or the shape of one image (channels, height,
    width). ``rebuild`` makes the same network with numbers on the CPU: it is called, and
    run once, where the forward cannot do without (it branches on a sum, say);
    the summary's note then says so. ``memory`` runs it a few more times for its memory.
    Raises UsageError naming the layer that fails, the shapes and the reason.
    """
    inputs = NetInputs.of(inputs).checked()
    refuse_call(title, net, inputs)
    if rebuild is None and not _lacks_numbers(net):
        rebuild = net.eval
    traced = _traced(net, inputs, title, rebuild)
    real_run, numbers_matter = confirm(traced.trace, traced.output, inputs, title, rebuild)
    if numbers_matter and rebuild is not None:
        traced = _traced_with_numbers(rebuild, inputs, title)
    summary = replace(_summary(traced, net_name, title, inputs), real_run=real_run)
    return _with_memory(summary, traced.trace, inputs) if memory else summary


def _with_memory(summary: NetSummary, trace: OperatorTrace, inputs: NetInputs) -> NetSummary:
    from cnn_tui.analysis.networks.memory import memory_use

    is_bare = all(each.is_meta for each in trace.inputs.all)
    make = partial(without_numbers if is_bare else with_numbers, inputs)
    is_fixed = inputs.batch is not None or not inputs.has_batch
    return replace(summary, memory=memory_use(trace.net, make, inputs.examples if is_fixed else 0))


@dataclass(frozen=True)
class _Traced:
    """A run that was watched, what it answered, and how it had to be made."""

    trace: OperatorTrace
    output: Any
    note: str = ""


def _traced(net: nn.Module, inputs: NetInputs, title: str, rebuild: Rebuild | None) -> _Traced:
    """Without numbers; with them where the forward cannot do without."""
    trace = OperatorTrace(net.eval(), without_numbers(inputs))
    try:
        return _Traced(trace, _run(trace))
    except Exception as error:
        refused = refusal(title, inputs, trace, error)
        if isinstance(error, ShapeError) or rebuild is None:
            raise refused from error
        return _traced_with_numbers(rebuild, inputs, title, refused)


def _traced_with_numbers(
    rebuild: Rebuild, inputs: NetInputs, title: str, refused: UsageError | None = None
) -> _Traced:
    """On the CPU; raises ``refused`` where that would take too much."""
    trace = _cpu_trace(rebuild, inputs, refused)
    try:
        with _plain_attention():
            output = _run(trace)
    except Exception as error:
        raise refusal(title, inputs, trace, error) from error
    return _Traced(
        trace,
        output,
        f"Its forward needs real numbers, so it ran once on the CPU, on one random {inputs.noun}; "
        f"another {inputs.noun} may take another path.",
    )


def _measured(summary: NetSummary, make: Rebuild) -> NetSummary:
    from cnn_tui.analysis.networks.timing import measured

    try:
        return measured(summary, make)
    except RuntimeError as error:  # there is too little memory, say
        raise UsageError(
            f"{summary.title} could not be run on an input of {summary.given.text}: "
            f"{first_line(error)}."
        ) from error


def _run(trace: OperatorTrace) -> Any:
    if any(is_lazy(each) for each in unique_parameters(trace.net)):
        with torch.no_grad():
            trace.inputs.call(trace.net)  # its first forward is what makes a lazy layer
    return trace.run()


def _lacks_numbers(net: nn.Module) -> bool:
    return any(each.is_meta for each in (*net.parameters(), *net.buffers()))


def _summary(traced: _Traced, net_name: str, title: str, inputs: NetInputs) -> NetSummary:
    trace, output = traced.trace, traced.output
    refuse_without_result(output, title)
    parameters = unique_parameters(trace.net)
    reaches = [trace.reach(each) for each in receptive_field.tensors(_values(output))]
    known = [reach for reach in reaches if reach is not None]
    mistakes = find_notes(trace, output)
    return NetSummary(
        net=net_name,
        title=title,
        input_shape=inputs.specs[0].shape,
        output_shape=shape_of(first_tensor(output), has_batch=inputs.has_batch),
        total_parameters=count(parameters),
        total_macs=trace.macs,
        modules=trace.rows,
        total_trainable=count([each for each in parameters if each.requires_grad]),
        total_activations=trace.activations,
        depth=_depth(known),
        receptive_field=_field_of(trace, known),
        note=" ".join(filter(None, (traced.note, *_notes(trace, known, mistakes)))),
        inputs=inputs.specs,
        batch=inputs.examples,
        notes=mistakes,
        kinds=trace.tally.kinds,
    )


def _depth(outputs: Sequence[Reach]) -> int | None:
    depths = [reach.depth for reach in outputs]
    known = [depth for depth in depths if depth is not None]
    return max(known) if depths and len(known) == len(depths) else None


def _field_of(trace: OperatorTrace, outputs: Sequence[Reach]) -> int | str | None:
    """That of the network: the largest on the way, or the whole image if a map's units see it."""
    if not trace.has_map:
        return None
    outputs = [each for each in outputs if each.is_of_map]
    if not outputs or not all(reach.is_known for reach in outputs):
        return UNKNOWN
    largest = math.ceil(max(reach.largest for reach in outputs))
    sees_whole = any(reach.everywhere for reach in outputs)
    only_whole = largest == 1 and any(reach.is_whole for reach in outputs)
    return GLOBAL if sees_whole or only_whole else largest


def _values(output: Any) -> list[Any]:
    return list(output.values()) if isinstance(output, dict) else [output, first_tensor(output)]


def _notes(
    trace: OperatorTrace, outputs: Sequence[Reach], mistakes: Sequence[NetNote]
) -> tuple[str, ...]:
    """What there is to know about the table, beside what the mistakes say already."""
    said = {each.kind for each in mistakes}
    partly = (
        "Layers that mix only some positions, such as those of a window, count as seeing the "
        "whole image: what their units see is less."
    )
    return (
        partly if trace.mixed_partly and "folded-batch" not in said else "",
        _about_lost(trace, outputs),
        _about_unused(trace) if "unused-layer" not in said else "",
        _about_shared(trace),
    )


def _about_lost(trace: OperatorTrace, outputs: Sequence[Reach]) -> str:
    if not outputs:
        return (
            "Depth and receptive field are unknown: no operation of torch leads from the input "
            "to the output."
        )
    if all(reach.is_known for reach in outputs) or trace.lost_in is None:
        return _about_left(trace)
    what = "Depth and receptive field are" if _depth(outputs) is None else "Receptive fields are"
    where = f" in {trace.lost_in.path}" if trace.lost_in.path else ""
    return (
        f"{what} unknown after {trace.lost_in.operation}{where}, "
        "which computes or moves numbers in a way that is not followed."
    )


def _about_left(trace: OperatorTrace) -> str:
    """What depends on numbers that left torch: nobody knows whether anything does."""
    if trace.left_by is None or not trace.goes_on_after_leaving or not trace.has_map:
        return ""
    where = f"the forward of {trace.left_by.path}" if trace.left_by.path else "forward"
    return (
        f"{trace.left_by.operation} in {where} takes numbers out of torch: what is computed "
        "from them may depend on the whole image, and neither the receptive fields nor the "
        "depth count that."
    )


def _about_unused(trace: OperatorTrace) -> str:
    unused = {id(each) for each in trace.never_used}
    if not unused:
        return ""
    named = [name for name, each in trace.net.named_parameters() if id(each) in unused]
    more = f" and {len(named) - NAMES_IN_NOTE} more" if len(named) > NAMES_IN_NOTE else ""
    return (
        f"{count(trace.never_used):,} of the parameters took no part in this forward: "
        f"{', '.join(named[:NAMES_IN_NOTE])}{more}."
    )


def _about_shared(trace: OperatorTrace) -> str:
    shown = sum(row.parameters for row in trace.rows if row.is_leaf and not row.reused)
    twice = shown + count(trace.never_used) - count(unique_parameters(trace.net))
    return f"Layers share {twice:,} parameters, which the total counts once." if twice > 0 else ""


def _cpu_trace(rebuild: Rebuild, inputs: NetInputs, refused: UsageError | None) -> OperatorTrace:
    """The same run, to be done with numbers; raises ``refused`` where it would take too much."""
    net = rebuild().eval()
    numbers = sum(math.prod(inputs.full_shape(each)) for each in inputs.specs)
    is_large = numbers > LARGEST_CPU_INPUT or count(unique_parameters(net)) > LARGEST_CPU_NET
    if refused is not None and is_large:
        raise refused
    return OperatorTrace(net, with_numbers(inputs))


@contextmanager
def _plain_attention() -> Iterator[None]:
    """Keep nn.MultiheadAttention from its fused kernel, in which no products are seen."""
    was_enabled = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(was_enabled)
