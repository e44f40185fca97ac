"""The rows of a watched run: modules, the weights beside their layers, and the calls that count."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor, nn

from cnn_tui.analysis.networks.fields.axis import Axis
from cnn_tui.analysis.networks.nested import count, unique_parameters
from cnn_tui.analysis.networks.receptive_field import Reach
from cnn_tui.analysis.networks.records import LayerSummary
from cnn_tui.analysis.networks.shapes import SlidingWindow
from cnn_tui.analysis.networks.work_records import Work
from cnn_tui.analysis.records import GLOBAL, UNKNOWN, Shape

FUNCTION = "function"
PARAMETER = "Parameter"
"""Types of rows that are no modules: a call in a forward, and a weight beside the layers."""


class WorkSoFar(NamedTuple):
    """What a part of a run takes."""

    macs: int = 0
    activations: int = 0
    work: Work = Work()

    def since(self, before: "WorkSoFar") -> "WorkSoFar":
        """What has been added to ``before``."""
        return WorkSoFar(
            self.macs - before.macs,
            self.activations - before.activations,
            self.work - before.work,
        )


@dataclass
class ModuleFrame:
    """A module that is running: where its row goes, and the totals when it began.

    ``functions`` are the rows of its own calls, ``used`` the ids of their weights.
    """

    path: str
    place: int
    begun: WorkSoFar
    depth: int | None
    ran_modules: bool = False
    windows: tuple[SlidingWindow, ...] | None = None
    functions: list[int] = field(default_factory=list)
    used: set[int] = field(default_factory=set)


class LayerRows:
    """Collects the rows of one run, in forward order, while its modules begin and end."""

    def __init__(self) -> None:
        self._rows: list[LayerSummary | None] = []
        self._frames: list[ModuleFrame] = []
        self._ran: set[int] = set()
        self._shown: set[int] = set()

    @property
    def shown(self) -> tuple[LayerSummary, ...]:
        """What ran, in forward order."""
        return tuple(row for row in self._rows if row is not None)

    @property
    def running(self) -> ModuleFrame:
        """The module whose forward runs."""
        return self._frames[-1]

    @property
    def path(self) -> str:
        """Its path, empty for that of the network, and outside of it."""
        return self._frames[-1].path if self._frames else ""

    @property
    def is_running(self) -> bool:
        """Whether the network's forward has begun, and has not ended."""
        return bool(self._frames)

    def never_shown(self, net: nn.Module) -> list[Tensor]:
        """The parameters that stand in no row."""
        return [each for each in unique_parameters(net) if id(each) not in self._shown]

    def enter(self, path: str, module: nn.Module, begun: WorkSoFar, depth: int | None) -> None:
        """Note that a module begins to run."""
        if self._frames:
            self._frames[-1].ran_modules = True
        self._frames.append(ModuleFrame(path, len(self._rows), begun, depth))
        # One row for the module, and one for each weight that it holds by itself.
        self._rows += [None] * (1 + len(module._parameters))

    def leave(self, path: str) -> ModuleFrame:
        """Note that the module at ``path`` has run."""
        while self._frames[-1].path != path:  # left by an exception that the caller caught
            self._frames.pop()
        return self._frames.pop()

    def add_module(
        self,
        frame: ModuleFrame,
        module: nn.Module,
        shape: Shape,
        reach: Reach | None,
        cost: WorkSoFar,
    ) -> None:
        """The row of a module that has run; those of its calls go where it is a layer by itself."""
        reused = id(module) in self._ran
        self._ran.add(id(module))
        is_leaf = not frame.ran_modules and bool(frame.path)
        parameters = unique_parameters(module)
        if is_leaf:
            for place in frame.functions:
                self._rows[place] = None
            reused = reused or (bool(parameters) and self._all_shown(parameters))
            self._shown.update(map(id, parameters))
        else:
            self._add_bare_parameters(frame, module)
        if frame.path:
            self._rows[frame.place] = _row(
                frame.path,
                type_name(module),
                depth=len(self._frames) - 1,
                is_leaf=is_leaf,
                shape=shape,
                parameters=parameters,
                cost=cost,
                reach=reach,
                windows=frame.windows if is_leaf else None,
                reused=reused,
            )

    def add_call(
        self,
        operation: str,
        shape: Shape,
        weights: Iterable[Tensor],
        reach: Reach | None,
        windows: tuple[SlidingWindow, ...] | None,
        cost: WorkSoFar,
    ) -> None:
        """A row for a call in the forward that runs."""
        frame = self._frames[-1]
        used = list({id(each): each for each in weights}.values())
        seen = self._shown, frame.used
        fresh = [each for each in used if not any(id(each) in ids for ids in seen)]
        frame.functions.append(len(self._rows))
        frame.used.update(map(id, used))
        self._rows.append(
            _row(
                f"{frame.path}.{operation}".lstrip("."),
                FUNCTION,
                depth=len(self._frames) - 1,
                is_leaf=True,
                shape=shape,
                parameters=fresh or used,
                cost=cost,
                reach=reach,
                windows=windows,
                reused=bool(used) and not fresh,
            )
        )

    def _all_shown(self, parameters: Sequence[Tensor]) -> bool:
        return all(id(each) in self._shown for each in parameters)

    def _add_bare_parameters(self, frame: ModuleFrame, module: nn.Module) -> None:
        """Rows for the weights that a module holds beside its layers, such as a class token."""
        self._shown |= frame.used
        for place, (name, each) in enumerate(module._parameters.items(), start=frame.place + 1):
            if each is None or id(each) in self._shown:
                continue
            self._shown.add(id(each))
            self._rows[place] = _row(
                f"{frame.path}.{name}".lstrip("."),
                PARAMETER,
                depth=len(self._frames),
                is_leaf=True,
                shape=tuple(each.shape),
                parameters=[each],
                cost=WorkSoFar(),
                reach=None,
                windows=None,
                reused=False,
            )


def type_name(module: nn.Module) -> str:
    """What a module calls itself; a scripted one keeps the name that it had."""
    return str(getattr(module, "original_name", type(module).__name__))


def side(sides: Sequence[Axis]) -> int:
    """The longest side of a field, in whole pixels."""
    return math.ceil(max(each.size for each in sides))


def _row(
    name: str,
    kind: str,
    *,
    depth: int,
    is_leaf: bool,
    shape: Shape,
    parameters: Sequence[Tensor],
    cost: WorkSoFar,
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
        macs=cost.macs,
        activations=cost.activations,
        receptive_field=_field(reach),
        jump=None if sides is None else sides[along].jump,
        start=None if sides is None else sides[along].start,
        window=None if windows is None else windows[min(along, len(windows) - 1)].settings,
        reused=reused,
        gated=reach is not None and reach.gated,
        **cost.work._asdict(),
    )


def _field(reach: Reach | None) -> int | str | None:
    if reach is None or not reach.is_of_map:
        return None
    if not reach.is_known:
        return UNKNOWN
    return GLOBAL if reach.sides is None else side(reach.sides)


def _longer_side(reach: Reach | None, windows: tuple[SlidingWindow, ...] | None) -> int:
    """The side, 0 for rows, along which the field is longest, or else the window."""
    sides = () if reach is None or reach.sides is None else reach.sides
    spans = () if windows is None else tuple(each.span for each in windows)
    count = len(sides) or len(spans) or 1
    sizes = [sides[i].size if i < len(sides) else 0 for i in range(count)]
    return max(range(count), key=lambda i: (sizes[i], spans[i] if i < len(spans) else 0))
