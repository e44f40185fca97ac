"""What each layer of a network puts out, holds, costs and sees.

The network runs once, on torch's meta device, where tensors have shapes but no
numbers. Only a forward that needs them (it branches on a sum, say) runs once on the CPU.
"""

import math
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnn_tui.analysis.networks import receptive_field
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers, without_numbers
from cnn_tui.analysis.networks.receptive_field import Reach
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shape_rules import ShapeError
from cnn_tui.analysis.networks.trace import (
    OperatorTrace,
    count,
    first_tensor,
    shape_of,
    unique_parameters,
)
from cnn_tui.analysis.records import GLOBAL, UNKNOWN, Shape, shape_text
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.records import NetInfo
from cnn_tui.nets.specs import NetSpec, parse

LARGEST_CPU_INPUT = 1 << 24
LARGEST_CPU_NET = 1 << 29
"""Numbers that a run on the CPU may take in and hold: up to 2 GiB of weights."""
NAMES_IN_NOTE = 3

Rebuild = Callable[[], nn.Module]


def summarize(
    net: str | NetSpec, input_shape: Sequence[int] | None = None, *, timed: bool = False
) -> NetSummary:
    """Take the catalogue's network ``net`` apart, such as ``vgg16,batch_norm=true``.

    ``input_shape`` is (channels, height, width); the network's native one if
    not given. ``timed`` also runs it with numbers and measures how long each layer
    takes. Raises UsageError for an unknown network or an impossible shape.
    """
    spec = parse(net) if isinstance(net, str) else net
    info = spec.info
    native = (info.in_channels, info.image_size, info.image_size)
    shape = native if input_shape is None else _image_shape(info, input_shape)
    make = partial(build, spec, in_channels=shape[0], image_size=min(shape[1:]))
    with torch.device("meta"):
        module = make()
    summary = summarize_module(module, shape, net_name=str(spec), title=info.title)
    return _measured(summary, make) if timed else summary


def _image_shape(info: NetInfo, shape: Sequence[int]) -> Shape:
    """The shape, if it is that of an image; raises UsageError."""
    if len(shape) != 3:
        native = f"{info.in_channels},{info.image_size},{info.image_size}"
        raise UsageError(
            f"{info.title} takes one image: give channels,height,width, such as {native}, "
            f"not {','.join(map(str, shape))}.",
            fields=("input_shape",),
        )
    return NetInputs.of(shape).checked().specs[0].shape


def summarize_all() -> tuple[NetSummary, ...]:
    """Take every network of the catalogue apart at its native input, oldest first."""
    return tuple(summarize(info.name) for info in all_nets())


def summarize_module(
    net: nn.Module,
    inputs: NetInputs | Sequence[int],
    *,
    net_name: str,
    title: str,
    rebuild: Rebuild | None = None,
) -> NetSummary:
    """Take any module on the meta device apart.

    ``inputs`` are all that it is given, or the shape of one image (channels, height,
    width). ``rebuild`` makes the same network with numbers on the CPU: it is called, and
    run once, where the forward cannot do without (it branches on a sum, say);
    the summary's note then says so. Raises UsageError naming the layer that
    fails, the shapes and the reason.
    """
    inputs = NetInputs.of(inputs).checked()
    note = ""
    trace = OperatorTrace(net.eval(), without_numbers(inputs))
    try:
        output = _run(trace)
    except Exception as error:
        if rebuild is None and _has_numbers(net):
            rebuild = net.eval
        if isinstance(error, ShapeError) or rebuild is None:
            raise _refusal(title, inputs, trace, error) from error
        trace = _cpu_trace(rebuild, inputs, _refusal(title, inputs, trace, error))
        try:
            with _plain_attention():
                output = _run(trace)
        except Exception as error_with_numbers:
            raise _refusal(title, inputs, trace, error_with_numbers) from error_with_numbers
        note = (
            "Its forward needs real numbers, so it ran once on the CPU, on one random image; "
            "another image may take another path."
        )
    return _summary(trace, output, net_name, title, inputs, note)


def _measured(summary: NetSummary, make: Rebuild) -> NetSummary:
    from cnn_tui.analysis.networks.timing import measured

    try:
        return measured(summary, make)
    except RuntimeError as error:  # there is too little memory, say
        shape = shape_text(summary.input_shape)
        raise UsageError(
            f"{summary.title} could not be run on an input of {shape}: {_first_line(error)}."
        ) from error


