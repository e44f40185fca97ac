"""The Models pane: every side of a network, one key away."""

from pathlib import Path
from unittest.mock import patch

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from cnn_tui.errors import LabFault
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.models.net_frame import NetFrame
from cnn_tui.tui.widgets.net_list import NetList
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

LONG_NET = """
from torch import nn

class Long(nn.Sequential):
    def __init__(self):
        super().__init__(*(nn.Conv2d(1, 1, 1) for _ in range(400)))
"""


async def open_models(pilot: Pilot[str], app: LabApp) -> None:
    await pilot.press("2")
    await shows(pilot, app, "44,426")


async def shows(pilot: Pilot[str], app: LabApp, words: str) -> None:
    await wait_for(pilot, lambda: words in app.pane.shown_text())


async def answer(pilot: Pilot[str], app: LabApp, key: str, line: str) -> None:
    """Press ``key`` and answer what it asks with ``line``, once the question before is gone."""
    await wait_for(pilot, lambda: not isinstance(app.screen, PromptScreen))
    await pilot.press(key)
    await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
    app.screen.query_one(Input).value = line
    await pilot.press("enter")
    await pilot.pause()


@pytest.mark.slow
async def test_shows_the_layer_table_of_the_net_under_the_cursor(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        assert "30,840" in app.pane.shown_text()
        await pilot.press("j")
        await shows(pilot, app, "62,378,344")


@pytest.mark.slow
async def test_shows_what_each_layer_costs_on_a_device(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("b")
        await shows(pilot, app, "FLOPs per byte")
        await answer(pilot, app, "d", "a100,bf16,64")
        await shows(pilot, app, "312 TFLOP/s in bf16")
        assert app.query_one("#net-frame", NetFrame).state == "A100 80GB SXM, bf16, batch 64"
        assert "total, with Adam" in app.pane.shown_text()
        await answer(pilot, app, "d", "")
        await shows(pilot, app, "in fp32")
        await pilot.press("escape")
        await shows(pilot, app, "44,426")


@pytest.mark.slow
async def test_reads_on_a_narrow_terminal(workspace: Workspace) -> None:
    async with lab(workspace, size=(60, 20)) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("enter")
        await pilot.pause()
        assert not app.query_one("#net-list").display
        await pilot.press("escape")
        await pilot.pause()
        assert app.query_one("#net-list").display


@pytest.mark.slow
@pytest.mark.parametrize("key", ["a", "f", "l", "t"])
async def test_keeps_its_keys_alive_behind_the_source(workspace: Workspace, key: str) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("s")
        await wait_for(pilot, lambda: app.query_one("#source-page").has_focus)
        await pilot.press(key)
        await wait_for(pilot, lambda: app.query_one("#net-page").has_focus)
        assert "question_mark" in app.screen.active_bindings
        assert "c" in app.screen.active_bindings


@pytest.mark.slow
async def test_keeps_the_focus_where_what_has_it_is_hidden(workspace: Workspace) -> None:
    async with lab(workspace, size=(100, 30)) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.query_one("#net-page").has_focus)
        app.query_one("#net-page").display = False
        await wait_for(pilot, lambda: app.query_one(NetList).has_pseudo_class("focus-within"))


@pytest.mark.slow
async def test_finds_a_net_by_what_is_typed(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("slash", *"resnet18")
        await shows(pilot, app, "11,689,512")
        await pilot.press("enter", "escape")
        await pilot.pause()
        rows = app.query_one(NetList)
        assert not rows.is_filtered
        assert rows.target == "resnet18"


async def test_compares_the_marked_nets(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("c")
        assert any("Mark two networks" in note.message for note in app._notifications)
        await pilot.press("space", "j", "space")
        assert not app._notifications
        await pilot.press("c")
        await shows(pilot, app, "62,378,344")
        assert "44,426" in app.pane.shown_text()


@pytest.mark.slow
async def test_shows_how_the_receptive_field_grows(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("f")
        await shows(pilot, app, "16 = 14 + (2 − 1)·2")
        await pilot.press("l")
        await shows(pilot, app, "44,426")


@pytest.mark.slow
async def test_walks_through_the_feature_maps(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("a")
        await shows(pilot, app, "Image: digit")
        await pilot.press("right_square_bracket")
        await shows(pilot, app, "conv1  Conv2d, output 6×24²")
        await answer(pilot, app, "i", "digits#3")
        await shows(pilot, app, "digits#3")
        await pilot.press("r")
        await wait_for(
            pilot, lambda: any("No run has trained" in n.message for n in app._notifications)
        )


@pytest.mark.slow
async def test_shows_every_channel_of_a_layer(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("slash", *"cifar10", "enter", "a")
        await shows(pilot, app, "Image: digit")
        await pilot.press("right_square_bracket")
        await shows(pilot, app, "#23")
        await pilot.press("greater_than_sign", "greater_than_sign")
        await shows(pilot, app, "#63")
        await pilot.press("greater_than_sign", "less_than_sign")
        await shows(pilot, app, "#24")


@pytest.mark.slow
async def test_takes_what_was_opened_out_of_the_list_again(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await answer(pilot, app, "o", "resnet18,stem=cifar")
        await shows(pilot, app, "64×224²")
        await pilot.press("x")
        await shows(pilot, app, "44,426")
        await pilot.press("slash", *"stem")
        await pilot.pause()
        assert app.query_one(NetList).target is None


@pytest.mark.slow
async def test_measures_the_gradient_by_depth(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("g")
        await shows(pilot, app, "vanishes in plain")


async def test_shows_the_layers_below_what_keeps_feature_maps_from_being_seen(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        with patch.object(app.engine, "run", side_effect=LabFault("No torch here.")):
            await pilot.press("a")
            await shows(pilot, app, "No torch here.")
        assert "30,840" in app.pane.shown_text()


@pytest.mark.slow
async def test_tells_the_evolution_from_the_catalogue(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("t")
        await shows(pilot, app, "Which one should I use?")
        assert "vit_b_16" in app.pane.shown_text()


@pytest.mark.slow
async def test_changes_depth_and_input(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("slash", *"simpleresnet", "enter")
        await shows(pilot, app, "2,777,674")
        assert "downsample" in app.pane.shown_text()
        await pilot.press("left_square_bracket", "left_square_bracket")
        await wait_for(pilot, lambda: "downsample" not in app.pane.shown_text())
        await answer(pilot, app, "i", "3,64,64")
        await shows(pilot, app, "input 3×64²")
        await answer(pilot, app, "i", "wide")
        assert isinstance(app.screen, PromptScreen)
        await pilot.press("escape")


@pytest.mark.slow
async def test_measures_the_time_of_each_layer(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("m")
        await shows(pilot, app, "Most time")
        assert "passes of one image" in app.pane.shown_text()
        await pilot.press("m")
        await wait_for(pilot, lambda: "Most time" not in app.pane.shown_text())


@pytest.mark.slow
async def test_takes_a_net_with_options_apart(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await answer(pilot, app, "o", "resnet18,stem=cifar")
        await shows(pilot, app, "64×224²")


async def test_takes_a_module_of_the_learners_apart(workspace: Workspace, tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(LONG_NET)
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await answer(pilot, app, "o", f"{tmp_path / 'own.py'}:Long")
        await shows(pilot, app, "800")


@pytest.mark.slow
async def test_lists_and_completes_the_networks_of_the_workspace(workspace: Workspace) -> None:
    (workspace.root / "my_net.py").write_text(LONG_NET)
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await pilot.press("o")
        await wait_for(pilot, lambda: bool(app.screen.query("#prompt-line")))
        assert "\nmy_net.py:Long\n" in str(app.screen.query_one(".dialog-hint", Static).content)
        line = app.screen.query_one(Input)
        await pilot.press(*"MY")
        await wait_for(pilot, lambda: line._suggestion != "")
        await pilot.press("right")
        await wait_for(pilot, lambda: line.value == "my_net.py:Long")
        await pilot.press("enter")
        await shows(pilot, app, "800")


@pytest.mark.slow
@pytest.mark.parametrize("where", ["outside", "inside"])
async def test_reads_a_module_of_the_learners_again_and_says_what_it_lacks(
    workspace: Workspace, tmp_path: Path, where: str
) -> None:
    folder = tmp_path if where == "outside" else workspace.exercises
    file = folder / "own.py"
    file.write_text(LONG_NET)
    async with lab(workspace) as (app, pilot):
        await open_models(pilot, app)
        await answer(pilot, app, "o", f"{file}:Long")
        await shows(pilot, app, "800")
        file.write_text(LONG_NET.replace("range(400)", "range(300)"))
        await answer(pilot, app, "o", f"{file}:Long")
        await shows(pilot, app, "600")
        await answer(pilot, app, "o", f"{file}:Short")
        problem = app.screen.query_one("#prompt-problem", Static)
        await wait_for(pilot, lambda: "Long" in str(problem.content))
