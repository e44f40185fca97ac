"""One run of a network, watched: every operation's cost, every module's row.

On the meta device tensors have shapes but no numbers: nothing is computed and
nothing is allocated. A run with numbers on the CPU is recorded in the same way.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, is_dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.nn.parameter import is_lazy
from torch.utils._python_dispatch import TorchDispatchMode

from cnn_tui.analysis.networks import receptive_field, shape_rules, shapes
from cnn_tui.analysis.networks.calls import WatchedCall, hooked, is_in_place
from cnn_tui.analysis.networks.fields.axis import Axis
from cnn_tui.analysis.networks.fields.leaving import LeavingTorch
from cnn_tui.analysis.networks.input_checks import refuse_unfit
from cnn_tui.analysis.networks.input_tensors import InputTensors, reach_of_input
from cnn_tui.analysis.networks.receptive_field import Reach
from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.networks.shapes import SlidingWindow
from cnn_tui.analysis.networks.work import WorkTally
from cnn_tui.analysis.networks.work_records import Work
from cnn_tui.analysis.records import GLOBAL, UNKNOWN, Shape

FUNCTION = "function"
PARAMETER = "Parameter"
"""Types of rows that are no modules: a call in a forward, and a weight beside the layers."""

VIEWS = frozenset({torch.ops.aten.view.default, torch.ops.aten.reshape.default})


class OperatorTrace(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Answers every operation with its shape, and records the cost of each module.

    Use ``run`` once; then ``rows`` are what ran, in forward order.
    """

    def __init__(self, net: nn.Module, given: InputTensors) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.net = net
        self.inputs = given
        self.macs = 0
        self.activations = 0
        self.tally = WorkTally(given.all)
        self.mixed_partly = False
        self.viewed_as = 0
        self.failed_in = ""
        self.given: Shape = ()
        self.calls: list[WatchedCall] = []
        self.failed_call: tuple[Exception, Any, Any] | None = None
        self.without_result: list[str] = []
        self.made: list[tuple[nn.Module, str]] = []
        self._rows: list[LayerSummary | None] = []
        self._frames: list[_Frame] = []
        self._reaches = {id(each): reach_of_input(net, given, each) for each in given.all}
        self.has_map = any(each.is_of_map for each in self._reaches.values())
        self.has_numbers = not all(each.is_meta for each in given.all)
        self.lost_in: Lost | None = None
        self._views: dict[int, Tensor] = {}
        self.left_by: Lost | None = None
        self.goes_on_after_leaving = False
        self._known: set[int] = {id(each) for each in (*net.parameters(), *net.buffers())}
        self._made_of: dict[int, tuple[Tensor, ...]] = {
            id(each): (each,) for each in net.parameters()
        }
        self._unregistered: set[int] = set()
        self._ran: set[int] = set()
        self._shown: set[int] = set()
        self._alive: list[Tensor] = []

    def run(self) -> Any:
        """The network's output for its inputs; raises whatever its forward raises."""
        with (
            torch.inference_mode(),
            hooked(self.net, self._recorders),
            self._leaving(),
            self._noting_new(),
            self,
        ):
            self._enter("", self.net, self.inputs.all)
            output = self.inputs.call(self.net)
            self._leave("", self.net, output)
        return output

    @property
    def rows(self) -> tuple[LayerSummary, ...]:
        """What ran, in forward order."""
        return tuple(row for row in self._rows if row is not None)

    @property
    def never_used(self) -> list[Tensor]:
        """The parameters of modules that did not run."""
        return [each for each in unique_parameters(self.net) if id(each) not in self._shown]

    def reach(self, tensor: Any) -> Reach | None:
        """What ``tensor`` knows of the image, None where that is nothing."""
        return self._reaches.get(id(tensor))

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        # Saying yes wraps the mode in torch.compiler.disable, whose first call
        # imports torch._dynamo: a second of CPU time for nothing.
        return False

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        try:
            return self._dispatched(func, args, kwargs or {})
        except Exception as error:
            if self.failed_call is None or self.failed_call[0] is not error:
                self.failed_call = error, func, args
            raise

    def _dispatched(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        known = (
            shape_rules.has_rule(func) or func in shapes.MAC_RULES or receptive_field.has_rule(func)
        )
        if not known and _is_composite(func):
            with self:
                result = func.decompose(*args, **kwargs)
            if result is not NotImplemented:
                return result
        result = self._answered(func, args, kwargs)
        if result is None:
            result = func(*args, **kwargs)
        self._account(func, args, result)
        return result

    def _answered(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Tensor | None:
        """The result by rule, on the meta device, or None where torch has to say it."""
        if self.has_numbers:
            return None
        shape_rules.refuse_number_types(func, args)
        first = next(iter(receptive_field.tensors(args)), None)
        if first is None or not first.is_floating_point():
            return None
        shape = shape_rules.output_shape(func, args, kwargs)
        if shape is None:
            return None
        if is_in_place(func):
            written: Tensor = args[0]
            return written
        return torch.empty(shape, dtype=first.dtype, device="meta")

    def _account(self, func: Any, args: Any, result: Any) -> None:
        outputs = list(receptive_field.tensors([result]))
        if not outputs:
            return
        self.calls.append(WatchedCall(func, args, outputs, self._frames[-1]))
        shape = tuple(outputs[0].shape)
        if func in VIEWS and shape and args[1][0] == shape[0]:
            self._note_view(args[0], shape[0])
        if self.left_by is not None:
            self._notice_strangers(args)
        self._notice_weights(args)
        if not is_in_place(func) and not _allocates(func):
            self._views.update((id(output), args[0]) for output in outputs)
        reaches = [
            receptive_field.after(func, args, tuple(output.shape), self.reach, place)
            for place, output in enumerate(outputs)
        ]
        reach = reaches[0]
        weights = [each for one in receptive_field.tensors(args) for each in self._weights(one)]
        macs = shapes.macs(func, args, shape)
        work = self.tally.add(func, args, outputs, macs)
        self.macs += macs
        if reach is None:
            for output in outputs:
                self._remember(output, None, weights)
            if macs:
                self._note_function(
                    func, args, shape, None, macs, work, weights, turns_global=False
                )
            return
        self.goes_on_after_leaving |= self.left_by is not None
        if macs and weights:
            reaches = [each and each.deeper() for each in reaches]
            reach = reaches[0] or reach
        self.activations += math.prod(shape) if _allocates(func) else 0
        self._follow_writes(func, args, reach)
        for output, each in zip(outputs, reaches, strict=True):
            self._remember(output, each, ())
        self.mixed_partly |= reach.is_known and reach.partly
        given = [each for each in map(self.reach, receptive_field.tensors(args)) if each]
        self._note_lost(reach, func)
        turns_global = _is_global(reach) and not any(map(_is_global, given))
        self._note_function(func, args, shape, reach, macs, work, weights, turns_global)

    def _follow_writes(self, func: Any, args: Any, reach: Reach) -> None:
        """What is written into a view is in the tensor that it is a view of, too."""
        if not is_in_place(func) or self.reach(args[0]) == reach:
            return
        viewed = self._views.get(id(args[0]))
        while viewed is not None:
            both = [each for each in (self.reach(viewed), reach) if each is not None]
            self._remember(viewed, receptive_field.written_into(both, tuple(viewed.shape)), ())
            self._note_lost(reach=self.reach(viewed), func=func)
            viewed = self._views.get(id(viewed))

    def _note_lost(self, reach: Reach | None, func: Any) -> None:
        if self.lost_in is None and reach is not None and not reach.is_known:
            name = func._schema.name.removeprefix("aten::").lstrip("_")
            self.lost_in = Lost(self._frames[-1].path, name)

    @contextmanager
    def _leaving(self) -> Iterator[None]:
        """Notice where numbers of the input leave torch; on the meta device they cannot."""
        if not self.has_numbers:
            yield
            return
        with LeavingTorch(self._note_leaving):
            yield

    def _note_leaving(self, tensor: Tensor, name: str) -> None:
        if self.reach(tensor) is not None and self.left_by is None:
            self.left_by = Lost(self._frames[-1].path if self._frames else "", name)

    def _notice_strangers(self, args: Any) -> None:
        """A tensor that no operation made, after numbers left torch, may hold any of them."""
        for each in receptive_field.tensors(args):
            if id(each) in self._known or id(each) in self._reaches:
                continue
            self._remember(each, receptive_field.of_outside(tuple(each.shape)), ())
            self.tally.note_live(each)
            self.lost_in = self.lost_in or self.left_by

    def _notice_weights(self, args: Any) -> None:
        """A weight that is not registered counts for the depth, and for no row's parameters."""
        for each in receptive_field.tensors(args):
            if id(each) in self._made_of or id(each) in self._reaches or not _is_weight(each):
                continue
            self._unregistered.add(id(each))
            self._remember(each, None, (each,))

    def _note_view(self, given: Tensor, batch: int) -> None:
        """Remember a batch that a view names, where it is another than the one that was given."""
        examples = self.inputs.all[0].shape[:1]
        if not self.viewed_as and given.shape[:1] == examples and (batch,) != tuple(examples):
            self.viewed_as = batch

    def _weights(self, tensor: Tensor) -> tuple[Tensor, ...]:
        """The parameters that ``tensor``, which holds nothing of the image, is made of."""
        return self._made_of.get(id(tensor), ())

    def _remember(self, tensor: Tensor, reach: Reach | None, weights: Sequence[Tensor]) -> None:
        if reach is not None:
            self._reaches[id(tensor)] = reach
        elif weights:
            self._made_of[id(tensor)] = tuple(dict.fromkeys(weights))
        self._known.add(id(tensor))
        self._alive.append(tensor)  # keeps the id from being used again

    def _note_function(
        self,
        func: Any,
        args: Any,
        shape: Shape,
        reach: Reach | None,
        macs: int,
        work: Work,
        weights: Sequence[Tensor],
        turns_global: bool,
    ) -> None:
        """A row for a call that slides, multiplies, or is the first to see the whole image.

        It goes when the module that made the call turns out to be a layer by itself.
        """
        frame = self._frames[-1]
        slid = receptive_field.slid(func, args, self.reach)
        if slid is not None:
            frame.windows = slid
        if not (macs or slid or turns_global):
            return
        registered = (each for each in weights if id(each) not in self._unregistered)
        used = list({id(each): each for each in registered}.values())
        seen = self._shown, frame.used
        fresh = [each for each in used if not any(id(each) in ids for ids in seen)]
        frame.functions.append(len(self._rows))
        frame.used.update(map(id, used))
        name = func._schema.name.removeprefix("aten::")
        self._rows.append(
            self._row(
                f"{frame.path}.{name}".lstrip("."),
                FUNCTION,
                depth=len(self._frames) - 1,
                is_leaf=True,
                shape=shape if reach is None else shape[self.inputs.has_batch :],
                parameters=fresh or used,
                macs=macs,
                work=work,
                activations=math.prod(shape),
                reach=reach,
                windows=slid,
                reused=bool(used) and not fresh,
            )
        )

    @contextmanager
    def _noting_new(self) -> Iterator[None]:
        """Note every module that gets weights while the forward runs, and in whose forward."""

        def registered(module: nn.Module, name: str, parameter: Any) -> None:
            if self._frames and all(module is not each for each, _ in self.made):
                self.made.append((module, self._frames[-1].path))

        hook = register_module_parameter_registration_hook(registered)
        try:
            yield
        finally:
            hook.remove()

    def _recorders(self, path: str) -> tuple[Any, Any]:
        def before(module: nn.Module, args: Any) -> None:
            self._enter(path, module, args)

        def after(module: nn.Module, args: Any, output: Any) -> None:
            self._leave(path, module, output)

        return before, after

    def _enter(self, path: str, module: nn.Module, args: Any) -> None:
        tensor = first_tensor(args)
        self.failed_in, self.given = path, self._shape_of(tensor)
        if tensor is not None and any(tensor is each for each in self.inputs.all):
            refuse_unfit(module, tensor, has_batch=self.inputs.has_batch)
        if self._frames:
            self._frames[-1].ran_modules = True
        depths = [each.depth for each in map(self.reach, receptive_field.tensors(args)) if each]
        depth = None if None in depths else max(filter(None, depths), default=0)
        self._frames.append(
            _Frame(path, len(self._rows), self.macs, self.activations, depth, self.tally.total)
        )
        # One row for the module, and one for each weight that it holds by itself.
        self._rows += [None] * (1 + len(module._parameters))

    def _leave(self, path: str, module: nn.Module, output: Any) -> None:
        while self._frames[-1].path != path:  # left by an exception that the caller caught
            self._frames.pop()
        frame = self._frames.pop()
        self.failed_in = self._frames[-1].path if self._frames else ""
        if output is None and path:
            self.without_result.append(path)
        reused = id(module) in self._ran
        self._ran.add(id(module))
        is_leaf = not frame.ran_modules and bool(path)
        if isinstance(module, nn.RNNBase):
            self._as_layers(frame, output, module.num_layers)
        parameters = unique_parameters(module)
        if is_leaf:
            for place in frame.functions:
                self._rows[place] = None
            reused = reused or (bool(parameters) and self._all_shown(parameters))
            self._shown.update(map(id, parameters))
        else:
            self._note_bare_parameters(frame, module)
        if not path:
            return
        tensor = first_tensor(output)
        self._rows[frame.place] = self._row(
            path,
            type_name(module),
            depth=len(self._frames) - 1,
            is_leaf=is_leaf,
            shape=self._shape_of(tensor),
            parameters=parameters,
            macs=self.macs - frame.macs,
            work=self.tally.total - frame.work,
            activations=self.activations - frame.activations,
            reach=self.reach(tensor),
            windows=frame.windows if is_leaf else None,
            reused=reused,
        )

    def _shape_of(self, tensor: Tensor | None) -> Shape:
        return shape_of(tensor, has_batch=self.inputs.has_batch)

    def _as_layers(self, frame: "_Frame", output: Any, count: int) -> None:
        """A recurrent network is as deep as its layers, and not as it has steps."""
        for each in receptive_field.tensors([output]):
            reach = self.reach(each)
            if reach is not None and frame.depth is not None:
                self._reaches[id(each)] = replace(reach, depth=frame.depth + count)

    def _all_shown(self, parameters: Sequence[Tensor]) -> bool:
        return all(id(each) in self._shown for each in parameters)

    def _note_bare_parameters(self, frame: "_Frame", module: nn.Module) -> None:
        """Rows for the weights that a module holds beside its layers, such as a class token."""
        self._shown |= frame.used
        for place, (name, each) in enumerate(module._parameters.items(), start=frame.place + 1):
            if each is None or id(each) in self._shown:
                continue
            self._shown.add(id(each))
            self._rows[place] = self._row(
                f"{frame.path}.{name}".lstrip("."),
                PARAMETER,
                depth=len(self._frames),
                is_leaf=True,
                shape=tuple(each.shape),
                parameters=[each],
                macs=0,
                work=Work(),
                activations=0,
                reach=None,
                windows=None,
                reused=False,
            )

    def _row(
        self,
        name: str,
        kind: str,
        *,
        depth: int,
        is_leaf: bool,
        shape: Shape,
        parameters: Sequence[Tensor],
        macs: int,
        work: Work,
        activations: int,
        reach: Reach | None,
        windows: tuple[SlidingWindow, ...] | None,
        reused: bool,
    ) -> LayerSummary:
        along, sides = _longer_side(reach, windows), None if reach is None else reach.sides
        return LayerSummary(
            name=name,
            type=kind,
            depth=depth,
            is_leaf=is_leaf,
            output_shape=shape,
            parameters=count(parameters),
            trainable=count([each for each in parameters if each.requires_grad]),
            macs=macs,
            activations=activations,
            receptive_field=_field(reach),
            jump=None if sides is None else sides[along].jump,
            start=None if sides is None else sides[along].start,
            window=None if windows is None else windows[min(along, len(windows) - 1)].settings,
            reused=reused,
            gated=reach is not None and reach.gated,
            **work._asdict(),
        )


@dataclass
class _Frame:
    """A module that is running: where its row goes, and the totals when it began.

    ``functions`` are the rows of its own calls, ``used`` the ids of their weights.
    """

    path: str
    place: int
    macs: int
    activations: int
    depth: int | None
    work: Work
    ran_modules: bool = False
    windows: tuple[SlidingWindow, ...] | None = None
    functions: list[int] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


@dataclass(frozen=True)
class Lost:
    """Where the input was no longer followed: the module's path, and the operation."""

    path: str
    operation: str


def side(sides: Sequence[Axis]) -> int:
    """The longest side of a field, in whole pixels."""
    return math.ceil(max(each.size for each in sides))


def first_tensor(output: Any) -> Tensor | None:
    """The first tensor in whatever a module takes or returns."""
    if isinstance(output, Tensor):
        return output
    parts: Any = ()
    if isinstance(output, dict):
        parts = output.values()
    elif isinstance(output, list | tuple):
        parts = output
    elif is_dataclass(output) and not isinstance(output, type):
        parts = (getattr(output, each.name) for each in fields(output))
    return next((found for part in parts if (found := first_tensor(part)) is not None), None)


def shape_of(tensor: Tensor | None, *, has_batch: bool = True) -> Shape:
    """A tensor's shape without its batch."""
    return () if tensor is None else tuple(tensor.shape[has_batch:])


def count(parameters: Sequence[Tensor]) -> int:
    """How many numbers the parameters hold; none where a lazy module never ran."""
    return sum(0 if is_lazy(each) else each.numel() for each in parameters)


def unique_parameters(module: nn.Module) -> list[Tensor]:
    """The parameters of a module and all its children, each of them once."""
    return list(module.parameters())


def type_name(module: nn.Module) -> str:
    """What a module calls itself; a scripted one keeps the name that it had."""
    return str(getattr(module, "original_name", type(module).__name__))


def _field(reach: Reach | None) -> int | str | None:
    if reach is None or not reach.is_of_map:
        return None
    if not reach.is_known:
        return UNKNOWN
    return GLOBAL if reach.sides is None else side(reach.sides)


def _is_global(reach: Reach) -> bool:
    return reach.is_of_map and reach.is_known and reach.sides is None


def _longer_side(reach: Reach | None, windows: tuple[SlidingWindow, ...] | None) -> int:
    """The side, 0 for rows, along which the field is longest, or else the window."""
    sides = () if reach is None or reach.sides is None else reach.sides
    spans = () if windows is None else tuple(each.span for each in windows)
    count = len(sides) or len(spans) or 1
    sizes = [sides[i].size if i < len(sides) else 0 for i in range(count)]
    return max(range(count), key=lambda i: (sizes[i], spans[i] if i < len(spans) else 0))


def _is_weight(tensor: Tensor) -> bool:
    return isinstance(tensor, nn.Parameter) or (tensor.requires_grad and tensor.is_leaf)


@cache
def _is_composite(func: Any) -> bool:
    return bool(func._can_decompose())


@cache
def _allocates(func: Any) -> bool:
    """Whether the result is memory of its own: not a view, not written in place."""
    return all(each.alias_info is None for each in func._schema.returns)
