"""torch without what a check cannot run: compilers and worker processes."""

import functools
import inspect
from collections.abc import Callable
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader

from cnn_tui.grading.stand_ins.remarks import COMPILE, WORKERS, note

OF_WORKERS = (
    *("num_workers", "persistent_workers", "prefetch_factor"),
    *("multiprocessing_context", "timeout"),
)
"""What a DataLoader takes for its worker processes only."""


def run_eagerly() -> None:
    """Have this process compile nothing, and load data in the process itself."""
    torch.compile = _compile
    nn.Module.compile = _compile_module  # type: ignore[method-assign]
    DataLoader.__init__ = _without_workers(DataLoader.__init__)  # type: ignore[method-assign]


@functools.wraps(torch.compile)
def _compile(model: Any = None, **options: Any) -> Any:
    note(COMPILE)
    return _compile if model is None else model


def _compile_module(self: nn.Module, *args: Any, **options: Any) -> None:
    note(COMPILE)


def _without_workers(make: Callable[..., None]) -> Callable[..., None]:
    signature = inspect.signature(make)

    @functools.wraps(make)
    def make_without(self: Any, *args: Any, **kwargs: Any) -> None:
        try:
            given = signature.bind(self, *args, **kwargs)
        except TypeError:
            make(self, *args, **kwargs)  # says what is wrong with them
            raise
        number = given.arguments.get("num_workers", 0)
        if isinstance(number, int) and number > 0:
            note(WORKERS)
            for name in OF_WORKERS:
                given.arguments.pop(name, None)
        make(*given.args, **given.kwargs)

    return make_without
