"""An engine that answers at once with made-up results: no process, no torch."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.pooling.inputs import InputMap
from cnn_tui.analysis.pooling.operators import spans
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    PoolResult,
    PoolSettings,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid
from cnn_tui.chapter.records import DemoResult, Say
from cnn_tui.engine.process import Engine
from cnn_tui.errors import RunError
from cnn_tui.training.records import Device
from tests.render.networks.test_activations import LAYER, LISTED
from tests.render.networks.test_evaluation import CIFAR10, judged
from tests.render.networks.test_gradients import FLOWS

LONG = Say("A sentence that is longer than most pages are wide. " * 9)
LAYERS = tuple(
    LayerSummary(f"conv{n}", "Conv2d", 0, True, (4, 8, 8), 100, 1000, 3, 100, 256, 1, 0.5)
    for n in range(30)
)


class FakeEngine(Engine):
    """Answers every job of the app."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def warm_up(self) -> None:
        """Nothing needs to be loaded."""

    def close(self) -> None:
        """Nothing runs."""

    async def run(self, job: str, *, seconds: float = 0, **arguments: Any) -> Any:
        """The made-up result of ``job``, once the event loop has gone round."""
        self.asked.append(job)
        await asyncio.sleep(0)
        return ANSWERS[job](**arguments)


def _summarize(target: str, **_: object) -> NetSummary:
    return NetSummary(target, target, (3, 8, 8), (4,), 100, 1000, LAYERS, 100, 50, 1, 3)


def _pool(grid: NumberGrid, settings: PoolSettings) -> PoolResult:
    rows, columns = spans(len(grid), len(grid[0]), settings)
    output = tuple(tuple(float(i * j) for j in range(len(columns))) for i in range(len(rows)))
    return PoolResult(settings, grid, output, rows, columns)


def _translate(grid: NumberGrid, settings: PoolSettings, shift: GridPosition) -> TranslationResult:
    pooled = _pool(grid, settings)
    return TranslationResult(settings, shift, pooled, pooled, (0, 0), len(grid[0]), ())


def _activations(layer: str | None, **_: object) -> Activations:
    return LISTED if layer is None else replace(LAYER, layer=layer)


def _demo(name: str, parameters: Mapping[str, Any]) -> DemoResult:
    return DemoResult(name, "A title", parameters, (LONG,), {})


def _pool_input(**_: object) -> InputMap:
    raise RunError("There is no such map.")


def _gradients(depths: tuple[int, ...]) -> tuple[GradientFlow, ...]:
    return FLOWS


ANSWERS: Mapping[str, Callable[..., Any]] = {
    "summarize": _summarize,
    "pool": _pool,
    "pool_input": _pool_input,
    "translate": _translate,
    "gradients": _gradients,
    "activations": _activations,
    "evaluate": lambda **_: judged(CIFAR10),
    "demo": _demo,
    "devices": lambda: (Device("cpu", "a CPU", 2**34, 2**33),),
}
