"""A run with numbers on the CPU, which confirms or refuses what one without numbers found out.

Shapes alone do not tell all that torch refuses. Where a run costs little, the network
runs on two examples, in evaluation mode; where it would cost much, the answer says so.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from math import prod
from typing import Any

import torch
from torch import nn

from cnn_tui.analysis.networks.calls import hooked
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers
from cnn_tui.analysis.networks.layer_rows import FUNCTION, PARAMETER
from cnn_tui.analysis.networks.nested import count, first_tensor, shape_of, unique_parameters
from cnn_tui.analysis.networks.refusals import failure, first_line, refusal
from cnn_tui.analysis.networks.trace import OperatorTrace
from cnn_tui.analysis.records import Shape, shape_text
from cnn_tui.errors import UsageError

LONGEST_SECONDS = 1.0
LARGEST_BYTES = 500_000_000
"""What a run may take, as it is estimated: more is not run."""
EXAMPLES = 2
"""The smallest batch that shows whether a forward keeps its examples apart."""
MACS_PER_SECOND = 20e9
NUMBERS_PER_SECOND = 200e6
"""How many products one core makes, and how many numbers it draws or writes, at the least."""
NUMBER_BYTES = 4
LIVE_OUTPUTS = 4
"""Outputs of the largest layer's size that live at once: its input, its output, a skip, scratch."""
NEEDS_GPU = re.compile(r"not implemented for '(Half|BFloat16|Float8\w*)'")

WITHOUT_NUMBERS = "none: the network was given without numbers"

Build = Callable[[], nn.Module]


@dataclass(frozen=True)
class Cost:
    """What a run is estimated to take: CPU seconds, and bytes of memory."""

    seconds: float
    bytes: float

    @property
    def is_small(self) -> bool:
        """Whether a run may be made without being asked for."""
        return self.seconds <= LONGEST_SECONDS and self.bytes <= LARGEST_BYTES

    @property
    def text(self) -> str:
        """``about 3.2 s and 1.1 GB``."""
        return f"about {self.seconds:.1f} s and {self.bytes / 1e9:.1f} GB"


@dataclass
class RealRun:
    """What a run with numbers showed: the output of each module, and the error that ended it."""

    net: nn.Module
    has_batch: bool = True
    modules: list[tuple[str, Shape]] = field(default_factory=list)
    output: Shape = ()
    error: Exception | None = None
    failed_in: str = ""
    given: Shape = ()

    viewed_as = 0

    @property
    def shapes(self) -> tuple[list[tuple[str, Shape]], Shape]:
        """The output shapes of each module and of the network, for one example."""
        return self.modules, self.output[self.has_batch :]

    @property
    def is_unsuited(self) -> bool:
        """Whether it ended for want of memory, or of an operation that only GPUs have."""
        said = str(self.error)
        no_memory = isinstance(self.error, MemoryError) or "can't allocate memory" in said
        return no_memory or NEEDS_GPU.search(said) is not None


def cost(trace: OperatorTrace, inputs: NetInputs) -> Cost:
    """What a run with numbers of what ``trace`` saw would take."""
    examples = _examples(inputs) / (inputs.examples or 1)
    weights = count(unique_parameters(trace.net))
    shapes = [each.shape for each in inputs.specs] + [row.output_shape for row in trace.rows]
    largest = max(map(prod, shapes))
    written = weights + examples * trace.activations
    return Cost(
        examples * trace.macs / MACS_PER_SECOND + written / NUMBERS_PER_SECOND,
        NUMBER_BYTES * (weights + examples * LIVE_OUTPUTS * largest),
    )


def run(net: nn.Module, inputs: NetInputs, examples: int = EXAMPLES) -> RealRun:
    """Run ``net``, which has numbers, in evaluation mode; an error of its forward is kept."""
    given = with_numbers(inputs, examples)
    done = RealRun(net, inputs.has_batch)
    with torch.inference_mode(), hooked(net, partial(_noters, done=done, running=[])):
        try:
            output = first_tensor(given.call(net.eval()))
        except Exception as error:
            done.error = error
        else:
            done.output = () if output is None else tuple(output.shape)
            done.failed_in = ""
    return done


