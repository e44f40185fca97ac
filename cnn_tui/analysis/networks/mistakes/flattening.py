"""The batch that is folded into the features on the way to the fully connected layers."""

from math import prod

from torch import Tensor

from cnn_tui.analysis.networks.calls import VIEWS, WatchedCall, aten
from cnn_tui.analysis.networks.mistakes.ending import LINEAR
from cnn_tui.analysis.networks.mistakes.run import TracedRun, note
from cnn_tui.analysis.networks.records import NetNote
from cnn_tui.analysis.records import shape_text

SQUEEZES = frozenset({aten.squeeze.default})


def batch_notes(run: TracedRun) -> list[NetNote]:
    """A view that makes several rows of one image, or one row of a whole batch."""
    if len(run.outputs) != 1 or run.examples is None:
        return []
    rows = run.outputs[0].shape[0] if run.outputs[0].dim() else 0
    for place, call in enumerate(run.calls):
        x = call.args[0] if call.args else None
        if not isinstance(x, Tensor) or x.dim() < 2 or x.shape[0] != run.examples:
            continue
        if call.func in VIEWS and call.outputs[0].dim() and _follows_linear(run, place):
            if _folds(x, call.outputs[0], rows):
                return _about_rows(run, place, call, x)
            if call.outputs[0].dim() == 1:
                return _about_flat(call, x)
        if call.func in SQUEEZES and x.shape[0] == 1 and _follows_linear(run, place):
            return _about_squeeze(call, x)
    return []


def _folds(x: Tensor, out: Tensor, rows: int) -> bool:
    """Whether rows that the output still has were cut out of one image's numbers.

    Rows that are whole pixels (a network's answer for each place of a map) are no mistake.
    """
    inside = tuple(out.shape[1:])
    return out.dim() == 2 and out.shape[0] == rows > x.shape[0] and inside != tuple(x.shape[-1:])


def _follows_linear(run: TracedRun, place: int) -> bool:
    return _next_linear(run, place) is not None


def _next_linear(run: TracedRun, place: int) -> WatchedCall | None:
    """The fully connected layer that takes the result, perhaps after an activation or dropout."""
    for _ in range(3):
        users = run.graph.users[place]
        if len(users) != 1:
            return None
        place = users[0]
        if run.calls[place].func in LINEAR:
            return run.calls[place]
    return None


def _about_rows(run: TracedRun, place: int, call: WatchedCall, x: Tensor) -> list[NetNote]:
    numbers, out = prod(x.shape[1:]), call.outputs[0]
    layer = _next_linear(run, place)
    taker = f"{layer.title} " if layer is not None else "the next layer "
    message = (
        f"{call.title} folds the batch into the features: the map that comes in is "
        f"{shape_text(x.shape[1:])}, {numbers:,} numbers for each image, and rows of "
        f"{out.shape[1]:,} make {out.shape[0] // x.shape[0]} of each. Write x.flatten(1), and give "
        f"{taker}{numbers:,} input features."
    )
    return note("folded-batch", call.name, message, "modules")


def _about_flat(call: WatchedCall, x: Tensor) -> list[NetNote]:
    message = (
        f"{call.title} makes one row of the whole batch, not one for each image: the map that "
        f"comes in is {shape_text(x.shape[1:])}. Write x.flatten(1), which keeps the images apart."
    )
    return note("folded-batch", call.name, message, "modules")


def _about_squeeze(call: WatchedCall, x: Tensor) -> list[NetNote]:
    message = (
        f"{call.title} also removes the batch where that is one image. Write x.flatten(1), which "
        "removes only what follows it."
    )
    return note("folded-batch", call.name, message, "modules")
