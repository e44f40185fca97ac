"""What notebooks hand over, looked at before the rooms compute with it."""

from operator import index
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.nets.records import NetInfo


def net_name(net: Any, wanted_by: str) -> str:
    """The name or specification of a network of the catalogue; raises UsageError otherwise."""
    if isinstance(net, NetInfo):
        return net.name
    if isinstance(net, str):
        return net
    raise UsageError(
        f"{wanted_by} takes a network of the catalogue by its name, such as 'lenet5', "
        f"not {type(net).__name__}.",
        fields=("net",),
    )


def text(value: Any, what: str, example: str) -> str:
    """``value``, which must be a text; raises UsageError otherwise."""
    if isinstance(value, str):
        return value
    raise UsageError(f"{what} must be a text, such as {example!r}, not {value!r}.")


def whole(value: Any, what: str, low: int = 0) -> int | None:
    """``value`` as a whole number from ``low`` up, or None; raises UsageError otherwise."""
    if value is None:
        return None
    try:
        number = index(value)
    except TypeError:
        number = low - 1
    if number < low or isinstance(value, bool):
        raise UsageError(f"{what} must be a whole number from {low} up, not {value!r}.")
    return number


def seconds(value: Any, what: str) -> float | None:
    """``value`` as a number above 0, or None; raises UsageError otherwise."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise UsageError(f"{what} must be a number above 0, not {value!r}.")
    return float(value)
