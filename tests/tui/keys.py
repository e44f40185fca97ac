"""Every key that a class of the app declares, wherever it lies."""

import importlib
import pkgutil
from collections.abc import Iterator

from textual.binding import Binding, BindingType

import cnn_tui.tui


def declared_keys() -> list[BindingType]:
    """What every class of the app has in its own ``BINDINGS``."""
    return [each for kind in _classes() for each in vars(kind).get("BINDINGS", ())]


def keys_by_id() -> dict[str, Binding]:
    """Every declared key under its id."""
    return {each.id or "": each for each in declared_keys() if isinstance(each, Binding)}


def _classes() -> Iterator[type]:
    for found in pkgutil.walk_packages(cnn_tui.tui.__path__, "cnn_tui.tui."):
        module = importlib.import_module(found.name)
        for kind in vars(module).values():
            if isinstance(kind, type) and kind.__module__ == module.__name__:
                yield kind
