"""Pictures of every pane, compared to the cell: the layout at three sizes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from cnn_tui.chapter.reading import remember
from cnn_tui.engine.process import Engine
from cnn_tui.grading.catalogue import exercise_named
from cnn_tui.training.records import Device
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.widgets.header import Header
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, make_run
from tests.made_up_studies import make_study
from tests.tui.fake_engine import FakeEngine
from tests.tui.made_up_reports import RIGHT
from tests.tui.panes.test_exercises import listed
from tests.tui.waiting import wait_for

pytestmark = pytest.mark.drawn

SMALL, MEDIUM, LARGE = (80, 24), (120, 40), (200, 50)
SIZES = pytest.mark.parametrize(
    "size",
    [pytest.param(SMALL, id="80x24"), pytest.param(MEDIUM, id="120x40", marks=pytest.mark.slow)],
)
READY = {
    "Topics": "A pooling layer makes a feature map smaller",
    "Models": "Most parameters",
    "Pooling": "max(1, 3, 5, 6) = 6",
    "Training": "Accuracy",
    "Exercises": "max_pool",
}
"""Words that a pane shows once its workers have answered."""


@pytest.fixture
def lab(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, workspace: Workspace) -> LabApp:
    """A lab whose workspace always looks the same."""
    home = tmp_path / "lab"
    workspace.root.rename(home)
    monkeypatch.chdir(tmp_path)
    # For how long torch has been loading is another time's.
    monkeypatch.setattr(Engine, "state", FakeEngine.state)
    space = Workspace(Path("lab"))
    make_run(space, "20231114-221320-lenet5-digits-aaaa")
    make_run(
        space,
        "20231114-231320-cifar10net-digits-bbbb",
        net="cifar10net",
        end="stopped",
        done=4,
        created=CREATED + 60,
    )
    remember(space, "pooling-why", {})
    return LabApp(workspace=space)


def opening(number: int, *keys: str) -> Callable[[Pilot[Any]], Any]:
    async def before(pilot: Pilot[Any]) -> None:
        app = pilot.app
        assert isinstance(app, LabApp)
        await wait_for(pilot, lambda: app.query("Page"))
        header = app.query_one(Header)
        await wait_for(pilot, lambda: header.status.max_points and header.engine.phase == "ready")
        await pilot.press(str(number))
        await wait_for(pilot, lambda: READY[PANES[number - 1].title] in app.pane.shown_text())
        if PANES[number - 1].title == "Exercises":
            await wait_for(pilot, lambda: "0/10" in listed(app))
        for key in keys:
            await pilot.press(key)
            await pilot.pause(0.2)
        await pilot.pause(0.3)

    return before


@SIZES
@pytest.mark.parametrize("number", range(1, 6), ids=[pane.id for pane in PANES])
def test_lays_out_each_pane(
    snap_compare: Callable[..., bool], lab: LabApp, number: int, size: tuple[int, int]
) -> None:
    assert snap_compare(lab, terminal_size=size, run_before=opening(number))


@pytest.mark.slow
def test_lays_out_training_on_a_large_terminal(
    snap_compare: Callable[..., bool], lab: LabApp
) -> None:
    assert snap_compare(lab, terminal_size=LARGE, run_before=opening(4))


@pytest.mark.slow
@SIZES
def test_lays_out_every_panel_of_a_run(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert snap_compare(lab, terminal_size=size, run_before=opening(4, "v", "v", "v"))


@pytest.mark.slow
def test_lays_out_the_question_before_a_run_is_deleted(
    snap_compare: Callable[..., bool], lab: LabApp
) -> None:
    assert snap_compare(lab, terminal_size=SMALL, run_before=opening(4, "x"))


@pytest.mark.slow
@SIZES
def test_lays_out_the_form_of_a_new_run(
    snap_compare: Callable[..., bool],
    lab: LabApp,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def devices(engine: Engine, job: str) -> tuple[Device, ...]:
        gpu = Device("cuda", "NVIDIA H100 80GB HBM3", total=85 * 10**9, free=81 * 10**9)
        return gpu, Device("cpu", "AMD EPYC 9654", total=540 * 10**9, free=498 * 10**9)

    monkeypatch.setattr(Engine, "run", devices)
    assert snap_compare(lab, terminal_size=size, run_before=opening(4, "n"))


def reading(words: str, *keys: str) -> Callable[[Pilot[Any]], Any]:
    """Press ``keys`` in the Topics pane, and wait until it has ``words``."""

    async def before(pilot: Pilot[Any]) -> None:
        await opening(1, *keys)(pilot)
        app = pilot.app
        assert isinstance(app, LabApp)
        await wait_for(pilot, lambda: words in app.pane.shown_text())
        await pilot.pause(0.3)

    return before


@pytest.mark.slow
@SIZES
def test_lays_out_a_topic_that_is_read(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    keys = ("greater_than_sign", "m", "enter", "right_square_bracket")
    assert snap_compare(lab, terminal_size=size, run_before=reading("By hand", *keys))


@pytest.mark.slow
@SIZES
def test_lays_out_the_demo_of_a_topic(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert snap_compare(
        lab, terminal_size=size, run_before=reading("in the marked window", "j", "r")
    )


@pytest.mark.slow
@pytest.mark.asks
@SIZES
def test_lays_out_the_question_before_a_demo(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert snap_compare(
        lab, terminal_size=size, run_before=reading("What does average pooling make", "j", "r")
    )


@pytest.mark.slow
@SIZES
def test_lays_out_the_form_of_a_demo_and_marks_what_changed(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    async def run_before(pilot: Pilot[Any]) -> None:
        await reading("in the marked window", "j", "p")(pilot)
        await pilot.press("tab", "backspace", "3", "enter")
        app = pilot.app
        assert isinstance(app, LabApp)
        await wait_for(pilot, lambda: "before: kernel size 2" in app.pane.shown_text())
        await pilot.pause(0.3)

    assert snap_compare(lab, terminal_size=size, run_before=run_before)


@pytest.mark.slow
@SIZES
def test_lays_out_unfolded_answers(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    run_before = reading("one in 64", "enter", "a", "a")
    assert snap_compare(lab, terminal_size=size, run_before=run_before)


@pytest.mark.slow
@SIZES
def test_lays_out_the_search_of_all_topics(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    run_before = reading("", "slash", *"whisker")
    assert snap_compare(lab, terminal_size=size, run_before=run_before)


@pytest.mark.slow
@SIZES
def test_lays_out_a_place_that_was_found(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    run_before = reading("whisker", "slash", *"whisker", "enter")
    assert snap_compare(lab, terminal_size=size, run_before=run_before)


@pytest.mark.slow
def test_lays_out_where_one_can_go_from_a_topic(
    snap_compare: Callable[..., bool], lab: LabApp
) -> None:
    assert snap_compare(lab, terminal_size=SMALL, run_before=opening(1, "g"))


def until(keys: str, words: str) -> Callable[[Pilot[Any]], Any]:
    """Press ``keys`` in the Exercises pane, and wait until the page has ``words``."""

    async def before(pilot: Pilot[Any]) -> None:
        await opening(5, *keys)(pilot)
        app = pilot.app
        assert isinstance(app, LabApp)
        await wait_for(pilot, lambda: words in app.pane.shown_text())
        await pilot.pause(1.5)  # the frame of a pass is green for a second

    return before


@pytest.mark.slow
@SIZES
def test_lays_out_the_report_of_a_failed_check(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert snap_compare(lab, terminal_size=size, run_before=until("c", "Start with check"))


@pytest.mark.slow
@SIZES
def test_lays_out_the_report_of_a_passed_check(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert lab.workspace is not None
    (lab.workspace.exercises / "exercise1.py").write_text(RIGHT)
    assert snap_compare(lab, terminal_size=size, run_before=until("ac", "on the first try"))


@pytest.mark.slow
@SIZES
def test_lays_out_hints(
    snap_compare: Callable[..., bool],
    lab: LabApp,
    size: tuple[int, int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nudge = "What does the docstring say of a window that sticks out over the edge of the map?"
    monkeypatch.setitem(
        vars(exercise_named("exercise1")), "hints", (nudge, "Look at the edge.", "Pad it first.")
    )
    assert snap_compare(lab, terminal_size=size, run_before=until("hh", "Look at the edge."))


@pytest.mark.slow
@SIZES
def test_lays_out_the_question_before_an_exercise_is_reset(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert snap_compare(lab, terminal_size=size, run_before=opening(5, "x"))


@pytest.mark.slow
def test_lays_out_the_help_page(snap_compare: Callable[..., bool], lab: LabApp) -> None:
    assert snap_compare(lab, terminal_size=SMALL, run_before=opening(3, "question_mark"))


@pytest.mark.slow
def test_lays_out_a_page_that_is_read(snap_compare: Callable[..., bool], lab: LabApp) -> None:
    assert snap_compare(lab, terminal_size=SMALL, run_before=opening(2, "enter"))


def test_asks_for_room(snap_compare: Callable[..., bool], lab: LabApp) -> None:
    assert snap_compare(lab, terminal_size=(50, 18))


@pytest.mark.slow
@SIZES
def test_lays_out_the_choice_of_experiments(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert snap_compare(lab, terminal_size=size, run_before=opening(4, "e"))


@pytest.mark.slow
@SIZES
def test_lays_out_an_experiment_on_its_way(
    snap_compare: Callable[..., bool], lab: LabApp, size: tuple[int, int]
) -> None:
    assert lab.workspace is not None
    make_study(lab.workspace, done=3)

    async def before(pilot: Pilot[Any]) -> None:
        await opening(4, "e", "k", "enter")(pilot)
        app = pilot.app
        assert isinstance(app, LabApp)
        await wait_for(pilot, lambda: "3 of 4 runs finished" in app.pane.shown_text())
        await pilot.pause(0.3)

    assert snap_compare(lab, terminal_size=size, run_before=before)
