"""Runs that are slower than they were, or than they could be."""

from statistics import median

from cnn_tui.training.advice.changes import Change, advice, any_of
from cnn_tui.training.advice.evidence import Run
from cnn_tui.training.config import LARGEST_BATCH
from cnn_tui.training.records import Advice

PACE_FLUSHES, SLOWER = 8, 0.5
"""Two seconds' throughput against what it was: a busy disk or a validation is shorter."""

IDLE_FLUSHES, IDLE = 20, 0.5
"""A GPU that computes less than half of the time waits for the CPU."""


def slower(run: Run) -> Advice | None:
    """It trains at less than half the speed that it had."""
    speeds = [step.images_per_second for step in run.steps_here]
    if not run.is_live or len(speeds) < 2 * PACE_FLUSHES:
        return None
    before, now = median(speeds[:-PACE_FLUSHES]), median(speeds[-PACE_FLUSHES:])
    if now > SLOWER * before:
        return None
    return advice(
        run,
        "slower",
        f"Throughput fell from {before:,.0f} to {now:,.0f} images/s: another process may be "
        "using this machine; look with top or nvidia-smi.",
        run.steps[-1].epoch,
    )


def gpu_waits(run: Run) -> Advice | None:
    """The GPU has nothing to do for more than half of the time."""
    busy = [step.gpu_utilization for step in run.steps_here[-IDLE_FLUSHES:]]
    known = [share for share in busy if share is not None]
    if not run.is_live or len(known) < IDLE_FLUSHES or median(known) > IDLE:
        return None
    ways = _ways_to_keep_a_gpu_busy(run)
    if not ways:
        return None
    return advice(
        run,
        "gpu-waits",
        f"The GPU is busy only {100 * median(known):.0f} % of the time: it waits for the CPU; try "
        f"{any_of(ways)}.",
        run.steps[-1].epoch,
        "training-loop",
        *ways,
    )


def _ways_to_keep_a_gpu_busy(run: Run) -> list[Change]:
    """What gives a GPU more to do for each call from Python, of what this run accepts."""
    config, images = run.config, LARGEST_BATCH
    processes = config.nproc * config.nnodes
    if run.started is not None:
        images, processes = run.started.train_images, max(processes, run.started.processes)
    larger = min(4 * config.batch_size, LARGEST_BATCH, images)
    ways = []
    if larger > config.batch_size:
        ways.append(Change(f"a batch size of {larger}", {"batch_size": larger}))
    if processes == 1 and not config.cuda_graphs and not run.has_no_graphs:
        ways.append(Change("CUDA graphs", {"cuda_graphs": True}))
    return ways
