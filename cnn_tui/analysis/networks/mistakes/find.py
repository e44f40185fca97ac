"""All the notes of one run: those that hold in evaluation and in training."""

import copy
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from cnn_tui.analysis.networks.input_tensors import InputTensors
from cnn_tui.analysis.networks.mistakes import ending, quantized, registration, unused, waste
from cnn_tui.analysis.networks.mistakes.flattening import batch_notes
from cnn_tui.analysis.networks.mistakes.run import TracedRun
from cnn_tui.analysis.networks.records import NetNote
from cnn_tui.analysis.networks.trace import OperatorTrace

NoteRule = Callable[[TracedRun], list[NetNote]]

RULES: tuple[NoteRule, ...] = (
    *(registration.unregistered, registration.made_in_forward, registration.always_dropping),
    *(batch_notes, waste.biases_before_batch_norm, waste.repeated_relus, waste.repeated_linears),
    *(waste.nothing_to_pool, quantized.not_counted),
)
MODE_RULES: tuple[NoteRule, ...] = (
    ending.last_operation,
    unused.dead_branches,
    unused.unused_layers,
)
"""Rules about what a network may do on purpose in one mode only."""


def find_notes(trace: OperatorTrace, output: Any) -> tuple[NetNote, ...]:
    """What is likely wrong with the network that ``trace`` ran."""
    run = TracedRun(trace, output)
    notes = [note for rule in RULES for note in rule(run)]
    suspected = [note for rule in MODE_RULES for note in rule(run)]
    if suspected:
        confirmed = _in_training(trace)
        notes += [each for each in suspected if (each.kind, each.layer) in confirmed]
    return tuple(notes)


def _in_training(trace: OperatorTrace) -> set[tuple[str, str]]:
    """What the same rules find in a training step; nothing where it cannot run."""
    net = copy.deepcopy(trace.net) if trace.has_numbers else trace.net
    try:
        for inputs in (_doubled(trace.inputs), trace.inputs):
            again = OperatorTrace(net.train(), inputs)
            with suppress(Exception):
                run = TracedRun(again, again.run())
                return {(note.kind, note.layer) for rule in MODE_RULES for note in rule(run)}
    finally:
        net.eval()
    return set()


def _doubled(inputs: InputTensors) -> InputTensors:
    """Two examples for one, as batch norm wants in training."""
    if not inputs.has_batch:
        return inputs
    kwargs = {name: _twice(each) for name, each in inputs.kwargs.items()}
    return replace(inputs, args=tuple(map(_twice, inputs.args)), kwargs=kwargs)


def _twice(tensor: Tensor) -> Tensor:
    if not tensor.is_meta:
        return torch.cat([tensor, tensor])
    # To join tensors without numbers, torch would load torch._dynamo: a second of CPU time.
    sides = 2 * tensor.shape[0], *tensor.shape[1:]
    return torch.empty(sides, dtype=tensor.dtype, device="meta")
