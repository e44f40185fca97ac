"""The calls of one run as a graph: which result goes into which call, and into the output."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from functools import cache
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.networks.calls import WatchedCall, is_in_place
from cnn_tui.analysis.networks.receptive_field import tensors

aten = torch.ops.aten

VIEWS = frozenset(
    {
        aten.view.default,
        aten._unsafe_view.default,
        aten._reshape_alias.default,
        aten.reshape.default,
        aten.flatten.using_ints,
    }
)
"""Calls that only arrange the same numbers in another shape."""
SAME_NUMBERS = VIEWS | {
    aten.squeeze.default,
    aten.squeeze.dim,
    aten.squeeze.dims,
    aten.unsqueeze.default,
    aten.clone.default,
    aten.alias.default,
    aten.detach.default,
}
DEEPEST = 6
"""Levels of lists and dicts that are looked through."""


class CallGraph:
    """The calls of a run, linked by the tensors that they hand on.

    ``inputs[i]`` are the tensors that call ``i`` took, ``sources[i]`` the calls that made them,
    and ``users[i]`` those that took its result. Calls are numbered in the order in which they ran.
    """

    def __init__(self, calls: Sequence[WatchedCall]) -> None:
        self.calls = calls
        self.inputs: list[list[Tensor]] = [list(tensors(call.args)) for call in calls]
        self.sources: list[list[int]] = []
        self.users: list[list[int]] = [[] for _ in calls]
        self._all_sources: list[set[int]] = []
        self._made_by: dict[int, int] = {}
        self._memory: dict[int, int] = {}
        self._written_by: dict[int, list[int]] = {}
        for place, call in enumerate(calls):
            self._link(place, call)

    def _link(self, place: int, call: WatchedCall) -> None:
        ids = [id(each) for each in self.inputs[place]]
        direct = [self._made_by[each] for each in ids if each in self._made_by]
        every = set(direct)
        for each in ids:  # another view of the same memory may have been written to
            every.update(self._written_by.get(self._memory.get(each, each), ()))
        for source in every:
            self.users[source].append(place)
        self.sources.append(direct)
        self._all_sources.append(every)
        if is_in_place(call.func):
            self._made_by[ids[0]] = place
            self._written_by.setdefault(self._memory.get(ids[0], ids[0]), []).append(place)
            return
        for output in call.outputs:
            if id(output) in ids:  # a dropout in eval mode hands its input on
                continue
            self._made_by[id(output)] = place
            if ids and _is_view(call.func):
                self._memory[id(output)] = self._memory.get(ids[0], ids[0])

    def maker(self, tensor: Tensor) -> int | None:
        """The call that made ``tensor``, the last to write it."""
        return self._made_by.get(id(tensor))

    def before(self, place: int) -> int | None:
        """The call whose result ``place`` took first."""
        return self.sources[place][0] if self.sources[place] else None

    def computed(self, place: int | None) -> int | None:
        """The call at ``place``, or the nearest before it that computes something."""
        while place is not None and self.calls[place].func in SAME_NUMBERS:
            place = self.before(place)
        return place

    def leading_to(self, results: Iterable[Tensor]) -> set[int]:
        """All calls that ``results`` depend on."""
        found: set[int] = set()
        open_places = [each for result in results for each in self._makers(result)]
        while open_places:
            place = open_places.pop()
            if place not in found:
                found.add(place)
                open_places.extend(self._all_sources[place])
        return found

    def _makers(self, tensor: Tensor) -> list[int]:
        memory = self._memory.get(id(tensor), id(tensor))
        made = self._made_by.get(id(tensor))
        return [*([] if made is None else [made]), *self._written_by.get(memory, ())]

    def following(self, given: Sequence[Tensor]) -> set[int]:
        """All calls that depend on one of the tensors ``given``."""
        found: set[int] = set()
        first = {id(each) for each in given}
        for place, inputs in enumerate(self.inputs):
            from_found = not found.isdisjoint(self._all_sources[place])
            if from_found or any(id(each) in first for each in inputs):
                found.add(place)
        return found


def all_tensors(value: Any, depth: int = DEEPEST) -> Iterator[Tensor]:
    """Every tensor in whatever a forward returns."""
    if isinstance(value, Tensor):
        yield value
    elif depth and (parts := _parts(value)) is not None:
        for part in parts:
            yield from all_tensors(part, depth - 1)


def is_plain(value: Any, depth: int = DEEPEST) -> bool:
    """Whether ``all_tensors`` sees all that there is in ``value``."""
    if value is None or isinstance(value, Tensor | str | int | float):
        return True
    parts = _parts(value) if depth else None
    return parts is not None and all(is_plain(part, depth - 1) for part in parts)


def _parts(value: Any) -> list[Any] | None:
    if isinstance(value, dict):
        return list(value.values())
    if isinstance(value, list | tuple):
        return list(value)
    if is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, each.name) for each in fields(value)]
    return None


@cache
def _is_view(func: Any) -> bool:
    return any(each.alias_info is not None for each in func._schema.returns)
