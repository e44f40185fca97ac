"""Notices where a forward takes numbers out of torch: to NumPy, a list, a Python number."""

from collections.abc import Callable
from typing import Any

from torch import Tensor
from torch.overrides import TorchFunctionMode

WAYS_OUT = {
    Tensor.numpy: "numpy",
    Tensor.tolist: "tolist",
    Tensor.item: "item",
    Tensor.__array__: "numpy",
    Tensor.__float__: "float",
    Tensor.__int__: "int",
    Tensor.__dlpack__: "dlpack",
    Tensor.data_ptr: "data_ptr",
}
"""Methods whose answer no operation of torch can be followed from."""


class LeavingTorch(TorchFunctionMode):
    """Calls ``note`` with each tensor that leaves torch, and the name of the way."""

    def __init__(self, note: Callable[[Tensor, str], None]) -> None:
        super().__init__()
        self.note = note

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        way = WAYS_OUT.get(func)
        if way is not None and isinstance(args[0], Tensor):
            self.note(args[0], way)
        return func(*args, **(kwargs or {}))
