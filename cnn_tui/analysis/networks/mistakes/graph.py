"""The calls of one run as a graph: which result goes into which call, and into the output."""

from collections.abc import Iterable, Sequence

from torch import Tensor

from cnn_tui.analysis.networks.calls import VIEWS, WatchedCall, aten, is_in_place, is_view
from cnn_tui.analysis.networks.receptive_field import tensors

SAME_NUMBERS = VIEWS | {
    aten.squeeze.default,
    aten.squeeze.dim,
    aten.squeeze.dims,
    aten.unsqueeze.default,
    aten.clone.default,
    aten.alias.default,
    aten.detach.default,
}
"""Calls after which the numbers are what they were."""


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
            if ids and is_view(call.func):
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
