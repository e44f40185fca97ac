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

from cnn_tui.bench.catalogue import Workload
from cnn_tui.bench.cuda import measure_options
from cnn_tui.bench.loops import compute_limit, lab_rate, loader_rate, unmetered_rate
from cnn_tui.bench.memory import peak_megabytes
from cnn_tui.bench.records import BenchResult, Talk, compared
from cnn_tui.bench.watching import measure_watching
from cnn_tui.bench.workloads import config_for, made_up, session_for
from cnn_tui.data.cores import cores
from cnn_tui.data.dataset import DataSet
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.setup import decide

REFERENCE_ROUNDS = 3
"""The reference is much slower, and so joins only some rounds."""

REFERENCE_BUDGETS = {"cuda": 10.0}
REFERENCE_BUDGET = 1.6
"""On a CPU, where arithmetic leaves less to gain."""

LIMIT_BUDGET = 0.95
FOR_REFERENCE = ("PIL", "torchvision")
FOR_TUI = ("textual", "plotext")


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
    return results + measure_options(workloads, talk)


def _measure(workload: Workload, talk: Talk, *, with_reference: bool) -> list[BenchResult]:
    data = made_up(workload)
    config = decide(config_for(workload), data)
    rates = _take_turns(config, data, workload, talk, with_reference=with_reference)
    name = f"{workload.net} {config.precision}"
    results = _speeds(name, config.device, rates)
    talk.doing(f"{workload.net}: peak memory")
    lab = peak_megabytes("lab", workload)
    if not with_reference:
        return [*results, BenchResult(f"{name}, peak memory", lab, "MB")]
    reference = peak_megabytes("reference", workload)
    note = "" if config.device == "cuda" else "the DataLoader's worker processes come on top"
    return [*results, compared(f"{name}, peak memory", lab, "MB", reference, note=note)]


def _take_turns(
    config: TrainConfig, data: DataSet, workload: Workload, talk: Talk, *, with_reference: bool
) -> Rates:
    """Every loop in every round; the first round warms everything up and is not kept."""
    from_reference: dict[str, Callable[[], float]] = {}
    if with_reference:
        from cnn_tui.bench.reference import batches_rate, reference_rate

        from_reference = {
            "reference": lambda: reference_rate(config, data),
            "reference_data": lambda: batches_rate(config, data),
        }
    rates = Rates()
    with session_for(config, data) as session:
        loops: dict[str, Callable[[], float]] = {
            "lab": lambda: lab_rate(session),
            "limit": compute_limit(config, data),
            "unmetered": lambda: unmetered_rate(session),
            "loader": lambda: loader_rate(session),
        }
        for number in range(workload.rounds + 1):
            talk.doing(f"{workload.net}: speed, round {number} of {workload.rounds}")
            turns = [
                *loops.items(),
                *(from_reference.items() if number <= REFERENCE_ROUNDS else ()),
            ]
            # Back and forth, so that none always comes after the same other.
            for what, rate in turns if number % 2 else reversed(turns):
                getattr(rates, what).append(rate())
    return Rates(**{what: kept[1:] for what, kept in vars(rates).items()})


def _speeds(name: str, device: str, rates: Rates) -> list[BenchResult]:
    unit = "images/s"
    lab, limit = statistics.median(rates.lab), statistics.median(rates.limit)
    unmetered, loader = statistics.median(rates.unmetered), statistics.median(rates.loader)
    results = [
        compared(f"{name}, compute limit", lab, unit, limit, at_least=LIMIT_BUDGET),
        compared(f"{name}, metrics on against off", lab, unit, unmetered),
    ]
    if not rates.reference:
        return [*results, BenchResult(f"{name}, data side alone", loader, unit)]
    reference = statistics.median(rates.reference)
    their_data = statistics.median(rates.reference_data)
    budget = REFERENCE_BUDGETS.get(device, REFERENCE_BUDGET)
    note = _bound(limit, their_data)
    against_loop = compared(
        f"{name}, DataLoader loop", lab, unit, reference, at_least=budget, note=note
    )
    data_side = compared(f"{name}, data side alone", loader, unit, their_data)
    return [against_loop, *results, data_side]


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
