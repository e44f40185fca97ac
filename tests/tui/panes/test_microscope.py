"""The Training pane's microscope: the inside of a run's network, live and at every epoch."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from rich.console import Console
from textual.pilot import Pilot

from cnn_tui.render.runs.inspected_layer import layer_view
from cnn_tui.render.runs.inspection import QUANTITIES
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.inspection_records import ImagePrediction, Inspections, LayerInspection
from cnn_tui.training.store.inspections import append
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.training.detail import RunDetail
from cnn_tui.workspace import Workspace
from tests.made_up_runs import alive, make_run
from tests.training.store.test_inspections import IMAGES, LAYERS, SNAPSHOT
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

RUN = "20231114-221320-lenet5-digits-aaaa"


def record(run: RunFolder, *epochs: int) -> None:
    """Record a snapshot for each epoch; the network becomes surer of the first image."""
    for epoch in epochs:
        sure = ImagePrediction((1, 0), (0.5 + 0.1 * epoch, 0.5 - 0.1 * epoch))
        wrong = ImagePrediction((1, 0), (0.9, 0.1))
        append(
            run.inspection_file,
            replace(SNAPSHOT, step=10 * epoch, epoch=epoch, predictions=(sure, wrong)),
        )


@asynccontextmanager
async def training(
    workspace: Workspace, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("4")
        await wait_for(pilot, lambda: app.query_one(RunDetail).of_run is not None)
        yield app, pilot


async def sees(pilot: Pilot[str], *words: str) -> None:
    """Wait until all of these words are on the page."""
    await wait_for(pilot, lambda: all(each in on_screen(pilot) for each in words))


def on_screen(pilot: Pilot[str]) -> str:
    page = pilot.app.query_one(RunDetail).microscope
    return "\n".join(strip.text for strip in page._lines)


async def test_moves_through_the_epochs_and_the_layers_of_a_run(workspace: Workspace) -> None:
    run = make_run(workspace, RUN)
    append(run.inspection_file, IMAGES)
    record(run, 1, 2, 3)
    async with training(workspace) as (app, pilot):
        await pilot.press("f")
        await sees(pilot, "▲ epoch 3", "▌conv1", "✓ 80 %", "✗ dog 90 %", "Filters")
        await pilot.press("[")
        await sees(pilot, "▲ epoch 2", "✓ 70 %")
        assert "epoch 2" in app.pane.shown_text()
        await pilot.press("v", "down")
        await sees(pilot, "Norm of the gradients", "▌bn1")
        await pilot.press("enter")
        await sees(pilot, "bn1  BatchNorm2d", "Norm of the gradients", "BN gap")
        await pilot.press("escape")
        await sees(pilot, "▲ epoch 2")
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())


@pytest.mark.slow
async def test_goes_on_with_a_running_run_and_stays_where_one_has_moved(
    workspace: Workspace,
) -> None:
    run = make_run(workspace, RUN, done=2, end=None)
    with alive(run):
        async with training(workspace) as (app, pilot):
            await pilot.press("f")
            await wait_for(pilot, lambda: "Nothing is recorded yet" in app.pane.shown_text())
            append(run.inspection_file, IMAGES)
            record(run, 1)
            await sees(pilot, "▲ epoch 1")
            record(run, 2)
            await sees(pilot, "▲ epoch 2")
            page = app.query_one(RunDetail).microscope
            drawn = page.content
            await pilot.pause(1.5)
            assert page.content is drawn  # nothing new: nothing is drawn
            await pilot.press("[")
            await sees(pilot, "▲ epoch 1")
            record(run, 3)
            await wait_for(pilot, lambda: page.content is not drawn)
            await pilot.pause(1.2)
            assert "▲ epoch 1" in on_screen(pilot)
            await pilot.press("]", "]")
            await sees(pilot, "▲ epoch 3")
            record(run, 4)
            await sees(pilot, "▲ epoch 4")


@pytest.mark.slow
@pytest.mark.parametrize(("inspect", "said"), [(None, "an older cnn-lab"), (0, "set to 0")])
async def test_says_why_a_run_has_recorded_nothing(
    workspace: Workspace, inspect: int | None, said: str
) -> None:
    make_run(workspace, RUN, inspect=inspect)
    async with training(workspace) as (app, pilot):
        await pilot.press("f")
        await wait_for(pilot, lambda: said in app.pane.shown_text())
        await pilot.press("v", "down", "enter", "[")  # nothing to move through, and no error
        assert said in app.pane.shown_text()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(60, 20), (200, 50)])
async def test_shows_a_deep_network_around_the_marked_layer_in_any_window(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    run = make_run(workspace, RUN)
    append(run.inspection_file, IMAGES)
    layers = tuple(replace(LAYERS[0], name=f"features.{number}", dead=0.5) for number in range(60))
    append(run.inspection_file, replace(SNAPSHOT, layers=layers))
    async with training(workspace, size) as (app, pilot):
        await pilot.press(*(["enter"] if size[0] == 60 else []), "f")
        await sees(pilot, "▌features.0", "of 60", "▲ 50 % of the channels")
        page = app.query_one(RunDetail).microscope
        page.action_layer(59)
        await sees(pilot, "▌features.59")
        width = page.scrollable_content_region.width
        assert {strip.cell_length for strip in page._lines} == {width}
        assert page.scroll_offset.y < size[1]


def test_a_layer_without_the_quantity_says_so() -> None:
    bare = replace(SNAPSHOT, layers=(LayerInspection("fc", "Linear", 1.0, float("inf"), 0.1),))
    console = Console(width=90)
    with console.capture() as drawn:
        for name in ("dead", "gradient"):
            console.print(layer_view(Inspections((bare, bare)), "fc", QUANTITIES[name]))
    assert drawn.get().count("this layer has none") == 1
    assert "not finite" in drawn.get()
