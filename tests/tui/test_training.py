"""The Training pane: a picture of the run store, whoever writes it."""

import pytest
from textual.widgets import Input, Select

from cnn_tui.training.runs import list_runs
from cnn_tui.tui.new_run import NewRunScreen
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, add_epoch, alive, make_run
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


async def test_says_how_to_begin_where_there_are_no_runs(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await pilot.pause()
        assert "Press n" in app.pane.shown_text()


async def test_shows_the_newest_run_and_its_curves(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    make_run(
        workspace, "20231114-231320-lenet5-digits-bbbb", end="stopped", done=4, created=CREATED + 60
    )
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        newest = app.pane.shown_text()
        assert "digits-bbbb" in newest
        assert "stopped" in newest
        assert "epoch 4/10" in newest
        await pilot.press("j")
        await wait_for(pilot, lambda: "digits-aaaa" in app.pane.shown_text())
        await wait_for(pilot, lambda: "test 97.5%" in app.pane.shown_text())
        assert "Accuracy %" in app.pane.shown_text()


async def test_follows_a_run_that_grows(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "epoch 3/10" in app.pane.shown_text())
            assert "running" in app.pane.shown_text()
            add_epoch(run, 4)
            await wait_for(pilot, lambda: "epoch 4/10" in app.pane.shown_text())


async def test_shows_a_run_without_a_worker_as_interrupted(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "interrupted" in app.pane.shown_text())
        assert "cnn-lab resume" in app.pane.shown_text()


async def test_draws_the_loss_on_a_logarithmic_scale(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("l")
        await wait_for(pilot, lambda: "Loss (log)" in app.pane.shown_text())


async def test_lays_marked_runs_over_each_other(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    make_run(workspace, "20231114-231320-cifar10net-digits-bbbb", net="cifar10net")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss  ▚ train  • validation" in app.pane.shown_text())
        await pilot.press("space", "j", "space")
        both = "cifar10net digits bbbb", "lenet5 digits aaaa"
        await wait_for(pilot, lambda: all(f" {run}" in app.pane.shown_text() for run in both))
        assert "train " not in app.pane.shown_text()
        await pilot.press("space", "k", "space")
        await wait_for(pilot, lambda: "Loss  ▚ train" in app.pane.shown_text())


async def test_says_what_keeps_a_run_from_being_judged(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("p")
        await wait_for(pilot, lambda: "no checkpoint" in app.pane.shown_text())
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())


async def test_smooths_the_training_curves(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        as_measured = app.pane.shown_text()
        await pilot.press("z")
        await wait_for(pilot, lambda: app.pane.shown_text() != as_measured)
        await pilot.press("z", "z")
        await wait_for(pilot, lambda: app.pane.shown_text() == as_measured)


async def test_does_nothing_to_a_run_that_is_over(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "finished" in app.pane.shown_text())
        await pilot.press("s")
        await pilot.pause()
        messages = [note.message for note in app._notifications]
        assert messages == ["Nothing to stop: this run is finished."]


async def test_fills_the_form_with_defaults_that_fit(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        assert isinstance(app.screen, NewRunScreen)
        first = app.screen.query_one("#batch_size", Input).value
        app.screen.query_one("#net", Select).value = "cifar10net"
        await pilot.pause()
        assert app.screen.query_one("#epochs", Input).value
        assert app.screen.query_one("#batch_size", Input).value != first
        await pilot.press("escape")
        await pilot.pause()
        assert list_runs(workspace) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("epochs", "", "Epochs must be a number"),
        ("epochs", "0", "epochs"),
        ("lr", "-1", "lr"),
        ("data", "digitz", "did you mean digits"),
        ("data", "folder:/no/such/folder", "does not exist"),
    ],
)
async def test_says_what_is_wrong_with_the_form(
    workspace: Workspace, field: str, value: str, words: str
) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        app.screen.query_one(f"#{field}", Input).value = value
        await pilot.press("ctrl+s")
        problem = app.screen.query_one("#new-run-problem")
        await wait_for(pilot, lambda: words in str(problem.render()))
        assert isinstance(app.screen, NewRunScreen)
    assert list_runs(workspace) == []


async def test_starts_a_run_that_outlives_the_app(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        app.screen.query_one("#epochs", Input).value = "500"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: _furthest_step(workspace) > 0)
        await pilot.press("q")
        await pilot.pause(0.3)
    (status,) = list_runs(workspace)
    assert status.state == "running"
    assert status.run in (app.return_value or "")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "running" in app.pane.shown_text())
        before = _furthest_step(workspace)
        await wait_for(pilot, lambda: _furthest_step(workspace) > before)
        await pilot.press("s")
        await wait_for(pilot, lambda: "stopped" in app.pane.shown_text())


def _furthest_step(workspace: Workspace) -> int:
    return max((run.step for run in list_runs(workspace)), default=0)
