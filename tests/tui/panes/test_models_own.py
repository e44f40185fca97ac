"""Networks that a learner opens in the Models pane: only what can be analyzed joins the list."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from cnn_tui.analysis.networks.input_texts import parse_line
from cnn_tui.errors import UsageError
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.models.pane import ModelsPane
from cnn_tui.tui.widgets.net_list import NetList
from cnn_tui.workspace import Workspace
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

BROKEN = "own.py cannot be loaded: SyntaxError: invalid syntax (own.py, line 1)."


class Reader(FakeEngine):
    """Fails over a network whose file holds the word ``broken``."""

    async def run(self, job: str, *, seconds: float = 0, **arguments: Any) -> Any:
        file, _, name = arguments.get("target", "").rpartition(":")
        if file and "broken" in Path(file).read_text(encoding="utf-8"):
            raise UsageError(BROKEN)
        if name == "Shapeless":
            raise UsageError("Net does not tell which images it takes.", fields=("input_shape",))
        return await super().run(job, seconds=seconds, **arguments)


@asynccontextmanager
async def models(workspace: Workspace) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = Reader()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("2")
        await wait_for(pilot, lambda: "conv0–29" in app.pane.shown_text())
        yield app, pilot


async def give(pilot: Pilot[str], app: LabApp, line: str) -> None:
    """Answer the open prompt, or the one that ``o`` opens."""
    if not isinstance(app.screen, PromptScreen):
        await pilot.press("o")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
    app.screen.query_one(Input).value = line
    await pilot.press("enter")


def problem(app: LabApp) -> str:
    found = app.screen.query("#prompt-problem")
    return str(found.first(Static).content).removeprefix("✗ ") if found else ""


def listed(app: LabApp) -> str:
    options = app.query_one(NetList)._options.options
    return "\n".join(str(option.prompt) for option in options)


@pytest.mark.slow
async def test_keeps_the_prompt_open_until_a_network_can_be_analyzed(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "own.py"
    async with models(workspace) as (app, pilot):
        await give(pilot, app, f"{file}:Net")
        await wait_for(pilot, lambda: problem(app) == f"There is no file {file}: check the path.")
        file.write_text("broken")
        await give(pilot, app, f"{file}:Net")
        await wait_for(pilot, lambda: problem(app) == BROKEN)
        assert app.screen.query_one(Input).value == f"{file}:Net"
        assert "own.py" not in listed(app)
        file.write_text("mended")
        await give(pilot, app, f"{file}:Net")
        await wait_for(pilot, lambda: not isinstance(app.screen, PromptScreen))
        await wait_for(pilot, lambda: app.query_one(NetList).target == f"{file}:Net")


@pytest.mark.slow
async def test_finds_a_file_of_the_workspace_from_any_folder(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (workspace.exercises / "exercise5.py").write_text("mended")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    async with models(workspace) as (app, pilot):
        await give(pilot, app, "exercises/exercise5.py:VGGStyle")
        await wait_for(pilot, lambda: "VGGStyle" in listed(app))


@pytest.mark.slow
async def test_takes_a_network_that_only_lacks_the_shape_of_its_input(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "own.py"
    file.write_text("Shapeless")
    async with models(workspace) as (app, pilot):
        await give(pilot, app, f"{file}:Shapeless")
        await wait_for(pilot, lambda: "does not tell which images" in app.pane.shown_text())


@pytest.mark.slow
async def test_says_that_a_file_is_gone_and_which_key_removes_its_network(
    workspace: Workspace, tmp_path: Path
) -> None:
    file = tmp_path / "own.py"
    file.write_text("mended")
    async with models(workspace) as (app, pilot):
        await give(pilot, app, f"{file}:Net")
        await wait_for(pilot, lambda: app.query_one(NetList).target == f"{file}:Net")
        file.unlink()
        await pilot.press("down", "up")
        await wait_for(pilot, lambda: "x takes it out of the list" in app.pane.shown_text())
        said = " ".join(app.pane.shown_text().split())
        assert f"There is no file {file}" in said
        assert "✗ gone" in listed(app)
        await pilot.press("x")
        await pilot.pause()
        assert "own.py" not in listed(app)


async def test_opens_a_network_with_the_options_that_a_link_names(workspace: Workspace) -> None:
    async with models(workspace) as (app, pilot):
        await app.open_item("models", "vgg16,batch_norm=true")
        await pilot.pause()
        assert app.query_one(NetList).target == "vgg16,batch_norm=true"
        assert "batch_norm=true" in listed(app)


@pytest.mark.slow
async def test_takes_inputs_of_any_kind_for_a_network(workspace: Workspace) -> None:
    async with models(workspace) as (app, pilot):
        await pilot.press("i")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        await give(pilot, app, "3,9,9 16:int46")
        await wait_for(pilot, lambda: "did you mean int64" in problem(app))
        await give(pilot, app, "3,9,9 m=16:bool batch 2")
        await wait_for(pilot, lambda: not isinstance(app.screen, PromptScreen))
        given = app.query_one(ModelsPane).state.inputs
        assert given == parse_line("3,9,9 m=16:bool batch 2")
        await pilot.press("i")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        assert app.screen.query_one(Input).value == "3,9,9 m=16:bool batch 2"
