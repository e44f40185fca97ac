"""What tests of the app share: checks that cost nothing, and frames that nobody draws.

A test that looks at what is drawn is marked ``drawn``; a longer one always draws every frame.
"""

import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from cnn_tui.engine.process import Engine
from cnn_tui.errors import RunError
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.tui.painting import UnhurriedScreen
from tests.tui.made_up_reports import RIGHT, SHAPES, made_up_report

PARSE = Stylesheet._parse_rules
PARSED: dict[Hashable, list[RuleSet]] = {}
"""Rules by the style sheet that has them and by the theme's colors; no app changes them."""


class FakeChecker:
    """Answers at once, unless ``may_answer`` is cleared: a file passes that begins with RIGHT."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_warm = False
        self.is_closed = False
        self.may_answer = threading.Event()
        self.may_answer.set()

    def warm_up(self) -> None:
        self.is_warm = True

    def check(
        self,
        exercise: Exercise,
        path: Path,
        *,
        stop: threading.Event,
        is_dropped: Callable[[], bool],
        told: Callable[[CheckResult], None],
    ) -> CheckReport:
        self.asked.append(exercise.name)
        told(SHAPES)
        passed = path.read_text().startswith(RIGHT)
        while not self.may_answer.wait(0.01):
            if stop.is_set() or is_dropped():
                raise RunError("The check was stopped.")
        return made_up_report(exercise, path, passed=passed)

    def close(self) -> None:
        self.is_closed = True


@pytest.fixture(autouse=True)
def checker(monkeypatch: pytest.MonkeyPatch) -> FakeChecker:
    """The checker of the Exercises pane."""
    fake = FakeChecker()
    monkeypatch.setattr("cnn_tui.tui.checks.Checker", lambda: fake)
    return fake


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw nothing unless somebody looks: frames are half of what the app costs.

    Everything is composed, styled and laid out as ever, with style sheets that every app reads
    and that are parsed once.
    """
    if not any(request.node.get_closest_marker(name) for name in ("drawn", "slow", "exhaustive")):
        monkeypatch.setattr(Compositor, "render_update", _draw_nothing)
        monkeypatch.setattr(UnhurriedScreen, "_slices", lambda screen: iter(()))
        monkeypatch.setattr(Stylesheet, "_parse_rules", _parse_once)


@pytest.fixture(autouse=True)
def unasked(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run demos without their questions, unless a test is marked ``asks``."""
    if not request.node.get_closest_marker("asks"):
        monkeypatch.setattr("cnn_tui.tui.panes.predict_box.question_of", lambda *_: None)


@pytest.fixture(autouse=True)
def torch_on_demand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Load torch for the first job that needs it: most tests are over before it would be there."""
    monkeypatch.setattr(Engine, "_greet", lambda engine: None)


def _draw_nothing(compositor: Compositor, **_: object) -> None:
    compositor._dirty_regions.clear()


def _parse_once(sheet: Stylesheet, css: str, *place: Any, **settings: Any) -> list[RuleSet]:
    colors = frozenset(sheet._variables.items())
    source = (css, place, *settings.items(), colors)
    if source not in PARSED:
        PARSED[source] = PARSE(sheet, css, *place, **settings)
    return PARSED[source]
