"""What to do about a run that failed: a view that does not fit, a forward without a result."""

from math import prod
from typing import Any

from torch import Tensor

from cnn_tui.analysis.networks.calls import SIZED_VIEWS, aten
from cnn_tui.analysis.networks.nested import all_tensors, is_plain
from cnn_tui.analysis.networks.trace import OperatorTrace
from cnn_tui.analysis.records import shape_text
from cnn_tui.errors import UsageError


def refuse_without_result(output: Any, title: str) -> None:
    """Raise UsageError where a forward returned nothing that a layer or a loss could take."""
    if not is_plain(output) or next(all_tensors(output), None) is not None:
        return
    if output is None:
        raise UsageError(
            f"{title} has a forward that returns nothing (None): end it with return, as in "
            "return x."
        )
    kind = type(output).__name__
    what = f"an empty {kind}" if isinstance(output, list | tuple | dict) and not output else kind
    article = "" if what.startswith("an ") else "an " if kind[0] in "aeiou" else "a "
    raise UsageError(
        f"{title} has a forward that returns {article}{what} without a tensor: return the result "
        "of the last layer."
    )


def what_to_write(trace: object, error: Exception) -> str:
    """The rest of the sentence that says why a run failed: what to write instead; or nothing.

    Of a run that was not watched, nothing is known.
    """
    if not isinstance(trace, OperatorTrace):
        return ""
    if "NoneType" in str(error) and trace.without_result:
        block = trace.without_result[-1]
        return f"; the forward of {block} returns nothing (None): end it with return"
    if trace.failed_call is None or trace.failed_call[0] is not error:
        return ""
    _, func, args = trace.failed_call
    if func in SIZED_VIEWS:
        return _about_view(trace, func, args)
    if func is aten.linear.default:
        return _about_linear(trace, *args[:2])
    return ""


def _about_view(trace: OperatorTrace, func: Any, args: Any) -> str:
    x, size = args[0], list(args[1])
    images = trace.inputs.all[0].shape[:1] if trace.inputs.has_batch else ()
    if x.dim() < 2 or x.shape[:1] != images or len(size) < 2:
        return ""
    numbers, wanted = prod(x.shape[1:]), prod(size[1:])
    come_in = f"; the map that comes in is {shape_text(x.shape[1:])}, {numbers:,} numbers"
    if wanted == numbers and size[0] not in (-1, *images):
        return (
            f"{come_in} for each image, and {size[0]} fixes how many images there are: write "
            "x.flatten(1), which takes any number"
        )
    if -1 in size[1:] or wanted == numbers:
        return ""
    if len(size) > 2:
        return f"{come_in} for each image, and {shape_text(size[1:])} takes {wanted:,}"
    return (
        f"{come_in} for each image, and the view wants {wanted:,}: write x.flatten(1), and "
        f"{numbers:,} input features in the linear layer that follows"
    )


def _about_linear(trace: OperatorTrace, x: Tensor, weight: Tensor) -> str:
    out, wanted = weight.shape[0], weight.shape[1]
    examples = trace.inputs.all[0].shape[0] if trace.inputs.has_batch else 0
    if examples and x.dim() == 2 and x.shape[0] > examples and not x.shape[0] % examples:
        numbers = x.numel() // examples
        remedy = "" if numbers == wanted else f", and nn.Linear({numbers}, {out})"
        return (
            f"; each example came in as {x.shape[0] // examples} rows: write x.flatten(1){remedy}"
        )
    if x.dim() == 2:
        return f": write nn.Linear({x.shape[1]}, {out})"
    if x.dim() != 4:
        return ""
    numbers = prod(x.shape[1:])
    remedy = "" if numbers == wanted else f" and nn.Linear({numbers}, {out})"
    map_ = shape_text(x.shape[1:])
    return f"; a map of {map_} comes in: flatten it before, with x.flatten(1){remedy}"
