"""One operation of a watched run, as ``trace`` keeps it and ``mistakes`` reads it; the hooks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn

aten = torch.ops.aten

SIZED_VIEWS = frozenset(
    {
        aten.view.default,
        aten._unsafe_view.default,
        aten._reshape_alias.default,
        aten.reshape.default,
    }
)
"""Calls that only arrange the same numbers in another shape, which is their second argument."""
VIEWS = SIZED_VIEWS | {aten.flatten.using_ints}
"""All that only arrange the same numbers in another shape."""


class RunningModule(Protocol):
    """The module whose forward made a call; whether it is a layer is known after the run."""

    path: str
    ran_modules: bool


class WatchedCall(NamedTuple):
    """What was called, with which arguments, what came out, and in whose forward."""

    func: Any
    args: tuple[Any, ...]
    outputs: list[Tensor]
    running: RunningModule

    @property
    def operation(self) -> str:
        """What torch calls it, such as ``relu``."""
        return operation_name(self.func)

    @property
    def is_layer(self) -> bool:
        """Whether a layer did it, and no forward that runs layers."""
        return bool(self.running.path) and not self.running.ran_modules

    @property
    def name(self) -> str:
        """Its layer's name in the table, or that of a function's row."""
        path = self.running.path
        return path if self.is_layer else f"{path}.{self.operation}".lstrip(".")

    @property
    def title(self) -> str:
        """What a sentence calls it."""
        if self.is_layer:
            return layer_title(self.running.path)
        inside = f"the forward of {self.running.path}" if self.running.path else "forward"
        return f"{self.operation} in {inside}"

    @property
    def described(self) -> str:
        """What it does, and where."""
        return f"{self.operation} ({self.title})" if self.is_layer else self.title


def layer_title(path: str) -> str:
    """A layer's name within a sentence, where a mere number would be read as one."""
    return f"layer {path}" if path.isdigit() else path


@cache
def operation_name(func: Any) -> str:
    """``relu`` for ``aten::relu_``, ``softmax`` for ``aten::_softmax``."""
    name: str = func._schema.name
    return name.rpartition("::")[2].strip("_")


@cache
def is_in_place(func: Any) -> bool:
    """Whether the call writes its result into its first argument."""
    return bool(func._schema.is_mutable and func._schema.name.endswith("_"))


@cache
def shares_memory(func: Any) -> bool:
    """Whether the result may be no memory of its own: a view, or written in place."""
    return any(each.alias_info is not None for each in func._schema.returns)


def is_view(func: Any) -> bool:
    """Whether the result may be a view of the first argument."""
    return shares_memory(func) and not is_in_place(func)


@contextmanager
def hooked(net: nn.Module, hooks_of: Callable[[str], tuple[Any, Any]]) -> Iterator[None]:
    """Have every module of the network call the two hooks of its path, before and after it runs.

    A scripted module takes no hooks: its calls become rows instead.
    """
    hooks = []
    for path, module in net.named_modules():
        if path and not isinstance(module, torch.jit.ScriptModule):
            before, after = hooks_of(path)
            hooks.append(module.register_forward_pre_hook(before))
            hooks.append(module.register_forward_hook(after))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