def confirm(
    trace: OperatorTrace, output: Any, inputs: NetInputs, title: str, rebuild: Build | None
) -> tuple[str, bool]:
    """How a run with numbers confirmed ``trace``, or why there was none; whether they differ.

    ``rebuild`` makes the network with numbers. Raises UsageError where torch refuses it.
    """
    if rebuild is None:
        return WITHOUT_NUMBERS, False
    taken = cost(trace, inputs)
    if not taken.is_small:
        return f"none: it would take {taken.text} on the CPU", False
    with _own_random_numbers():
        try:
            net = rebuild().eval()
        except Exception as error:
            return f"none: it cannot be built with numbers ({first_line(error)})", False
        done = run(net, inputs)
        if done.error is not None and not done.is_unsuited:
            raise _refused(net, inputs, title, done)
        expected = _shapes_of(trace, output, inputs)
        # A batch may move to another dimension, as recurrent networks have it.
        differs = done.shapes != expected and run(net, inputs, 1).shapes != expected
    if done.error is not None:
        return f"none: the CPU could not do it ({first_line(done.error)})", False
    return _confirmed(done, trace, output, inputs), differs


def _shapes_of(
    trace: OperatorTrace, output: Any, inputs: NetInputs
) -> tuple[list[tuple[str, Shape]], Shape]:
    modules = [row for row in trace.rows if row.type not in (FUNCTION, PARAMETER)]
    shape = shape_of(first_tensor(output), has_batch=inputs.has_batch)
    return [(row.name, row.output_shape) for row in modules], shape


def _refused(net: nn.Module, inputs: NetInputs, title: str, done: RealRun) -> UsageError:
    assert done.error is not None
    takes_any = inputs.has_batch and inputs.batch is None
    if not takes_any or run(net, inputs, 1).error is not None:
        return refusal(title, inputs, done, done.error)
    return UsageError(
        f"{title} takes one example of {inputs.text}, but no batch of {EXAMPLES}: "
        f"{failure(done, done.error)}. Keep the examples of a batch apart in forward, "
        "as x.flatten(1) does, or give the batch that the network is made for."
    )


def _confirmed(done: RealRun, trace: OperatorTrace, output: Any, inputs: NetInputs) -> str:
    if not inputs.has_batch:
        return "on the CPU, with one example"
    batch = inputs.batch or EXAMPLES
    text = f"on the CPU, with a batch of {batch}"
    before = shape_of(first_tensor(output), has_batch=False)
    if not done.output or _has_batch(done.output, batch, before, inputs.batch or 1):
        return text
    text += f", which came out as {shape_text(done.output)}"
    if trace.viewed_as in (0, batch):
        return text
    return f"{text}; if its forward takes batches of {trace.viewed_as} only, give it such a batch"


def _has_batch(shape: Shape, batch: int, before: Shape, examples: int) -> bool:
    """Whether a side of ``shape`` grew with the batch; ``before`` is that of ``examples``.

    Sides that are as long as the batch by chance do not count. A squeeze removes a batch of 1.
    """
    if len(shape) == len(before):
        return (examples, batch) in zip(before, shape, strict=True)
    return shape == (batch, *before)


@contextmanager
def _own_random_numbers() -> Iterator[None]:
    """Leave the caller's random numbers as they are: a constructor draws its weights."""
    state = torch.get_rng_state()
    try:
        yield
    finally:
        torch.set_rng_state(state)


def _examples(inputs: NetInputs) -> int:
    if not inputs.has_batch:
        return 1
    return inputs.batch or EXAMPLES


def _noters(path: str, done: RealRun, running: list[tuple[str, int]]) -> tuple[Any, Any]:
    """Note each output in the order in which modules began, and which one runs."""

    def before(module: nn.Module, args: Any) -> None:
        done.failed_in = path
        done.given = shape_of(first_tensor(args), has_batch=done.has_batch)
        running.append((path, len(done.modules)))
        done.modules.append((path, ()))

    def after(module: nn.Module, args: Any, output: Any) -> None:
        while running[-1][0] != path:  # left by an exception that the caller caught
            running.pop()
        _, place = running.pop()
        shape = shape_of(first_tensor(output), has_batch=done.has_batch)
        done.modules[place] = (path, shape)
        done.failed_in = running[-1][0] if running else ""

    return before, after
