"""Work that changes nothing: superfluous biases, doubled layers, dead branches, empty pooling."""

from typing import Any

from torch import Tensor

from cnn_tui.analysis.networks.calls import WatchedCall, aten
from cnn_tui.analysis.networks.fields import windows
from cnn_tui.analysis.networks.mistakes.ending import LINEAR, RELU
from cnn_tui.analysis.networks.mistakes.run import TracedRun, counted, note
from cnn_tui.analysis.networks.records import NetNote
from cnn_tui.analysis.networks.shapes import CONVOLUTIONS, TRANSPOSED
from cnn_tui.analysis.records import shape_text


def biases_before_batch_norm(run: TracedRun) -> list[NetNote]:
    """Biases that batch normalization subtracts again."""
    undone: dict[int, tuple[WatchedCall, WatchedCall]] = {}
    needed: set[int] = set()
    ends = {run.graph.maker(each) for each in run.outputs}
    for place, call in enumerate(run.calls):
        bias = _bias(call)
        if bias is None or not run.is_trained(bias):
            continue
        users = [run.calls[each] for each in run.graph.users[place]]
        if users and place not in ends and all(_is_batch_norm(each) for each in users):
            undone.setdefault(id(bias), (call, users[0]))
        else:
            needed.add(id(bias))
    pairs = [pair for bias, pair in undone.items() if bias not in needed]
    if not pairs:
        return []
    layer, norm = pairs[0]
    useless = {id(bias): bias for each, _ in pairs if (bias := _bias(each)) is not None}
    count = sum(each.numel() for each in useless.values())
    message = (
        f"The bias of {layer.title} does nothing: {norm.title} subtracts the channel's mean, and "
        f"the bias with it. Write bias=False; that saves {counted(count)}"
        + (f", with the same in {len(pairs) - 1} more." if len(pairs) > 1 else ".")
    )
    return note("bias-before-batch-norm", layer.name, message, "batchnorm-placement")


def _bias(call: WatchedCall) -> Tensor | None:
    if call.func is aten.addmm.default:
        bias = call.args[0]
    elif call.func in CONVOLUTIONS | TRANSPOSED | {aten.linear.default}:
        bias = call.args[2] if len(call.args) > 2 else None
    else:
        return None
    return bias if isinstance(bias, Tensor) else None


def _is_batch_norm(call: WatchedCall) -> bool:
    return call.func is aten.batch_norm.default


def repeated_relus(run: TracedRun) -> list[NetNote]:
    """A ReLU of the output of a ReLU."""
    return _pairs(
        run,
        "repeated-relu",
        lambda first, second: first.func in RELU and second.func in RELU,
        "{second} changes nothing: a ReLU ({first}) comes right before it. Remove one of them, "
        "or put the layer between them that is missing.",
    )


def repeated_linears(run: TracedRun) -> list[NetNote]:
    """Two linear layers that are one, as nothing comes between them."""

    def are_one(first: WatchedCall, second: WatchedCall) -> bool:
        if first.func not in LINEAR or second.func not in LINEAR:
            return False
        taken, between, out = _features(first)[0], *_features(second)
        learned = (run.is_trained(_weight(first)), run.is_trained(_weight(second)))
        # A narrow middle is on purpose: it saves parameters.
        return all(learned) and between >= min(taken, out)

    return _pairs(
        run,
        "repeated-linear",
        are_one,
        "{first} and {second} follow each other without an activation: together they compute "
        "what one linear layer does. Put a ReLU between them, or remove one.",
    )


def _weight(call: WatchedCall) -> Any:
    return call.args[2 if call.func is aten.addmm.default else 1]


def _features(call: WatchedCall) -> tuple[int, int]:
    """How many features a linear call takes, and how many it outputs."""
    if call.func is aten.addmm.default:
        return call.args[2].shape[0], call.args[2].shape[1]
    return call.args[1].shape[-1], call.args[1].shape[0]


def _pairs(run: TracedRun, kind: str, fits: Any, sentence: str) -> list[NetNote]:
    """A note about the first two calls in a row that ``fits`` names."""
    found: list[tuple[WatchedCall, WatchedCall]] = []
    for place, call in enumerate(run.calls):
        before = run.graph.before(place)
        if before is None or not fits(run.calls[before], call):
            continue
        if run.graph.users[before] == [place] or call.func in RELU:
            found.append((run.calls[before], call))
    if not found:
        return []
    first, second = found[0]
    more = len(found) - 1
    places = f" The same happens in {more} more place{'' if more == 1 else 's'}." if more else ""
    message = sentence.format(first=first.title, second=second.title) + places
    return note(kind, second.name, message, "modern-cnn")


def nothing_to_pool(run: TracedRun) -> list[NetNote]:
    """A last pooling whose map is one place already."""
    poolings = [place for place, call in enumerate(run.calls) if _is_pooling(call)]
    if not poolings or _is_one_place(run.inputs.all[0]):
        return []
    place = poolings[-1]
    call = run.calls[place]
    if not _is_one_place(call.args[0]):
        return []
    cause = run.graph.before(place)
    while cause is not None and _is_one_place(_first(run.calls[cause])):
        cause = run.graph.before(cause)
    earlier = None if cause is None else run.calls[cause]
    covers_map = earlier is not None and _covers_map(earlier)
    if earlier is not None and covers_map and not _is_pooling(earlier):
        return []  # a fully connected layer, written as a convolution
    remedy = "The input is too small for so many strides: give a larger one, or stride less."
    topic = "pooling-parameters"
    if earlier is not None and covers_map:
        remedy = (
            f"{earlier.title} has pooled the whole map before, with one window: remove one of "
            "them, or give a larger input."
        )
    elif earlier is not None and _is_pooling(earlier) and not _slides(earlier):
        remedy = f"{earlier.title} has pooled it before: remove one of them."
        topic = "pooling-global-average"
    sides = shape_text(call.args[0].shape[2:])
    message = f"{call.title} has nothing to pool: the map that comes in is {sides} already. "
    return note("nothing-to-pool", call.name, message + remedy, topic)


def _first(call: WatchedCall) -> Any:
    return call.args[0] if call.args else None


def _is_pooling(call: WatchedCall) -> bool:
    x = _first(call)
    if call.func is aten.mean.dim:
        return x.dim() == 4 and sorted(dim % 4 for dim in call.args[1] or ()) == [2, 3]
    if call.func in windows.ADAPTIVE_POOLS:
        return bool(x.dim() == 2 + windows.ADAPTIVE_POOLS[call.func])
    if not _slides(call):
        return False
    slid = windows.windows(call.func, call.args) or ()
    return x.dim() == 2 + len(slid) and max(each.kernel_size for each in slid) > 1


def _slides(call: WatchedCall) -> bool:
    return call.func in windows.POOLS


def _covers_map(call: WatchedCall) -> bool:
    """Whether the window of a convolution or a pooling is as large as its map."""
    slid = windows.windows(call.func, call.args) or ()
    spans = tuple(0 if each.padding else each.span for each in slid)
    return bool(spans) and spans == tuple(call.args[0].shape[2:])


def _is_one_place(x: Any) -> bool:
    return isinstance(x, Tensor) and x.dim() > 2 and set(x.shape[2:]) == {1}
