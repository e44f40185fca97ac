"""Which benchmarks there are, which networks the training benchmark takes, and the budgets.

Budgets are what the lab's own speed should keep to; ratios are to a reference in the same run.
"""

import os
from dataclasses import dataclass, replace
from importlib import import_module

from cnn_tui.bench.estimate import Budget
from cnn_tui.bench.records import BenchResult, Talk
from cnn_tui.errors import UsageError
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step

BENCHMARKS = {
    "startup": "the help page and the first paint of the TUI",
    "gaps": "how soon each pane has its content, and for how long a key holds the app",
    "wire": "what the TUI sends to its terminal for a key, a switch of panes and live curves",
    "summary": "a layer table against torchinfo",
    "peak": "how fast this machine computes and fetches, which summaries estimate times from",
    "train": "the training loop against the chapter's, and against the compute limit",
    "check": "a check against plain pytest of the same asserts",
    "grade": "a class of 200 made-up learners, a tenth of them hostile",
    "runs": "a list of 500 runs, by the command and again and again as the TUI asks for it",
    "experiments": "the four experiments with their default settings, a minute each",
}
"""Name → what it measures; each is a module of this room with ``measure()``."""
TRAIN = "train"
"""The benchmark that offers choices."""
MODULES = {
    TRAIN: "training.throughput",
    "peak": "machine",
    "check": "grading.checks",
    "grade": "grading.classroom",
    "runs": "store",
}
"""Benchmarks whose module has another name."""

SEE = step(Action.EXPLAIN, "bench")
QUICK, FEWEST = 4, 3
"""A quick run takes a quarter of the rounds, but not fewer than these."""


@dataclass(frozen=True)
class Workload:
    """What one network is trained on: made-up images of its native shape.

    ``steps`` are those of one round on a CPU, and in ``rounds`` this loop and its
    limit take turns: about the same time for every network. An undecided
    measurement has as many rounds again, until it has had ``looks``. ``watched``
    counts the turns in which a run of it is shown by the TUI.
    """

    net: str
    batch_size: int
    steps: int
    rounds: int
    watched: int = 0
    looks: int = 2


WORKLOADS = (
    Workload("lenet5", batch_size=64, steps=60, rounds=24, watched=10),
    Workload("cifar10net", batch_size=128, steps=4, rounds=10, watched=10),
    Workload("simpleresnet", batch_size=64, steps=4, rounds=10),
)
"""One thread, and arithmetic for all cores; of those two, the TUI watches the first."""

PROCESS_DRIFT = 0.02
"""Whole processes: what else the machine does, and how their files lie in its caches."""

ARITHMETIC_DRIFT = 0.004
"""Loops that take turns in one process: how their tensors happen to lie in memory."""

HELP = Budget(at_most=1.5, drift=PROCESS_DRIFT)
FIRST_PAINT = Budget(at_most=1.4, drift=PROCESS_DRIFT)
FIRST_CONTENT = Budget(at_most=150, unit="ms")
LONGEST_GAP = Budget(at_most=50, unit="ms")
LIVE_OUTPUT = Budget(at_most=100, unit="ms")
KEY_BYTES = Budget(at_most=4096, unit="bytes")
SWITCH_BYTES = Budget(at_most=20_480, unit="bytes")
LIVE_BYTES = Budget(at_most=10_240, unit="bytes/s")
IDLE_BYTES = Budget(at_most=0, unit="bytes/s")
SUMMARY_FROM_SHELL = Budget(at_most=0.15, drift=PROCESS_DRIFT)
SUMMARY_TIME = Budget(at_most=0.05, drift=PROCESS_DRIFT)
SUMMARY_MEMORY = Budget(at_most=20, unit="MB")
REAL_RUN_TIME = Budget(at_most=1.3, drift=PROCESS_DRIFT)
REAL_RUN_MEMORY = Budget(at_most=1.3, drift=PROCESS_DRIFT)
SAVED_ON_GPU = Budget(at_most=10, unit="%")
CATALOGUE_TIME = Budget(at_most=15, unit="s")
TRAINING_ON_CPU = Budget(at_least=1.6)
"""Where the reference is data-bound; arithmetic alone leaves nothing to gain."""
TRAINING_ON_GPU = Budget(at_least=10)
COMPUTE_LIMIT = Budget(at_least=0.96, drift=ARITHMETIC_DRIFT)
INSPECTION = Budget(at_least=0.98, drift=ARITHMETIC_DRIFT)
TUI_ATTACHED = Budget(at_least=0.99, drift=ARITHMETIC_DRIFT)
CHECK_COLD = Budget(at_most=1.1, drift=PROCESS_DRIFT)
CHECK_WARM = Budget(at_most=0.6, unit="s", drift=PROCESS_DRIFT)
CLASS_PACE = Budget(at_least=60, unit="per minute")
NOTHING = Budget(at_most=0, unit="")
"""False verdicts, processes and files left, keys lost."""
EXPERIMENT = Budget(at_most=75, unit="s of CPU")
MANY_RUNS = Budget(at_most=1.5, drift=PROCESS_DRIFT)
RUNS_AGAIN = Budget(at_most=0.5)


def run_benchmarks(
    name: str | None, talk: Talk, *, net: str | None = None, quick: bool = False
) -> list[BenchResult]:
    """Measure one benchmark, or all; ``net`` and ``quick`` take less of the training benchmark.

    Raises UsageError, before anything is measured, for a name that is not in
    BENCHMARKS or WORKLOADS, and for a choice that the benchmark does not offer.
    """
    names = list(BENCHMARKS) if name is None else [match(name, BENCHMARKS, "benchmark", SEE)]
    if TRAIN not in names and (net is not None or quick):
        choice, field = ("A quick run", "quick") if net is None else ("A network", "net")
        raise UsageError(
            f"{choice} is for the benchmark {TRAIN}: {names[0]} has no such.", fields=(field,)
        )
    workloads = chosen_workloads(net, quick=quick)
    # The references come compiled from an installer: the lab may keep its bytecode as well.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    results: list[BenchResult] = []
    for each in names:
        module = import_module(f"cnn_tui.bench.{MODULES.get(each, each)}")
        talk.doing(BENCHMARKS[each])
        results += module.measure(workloads, talk) if each == TRAIN else module.measure()
    return results


def chosen_workloads(net: str | None, *, quick: bool = False) -> list[Workload]:
    """All workloads, or that of one network; raises UsageError for a network without one."""
    known = {workload.net: workload for workload in WORKLOADS}
    nets = list(known) if net is None else [match(net, known, "training benchmark", SEE)]
    chosen = [known[each] for each in nets]
    if not quick:
        return chosen
    return [
        replace(
            each,
            rounds=max(FEWEST, each.rounds // QUICK),
            watched=each.watched and max(FEWEST, each.watched // QUICK),
            looks=1,
        )
        for each in chosen
    ]
