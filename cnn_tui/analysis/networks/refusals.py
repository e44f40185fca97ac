"""The sentence that says why a network cannot take an input: the layer, what it got, the reason."""

import re
import traceback
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from cnn_tui.analysis.networks.input_checks import WITHOUT_BATCH, advice
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import with_numbers, without_numbers
from cnn_tui.analysis.networks.mistakes.advice import what_to_write
from cnn_tui.analysis.networks.shapes import ShapeError
from cnn_tui.analysis.networks.trace import OperatorTrace
from cnn_tui.analysis.records import Shape, shape_text
from cnn_tui.errors import UsageError

SIDES_TOLD = re.compile(r"\b\d(-| )?(D\b|dim)", re.IGNORECASE)
"""What a check in a forward may say of the sides that it wants, such as ``3D``."""


class Attempt(Protocol):
    """A run that ended early: in which layer, empty in none, and the shape that it got.

    ``viewed_as`` is the batch that a view made of the one that was given, 0 if none did.
    """

    net: nn.Module
    viewed_as: int
    failed_in: str
    given: Shape


def refusal(title: str, inputs: NetInputs, attempt: Attempt, error: Exception) -> UsageError:
    """What is said: NET cannot take an input of 3×32×32: layer 1, given 8×30×30, failed: WHY."""
    more, fields = advice(attempt.net, inputs, error, attempt.viewed_as)
    if not more and _takes_one_example(attempt.net, inputs, error):
        more, fields = WITHOUT_BATCH, ("no_batch",)
    sentence = f"{title} cannot take an input of {inputs.text}: {failure(attempt, error)}."
    return UsageError(f"{sentence} {more}".rstrip(), fields=fields)


def _takes_one_example(net: nn.Module, inputs: NetInputs, error: Exception) -> bool:
    """Whether a check in forward failed that the same input without a batch passes."""
    is_check = isinstance(error, AssertionError) or SIDES_TOLD.search(str(error))
    if isinstance(error, ShapeError) or not is_check or not inputs.has_batch or inputs.batch:
        return False
    is_bare = any(each.is_meta for each in net.parameters())
    alone = replace(inputs, has_batch=False)
    try:
        OperatorTrace(net, (without_numbers if is_bare else with_numbers)(alone)).run()
    except Exception:
        return False
    return True


def failure(attempt: Attempt, error: Exception) -> str:
    """The layer, what it was given, and the reason with the line of the network's own code."""
    where = f"layer {attempt.failed_in}" if attempt.failed_in else "its forward"
    if isinstance(error, ShapeError):
        return f"{where} failed: {error}{what_to_write(attempt, error)}"
    if attempt.failed_in and attempt.given:
        where += f", given {shape_text(attempt.given)},"
    says_kind = not isinstance(error, RuntimeError) and str(error).strip()
    kind = f"{type(error).__name__}: " if says_kind else ""
    what = f"{kind}{first_line(error)}{_line_of(error)}"
    return f"{where} failed: {what}{what_to_write(attempt, error)}"


def first_line(error: Exception) -> str:
    """What an error says, without a traceback of its own."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".")


def _line_of(error: Exception) -> str:
    """Where in the network's own code it happened, if that has a file."""
    own = Path(__file__).parents[1]
    library = Path(torch.__file__).parent
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        path = Path(frame.filename)
        if path.suffix == ".py" and not any(path.is_relative_to(each) for each in (own, library)):
            return f" ({path.name}, line {frame.lineno})"
    return ""
