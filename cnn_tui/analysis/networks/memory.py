"""What a network's activations take in memory, while it answers and while it is trained.

The network runs a few more times, without numbers where that will do: torch's own kernels
of the meta device say which tensors there are, autograd which of them it keeps for the
backward pass, and Python when the others are freed. Nothing is allocated for them.
"""

import copy
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from cnn_tui.analysis.networks.input_tensors import InputTensors
from cnn_tui.analysis.networks.work_records import BytesAtBatch, MemoryUse

BATCHES = (2, 3)
"""What is measured; others lie on a straight line. Batch norm trains on no single image."""
InputsOf = Callable[[int], InputTensors]
"""What the forward takes, for a batch of that size."""


def memory_use(net: nn.Module, inputs: InputsOf, only: int | None = 0) -> MemoryUse:
    """The memory of a forward of ``net`` on ``inputs``; ``net`` itself is left as it is.

    ``only`` is the one batch that it takes, None for one example without a batch. What cannot
    be found out, as when a forward needs targets to be trained, is None.
    """
    own = copy.deepcopy(net)
    batches = BATCHES if only == 0 else (only or 1,)
    with torch.random.fork_rng(devices=[]), _fused_attention():
        return MemoryUse(
            inputs=_line(lambda batch: _bytes(inputs(batch)), batches),
            inference=_line_or_none(lambda batch: peak_bytes(own, inputs(batch)), batches),
            training=_line_or_none(lambda batch: saved_bytes(own, inputs(batch)), batches),
        )


def saved_bytes(net: nn.Module, inputs: InputTensors) -> int:
    """What autograd keeps of one forward in training mode, besides parameters and inputs."""
    held = _held(net, inputs)
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        plain = tensor.detach()  # the tensor itself would keep its graph, and so itself, alive
        if (storage := _storage(plain)) not in held:
            kept[storage] = plain
        return plain

    net.train()
    with torch.enable_grad(), torch.autograd.graph.saved_tensors_hooks(pack, lambda each: each):
        inputs.call(net)
    return sum(each.untyped_storage().nbytes() for each in kept.values())


def peak_bytes(net: nn.Module, inputs: InputTensors) -> int:
    """The most that live at one moment of a forward without gradients, besides the same."""
    net.eval()
    with torch.no_grad(), _LiveTensors(_held(net, inputs)) as live:
        inputs.call(net)
        peak: int = live.peak
    return peak


def _line(measure: Callable[[int], int], batches: Sequence[int]) -> BytesAtBatch:
    """Through what is measured of one batch or two."""
    (small, low), *_, (large, high) = ((0, 0), *((each, measure(each)) for each in batches))[-2:]
    per_image = (high - low) // (large - small)
    fixed = low - per_image * small
    return BytesAtBatch(per_image, fixed) if fixed >= 0 else BytesAtBatch(high // large, 0)


def _line_or_none(measure: Callable[[int], int], batches: Sequence[int]) -> BytesAtBatch | None:
    try:
        return _line(measure, batches)
    except Exception:  # whatever a forward raises that was written for something else
        return None


def _bytes(inputs: InputTensors) -> int:
    return sum(each.nbytes for each in inputs.all)


def _held(net: nn.Module, inputs: InputTensors) -> set[int]:
    return {_storage(each) for each in (*net.parameters(), *net.buffers(), *inputs.all)}


class _LiveTensors(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Adds up the storages that operations make, until nobody holds them any more."""

    def __init__(self, held: set[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.now = self.peak = 0
        self._known = held

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # as in OperatorTrace: saying yes imports torch._dynamo

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        for each in tree_leaves(result):
            if isinstance(each, Tensor):
                self._add(each)
        return result

    def _add(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        place = _storage(tensor)
        if place in self._known:
            return
        self._known.add(place)
        size = storage.nbytes()
        self.now += size
        self.peak = max(self.peak, self.now)
        weakref.finalize(storage, self._free, place, size).atexit = False

    def _free(self, place: int, size: int) -> None:
        self._known.discard(place)
        self.now -= size


def _storage(tensor: Tensor) -> int:
    return int(tensor.untyped_storage()._cdata)


@contextmanager
def _fused_attention() -> Iterator[None]:
    """Let attention without numbers take the fused kernel that it takes with numbers.

    On the meta device torch only has the plain one, which keeps every score.
    """
    own = functional.scaled_dot_product_attention

    def attention(*args: Any, **kwargs: Any) -> Any:
        found = _fused(*args, **kwargs)
        return own(*args, **kwargs) if found is None else found

    functional.scaled_dot_product_attention = attention
    try:
        with _FusedByName(own):
            yield
    finally:
        functional.scaled_dot_product_attention = own


class _FusedByName(TorchFunctionMode):
    """The same for who has imported the function by its name; torch's own layers escape it."""

    def __init__(self, attention: Any) -> None:
        super().__init__()
        self._attention = attention

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        kwargs = kwargs or {}
        found = _fused(*args, **kwargs) if func is self._attention else None
        return func(*args, **kwargs) if found is None else found


def _fused(
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attn_mask: Tensor | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    **others: Any,
) -> Any:
    """What the fused kernel returns, or None where it would not be taken."""
    shapes = {(*each.shape[:-2], each.shape[-1]) for each in (query, key, value)}
    if not query.is_meta or query.dim() != 4 or len(shapes) > 1 or dropout_p:
        return None
    scale = others.get("scale")
    kernel = torch.ops.aten._scaled_dot_product_flash_attention_for_cpu
    return kernel(query, key, value, 0.0, is_causal, attn_mask=attn_mask, scale=scale)[0]
