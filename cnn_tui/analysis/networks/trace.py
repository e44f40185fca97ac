"""One run of a network, watched: every operation's cost, every module's row.

On the meta device tensors have shapes but no numbers: nothing is computed and
nothing is allocated. A run with numbers on the CPU is recorded in the same way.
"""

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.module import register_module_parameter_registration_hook
from torch.utils._python_dispatch import TorchDispatchMode

from cnn_tui.analysis.networks import receptive_field, shape_rules, shapes
from cnn_tui.analysis.networks.calls import (
    SIZED_VIEWS,
    WatchedCall,
    hooked,
    is_in_place,
    operation_name,
    shares_memory,
)
from cnn_tui.analysis.networks.fields.leaving import LeavingTorch
from cnn_tui.analysis.networks.followed import FollowedTensors
from cnn_tui.analysis.networks.input_checks import refuse_unfit
from cnn_tui.analysis.networks.input_tensors import InputTensors, reach_of_input
from cnn_tui.analysis.networks.layer_rows import LayerRows, ModuleFrame, WorkSoFar
from cnn_tui.analysis.networks.nested import first_tensor, shape_of
from cnn_tui.analysis.networks.number_types import refuse_number_types
from cnn_tui.analysis.networks.receptive_field import Reach
from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.networks.work import WorkTally
from cnn_tui.analysis.records import Shape


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
        reaches = {id(each): reach_of_input(net, given, each) for each in given.all}
        self.has_map = any(each.is_of_map for each in reaches.values())
        self.has_numbers = not all(each.is_meta for each in given.all)
        self.lost_in: Lost | None = None
        self.left_by: Lost | None = None
        self.goes_on_after_leaving = False
        self._followed = FollowedTensors(net, reaches)
        self._table = LayerRows()

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
        return self._table.shown

    @property
    def never_used(self) -> list[Tensor]:
        """The parameters of modules that did not run."""
        return self._table.never_shown(self.net)

    def reach(self, tensor: Any) -> Reach | None:
        """What ``tensor`` knows of the image, None where that is nothing."""
        return self._followed.reach(tensor)

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
        refuse_number_types(func, args)
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
        self.calls.append(WatchedCall(func, args, outputs, self._table.running))
        self._notice_arguments(func, args, outputs)
        shape = tuple(outputs[0].shape)
        reaches = [
            receptive_field.after(func, args, tuple(output.shape), self.reach, place)
            for place, output in enumerate(outputs)
        ]
        weights = self._followed.weights(args)
        macs = shapes.macs(func, args, shape)
        cost = WorkSoFar(macs, math.prod(shape), self.tally.add(func, args, outputs, macs))
        self.macs += macs
        if reaches[0] is None:
            for output in outputs:
                self._followed.remember(output, None, weights)
            if macs:
                self._note_call(func, args, shape, None, cost, weights)
            return
        self._account_map(func, args, outputs, reaches, cost, weights)

    def _account_map(
        self,
        func: Any,
        args: Any,
        outputs: Sequence[Tensor],
        reaches: Sequence[Reach | None],
        cost: WorkSoFar,
        weights: Sequence[Tensor],
    ) -> None:
        """Account for a call whose results hold something of the input."""
        self.goes_on_after_leaving |= self.left_by is not None
        if cost.macs and weights:
            reaches = [each and each.deeper() for each in reaches]
        reach = reaches[0]
        assert reach is not None
        shape = tuple(outputs[0].shape)
        self.activations += 0 if shares_memory(func) else math.prod(shape)
        for written in self._followed.follow_write(func, args, reach):
            self._note_lost(written, func)
        for output, each in zip(outputs, reaches, strict=True):
            self._followed.remember(output, each, ())
        self.mixed_partly |= reach.is_known and reach.partly
        self._note_lost(reach, func)
        self._note_call(func, args, shape, reach, cost, weights)

    def _notice_arguments(self, func: Any, args: Any, outputs: Sequence[Tensor]) -> None:
        """Note what the arguments of a call show, before it is known what comes out."""
        shape = tuple(outputs[0].shape)
        if func in SIZED_VIEWS and shape and args[1][0] == shape[0]:
            self._note_batch(args[0], shape[0])
        if self.left_by is not None:
            for each in self._followed.remember_strangers(args):
                self.tally.note_live(each)
                self.lost_in = self.lost_in or self.left_by
        self._followed.notice_weights(args)
        self._followed.notice_views(func, args, outputs)

    def _note_lost(self, reach: Reach, func: Any) -> None:
        if self.lost_in is None and not reach.is_known:
            self.lost_in = Lost(self._table.path, operation_name(func))

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
            self.left_by = Lost(self._table.path, name)

    def _note_batch(self, given: Tensor, batch: int) -> None:
        """Remember a batch that a view names, where it is another than the one that was given."""
        examples = self.inputs.all[0].shape[:1]
        if not self.viewed_as and given.shape[:1] == examples and (batch,) != tuple(examples):
            self.viewed_as = batch

    def _note_call(
        self,
        func: Any,
        args: Any,
        shape: Shape,
        reach: Reach | None,
        cost: WorkSoFar,
        weights: Sequence[Tensor],
    ) -> None:
        """A row for a call that slides, multiplies, or is the first to see the whole image.

        It goes when the module that made the call turns out to be a layer by itself.
        """
        slid = receptive_field.slid(func, args, self.reach)
        if slid is not None:
            self._table.running.windows = slid
        if not (cost.macs or slid or self._turns_global(args, reach)):
            return
        self._table.add_call(
            operation_name(func),
            shape if reach is None else shape[self.inputs.has_batch :],
            self._followed.registered(weights),
            reach,
            slid,
            cost,
        )

    def _turns_global(self, args: Any, reach: Reach | None) -> bool:
        """Whether what comes out sees the whole image, and nothing that went in does."""
        if reach is None or not _is_global(reach):
            return False
        given = [each for each in map(self.reach, receptive_field.tensors(args)) if each]
        return not any(map(_is_global, given))

    @contextmanager
    def _noting_new(self) -> Iterator[None]:
        """Note every module that gets weights while the forward runs, and in whose forward."""

        def registered(module: nn.Module, name: str, parameter: Any) -> None:
            if self._table.is_running and all(module is not each for each, _ in self.made):
                self.made.append((module, self._table.path))

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

    @property
    def _cost(self) -> WorkSoFar:
        """All that has been counted so far."""
        return WorkSoFar(self.macs, self.activations, self.tally.total)

    def _enter(self, path: str, module: nn.Module, args: Any) -> None:
        tensor = first_tensor(args)
        self.failed_in, self.given = path, self._shape_of(tensor)
        if tensor is not None and any(tensor is each for each in self.inputs.all):
            refuse_unfit(module, tensor, has_batch=self.inputs.has_batch)
        depths = [each.depth for each in map(self.reach, receptive_field.tensors(args)) if each]
        depth = None if None in depths else max(filter(None, depths), default=0)
        self._table.enter(path, module, self._cost, depth)

    def _leave(self, path: str, module: nn.Module, output: Any) -> None:
        frame = self._table.leave(path)
        self.failed_in = self._table.path
        if output is None and path:
            self.without_result.append(path)
        if isinstance(module, nn.RNNBase):
            self._as_layers(frame, output, module.num_layers)
        tensor = first_tensor(output)
        cost = self._cost.since(frame.begun)
        self._table.add_module(frame, module, self._shape_of(tensor), self.reach(tensor), cost)

    def _shape_of(self, tensor: Tensor | None) -> Shape:
        return shape_of(tensor, has_batch=self.inputs.has_batch)

    def _as_layers(self, frame: ModuleFrame, output: Any, count: int) -> None:
        """A recurrent network is as deep as its layers, and not as it has steps."""
        for each in receptive_field.tensors([output]):
            reach = self.reach(each)
            if reach is not None and frame.depth is not None:
                self._followed.set_reach(each, replace(reach, depth=frame.depth + count))


@dataclass(frozen=True)
class Lost:
    """Where the input was no longer followed: the module's path, and the operation."""

    path: str
    operation: str


def _is_global(reach: Reach) -> bool:
    return reach.is_of_map and reach.is_known and reach.sides is None


@cache
def _is_composite(func: Any) -> bool:
    return bool(func._can_decompose())
