"""No pane waits for torch: each has its content while the engine has not answered."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from textual.pilot import Pilot

from cnn_tui.analysis.pooling.named_inputs import INPUTS
from cnn_tui.chapter.reading import remember
from cnn_tui.render.pooling.settings import TITLES
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace
from tests.tui.fake_engine import LoadingEngine
from tests.tui.waiting import wait_for


@asynccontextmanager
async def loading_lab(
    workspace: Workspace, pane: str
) -> AsyncIterator[tuple[LabApp, LoadingEngine, Pilot[str]]]:
    """The lab with a pane open, and an engine that is still loading torch."""
    app = LabApp(workspace=workspace)
    app.engine = engine = LoadingEngine()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press(pane)
        await pilot.pause()
        yield app, engine, pilot


async def shows(pilot: Pilot[str], app: LabApp, words: str) -> None:
    await wait_for(pilot, lambda: words in app.pane.shown_text())


@pytest.mark.parametrize(
    ("pane", "words"),
    [
        ("1", "A convolution lays"),
        ("2", "44,426"),
        ("3", "max(1, 3, 5, 6) = 6"),
        ("4", "No runs yet"),
        ("5", "exercise1"),
    ],
)
async def test_opens_every_pane(workspace: Workspace, pane: str, words: str) -> None:
    async with loading_lab(workspace, pane) as (app, engine, pilot):
        await shows(pilot, app, words)
        assert engine.state.phase != "ready"
        assert engine.waited_for == []


@pytest.mark.slow
async def test_looks_at_networks_from_every_usual_side(workspace: Workspace) -> None:
    async with loading_lab(workspace, "2") as (app, engine, pilot):
        for keys, words in (
            (["j"], "62,378,344"),
            (["f"], "195 = "),
            (["l"], "62,378,344"),
            (["space", "j", "space", "c"], "132,863,336"),
            (["t"], "EfficientNet-B0"),
            (["g"], "residual"),
        ):
            await pilot.press(*keys)
            await shows(pilot, app, words)
        assert engine.waited_for == []


@pytest.mark.slow
async def test_pools_every_map_of_the_chapter_in_every_way(workspace: Workspace) -> None:
    async with loading_lab(workspace, "3") as (app, engine, pilot):
        for each in (*INPUTS[1:], INPUTS[0]):
            await pilot.press("i")
            await shows(pilot, app, each.title)
        for title in list(TITLES.values())[1:]:
            await pilot.press("m")
            await shows(pilot, app, title)
        await pilot.press("m", "t")
        await shows(pilot, app, "blur-pool")
        assert engine.waited_for == []


@pytest.mark.slow
async def test_shows_what_a_demo_shows_and_says_where_it_is_from(workspace: Workspace) -> None:
    remember(workspace, "pooling-max-and-average", {})
    async with loading_lab(workspace, "1") as (app, engine, pilot):
        await pilot.press("enter", "r")
        output = app.query_one("#demo-output", Page)
        await wait_for(pilot, lambda: output.content)
        assert "r compute it here" in str(app.query_one(DemoPanel).keys)
        assert engine.waited_for == []
        await pilot.press("r")
        await wait_for(pilot, lambda: engine.waited_for == ["demo"])


async def test_runs_a_demo_with_other_settings_when_torch_is_there(workspace: Workspace) -> None:
    engine = LoadingEngine()
    shown = await engine.run("demo", name="dropout-mask", parameters={"p": 0.5})
    assert (shown.shipped, shown.parameters["p"]) == (True, 0.5)
    assert engine.at_once("demo", name="dropout-mask", parameters={"p": 0.33}) is None


def test_runs_a_demo_that_needs_no_torch_with_any_settings() -> None:
    shown = LoadingEngine().at_once("demo", name="compound-scaling", parameters={"phi": 2.25})
    assert (shown.parameters["phi"], shown.shipped) == (2.25, False)
