"""The lab set up to be looked at: a workspace that always holds the same, and scenes of the app.

What is drawn depends on nothing but the size and the theme: no clock, no GPU, no settings.
"""

import math
import os
import random
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, chdir, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from textual.pilot import Pilot

from cnn_tui import workspace as workspaces
from cnn_tui.chapter.catalogue import topics
from cnn_tui.chapter.reading import remember
from cnn_tui.engine import without_torch
from cnn_tui.engine.jobs import JOBS
from cnn_tui.engine.state import EngineState, Hello
from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabFault
from cnn_tui.grading.catalogue import exercise_named, starters
from cnn_tui.grading.learner.progress import record
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import Device, Ended, EpochMetrics, Event, Started, StepMetrics
from cnn_tui.training.store.folder import RunFolder, RunHeader, write_header
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.screenshot import has_settled
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, alive, events, write_metrics
from tests.made_up_studies import make_study
from tests.tui.conftest import FakeChecker
from tests.tui.fake_engine import FakeEngine
from tests.tui.made_up_reports import made_up_report
from tests.tui.waiting import resize

H100 = Device("cuda", "NVIDIA H100 80GB HBM3", total=85 * 10**9, free=81 * 10**9)
EPYC = Device("cpu", "AMD EPYC 9654", total=540 * 10**9, free=498 * 10**9)
RUNNING = "20231115-091200-lenet5-digits-2c59"
NOW = CREATED + 86_400
SETTINGS = ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES", "LC_ALL", "TEXTUAL_THEME")
"""Variables that say how a terminal looks; pictures do not depend on them."""


class StagedEngine(FakeEngine):
    """Computes in this process what a scene asks for, on a machine that has a GPU."""

    state = EngineState("ready", 0.0, Hello("2.12.0", (H100, EPYC)))

    def at_once(self, job: str, **arguments: Any) -> Any | None:
        """The result of a demo that comes with the lab; all else has to be asked for."""
        return without_torch.at_once(job, arguments) if job == "demo" else None

    async def run(
        self, job: str, *, seconds: float = 0, recompute: bool = False, **arguments: Any
    ) -> Any:
        """The result of ``job``."""
        if job == "devices":
            return H100, EPYC
        return await in_background(JOBS[job], **arguments)


class BrokenEngine(FakeEngine):
    """Torch cannot be loaded, and no job runs; what comes with the lab is known."""

    state = EngineState("failed", 0.0, None, "ImportError: libcudart.so.12 is missing")

    def at_once(self, job: str, **arguments: Any) -> Any | None:
        """The result of ``job`` if it comes with the lab."""
        return without_torch.at_once(job, arguments)

    async def run(
        self, job: str, *, seconds: float = 0, recompute: bool = False, **arguments: Any
    ) -> Any:
        """Fail as an engine without torch does."""
        raise LabFault(f"The engine could not run {job!r}: {self.state.reason}.")


@dataclass(frozen=True)
class Scene:
    """One thing to look at: a pane, and the keys that lead there.

    ``holds`` says what the workspace has: everything, only the exercises, or nothing at all.
    """

    name: str
    pane: int
    keys: tuple[str, ...] = ()
    holds: Literal["all", "exercises", "nothing"] = "all"
    is_broken: bool = False


