"""The Training pane: a picture of the run store, whoever writes it."""

import re
import shutil

import pytest
from textual.widgets import Input, Select

from cnn_tui.training.store.listing import list_runs
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, add_ending, add_epoch, alive, make_run
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


async def test_shows_other_panels_of_a_run(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        assert "Learning rate" not in app.pane.shown_text()
        await pilot.press("v")
        await wait_for(pilot, lambda: "Learning rate" in app.pane.shown_text())
        assert "Images/s" in app.pane.shown_text()
        assert "Accuracy %" not in app.pane.shown_text()


async def test_draws_the_curves_over_steps_and_over_time(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        for axis in ("by step", "by time"):
            await pilot.press("t")
            await wait_for(pilot, lambda axis=axis: axis in app.pane.shown_text())


async def test_zooms_in_on_the_end_and_out_again(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        whole = app.pane.shown_text()
        await pilot.press("plus", "equals_sign")
        await wait_for(pilot, lambda: app.pane.shown_text() != whole)
        end = app.pane.shown_text()
        await pilot.press("less_than_sign")
        await wait_for(pilot, lambda: app.pane.shown_text() not in (whole, end))
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: app.pane.shown_text() == end)
        await pilot.press("minus", "minus")
        await wait_for(pilot, lambda: app.pane.shown_text() == whole)


@pytest.mark.slow
async def test_follows_the_end_of_a_run_that_grows_where_it_is_zoomed_in(
    workspace: Workspace,
) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=4, end=None)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "epoch 4/10" in app.pane.shown_text())
            await pilot.press("t", "plus")
            await wait_for(pilot, lambda: _ticks(app.pane.shown_text())[-1:] == ["40"])
            add_epoch(run, 5)
            await wait_for(pilot, lambda: _ticks(app.pane.shown_text())[-1:] == ["50"])
            assert "20" not in _ticks(app.pane.shown_text())


def _ticks(shown: str) -> list[str]:
    """The labels of the x axis."""
    return shown.splitlines()[-1].split()


async def test_says_what_the_numbers_show(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=2, end=None)
    add_ending(run, "failed", "The loss is no longer a number (since step 20).")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "no longer a number" in app.pane.shown_text())