def _run(trace: OperatorTrace) -> Any:
    if any(is_lazy(each) for each in unique_parameters(trace.net)):
        with torch.no_grad():
            trace.inputs.call(trace.net)  # its first forward is what makes a lazy layer
    return trace.run()


def _has_numbers(net: nn.Module) -> bool:
    tensors = [*net.parameters(), *net.buffers()]
    return bool(tensors) and not any(each.is_meta for each in tensors)


def _summary(
    trace: OperatorTrace, output: Any, net_name: str, title: str, inputs: NetInputs, note: str
) -> NetSummary:
    parameters = unique_parameters(trace.net)
    reaches = [trace.reach(each) for each in receptive_field.tensors(_values(output))]
    known = [reach for reach in reaches if reach is not None]
    return NetSummary(
        net=net_name,
        title=title,
        input_shape=inputs.specs[0].shape,
        output_shape=shape_of(first_tensor(output)),
        total_parameters=count(parameters),
        total_macs=trace.macs,
        modules=trace.rows,
        total_trainable=count([each for each in parameters if each.requires_grad]),
        total_activations=trace.activations,
        depth=_depth(known),
        receptive_field=_field_of(known),
        note=" ".join(filter(None, (note, *_notes(trace, known)))),
        inputs=inputs.specs,
        batch=inputs.examples,
    )


def _depth(outputs: Sequence[Reach]) -> int | None:
    depths = [reach.depth for reach in outputs]
    known = [depth for depth in depths if depth is not None]
    return max(known) if depths and len(known) == len(depths) else None


def _field_of(outputs: Sequence[Reach]) -> int | str:
    """That of the network: the largest on the way, or the whole image if a map's units see it."""
    if not outputs or not all(reach.is_known for reach in outputs):
        return UNKNOWN
    largest = math.ceil(max(reach.largest for reach in outputs))
    sees_whole = any(reach.everywhere for reach in outputs)
    only_whole = largest == 1 and any(reach.is_whole for reach in outputs)
    return GLOBAL if sees_whole or only_whole else largest


def _values(output: Any) -> list[Any]:
    return list(output.values()) if isinstance(output, dict) else [output, first_tensor(output)]


def _notes(trace: OperatorTrace, outputs: Sequence[Reach]) -> tuple[str, ...]:
    partly = (
        "Layers that mix only some positions, such as those of a window, count as seeing the "
        "whole image: what their units see is less."
    )
    return (
        partly if trace.mixed_partly else "",
        _about_lost(trace, outputs),
        _about_unused(trace),
        _about_shared(trace),
    )


def _about_lost(trace: OperatorTrace, outputs: Sequence[Reach]) -> str:
    if not outputs:
        return (
            "Depth and receptive field are unknown: no operation of torch leads from the input "
            "to the output."
        )
    if all(reach.is_known for reach in outputs) or trace.lost_in is None:
        return ""
    what = "Depth and receptive field are" if _depth(outputs) is None else "Receptive fields are"
    where = f" in {trace.lost_in.path}" if trace.lost_in.path else ""
    return (
        f"{what} unknown after {trace.lost_in.operation}{where}, "
        "which computes or moves numbers in a way that is not followed."
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


def _cpu_trace(rebuild: Rebuild, inputs: NetInputs, refusal: UsageError) -> OperatorTrace:
    """The same run, to be done with numbers; raises ``refusal`` where it would take too much."""
    net = rebuild().eval()
    numbers = sum(math.prod(inputs.full_shape(each)) for each in inputs.specs)
    if numbers > LARGEST_CPU_INPUT or count(unique_parameters(net)) > LARGEST_CPU_NET:
        raise refusal
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


def _refusal(title: str, inputs: NetInputs, trace: OperatorTrace, error: Exception) -> UsageError:
    where = f"layer {trace.failed_in}" if trace.failed_in else "its forward"
    if isinstance(error, ShapeError):
        reason = str(error)
    else:
        given = f", given {shape_text(trace.given)}," if trace.failed_in and trace.given else ""
        where += given
        kind = "" if isinstance(error, RuntimeError) else f"{type(error).__name__}: "
        reason = f"{kind}{_first_line(error)}{_line_of(error)}"
    return UsageError(f"{title} cannot take an input of {inputs.text}: {where} failed: {reason}.")


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")


def _line_of(error: Exception) -> str:
    """Where in the network's own code it happened, if that has a file."""
    own = Path(__file__).parents[1]
    library = Path(torch.__file__).parent
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.suffix == ".py" and not any(path.is_relative_to(each) for each in (own, library)):
            return f" ({path.name}, line {frame.lineno})"
    return ""