PANES = (
    Scene("topics", 1),
    Scene("models", 2, ("down", "down", "down", "down")),
    Scene("pooling", 3),
    Scene("training", 4),
    Scene("exercises", 5),
)
"""Each pane as one finds it."""
PAGES = (
    Scene("topics-demo", 1, ("j", "r")),
    Scene("topics-form", 1, ("j", "p")),
    Scene("topics-read", 1, ("j", "enter")),
    Scene("topics-answers", 1, ("enter", "a", "a")),
    Scene("topics-contents", 1, ("g",)),
    Scene("topics-search", 1, ("slash", *"whisker")),
    Scene("topics-glossary", 1, ("G",)),
    Scene("models-compare", 2, ("space", "down", "space", "c")),
    Scene("models-field", 2, ("f",)),
    Scene("models-maps", 2, ("a",)),
    Scene("models-gradients", 2, ("g",)),
    Scene("models-timeline", 2, ("t",)),
    Scene("models-read", 2, ("enter",)),
    Scene("models-filter", 2, ("slash", *"vgg")),
    Scene("models-open", 2, ("o",)),
    Scene("pooling-average", 3, ("m",)),
    Scene("pooling-large", 3, ("i", "i", "i")),
    Scene("pooling-translation", 3, ("t",)),
    Scene("pooling-open", 3, ("o",)),
    Scene("training-panels", 4, ("v", "v", "v")),
    Scene("training-overlay", 4, ("space", "down", "space")),
    Scene("training-failed", 4, ("down", "down")),
    Scene("training-new", 4, ("n",)),
    Scene("training-experiments", 4, ("e",)),
    Scene("training-delete", 4, ("down", "x")),
    Scene("exercises-failed", 5, ("c",)),
    Scene("exercises-passed", 5, ("down", "c")),
    Scene("exercises-hint", 5, ("h",)),
    Scene("exercises-restore", 5, ("x",)),
    Scene("exercises-read", 5, ("enter",)),
)
"""What keys lead to."""
DIALOGS = (
    *(Scene(f"help-{number}", number, ("question_mark",)) for number in range(1, 6)),
    Scene("palette", 1, ("ctrl+p",)),
    Scene("palette-search", 1, ("ctrl+p", *"resnet")),
    Scene("palette-nothing", 1, ("ctrl+p", *"qqqq")),
    Scene("models-input", 2, ("i",)),
    Scene("training-new-left", 4, ("n", "tab", "tab", "9", "escape")),
)
EMPTY = (
    Scene("topics-without-workspace", 1, holds="nothing"),
    Scene("training-without-workspace", 4, holds="nothing"),
    Scene("training-new-without-workspace", 4, ("n",), holds="nothing"),
    Scene("exercises-without-workspace", 5, holds="nothing"),
    Scene("exercises-check-without-workspace", 5, ("c",), holds="nothing"),
    Scene("training-without-runs", 4, holds="exercises"),
    Scene("experiments-without-runs", 4, ("e",), holds="exercises"),
    Scene("topics-search-nothing", 1, ("slash", *"qqqq")),
    Scene("models-filter-nothing", 2, ("slash", *"qqqq")),
)
"""Where there is nothing to show yet."""
ERRORS = (
    Scene("models-without-torch", 2, ("a",), is_broken=True),
    Scene("demo-without-torch", 1, ("j", "r"), is_broken=True),
    Scene("pooling-without-torch", 3, ("t",), is_broken=True),
    Scene("new-run-without-torch", 4, ("n",), is_broken=True),
    Scene("pooling-open-wrong", 3, ("o", *"nothing.csv", "enter")),
    Scene("training-new-wrong", 4, ("n", "tab", "tab", "x", "ctrl+s")),
)
BEGUN = "pooling-why"
"""The topic that was looked at last; the next one has a demo."""
SCENES = {scene.name: scene for scene in (*PANES, *PAGES, *DIALOGS, *EMPTY, *ERRORS)}


@contextmanager
def staged_workspace(folder: Path, holds: str = "all") -> Iterator[Workspace | None]:
    """A workspace in ``folder``, which becomes the current folder: paths are short and the same."""
    with ExitStack() as stack:
        stack.enter_context(chdir(folder))
        stack.enter_context(_no_settings())
        if holds == "nothing":
            yield None
            return
        workspaces.create(Path("lab"), starters())
        space = Workspace(Path("lab"))
        if holds == "all":
            stack.enter_context(alive(_fill(space)))
        yield space


@asynccontextmanager
async def staged(
    scene: Scene, space: Workspace | None, size: tuple[int, int], theme: str = "lab-dark"
) -> AsyncIterator[tuple[LabApp, Pilot[Any]]]:
    """The app at ``scene``, with all that it shows there."""
    with ExitStack() as stack:
        stack.enter_context(patch("cnn_tui.tui.checks.Checker", FakeChecker))
        engine = BrokenEngine if scene.is_broken else StagedEngine
        stack.enter_context(patch("cnn_tui.tui.app.Engine", engine))
        stack.enter_context(patch("cnn_tui.tui.panes.predict_box.question_of", lambda *_: None))
        app = LabApp(theme_name=theme, workspace=space)
        async with app.run_test(size=size, notifications=True) as pilot:
            await pilot.press(str(scene.pane))
            await has_settled(app)
            for key in scene.keys:
                await pilot.press(key)
                await has_settled(app)
            yield app, pilot


