"""Layers and results that the output does not depend on."""

from collections.abc import Iterator

from torch import Tensor

from cnn_tui.analysis.networks.calls import aten, is_in_place, layer_title
from cnn_tui.analysis.networks.fields import windows
from cnn_tui.analysis.networks.mistakes.run import TracedRun, counted, listed, note
from cnn_tui.analysis.networks.nested import all_tensors, is_plain
from cnn_tui.analysis.networks.records import NetNote

WORTH_USING = frozenset(
    {
        *(*windows.POOLS, *windows.ADAPTIVE_POOLS),
        *(aten.relu.default, aten.relu6.default, aten.leaky_relu.default, aten.elu.default),
        *(aten.gelu.default, aten.tanh.default, aten.sigmoid.default, aten.silu.default),
        *(aten.mish.default, aten.hardtanh.default, aten.hardswish.default, aten.prelu.default),
        *(aten.hardsigmoid.default, aten.softplus.default, aten.softmax.int),
        *(aten.log_softmax.int, aten.dropout.default, aten.feature_dropout.default),
        *(aten.batch_norm.default, aten.layer_norm.default, aten.group_norm.default),
    }
)
"""Calls without weights whose result nobody computes only to look at it."""


def dead_branches(run: TracedRun) -> list[NetNote]:
    """Results that the output does not depend on."""
    if run.has_numbers or not is_plain(run.output):
        return []  # numbers may have left the graph, such as through NumPy
    following = run.graph.following(run.inputs.all)
    if following <= run.graph.leading_to(run.outputs):
        return []
    live = run.graph.leading_to([*run.outputs, *_kept(run)])
    dead = sorted(following - live)
    used = {id(each) for place in live for each in run.graph.inputs[place]}
    lost = {
        id(each): (each, run.calls[place].title)
        for place in dead
        for each in run.graph.inputs[place]
        if run.is_trained(each) and id(each) not in used
    }
    if lost:
        names = [title for _, title in lost.values()]
        count = sum(each.numel() for each, _ in lost.values())
        one = len(set(names)) == 1
        message = (
            f"What {listed(names)} {'computes' if one else 'compute'} is not part of the output, "
            f"so that {counted(count)} learn nothing. Use the result in forward, or remove "
            f"{'the layer' if one else 'these layers'}."
        )
        first = next(run.calls[p].name for p in dead if run.calls[p].title == names[0])
        return note("dead-branch", first, message, "modules")
    ignored = [run.calls[each] for each in dead if _is_ignored(run, each)]
    if not ignored:
        return []
    message = (
        f"The result of {ignored[0].title} is not used: the call leaves its input as it is. "
        "Assign what it returns, as in x = self.relu(x), or remove the call."
    )
    return note("dead-branch", ignored[0].name, message, "modules")


def _is_ignored(run: TracedRun, place: int) -> bool:
    call = run.calls[place]
    return not run.graph.users[place] and call.func in WORTH_USING and not is_in_place(call.func)


def _kept(run: TracedRun) -> Iterator[Tensor]:
    """Tensors that a module keeps for later, its buffers among them."""
    for module in run.net.modules():
        yield from all_tensors(dict(vars(module)), 4)


def unused_layers(run: TracedRun) -> list[NetNote]:
    """Layers that forward never calls."""
    used = {id(each) for given in run.graph.inputs for each in given}
    if run.has_numbers or not run.calls or run.names.keys() <= used:
        return []  # with other numbers, forward may take another branch
    idle: dict[str, int] = {}
    for name, holder in (*run.net.named_modules(), *run.net.named_parameters()):
        weights = [holder] if isinstance(holder, Tensor) else list(holder.parameters())
        is_idle = name and weights and all(id(each) not in used for each in weights)
        is_inside = any(name.startswith(f"{each}.") for each in idle)
        if is_idle and not is_inside and any(each.requires_grad for each in weights):
            idle[name] = sum(each.numel() for each in weights)
    if not idle:
        return []
    names = [layer_title(each) for each in idle]
    message = (
        f"forward never uses {listed(names)}: {counted(sum(idle.values()))} learn nothing. "
        f"Use {'it' if len(names) == 1 else 'them'} in forward, or remove "
        f"{'it' if len(names) == 1 else 'them'}."
    )
    return note("unused-layer", next(iter(idle)), message, "modules")
