"""What every rule reads: the calls of a run as a graph, its output, and the weights' names."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from torch import Tensor, nn

from cnn_tui.analysis.networks.calls import WatchedCall
from cnn_tui.analysis.networks.mistakes.graph import CallGraph
from cnn_tui.analysis.networks.nested import all_tensors
from cnn_tui.analysis.networks.records import NetNote
from cnn_tui.analysis.networks.trace import OperatorTrace

NAMES_SHOWN = 3


class TracedRun:
    """One finished run."""

    def __init__(self, trace: OperatorTrace, output: Any) -> None:
        self.net = trace.net
        self.inputs = trace.inputs
        self.has_numbers = trace.has_numbers
        self.output = output
        self.calls: Sequence[WatchedCall] = trace.calls
        self.made = trace.made

    @cached_property
    def graph(self) -> CallGraph:
        """How the calls hang together."""
        return CallGraph(self.calls)

    @cached_property
    def outputs(self) -> list[Tensor]:
        """The tensors in the output, each of them once."""
        return list({id(each): each for each in all_tensors(self.output)}.values())

    @property
    def examples(self) -> int | None:
        """How many examples ran at once, None where the forward takes no batch."""
        first = self.inputs.all[0]
        return first.shape[0] if self.inputs.has_batch and first.dim() else None

    @property
    def scores(self) -> Tensor | None:
        """The output where it may be a score for each class: one table, a row for each image."""
        if len(self.outputs) != 1 or self.outputs[0].dim() != 2:
            return None
        return self.outputs[0] if self.outputs[0].shape[0] == self.examples else None

    @cached_property
    def names(self) -> dict[int, str]:
        """The id of each weight of the network → its name."""
        return {id(each): name for name, each in self.net.named_parameters()}

    def is_trained(self, tensor: Tensor) -> bool:
        """Whether it is a weight of the network that is not frozen."""
        return (
            isinstance(tensor, nn.Parameter) and tensor.requires_grad and id(tensor) in self.names
        )


def note(kind: str, layer: str, message: str, topic: str) -> list[NetNote]:
    """One note."""
    return [NetNote(kind, layer, message, topic)]


def listed(names: Sequence[str]) -> str:
    """The first of the names, and how many more there are."""
    unique = list(dict.fromkeys(names))
    more = len(unique) - NAMES_SHOWN
    return ", ".join(unique[:NAMES_SHOWN]) + (f" and {more} more" if more > 0 else "")


def counted(count: int) -> str:
    """How many parameters, in words."""
    return f"{count:,} parameter{'' if count == 1 else 's'}"
