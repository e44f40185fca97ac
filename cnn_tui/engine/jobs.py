"""The jobs that front ends may ask the engine for: name → function.

Arguments and results are plain values and records. The rooms are imported when
a job runs, so that importing this table costs nothing.
"""

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.evaluation_records import Evaluation, Predictions
from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shipped import shipped_summary
from cnn_tui.analysis.pooling.named_inputs import InputMap
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    PoolResult,
    PoolSettings,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.chapter.records import DemoResult
from cnn_tui.data.cores import cores
from cnn_tui.data.report_records import DataReport
from cnn_tui.engine.state import Hello
from cnn_tui.errors import UsageError
from cnn_tui.nets.specs import parse
from cnn_tui.training.records import Device
from cnn_tui.workspace import around, find


def summarize(
    target: str,
    inputs: NetInputs | Sequence[int] | None = None,
    timed: bool = False,
    memory: bool = False,
) -> NetSummary:
    """Take a network apart: one of the catalogue, ``file.py:Name`` or ``package.module:Name``.

    A file that lies in a workspace, whichever it is, runs in a confined process;
    anything else is imported here. ``timed`` also runs it and measures how long each
    layer takes, where it runs here; raises UsageError for a confined file, whose word
    about time would be no measurement. ``memory`` also finds out what activations take.
    What comes with the package is not computed.
    """
    spec = parse(target)
    shipped = None if timed else shipped_summary(spec, inputs)
    if shipped is not None:
        return shipped
    if not spec.is_own:
        from cnn_tui.analysis.networks.summary import summarize as summarize_net

        return summarize_net(spec, inputs, timed=timed, memory=memory)
    if spec.is_file and _is_in_workspace(Path(spec.place)):
        if timed:
            raise UsageError(
                f"{spec.label} lies in a workspace and would run in a process of its own, where "
                "time is not measured: it is for the lab's own networks and for modules "
                "(package.module:Name), which run unconfined."
            )
        from cnn_tui.grading.isolation.confined_summary import summarize_file

        return summarize_file(
            Path(spec.place), spec.name, inputs, memory=memory, options=spec.options
        )
    from cnn_tui.analysis.networks.modules import summarize_target

    return summarize_target(spec, inputs, timed=timed, memory=memory)


def pool(grid: NumberGrid, settings: PoolSettings) -> PoolResult:
    """Pool one map."""
    from cnn_tui.analysis.pooling.operators import pool as pool_grid

    return pool_grid(grid, settings)


def pool_input(
    spec: str,
    channel: str | None = None,
    workspace: Path | None = None,
    data_dir: Path | None = None,
) -> InputMap:
    """The map that ``spec`` names, wherever it comes from."""
    from cnn_tui.analysis.pooling.inputs import resolve_input

    return resolve_input(spec, channel=channel, workspace=workspace, data_dir=data_dir)


def translate(
    grid: NumberGrid, settings: PoolSettings, shift: GridPosition = (0, 1)
) -> TranslationResult:
    """Pool one map before and after a shift by (rows, columns)."""
    from cnn_tui.analysis.pooling.translation import translation

    return translation(grid, settings, shift)


def gradients(
    depths: tuple[int, ...], initialization: str = "default", seed: int = 0
) -> tuple[GradientFlow, ...]:
    """Measure the gradient at the input of plain and residual stacks."""
    from cnn_tui.analysis.gradients.flow import gradient_flow

    return gradient_flow(depths, initialization=initialization, seed=seed)


def activations(net: str, layer: str | None = None, **choices: Any) -> Activations:
    """Look at what a layer does with an image; ``choices`` are those of the analysis."""
    from cnn_tui.analysis.activations.capture import activations as look

    with redirect_stdout(sys.stderr):  # what a network of the user's own prints
        return look(net, layer, **choices)


def evaluate(
    run: str,
    split: str | None = "test",
    workspace: Path | None = None,
    data_dir: Path | None = None,
) -> Evaluation:
    """Judge a run's network on every image of a split, ``test`` or ``val``; None: what it has."""
    from cnn_tui.analysis.evaluation import evaluate as judge

    with redirect_stdout(sys.stderr):
        return judge(find(workspace), run, split, data_dir=data_dir)


def predict(
    run: str,
    images: Sequence[str] = (),
    workspace: Path | None = None,
    **choices: Any,
) -> Predictions:
    """Let a run's network guess images; ``choices`` are those of the analysis."""
    from cnn_tui.analysis.predictions import predict as guess

    with redirect_stdout(sys.stderr):
        return guess(find(workspace), run, images, **choices)


def data_report(
    data: str, val_is_validation: bool = False, data_dir: Path | None = None
) -> DataReport:
    """Look at every image of the data set of that name; a folder need not be prepared."""
    from cnn_tui.data.catalogue import parse as parse_data
    from cnn_tui.data.preparation.report import report
    from cnn_tui.workspace import data_dir as find_data_dir

    where = find_data_dir(data_dir)
    return report(parse_data(data), where, val_is_validation=val_is_validation)


def demo(name: str, parameters: Mapping[str, Any]) -> DemoResult:
    """Run a demo of the chapter."""
    from cnn_tui.chapter.run import run_demo

    return run_demo(name, **parameters)


def devices() -> tuple[Device, ...]:
    """What this machine can train on, the one that ``auto`` chooses first."""
    from cnn_tui.training.device.selection import devices as find_devices

    return find_devices()


def hello() -> Hello:
    """What there is to compute with."""
    import torch

    return Hello(str(torch.__version__), devices())  # which is of a class of torch's


JOBS: dict[str, Callable[..., Any]] = {
    "summarize": summarize,
    "pool": pool,
    "pool_input": pool_input,
    "translate": translate,
    "gradients": gradients,
    "activations": activations,
    "evaluate": evaluate,
    "predict": predict,
    "data_report": data_report,
    "demo": demo,
    "devices": devices,
    "hello": hello,
}


def _is_in_workspace(path: Path) -> bool:
    """Whether the file lies in a workspace, or a link that lies in one leads to it.

    The folder that a command is run from must not decide whether a file is confined.
    """
    places = (
        Path(os.path.realpath(path)),
        Path(os.path.realpath(path.parent)) / path.name,
        path.absolute(),
    )
    return any(around(each.parent) is not None for each in places)


def run_job(name: str, arguments: Mapping[str, Any]) -> Any:
    """Run one job in this process, on as many threads as there are cores."""
    import torch

    torch.set_num_threads(cores())
    return JOBS[name](**arguments)