async def at_size(app: LabApp, pilot: Pilot[Any], size: tuple[int, int]) -> None:
    """Show the same in a terminal of another size."""
    await resize(pilot, size)
    await has_settled(app)


@contextmanager
def _no_settings() -> Iterator[None]:
    clean = {name: value for name, value in os.environ.items() if name not in SETTINGS}
    with patch.dict(os.environ, {**clean, "TZ": "UTC", "TERM": "xterm-256color"}, clear=True):
        time.tzset()
        yield
    time.tzset()


def _fill(space: Workspace) -> RunFolder:
    """Runs, a study, progress and marks; returns the run that goes on."""
    running = _run(space, RUNNING, "lenet5", epochs=40, done=26, end=None, age=1)
    _run(space, "20231115-081000-cifar10net-digits-a1f0", "cifar10net", 30, 30, "finished", 2)
    failed = _run(space, "20231115-080000-vgg16-digits-77e1", "vgg16", 20, 2, None, 3)
    write_metrics(failed, [_failure(2)], append=True)
    make_study(space, done=3)
    for name, passed in (("exercise1", False), ("exercise2", True)):
        exercise = exercise_named(name)
        report = made_up_report(exercise, space.exercises / exercise.file_name, passed=passed)
        with patch("cnn_tui.grading.learner.progress._now", lambda: "2023-11-15T09:12:00+00:00"):
            record(space, report)
    (space.exercises / "exercise2.py").write_text("# right\n")
    read = [topic.slug for topic in topics()]
    remember(space, BEGUN, dict.fromkeys(read[1:10], True))
    return running


def _run(
    space: Workspace, run: str, net: str, epochs: int, done: int, end: str | None, age: int
) -> RunFolder:
    """A run as one sees them: noisy, quick at first, with a gap between the two curves."""
    folder = RunFolder(space.runs / run)
    folder.checkpoints.mkdir(parents=True)
    config = default_config(net, "digits", epochs=epochs)
    write_header(folder, RunHeader("", NOW - age * 3600, Path("lab"), config))
    noise = random.Random(age)
    told = (_lively(event, noise, epochs) for event in events(epochs, done, end))
    write_metrics(folder, told)
    return folder


def _lively(event: Event, noise: random.Random, epochs: int) -> Event:
    at = event.step / 10
    rate = 0.002 * (1 + math.cos(math.pi * at / epochs)) / 2
    wave = 1 + noise.gauss(0, 0.06)
    if isinstance(event, Started):
        return replace(event, device="cuda", device_name=H100.name, precision="bf16")
    if isinstance(event, StepMetrics):
        return replace(
            event,
            loss=(0.05 + 2.2 * math.exp(-at / 3)) * wave,
            accuracy=min(1.0, (0.985 - 0.85 * math.exp(-at / 2.2)) * (1 + noise.gauss(0, 0.008))),
            lr=rate,
            gradient_norm=(0.3 + 2.5 * math.exp(-at / 4)) * wave,
            gpu_utilization=0.93 * (1 + noise.gauss(0, 0.02)),
            gpu_memory=3 * 2**30,
        )
    if isinstance(event, EpochMetrics):
        best = 0.972 - 0.8 * math.exp(-at / 2.6) + noise.gauss(0, 0.004)
        return replace(
            event,
            train_loss=0.05 + 2.2 * math.exp(-at / 3),
            val_loss=(0.09 + 2.1 * math.exp(-at / 3.2)) * wave,
            train_accuracy=0.985 - 0.85 * math.exp(-at / 2.2),
            val_accuracy=best,
            best_val_accuracy=best,
            lr=rate,
        )
    return event


def _failure(done: int) -> Ended:
    (ended,) = (each for each in events(20, done, "failed") if isinstance(each, Ended))
    sentence = (
        "The loss became NaN at step 7: the weights grew without bound. Try a smaller learning rate"
    )
    return replace(ended, message=f"{sentence}, now 0.01, or clip the gradient.")
