"""How long each layer of a network takes, measured: the network runs with numbers.

A clock is read before and after the forward of every module, and nothing else
is done in between. What a container takes is therefore more than its layers
take: it includes what its own forward does, and the reading of the clocks inside.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from math import prod
from time import perf_counter
from typing import Any

import torch
from torch import nn

from cnn_tui.analysis.networks.input_tensors import InputTensors, with_numbers
from cnn_tui.analysis.networks.layer_rows import type_name
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.errors import UsageError

MOST_PASSES, FEWEST_PASSES = 5, 2
LONGEST_SECONDS = 5.0
"""No further pass is begun after this long: a pass of 1 s still gets all of them."""
LARGEST_TENSOR = 1 << 29
"""Numbers that a net, or the output of a layer, may hold: 2 GiB as float32."""
LARGEST_MACS = 10**12
"""For one pass: some 20 s on two cores, where VGG-16's 15.5 G take a third of a second."""
NANOSECONDS = 9
"""Decimals of a second that a clock has."""

Call = tuple[str, str, int]
"""A module's name and type, and how many times it ran before."""
WHOLE: Call = ("", "", 0)
Mark = tuple[str, str | None, Any]
"""A module's name, its type where it begins or None where it ends, and the moment.

A plain tuple, because it is made while the clock of the module runs.
"""


def measured(summary: NetSummary, make: Callable[[], nn.Module]) -> NetSummary:
    """Add the measured times of the network that ``make`` makes: on the GPU if there is one.

    Raises UsageError, before anything is made, where a run would take too much
    memory or time, and whatever ``make`` and the network's forward raise.
    """
    _refuse_too_large(summary)
    return with_times(summary, make(), "cuda" if torch.cuda.is_available() else "cpu")


def with_times(summary: NetSummary, net: nn.Module, device: str) -> NetSummary:
    """Add the seconds that ``net`` and each of its modules take for one random image.

    Each is the shortest of several passes in evaluation mode, after one to warm up:
    other programs can only make a pass longer. Rows that are no modules get no time.
    """
    clock = CLOCKS[device]
    net = net.eval().to(device)
    inputs = with_numbers(summary.given).to(device)
    with torch.inference_mode():
        inputs.call(net)
        passes = _passes(net, inputs, clock)
    rows = _numbered((row.name, row.type) for row in summary.modules)
    timed = zip(summary.modules, rows, strict=True)
    how = _note(len(passes), summary.given.amount, device)
    return replace(
        summary,
        modules=tuple(replace(row, seconds=_shortest(passes, call)) for row, call in timed),
        total_seconds=_shortest(passes, WHOLE),
        note=" ".join(filter(None, (summary.note, how))),
    )


@dataclass(frozen=True)
class _Clock:
    """``read`` notes the moment; ``seconds`` tells how long it is from one note to another."""

    read: Callable[[], Any]
    seconds: Callable[[Any, Any], float]


def _refuse_too_large(summary: NetSummary) -> None:
    given = (spec.shape for spec in summary.given.specs)
    shapes = [*given, *(row.output_shape for row in summary.modules)]
    numbers = max(map(prod, shapes)) * (summary.batch or 1)
    largest = max(summary.total_parameters, numbers)
    if largest > LARGEST_TENSOR or summary.total_macs > LARGEST_MACS:
        raise UsageError(
            f"{summary.title} is too large to be run here on an input of "
            f"{summary.given.text}: measure it on a smaller one."
        )


def _passes(net: nn.Module, inputs: InputTensors, clock: _Clock) -> list[dict[Call, float]]:
    """What each call took in each pass; two passes at least."""
    passes: list[dict[Call, float]] = []
    began = perf_counter()
    while len(passes) < FEWEST_PASSES or (
        len(passes) < MOST_PASSES and perf_counter() - began < LONGEST_SECONDS
    ):
        passes.append(_one_pass(net, inputs, clock))
    return passes


def _one_pass(net: nn.Module, inputs: InputTensors, clock: _Clock) -> dict[Call, float]:
    marks: list[Mark] = []
    hooks = []
    for name, module in net.named_modules():
        if not name or isinstance(module, torch.jit.ScriptModule):
            continue  # a scripted module takes no hooks
        before, after = _clock_readers(name, type_name(module), clock, marks)
        hooks.append(module.register_forward_pre_hook(before))
        hooks.append(module.register_forward_hook(after))
    try:
        began = clock.read()
        inputs.call(net)
        ended = clock.read()
    finally:
        for hook in hooks:
            hook.remove()
    return {WHOLE: clock.seconds(began, ended)} | _calls(marks, clock)


def _clock_readers(
    name: str, kind: str, clock: _Clock, marks: list[Mark]
) -> tuple[Callable[..., None], Callable[..., None]]:
    read = clock.read

    def before(*_: Any) -> None:
        marks.append((name, kind, read()))

    def after(*_: Any) -> None:
        marks.append((name, None, read()))

    return before, after


def _calls(marks: Iterable[Mark], clock: _Clock) -> dict[Call, float]:
    """What each call took, numbered in the order in which they began."""
    modules: list[tuple[str, str]] = []
    seconds: dict[int, float] = {}
    running: list[tuple[int, str, Any]] = []
    for name, kind, moment in marks:
        if kind is not None:
            running.append((len(modules), name, moment))
            modules.append((name, kind))
            continue
        while running[-1][1] != name:  # left by an exception that the caller caught
            running.pop()
        place, _, began = running.pop()
        seconds[place] = clock.seconds(began, moment)
    ended = sorted(seconds)
    calls = _numbered(modules[place] for place in ended)
    return {call: seconds[place] for call, place in zip(calls, ended, strict=True)}


def _numbered(modules: Iterable[tuple[str, str]]) -> Iterator[Call]:
    ran: Counter[tuple[str, str]] = Counter()
    for name, kind in modules:
        yield name, kind, ran[name, kind]
        ran[name, kind] += 1


def _shortest(passes: Iterable[dict[Call, float]], call: Call) -> float | None:
    taken = [each[call] for each in passes if call in each]
    return round(min(taken), NANOSECONDS) if taken else None


def _note(passes: int, amount: str, device: str) -> str:
    if device == "cuda":
        place = f"the {torch.cuda.get_device_name()}"
    else:
        threads = torch.get_num_threads()
        place = f"the CPU, {threads} thread{'s' * (threads > 1)}"
    return f"Time: the shortest of {passes} passes of {amount} on {place}."


def _gpu_moment() -> Any:
    moment = torch.cuda.Event(enable_timing=True)  # type: ignore[no-untyped-call]
    moment.record()
    return moment


def _gpu_seconds(began: Any, ended: Any) -> float:
    ended.synchronize()
    milliseconds: float = began.elapsed_time(ended)
    return milliseconds / 1000


CLOCKS = {
    "cpu": _Clock(perf_counter, lambda began, ended: ended - began),
    "cuda": _Clock(_gpu_moment, _gpu_seconds),
}
