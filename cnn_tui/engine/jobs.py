"""The jobs that front ends may ask the engine for: name → function.

Arguments and results are plain values and records. The rooms are imported when
a job runs, so that importing this table costs nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

from cnn_tui.analysis.records import Grid, NetSummary, PoolResult, PoolSettings
from cnn_tui.chapter.records import DemoResult
from cnn_tui.data.cores import cores


def summarize(name: str, input_shape: tuple[int, ...] | None = None) -> NetSummary:
    """Take a network of the catalogue apart."""
    from cnn_tui.analysis.summary import summarize as summarize_net

    return summarize_net(name, input_shape)


def pool(grid: Grid, settings: PoolSettings) -> PoolResult:
    """Pool one map."""
    from cnn_tui.analysis.pooling import pool as pool_grid

    return pool_grid(grid, settings)


def demo(name: str, parameters: Mapping[str, Any]) -> DemoResult:
    """Run a demo of the chapter."""
    from cnn_tui.chapter.run import run_demo

    return run_demo(name, **parameters)


JOBS: dict[str, Callable[..., Any]] = {"summarize": summarize, "pool": pool, "demo": demo}


def run_job(name: str, arguments: Mapping[str, Any]) -> Any:
    """Run one job in this process, on as many threads as there are cores."""
    import torch

    torch.set_num_threads(cores())
    return JOBS[name](**arguments)
