"""An engine that answers at once with made-up results: no process, no torch."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from cnn_tui.analysis.activations.records import Activations
from cnn_tui.analysis.evaluation_records import Guess, Prediction, Predictions
from cnn_tui.analysis.gradients.records import GradientFlow
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.pooling.named_inputs import InputMap
from cnn_tui.analysis.pooling.operators import spans
from cnn_tui.analysis.pooling.records import (
    GridPosition,
    PoolResult,
    PoolSettings,
    TranslationResult,
)
from cnn_tui.analysis.records import NumberGrid, Picture
from cnn_tui.chapter.records import DemoResult, Say
from cnn_tui.data.records import ClassCount, SkippedFile
from cnn_tui.data.report_records import (
    Copies,
    DataReport,
    Duplicates,
    ImageCount,
    Sample,
    Sizes,
    Spread,
)
from cnn_tui.engine.process import Engine
from cnn_tui.engine.state import EngineState, Hello
from cnn_tui.errors import RunError
from cnn_tui.training.records import Device
from tests.render.networks.test_activations import LAYER, LISTED
from tests.render.networks.test_evaluation import CIFAR10, RUN, judged
from tests.render.networks.test_gradients import FLOWS

LONG = Say("A sentence that is longer than most pages are wide. " * 9)
LAYERS = tuple(
    LayerSummary(f"conv{n}", "Conv2d", 0, True, (4, 8, 8), 100, 1000, 3, 100, 256, 1, 0.5)
    for n in range(30)
)
PREDICTIONS = Predictions(
    RUN,
    (
        Prediction(
            Picture("my cat.jpg", 2, 2, 1, b"\xff" * 4),
            None,
            (Guess("cat", 0.8), Guess("dog", 0.15), Guess("ship", 0.05)),
        ),
    ),
    ("Of an image's longer side, only the middle is used.",),
)
REPORT = DataReport(
    name="folder:/pets",
    title="Your own images",
    is_split=True,
    parts=(ImageCount("train", 160), ImageCount("test", 30)),
    per_class=(ClassCount("cats", 100, None, 20), ClassCount("dogs", 60, None, 10)),
    sizes=Sizes(Spread(20, 64, 300), Spread(20, 48, 200), ImageCount("64×48", 90), 12),
    modes=(ImageCount("RGB", 180), ImageCount("L", 10)),
    depths=(ImageCount("8 bits", 190),),
    scale=255.0,
    duplicates=Duplicates(
        (ImageCount("train", 3), ImageCount("test", 0)),
        (ImageCount("test", 1),),
        1,
        (Copies(("train/cats/a.png", "test/cats/b.png"), ("cats", "cats")),),
    ),
    unreadable=(SkippedFile("train/dogs/cut.png", "image file is truncated"),),
    passed_over=("train/cats/a.heic", "train/cats/notes.txt"),
    notes=("Not used: masks/",),
    samples=tuple(
        Sample(f"{n}.png", "cats" if n % 2 else "dogs", 4, 4, 1, bytes(range(0, 160, 10)))
        for n in range(8)
    ),
)
CPU = Device("cpu", "a CPU", 2**34, 2**33)


class FakeEngine(Engine):
    """Answers every job of the app."""

    state = EngineState("ready", 0.0, Hello("2.12.0", (CPU,)))

    def __init__(self) -> None:
        self.asked: list[str] = []

    def warm_up(self) -> None:
        """Nothing needs to be loaded."""

    def close(self) -> None:
        """Nothing runs."""

    def at_once(self, job: str, **arguments: Any) -> Any | None:
        """Nothing is known before it is asked for."""

    async def run(
        self, job: str, *, seconds: float = 0, recompute: bool = False, **arguments: Any
    ) -> Any:
        """The made-up result of ``job``, once the event loop has gone round."""
        self.asked.append(job)
        await asyncio.sleep(0)
        return ANSWERS[job](**arguments)


class LoadingEngine(Engine):
    """Still loads torch: whatever needs it is never answered."""

    def __init__(self) -> None:
        super().__init__()
        self.waited_for: list[str] = []

    def warm_up(self) -> None:
        """Begin, and never end."""
        self._enter("loading")

    async def compute(self, job: str, arguments: Mapping[str, Any], seconds: float) -> Any:
        """No result, ever."""
        self.waited_for.append(job)
        await asyncio.Event().wait()


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
    "predict": lambda **_: PREDICTIONS,
    "data_report": lambda data: replace(REPORT, name=data),
    "demo": _demo,
    "devices": lambda: (CPU,),
}
