"""How fast the lab trains: against a plain DataLoader loop, and against its own arithmetic.

The loops take turns on the same images and the same network, so that a noisy
machine disturbs all alike. The reference reads PIL images in two worker
processes and asks the device for numbers at every step, as the loop that most
tutorials teach; the compute limit repeats one batch that never changes.
"""

import os
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from itertools import count

from cnn_tui.bench.catalogue import COMPUTE_LIMIT, TRAINING_ON_CPU, TRAINING_ON_GPU, Workload
from cnn_tui.bench.estimate import ROUNDS, Budget, rounds_until_decided
from cnn_tui.bench.records import BenchResult, Pair, Talk, compared, measured
from cnn_tui.bench.training.cuda import measure_options
from cnn_tui.bench.training.inspecting import measure_inspecting
from cnn_tui.bench.training.loops import compute_limit, lab_rate, loader_rate, unmetered_rate
from cnn_tui.bench.training.memory import peak_megabytes
from cnn_tui.bench.training.watching import measure_watching
from cnn_tui.bench.training.workloads import config_for, made_up, session_for
from cnn_tui.data.cores import cores
from cnn_tui.data.dataset import DataSet
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.setup import decide

FEW_ROUNDS = 3
"""In which the reference takes part where it has no budget."""

FOR_REFERENCE = ("PIL", "torchvision")
FOR_TUI = ("textual",)


@dataclass
class Rates:
    """Images per second of every round, by what was measured."""

    lab: list[float] = field(default_factory=list)
    unmetered: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    loader: list[float] = field(default_factory=list)
    reference: list[float] = field(default_factory=list)
    reference_data: list[float] = field(default_factory=list)


def measure(workloads: Sequence[Workload], talk: Talk) -> list[BenchResult]:
    """Speed and memory of every workload; with the TUI; and what a GPU's options bring."""
    _warn_if_busy(talk)
    with_reference = _can(FOR_REFERENCE, "The DataLoader loop was not measured", talk)
    results = []
    for workload in workloads:
        results += _measure(workload, talk, with_reference=with_reference)
    watched = [workload for workload in workloads if workload.watched]
    if watched and _can(FOR_TUI, "Training under the TUI was not measured", talk):
        for workload in watched:
            talk.doing(f"{workload.net} with the TUI attached and detached")
            results.append(measure_watching(workload))
    return results + measure_inspecting(workloads, talk) + measure_options(workloads, talk)


def _measure(workload: Workload, talk: Talk, *, with_reference: bool) -> list[BenchResult]:
    data = made_up(workload)
    config = decide(config_for(workload), data)
    rates = _take_turns(config, data, workload, talk, with_reference=with_reference)
    name = f"{workload.net} {config.precision}"
    results = _speeds(name, config, rates)
    talk.doing(f"{workload.net}: peak memory")
    name = f"{name}, peak memory"
    lab = peak_megabytes("lab", workload)
    if not with_reference:
        return [*results, measured(name, "MB", [lab])]
    reference = peak_megabytes("reference", workload)
    note = "" if config.device_kind == "cuda" else "the DataLoader's worker processes come on top"
    return [*results, compared(name, "MB", [(lab, reference)], note=note)]


def _take_turns(
    config: TrainConfig, data: DataSet, workload: Workload, talk: Talk, *, with_reference: bool
) -> Rates:
    """Every loop in every round, until the verdicts are clear; one round more warms them up."""
    from_reference: dict[str, Callable[[], float]] = {}
    if with_reference:
        from cnn_tui.bench.training.reference import batches_rate, reference_rate

        from_reference = {
            "reference": lambda: reference_rate(config, data),
            "reference_data": lambda: batches_rate(config, data),
        }
    rates, numbers = Rates(), count()
    with session_for(config, data) as session:
        loops: dict[str, Callable[[], float]] = {
            "lab": lambda: lab_rate(session),
            "limit": compute_limit(config, data),
            "unmetered": lambda: unmetered_rate(session),
            "loader": lambda: loader_rate(session),
        }

        def take() -> int:
            number = next(numbers)
            talk.doing(f"{workload.net}: speed, round {number or 'to warm up'}")
            turns = [*loops.items()]
            if _reference_counts(rates, config.device_kind):
                turns += from_reference.items()
            # Back and forth, so that none always comes after the same other.
            for what, rate in turns if number % 2 else reversed(turns):
                getattr(rates, what).append(rate())
            return number

        take()
        for kept in vars(rates).values():
            kept.clear()
        rounds_until_decided(
            take,
            lambda _: all(result.is_decided for result in _speeds("", config, rates)),
            workload.rounds,
            workload.looks,
        )
    return rates


def _reference_counts(rates: Rates, device: str) -> bool:
    """Whether the reference joins the next round: it is slow, and has no budget everywhere."""
    joined = len(rates.reference)
    return joined < FEW_ROUNDS or (joined < ROUNDS and _budget(rates, device) is not None)


def _budget(rates: Rates, device: str) -> Budget | None:
    if device == "cuda":
        return TRAINING_ON_GPU
    limit, their_data = statistics.median(rates.limit), statistics.median(rates.reference_data)
    return TRAINING_ON_CPU if their_data <= limit else None


def _speeds(name: str, config: TrainConfig, rates: Rates) -> list[BenchResult]:
    unit = "images/s"
    results = [
        compared(f"{name}, compute limit", unit, _pairs(rates.lab, rates.limit), COMPUTE_LIMIT),
        compared(f"{name}, metrics on against off", unit, _pairs(rates.lab, rates.unmetered)),
    ]
    data_side = f"{name}, data side alone"
    if not rates.reference:
        return [*results, measured(data_side, unit, rates.loader)]
    against_loop = compared(
        f"{name}, DataLoader loop",
        unit,
        _pairs(rates.lab, rates.reference),
        _budget(rates, config.device_kind),
        _bound(statistics.median(rates.limit), statistics.median(rates.reference_data)),
    )
    pairs = _pairs(rates.loader, rates.reference_data)
    return [against_loop, *results, compared(data_side, unit, pairs)]


def _pairs(ours: Sequence[float], theirs: Sequence[float]) -> list[Pair]:
    """One pair per round in which both took part."""
    return list(zip(ours, theirs, strict=False))


def _bound(limit: float, their_data: float) -> str:
    """What keeps the DataLoader loop from being faster."""
    feeds = f"the DataLoader's workers alone could feed {their_data:,.0f} images/s"
    computes = f"the network's arithmetic takes {limit:,.0f}"
    if their_data > limit:
        return (
            f"compute-bound: {feeds}, and {computes}, so that a faster loop must compute faster; "
            "making batches faster alone would gain little"
        )
    return f"data-bound: {feeds}, while {computes}"


def _warn_if_busy(talk: Talk) -> None:
    """Threads that wait for each other lose most to other work: no ratio survives that."""
    load = os.getloadavg()[0]
    if load > cores():
        talk.remark(
            f"This machine is busy (a load of {load:.1f} on {cores()} cores): "
            "measure again when it is idle before you trust a number."
        )


def _can(modules: Sequence[str], what: str, talk: Talk) -> bool:
    """Whether all ``modules`` are installed; a remark says which is not."""
    missing = [name for name in modules if find_spec(name) is None]
    if missing:
        talk.remark(f"{what}: {' and '.join(missing)} cannot be imported here.")
    return not missing
