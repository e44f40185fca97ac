"""A sweep: one network with every combination of some settings, or with random ones; torch-free.

Each setting is text as a user types it: ``1e-3,3e-3`` are values of which each is tried,
``1e-4..1e-1`` is a range for random draws. A run is named for its settings, so that the same
sweep, or a larger one, finds what has been trained already.
"""

import hashlib
import itertools
import json
import math
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.options import Option, converted, text
from cnn_tui.training.config import train_options
from cnn_tui.training.config_json import to_json
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process.launcher import make
from cnn_tui.training.queue.waiting import enqueue
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import setting_words
from cnn_tui.training.store.listing import list_runs, status
from cnn_tui.training.studies.plan import free_name, runs_of
from cnn_tui.training.studies.records import Arm, PlannedRun
from cnn_tui.workspace import Workspace

MOST_RUNS = 1_000
RANGE = ".."
LOG_SCALE_FROM = 10.0
"""A range whose ends differ by this factor or more is drawn from on a logarithmic scale."""
DIGITS = 3
"""Significant digits of a number that is drawn."""
NAME_DIGITS = 8


@dataclass(frozen=True)
class SweepRange:
    """The ends of a range from which numbers are drawn."""

    low: float
    high: float
    is_whole: bool

    def at(self, part: float) -> float:
        """The number at that part (0 to 1) of the range, as it is written down."""
        if self.low > 0 and self.high / self.low >= LOG_SCALE_FROM:
            value = self.low * (self.high / self.low) ** part
        else:
            value = self.low + (self.high - self.low) * part
        if self.is_whole:
            return int(min(self.high, max(self.low, round(value))))
        return min(self.high, max(self.low, float(f"{value:.{DIGITS}g}")))


SweepAxis = tuple[str, ...] | SweepRange
"""What is tried of one setting: each of these values, or numbers from a range."""


def planned_sweep(
    nets: Sequence[str],
    data: str,
    settings: Mapping[str, object],
    *,
    random_runs: int | None = None,
    seed: int = 0,
) -> tuple[PlannedRun, ...]:
    """The runs of a sweep: every combination, or ``random_runs`` of them drawn with ``seed``.

    Raises UsageError for a value that cannot be used, for a range without random runs, and
    for too many runs.
    """
    axes = {name: axis_of(name, value) for name, value in settings.items() if value is not None}
    if random_runs is not None:
        _refuse_count(random_runs)
        chosen = _drawn(nets, axes, random_runs, seed)
    else:
        chosen = _every(nets, axes)
    runs = [planned_run(net, data, values, names_net=len(nets) > 1) for net, values in chosen]
    return tuple({each.name: each for each in runs}.values())


def axis_of(name: str, value: object) -> SweepAxis:
    """What is tried of the option ``name``; raises UsageError for values that it does not take."""
    option = next(each for each in train_options() if each.name == name)
    words = text(value)
    if RANGE in words and option.kind in ("int", "float"):
        return _range(option, words)
    values = tuple(part.strip() for part in words.split(","))
    if "" in values:
        raise UsageError(
            f"A value is missing between the commas of {words!r}: give {option.title} as "
            "values with commas between them.",
            fields=(name,),
        )
    return values


def planned_run(
    net: str, data: str, values: Mapping[str, object], *, names_net: bool = False
) -> PlannedRun:
    """One run of a sweep; raises UsageError for values that cannot be used.

    Its label is what was set, and where it ``names_net`` also the network.
    """
    config = default_config(net, data, **values)
    document = json.dumps(to_json(config), sort_keys=True)
    name = f"sweep-{hashlib.sha256(document.encode()).hexdigest()[:NAME_DIGITS]}"
    words = [setting_words(_typed(values), each) for each in values]
    label = ", ".join([net, *words] if names_net or not words else words)
    return PlannedRun(Arm(name, label, net), config.seed, name, config)


def enqueue_sweep(
    workspace: Workspace, planned: Sequence[PlannedRun], data_dir: Path | None = None
) -> list[RunStatus]:
    """Queue what is missing of a sweep, in its order; returns what waits now for that.

    Raises what ``launcher.make`` and ``queue.enqueue`` raise.
    """
    found = runs_of(workspace, planned)
    queued = []
    for each in planned:
        run = found.get(each.name)
        if run is None:
            name = free_name(workspace, each.name)
            run = make(workspace, each.config, name, data_dir)
        elif status(run).state not in ("interrupted", "stopped"):
            continue
        queued.append(enqueue(workspace, run))
    return queued


def swept_runs(workspace: Workspace, planned: Sequence[PlannedRun]) -> list[RunStatus]:
    """The runs of a sweep that there are, the best validation accuracy first."""
    statuses = list_runs(workspace)
    found = {run.run for run in runs_of(workspace, planned, statuses).values()}
    runs = [each for each in statuses if each.run in found]
    return sorted(runs, key=lambda each: -(each.best_val_accuracy or -1.0))


def _typed(values: Mapping[str, object]) -> dict[str, object]:
    options = {each.name: each for each in train_options()}
    return {name: converted(options[name], value) for name, value in values.items()}


def _range(option: Option, words: str) -> SweepRange:
    low_text, _, high_text = words.partition(RANGE)
    low, high = (converted(option, each) for each in (low_text, high_text))
    if low is None or high is None or low >= high:
        raise UsageError(
            f"{words!r} is no range of {option.title}: write LOW{RANGE}HIGH, such as 1e-4..1e-1.",
            fields=(option.name,),
        )
    return SweepRange(low, high, option.kind == "int")


def _every(nets: Sequence[str], axes: Mapping[str, SweepAxis]) -> list[tuple[str, dict[str, Any]]]:
    lists: list[Sequence[Any]] = []
    for name, axis in axes.items():
        if isinstance(axis, SweepRange):
            raise UsageError(
                f"The range {text(axis.low)}{RANGE}{text(axis.high)} has no values to combine: "
                "list values with commas, or say how many random runs to draw.",
                fields=(name,),
            )
        lists.append(axis)
    _refuse_count(len(nets) * math.prod(map(len, lists)))
    return [
        (net, dict(zip(axes, values, strict=True)))
        for net in nets
        for values in itertools.product(*lists)
    ]


def _drawn(
    nets: Sequence[str], axes: Mapping[str, SweepAxis], count: int, seed: int
) -> list[tuple[str, dict[str, Any]]]:
    rng = random.Random(seed)
    drawn = []
    for _ in range(count):
        net = rng.choice(nets)
        values = {
            name: axis.at(rng.random()) if isinstance(axis, SweepRange) else rng.choice(axis)
            for name, axis in axes.items()
        }
        drawn.append((net, values))
    return drawn


def _refuse_count(count: int) -> None:
    if not 1 <= count <= MOST_RUNS:
        raise UsageError(
            f"A sweep has 1 to {MOST_RUNS:,} runs, not {count:,}: give fewer values.",
            fields=("random",),
        )