async def test_lists_how_long_a_run_took(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", epochs=80, done=80)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        label = "finished 99.4% 1:20 80/80"
        await wait_for(pilot, lambda: label in _labels(app.pane))


def _labels(pane: Pane) -> str:
    runs = pane.query_one(RunList)
    return " ".join(str(option.prompt) for option in runs.options)


async def test_deletes_a_run_only_after_a_yes(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    run = make_run(workspace, "20231114-231320-lenet5-digits-bbbb", created=CREATED + 60)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "digits-bbbb" in app.pane.shown_text())
        for harmless in ("escape", "n", "enter"):
            await pilot.press("x")
            await wait_for(pilot, lambda: isinstance(app.screen, QuestionScreen))
            await pilot.press(harmless)
            await wait_for(pilot, lambda: not isinstance(app.screen, QuestionScreen))
        assert run.path.exists()
        await pilot.press("x")
        await wait_for(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("y")
        await wait_for(pilot, lambda: "digits-aaaa" in app.pane.shown_text())
        assert not run.path.exists()


@pytest.mark.slow
async def test_is_left_with_nothing_once_the_last_run_is_deleted(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "digits-aaaa" in app.pane.shown_text())
        await pilot.press("p")
        await wait_for(pilot, lambda: "no checkpoint" in app.pane.shown_text())
        shutil.rmtree(run.path)
        await wait_for(pilot, lambda: "Press n" in app.pane.shown_text())
        await pilot.press("space", "p", "x", "s")
        assert app.is_running


async def test_does_not_mark_a_run_that_is_not_listed_yet(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        names = app.pane.query_one(RunList)
        names.mark("20231114-231320-lenet5-digits-bbbb")
        assert names.marked == []


@pytest.mark.slow
async def test_shows_a_new_run_and_not_what_another_one_predicted(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("p")
        await wait_for(pilot, lambda: "no checkpoint" in app.pane.shown_text())
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one("#epochs", Input).value = "1"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: "epoch 1/1" in app.pane.shown_text())


@pytest.mark.slow
async def test_says_once_that_the_runs_cannot_be_read(workspace: Workspace) -> None:
    shutil.rmtree(workspace.runs)
    workspace.runs.write_text("not a folder")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "cannot be read" in " ".join(app.pane.shown_text().split()))
        await pilot.pause(1.2)  # the pane looks once a second
        assert not app._notifications
    workspace.runs.unlink()


async def test_does_not_delete_a_run_that_is_running(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "running" in app.pane.shown_text())
            await pilot.press("x")
            await pilot.pause()
            assert not isinstance(app.screen, QuestionScreen)
            messages = [note.message for note in app._notifications]
            assert messages == ["Nothing was deleted: this run is running; s stops it."]


async def test_does_nothing_to_a_run_that_is_over(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "finished" in app.pane.shown_text())
        await pilot.press("s")
        await pilot.pause()
        messages = [note.message for note in app._notifications]
        assert messages == ["Nothing to stop: this run is finished."]


@pytest.mark.slow
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


@pytest.mark.slow
async def test_keeps_what_was_typed_when_another_network_is_chosen(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        app.screen.query_one("#epochs", Input).value = "7"
        app.screen.query_one("#net", Select).value = "cifar10net"
        await pilot.pause()
        assert app.screen.query_one("#epochs", Input).value == "7"


async def test_shows_which_device_auto_would_take(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        line = app.screen.query_one("#new-run-device")
        await wait_for(pilot, lambda: "auto means cpu" in str(line.render()))
        assert re.search(r"\d GiB of \d+\.\d GiB free", str(line.render()))


@pytest.mark.slow
async def test_asks_for_everything_that_a_run_can_be_told(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        asked = {
            "options": "activation=tanh",
            "name": "squashed",
            "train_images": "500",
            "epochs": "3",
            "cutout": "4",
            "dropout": "",
            "clip_grad": "1.5",
            "patience": "2",
        }
        for field, value in asked.items():
            app.screen.query_one(f"#{field}", Input).value = value
        app.screen.query_one("#schedule", Select).value = "cosine"
        app.screen.query_one("#deterministic", Select).value = "on"
        started = []
        app.screen.dismiss = started.append
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: started)
        (request,) = started
        config = request.config
        assert (str(config.net), request.name) == ("lenet5,activation=tanh", "squashed")
        assert (config.epochs, config.cutout, config.clip_grad) == (3, 4, 1.5)
        assert (config.patience, config.dropout, config.train_images) == (2, None, 500)
        assert (config.schedule, config.deterministic, config.compile) == ("cosine", True, False)


WRONG_IN_THE_FORM = (
    ("epochs", "", "Epochs must be a whole number"),
    ("epochs", "0", "Epochs must be"),
    ("lr", "-1", "Learning rate must be"),
    ("name", "a b", "cannot be used"),
    ("cutout", "99", "would hide whole images"),
    ("options", "activation=sine", "activation"),
    ("data", "digitz", "did you mean digits"),
    ("data", "folder:/no/such/folder", "does not exist"),
    ("data", f"folder:/{'a' * 300}", "File name too long"),
)


async def test_says_what_is_wrong_with_the_form(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        problem = app.screen.query_one("#new-run-problem")
        for name, value, words in WRONG_IN_THE_FORM:
            field = app.screen.query_one(f"#{name}", Input)
            right, field.value = field.value, value
            await pilot.press("ctrl+s")
            await wait_for(pilot, lambda words=words: words in str(problem.render()))
            assert isinstance(app.screen, NewRunScreen)
            assert app.focused is field
            app.screen.query_one("#net").focus()
            field.value = right
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
