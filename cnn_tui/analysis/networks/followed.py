"""What is known of each tensor of a watched run: of the image, and of which weights it is made."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from torch import Tensor, nn

from cnn_tui.analysis.networks import receptive_field
from cnn_tui.analysis.networks.calls import is_in_place, is_view
from cnn_tui.analysis.networks.receptive_field import Reach


class FollowedTensors:
    """Remembers tensors by their ids, and keeps them so that no id is used again."""

    def __init__(self, net: nn.Module, reaches: Mapping[int, Reach]) -> None:
        self._reaches = dict(reaches)
        self._made_of: dict[int, tuple[Tensor, ...]] = {
            id(each): (each,) for each in net.parameters()
        }
        self._known: set[int] = {id(each) for each in (*net.parameters(), *net.buffers())}
        self._unregistered: set[int] = set()
        self._views: dict[int, Tensor] = {}
        self._alive: list[Tensor] = []

    def reach(self, tensor: Any) -> Reach | None:
        """What ``tensor`` knows of the image, None where that is nothing."""
        return self._reaches.get(id(tensor))

    def set_reach(self, tensor: Tensor, reach: Reach) -> None:
        """Replace what is known of a tensor that was remembered."""
        self._reaches[id(tensor)] = reach

    def weights(self, given: Sequence[Any]) -> list[Tensor]:
        """The parameters that the tensors in ``given`` which hold no image are made of."""
        return [
            weight
            for each in receptive_field.tensors(given)
            for weight in self._made_of.get(id(each), ())
        ]

    def registered(self, weights: Iterable[Tensor]) -> Iterator[Tensor]:
        """Those of ``weights`` that the network knows of."""
        return (each for each in weights if id(each) not in self._unregistered)

    def remember(self, tensor: Tensor, reach: Reach | None, weights: Sequence[Tensor]) -> None:
        """Note what a tensor holds: something of the image, or else of weights."""
        if reach is not None:
            self._reaches[id(tensor)] = reach
        elif weights:
            self._made_of[id(tensor)] = tuple(dict.fromkeys(weights))
        self._known.add(id(tensor))
        self._alive.append(tensor)

    def remember_strangers(self, given: Sequence[Any]) -> list[Tensor]:
        """The tensors in ``given`` that no operation made: they may hold any of the image."""
        found = [
            each
            for each in receptive_field.tensors(given)
            if id(each) not in self._known and id(each) not in self._reaches
        ]
        for each in found:
            self.remember(each, receptive_field.of_outside(tuple(each.shape)), ())
        return found

    def notice_weights(self, given: Sequence[Any]) -> None:
        """A weight that is not registered counts for the depth, and for no row's parameters."""
        for each in receptive_field.tensors(given):
            if id(each) in self._made_of or id(each) in self._reaches or not _is_weight(each):
                continue
            self._unregistered.add(id(each))
            self.remember(each, None, (each,))

    def notice_views(self, func: Any, args: Sequence[Any], outputs: Sequence[Tensor]) -> None:
        """Note of what the results are views."""
        if is_view(func):
            self._views.update((id(output), args[0]) for output in outputs)

    def follow_write(self, func: Any, args: Sequence[Any], reach: Reach) -> list[Reach]:
        """Note what is written into a view in the tensors that it is a view of; what those hold."""
        if not is_in_place(func) or self.reach(args[0]) == reach:
            return []
        found = []
        viewed = self._views.get(id(args[0]))
        while viewed is not None:
            both = [each for each in (self.reach(viewed), reach) if each is not None]
            found.append(receptive_field.written_into(both, tuple(viewed.shape)))
            self.remember(viewed, found[-1], ())
            viewed = self._views.get(id(viewed))
        return found


def _is_weight(tensor: Tensor) -> bool:
    return isinstance(tensor, nn.Parameter) or (tensor.requires_grad and tensor.is_leaf)
