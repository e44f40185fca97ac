"""How much each operation of a forward has to do: FLOPs, and numbers to fetch and to store.

A multiply-accumulate is two FLOPs, whatever one number goes through is one: an addition, a
comparison, a whole activation function. Softmax is three (exponential, sum, division), a
normalization by fixed statistics two, by those of its input five. A pooling does one for each
cell of its window. Views and dropout, which evaluation skips, do nothing.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tui.analysis.networks.calls import operation_name
from cnn_tui.analysis.networks.receptive_field import tensors
from cnn_tui.analysis.networks.work_records import KindWork, Work, WorkKind

SKIPPED = frozenset({"dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout"})
LOOKED_UP = frozenset({"embedding", "index", "index_select", "gather"})
"""What reads as many numbers as it returns, and not the whole of what it reads from."""

KINDS: dict[WorkKind, str] = {
    WorkKind.CONVOLUTION: "conv1d conv2d conv3d convolution conv_transpose1d conv_transpose2d "
    "conv_transpose3d",
    WorkKind.CONNECTED: "linear addmm mm mv addmv matmul bmm baddbmm",
    WorkKind.ATTENTION: "scaled_dot_product_attention",
    WorkKind.NORMALIZATION: "batch_norm instance_norm layer_norm group_norm native_batch_norm "
    "native_layer_norm native_group_norm rms_norm",
    WorkKind.ACTIVATION: "relu relu6 leaky_relu elu selu celu gelu tanh sigmoid silu mish hardtanh "
    "hardswish hardsigmoid softplus prelu softsign threshold log_sigmoid glu softmax log_softmax "
    "rrelu",
    WorkKind.POOLING: "max_pool1d max_pool2d max_pool3d max_pool2d_with_indices "
    "max_pool3d_with_indices avg_pool1d avg_pool2d avg_pool3d adaptive_avg_pool1d "
    "adaptive_avg_pool2d adaptive_avg_pool3d "
    "adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d mean sum amax amin max min var "
    "std var_mean linalg_vector_norm",
}
KIND_OF = {name: kind for kind, names in KINDS.items() for name in names.split()}
WITH_A_SUMMAND = frozenset({"addmm", "addmv", "baddbmm"})
"""Products whose first argument is no factor but is added to them."""
SOFTMAX = frozenset({"softmax", "log_softmax"})
FIXED_STATISTICS = frozenset({"batch_norm", "native_batch_norm"})
WINDOWED = frozenset({"max_pool1d", "max_pool2d", "max_pool3d", "max_pool2d_with_indices"}) | {
    "max_pool3d_with_indices",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
}


class WorkTally:
    """Adds up the work of a forward of one image, by kind and in all."""

    def __init__(self, inputs: Iterable[Tensor]) -> None:
        self.total = Work()
        self._by_kind: dict[WorkKind, Work] = {}
        self._live = set(map(id, inputs))

    @property
    def kinds(self) -> tuple[KindWork, ...]:
        """The kinds that occur, in their order."""
        return tuple(
            KindWork(kind.value, *self._by_kind[kind]) for kind in WorkKind if kind in self._by_kind
        )

    def note_live(self, tensor: Tensor) -> None:
        """Count one that no operation of torch made as an activation: it came by way of NumPy."""
        self._live.add(id(tensor))

    def add(self, func: Any, args: Any, outputs: Sequence[Tensor], macs: int) -> Work:
        """Note one operation, whose multiply-accumulates are known; returns its work."""
        name = operation_name(func)
        given = {id(each): each for each in tensors(args)}
        fixed = [each for each in given.values() if self._is_fixed(each)]
        if not given or len(fixed) < len(given):  # what is made of weights alone is weights
            self._live |= set(map(id, outputs))
        if name in SKIPPED or _is_view(func, given.values(), outputs[0]):
            return Work()
        live = [each for each in given.values() if not self._is_fixed(each)]
        written = sum(map(_numbers, outputs))
        if name in LOOKED_UP:
            read, weights = (0, written) if fixed else (written, 0)
        else:
            read, weights = sum(map(_numbers, live)), sum(map(_numbers, fixed))
        kind = self._kind(func, name, args)
        work = Work(_flops(func, name, kind, args, outputs[0], macs), read + written, weights)
        self.total += work
        self._by_kind[kind] = self._by_kind.get(kind, Work()) + work
        return work

    def _is_fixed(self, tensor: Tensor) -> bool:
        """Whether it is there before the run: a weight, also of a layer that nobody registered."""
        return id(tensor) not in self._live or isinstance(tensor, nn.Parameter)

    def _kind(self, func: Any, name: str, args: Any) -> WorkKind:
        kind = KIND_OF.get(name)
        if kind is WorkKind.CONNECTED:
            factors = tensors(args[1:3] if name in WITH_A_SUMMAND else args[:2])
            return kind if any(map(self._is_fixed, factors)) else WorkKind.ATTENTION
        if kind is None:
            kind = WorkKind.ELEMENTWISE if torch.Tag.pointwise in func.tags else WorkKind.OTHER
        return kind


def _flops(func: Any, name: str, kind: WorkKind, args: Any, output: Tensor, macs: int) -> int:
    if name == "scaled_dot_product_attention":
        query, key = args[:2]
        return 2 * macs + 3 * int(math.prod(query.shape[:-1]) * key.shape[-2])
    if macs:
        return 2 * macs
    match kind:
        case WorkKind.NORMALIZATION:
            return output.numel() * _per_normalized(name, args)
        case WorkKind.ACTIVATION:
            return output.numel() * (3 if name in SOFTMAX else 1)
        case WorkKind.POOLING:
            return _pooled(name, args, output)
        case WorkKind.ELEMENTWISE:
            return output.numel()
    return 0


def _per_normalized(name: str, args: Any) -> int:
    """As fvcore counts them."""
    weights = [each for each in args[1:] if isinstance(each, Tensor)]
    if name in FIXED_STATISTICS and not args[5]:
        return 2 if args[1] is not None else 1
    return 5 if weights else 4


def _pooled(name: str, args: Any, output: Tensor) -> int:
    """Cells that windows hold; of a reduction and of adaptive windows, the numbers that go in."""
    if name not in WINDOWED:
        return max(int(args[0].numel()), output.numel())
    kernel = args[1] if isinstance(args[1], list | tuple) else (args[1],)
    sides = int(name.partition("pool")[2][0])
    return output.numel() * (math.prod(kernel) if len(kernel) > 1 else int(kernel[0]) ** sides)


def _numbers(tensor: Tensor) -> int:
    """How many a tensor holds in memory: of one that was expanded, those that there are."""
    return min(tensor.numel(), tensor.untyped_storage().nbytes() // tensor.element_size())


def _is_view(func: Any, given: Any, output: Tensor) -> bool:
    if func._schema.is_mutable:
        return False
    storage = output.untyped_storage()._cdata
    return any(each.untyped_storage()._cdata == storage for each in given)
