"""Keys of the Training pane that would do nothing: neither footer nor help offer them."""

from dataclasses import replace

import pytest

from cnn_tui.training.store.listing import list_runs
from cnn_tui.training.store.queue_entry import QueueEntry, enter
from cnn_tui.training.studies.records import StudyProgress, StudyState
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.help import NOT_NOW, HelpScreen
from cnn_tui.tui.panes.training.uses import uses_of_run, uses_of_study
from cnn_tui.tui.widgets.key_line import KeyLine
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, add_ending, alive, make_run
from tests.made_up_studies import ORDER, finish, make_study
from tests.tui.panes.test_studies import open_before
from tests.tui.test_app import lab
from tests.tui.test_painting import shown
from tests.tui.waiting import wait_for

ENTRY = QueueEntry("cpu", CREATED)
LOOK = {"judge", "ask_files"}


def footer(app: LabApp) -> list[str]:
    return app.screen.query_one(KeyLine).render().plain.split()


@pytest.mark.parametrize(
    ("end", "uses"),
    [
        ("finished", {"delete"}),
        ("stopped", {"delete", "resume"}),
        ("failed", {"delete", "resume"}),
        (None, {"delete", "resume"}),
    ],
    ids=["finished", "stopped", "failed", "interrupted"],
)
def test_a_run_that_has_ended_is_resumed_only_where_something_is_missing(
    workspace: Workspace, end: str | None, uses: set[str]
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end=end)
    (status,) = list_runs(workspace)
    assert uses_of_run(status) == uses | LOOK
    assert uses_of_run(replace(status, trouble="newer")) == {"delete"}
    assert uses_of_run(replace(status, step=0)) == uses


def test_a_run_that_is_running_is_stopped_and_one_that_is_stopping_is_resumed(
    workspace: Workspace,
) -> None:
    with alive(make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end=None)):
        (status,) = list_runs(workspace)
    assert uses_of_run(status) == {"stop"} | LOOK
    assert uses_of_run(status, is_stopping=True) == {"resume"} | LOOK
    assert uses_of_run(None) == set()


@pytest.mark.parametrize(
    ("state", "uses"),
    [("running", {"stop"}), ("stopped", {"resume"}), ("new", {"resume"}), ("finished", set())],
)
def test_an_experiment_is_stopped_while_it_runs_and_resumed_until_it_has_finished(
    state: StudyState, uses: set[str]
) -> None:
    progress = StudyProgress(ORDER, state, done=1, total=4)
    assert uses_of_study(progress) == uses
    assert uses_of_study(progress, is_starting=True) == (set() if state == "new" else uses)
    assert uses_of_study(None) == set()


def test_a_queued_run_leaves_its_queue_and_starts_one_that_does_not_run(
    workspace: Workspace,
) -> None:
    enter(make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end=None), ENTRY)
    (status,) = list_runs(workspace)
    assert uses_of_run(status) == {"stop", "resume", "delete"} | LOOK
    assert uses_of_run(replace(status, queue_runs=True)) == {"stop", "delete"} | LOOK


async def test_a_queued_run_says_at_which_place_it_waits_and_s_takes_it_out(
    workspace: Workspace,
) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end=None)
    enter(run, ENTRY)
    async with lab(workspace, size=(160, 40)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "queue not running" in shown(app))
        assert "Its queue on cpu is not running" in shown(app)
        await pilot.press("s")
        await wait_for(pilot, lambda: "interrupted" in shown(app))
        assert not run.queue_file.exists()


async def test_a_finished_run_is_neither_stopped_nor_resumed(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace, size=(160, 40)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Delete" in footer(app))
        assert not {"Stop", "Resume", "Seeds"} & set(footer(app))


@pytest.mark.slow
async def test_the_footer_and_the_help_follow_the_run_under_the_cursor(
    workspace: Workspace,
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    running = make_run(
        workspace, "20231114-221330-lenet5-digits-bbbb", end=None, done=2, created=CREATED + 9
    )
    async with lab(workspace, size=(160, 40)) as (app, pilot):
        with alive(running):
            await pilot.press("4")
            await wait_for(pilot, lambda: "Stop" in footer(app))
            assert not {"Resume", "Delete", "Seeds"} & set(footer(app))
        add_ending(running, "stopped", "Stopped on request.")
        await wait_for(pilot, lambda: "Resume" in footer(app))
        assert "Stop" not in footer(app)
        await pilot.press("down")
        await wait_for(pilot, lambda: "Resume" not in footer(app))
        assert "Stop" not in footer(app)
        assert "Delete" in footer(app)
        await pilot.press("question_mark")
        await wait_for(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert isinstance(app.screen, HelpScreen)
        idle = [keys for keys, _ in app.screen.groups[NOT_NOW]]
        assert idle == ["s", "r", "g"]
        assert len(app.screen.keys) == len(set(app.screen.keys))


@pytest.mark.slow
async def test_the_footer_of_an_experiment_follows_its_state(workspace: Workspace) -> None:
    study = make_study(workspace, done=3)
    async with lab(workspace, size=(160, 40)) as (app, pilot):
        await open_before(app, pilot)
        await wait_for(pilot, lambda: "Resume" in footer(app))
        assert "Stop" not in footer(app)
        finish(study[-1])
        await wait_for(pilot, lambda: "Resume" not in footer(app))
        assert "Stop" not in footer(app)
        app.query_one(RunList).focus()
        await wait_for(pilot, lambda: app.query_one(RunList).has_focus)
        await pilot.pause()
        assert not {"Stop", "Resume"} & set(footer(app))


@pytest.mark.slow
async def test_seeds_are_offered_where_runs_that_differ_in_nothing_else_are_marked(
    workspace: Workspace,
) -> None:
    for number in range(2):
        name = f"20231114-22132{number}-lenet5-digits-aaa{number}"
        make_run(workspace, name, created=CREATED + number, seed=number)
    async with lab(workspace, size=(160, 40)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Delete" in footer(app))
        assert "Seeds" not in footer(app)
        await pilot.press("space", "down", "space")
        await wait_for(pilot, lambda: "Seeds" in footer(app))
