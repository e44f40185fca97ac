"""Finding a layer by name, and catching what goes through it.

A layer is a module without children, or one that computes without asking its
children (attention). One that runs several times is ``pool``, ``pool:2``, and so on.
"""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.analysis.activations.records import LayerShape
from cnn_tui.errors import UsageError
from cnn_tui.names import match, normalize
from cnn_tui.next_steps import NextStep

CALL_MARK = ":"
CANDIDATES_SHOWN = 3


@dataclass
class LayerCalls:
    """What ran, in order; and of the layer that was wanted, what came in and what went out.

    ``input`` and ``output`` are copies with the batch in front, None where the
    wanted layer did not run.
    """

    layers: list[LayerShape] = field(default_factory=list)
    module: nn.Module | None = None
    input: Tensor | None = None
    output: Tensor | None = None


class _Caught(Exception):  # noqa: N818 - no error: all that was wanted is known
    """The wanted layer has run."""


def find_layer(net: nn.Module, text: str, see: NextStep) -> str:
    """The layer of ``net`` that ``text`` means: a name, or the end of exactly one.

    The names of blocks, such as ``layer1.0``, must be given in full. ``see`` is
    the step that lists them. Raises UsageError with the nearest name.
    """
    name, mark, call = text.partition(CALL_MARK)
    blocks = {normalize(each): each for each, _ in net.named_modules() if each}
    layers = [each for each, module in net.named_modules() if each and is_layer(module)]
    ends = [each for each in layers if normalize(each).endswith(f".{normalize(name)}")]
    if normalize(name) in blocks:
        found = blocks[normalize(name)]
    elif len(ends) > 1:
        more = ", …" if len(ends) > CANDIDATES_SHOWN else ""
        raise UsageError(
            f"{name!r} fits {len(ends)} layers ({', '.join(ends[:CANDIDATES_SHOWN])}{more}): "
            "give more of the name."
        )
    else:
        found = ends[0] if ends else match(name, layers, "layer", see)
    return found if call in ("", "1") else f"{found}{mark}{call}"


def is_layer(module: nn.Module) -> bool:
    """Whether a module is one step of the network, and not a group of them."""
    # Attention uses its children's weights without calling them.
    return isinstance(module, nn.MultiheadAttention) or not any(module.children())


@torch.no_grad()
def run_traced(
    net: nn.Module, inputs: Tensor, wanted: str = "", *, no_further: bool = False
) -> LayerCalls:
    """Run ``net`` once in its mode and note what its layers do.

    Only the numbers of the ``wanted`` layer or block are kept; with
    ``no_further`` the run ends there. Raises what the network raises.
    """
    trace = LayerCalls()
    calls: Counter[str] = Counter()
    hooks = [
        module.register_forward_hook(partial(_note, trace, calls, wanted, no_further, name))
        for name, module in net.named_modules()
        if name and (is_layer(module) or name == wanted.partition(CALL_MARK)[0])
    ]
    try:
        with suppress(_Caught):
            net(inputs)
    finally:
        for hook in hooks:
            hook.remove()
    return trace


def _note(
    trace: LayerCalls,
    calls: Counter[str],
    wanted: str,
    no_further: bool,
    name: str,
    module: nn.Module,
    inputs: tuple[Any, ...],
    outputs: Any,
) -> None:
    output = _first_tensor(outputs)
    if output is None or output.ndim == 0:
        return
    calls[name] += 1
    call = name if calls[name] == 1 else f"{name}{CALL_MARK}{calls[name]}"
    if is_layer(module):
        trace.layers.append(LayerShape(call, type(module).__name__, tuple(output.shape[1:])))
    if call == wanted:
        # Copied, as a ReLU that follows may write over it in place.
        trace.module, trace.output = module, output.clone()
        came_in = _first_tensor(inputs)
        trace.input = None if came_in is None else came_in.clone()
        if no_further:
            raise _Caught


def _first_tensor(values: Any) -> Tensor | None:
    if isinstance(values, tuple | list):
        return next((each for each in values if isinstance(each, Tensor)), None)
    return values if isinstance(values, Tensor) else None
