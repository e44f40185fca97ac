"""What each layer of a network puts out, holds, costs and sees.

The network runs once, on torch's meta device, where tensors have shapes but no
numbers: nothing is computed and nothing is allocated.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode

from cnn_tui.analysis import shapes
from cnn_tui.analysis.records import GLOBAL, LayerSummary, NetSummary, Shape
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import net_info

aten = torch.ops.aten

LARGEST_SIDE = 100_000
"""Channels or pixels along one side: far beyond any image, and far from overflow."""


def summarize(name: str, input_shape: Sequence[int] | None = None) -> NetSummary:
    """Take the catalogue's network ``name`` apart.

    ``input_shape`` is (channels, height, width); the network's native one if
    not given. Raises UsageError for an unknown network or an impossible shape.
    """
    info = net_info(name)
    native = (info.in_channels, info.image_size, info.image_size)
    shape = _checked_shape(input_shape) if input_shape is not None else native
    with torch.device("meta"):
        net = build(info.name, in_channels=shape[0], image_size=min(shape[1:]))
    return summarize_module(net, shape, net_name=info.name, title=info.title)


def summarize_module(
    net: nn.Module, input_shape: Shape, *, net_name: str, title: str
) -> NetSummary:
    """Take any module on the meta device apart, for one image (channels, height, width)."""
    net = net.eval()
    trace = _Trace()
    image = torch.empty(1, *input_shape, device="meta")
    trace.fields[id(image)] = _Field(1, 1)
    try:
        with torch.no_grad(), trace.watching(net), trace:
            output = net(image)
    except (shapes.ShapeError, RuntimeError) as error:
        where = f"layer {trace.failed_in}" if trace.failed_in else "it"
        raise UsageError(
            f"{title} cannot take an input of {'×'.join(map(str, input_shape))}: "
            f"{where} failed: {str(error).splitlines()[0]}."
        ) from error
    return NetSummary(
        net=net_name,
        title=title,
        input_shape=tuple(input_shape),
        output_shape=tuple(output.shape[1:]),
        total_parameters=_count(net),
        total_macs=trace.macs,
        modules=tuple(row for row in trace.rows if row is not None),
    )


@dataclass(frozen=True)
class _Field:
    """The receptive field of a unit: its side, and the step between neighbours, in pixels.

    Araujo, Norris and Sim 2019, "Computing Receptive Fields of Convolutional
    Neural Networks", equations 1 and 2. ``size`` None means the whole image.
    """

    size: int | None
    jump: int

    def through(self, kernel_size: int, stride: int) -> "_Field":
        if self.size is None:
            return self
        return _Field(self.size + (kernel_size - 1) * self.jump, self.jump * stride)


_WHOLE_IMAGE = _Field(None, 1)


class _Trace(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Answers every operation with its shape, and keeps the books per module."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.macs = 0
        self.rows: list[LayerSummary | None] = []
        self.fields: dict[int, _Field] = {}
        self.failed_in = ""
        self._alive: list[Tensor] = []

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Saying yes wraps the mode in torch.compiler.disable, whose first call
        # imports torch._dynamo: a second of CPU time for nothing.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        shape = shapes.output_shape(func, args) if not kwargs else None
        if shape is None:
            result = func(*args, **(kwargs or {}))
            self._account(func, args, result)
            return result
        result = args[0] if _is_in_place(func) else torch.empty(shape, device="meta")
        self.macs += shapes.macs(func, args, shape)
        self._see(result, self._field_after(func, args, shape))
        extra = shapes.EXTRA_OUTPUTS.get(func, 0)
        return (result, *[result.new_empty(0)] * extra) if extra else result

    @contextmanager
    def watching(self, net: nn.Module) -> Iterator[None]:
        """Note every module of ``net`` as it runs, in forward order."""
        hooks = []
        for path, module in net.named_modules():
            if path:
                before, after = self._bookkeepers(path, module)
                hooks += [
                    module.register_forward_pre_hook(before),
                    module.register_forward_hook(after),
                ]
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()

    def _bookkeepers(self, path: str, module: nn.Module) -> tuple[Any, Any]:
        pending: list[tuple[int, int]] = []

        def before(module: nn.Module, args: Any) -> None:
            pending.append((len(self.rows), self.macs))
            self.rows.append(None)
            self.failed_in = path

        def after(module: nn.Module, args: Any, output: Any) -> None:
            place, macs_before = pending.pop()
            self.failed_in = path.rpartition(".")[0]
            tensor = _first_tensor(output)
            if tensor is None:
                return
            self.rows[place] = LayerSummary(
                name=path,
                type=type(module).__name__,
                depth=path.count("."),
                is_leaf=next(module.children(), None) is None,
                output_shape=tuple(tensor.shape[1:]),
                parameters=_count(module),
                macs=self.macs - macs_before,
                receptive_field=self._receptive_field(tensor),
            )

        return before, after

    def _account(self, func: Any, args: Any, result: Any) -> None:
        """The books of an operation that torch's own meta kernel answered."""
        from torch.utils._pytree import tree_leaves

        outputs = [leaf for leaf in tree_leaves(result) if isinstance(leaf, Tensor)]
        field = self._field_of_inputs(tree_leaves(list(args)))
        for output in outputs:
            self._see(output, field)
        if outputs and func not in _FREE:
            self.macs += _flop_counter_macs(func, args, result)

    def _field_after(self, func: Any, args: Any, shape: Shape) -> _Field:
        field = self._field_of_inputs(args)
        window = shapes.window(func, args)
        if window is not None:
            return field.through(*window)
        if func in _MIXES_POSITIONS and tuple(args[0].shape) != shape:
            return _WHOLE_IMAGE
        return field

    def _field_of_inputs(self, args: Sequence[Any]) -> _Field:
        fields = [
            self.fields[id(a)] for a in args if isinstance(a, Tensor) and id(a) in self.fields
        ]
        if not fields:
            return _Field(1, 1)
        if any(field.size is None for field in fields):
            return _WHOLE_IMAGE
        return max(fields, key=lambda field: field.size or 0)

    def _see(self, tensor: Tensor, field: _Field) -> None:
        self.fields[id(tensor)] = field
        self._alive.append(tensor)  # keeps the id from being used again

    def _receptive_field(self, tensor: Tensor) -> int | str | None:
        field = self.fields.get(id(tensor))
        if field is None:
            return None
        return GLOBAL if field.size is None else field.size


_FREE = frozenset({aten.view.default, aten.t.default, aten.empty.memory_format})
_MIXES_POSITIONS = frozenset(
    {aten.mean.dim, aten._adaptive_avg_pool2d.default, aten.addmm.default, aten.mm.default}
)


def _is_in_place(func: Any) -> bool:
    return bool(func._schema.is_mutable and func._schema.name.endswith("_"))


def _flop_counter_macs(func: Any, args: Any, result: Any) -> int:
    from torch.utils.flop_counter import flop_registry

    counter = flop_registry.get(func._overloadpacket)
    return 0 if counter is None else int(counter(*args, out_val=result)) // 2


def _first_tensor(output: Any) -> Tensor | None:
    if isinstance(output, Tensor):
        return output
    if isinstance(output, list | tuple) and output:
        return _first_tensor(output[0])
    return None


def _count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


def _checked_shape(shape: Sequence[int]) -> Shape:
    if len(shape) != 3 or min(shape) < 1 or max(shape) > LARGEST_SIDE:
        raise UsageError(
            f"An input shape is channels,height,width, each from 1 to {LARGEST_SIDE:,}, such as "
            f"3,224,224; got {','.join(map(str, shape))}."
        )
    return tuple(shape)
