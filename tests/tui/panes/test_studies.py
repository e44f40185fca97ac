"""Experiments in the Training pane: offered, started apart, followed, stopped, gone on with."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot

from cnn_tui.chapter.catalogue import topic
from cnn_tui.errors import UsageError
from cnn_tui.render.draw.console import plain_text
from cnn_tui.training.store.folder import read_header, write_header
from cnn_tui.training.studies import store
from cnn_tui.training.studies.catalogue import find_study
from cnn_tui.training.studies.records import StudyOrder
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.choose_study import ChooseStudyScreen
from cnn_tui.tui.dialogs.palette import FoundList
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, make_run
from tests.made_up_studies import ORDER, finish, make_study
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

Launched = list[StudyOrder]


@pytest.fixture
def launched(monkeypatch: pytest.MonkeyPatch) -> Launched:
    """Which studies were started, none of which is conducted."""
    orders: Launched = []

    def launch(workspace: Workspace, order: StudyOrder) -> None:
        orders.append(order)
        store.keep(workspace, order)

    monkeypatch.setattr(store, "launch", launch)
    return orders


def shows(app: LabApp, words: str) -> Callable[[], bool]:
    return lambda: words in " ".join(app.pane.shown_text().split())


async def open_before(app: LabApp, pilot: Pilot[Any]) -> None:
    """Choose the study that was asked for before: it stands below the four."""
    await pilot.press("4")
    await pilot.press("e")
    await wait_for(pilot, lambda: isinstance(app.screen, ChooseStudyScreen))
    await pilot.press("k", "enter")
    await wait_for(pilot, lambda: not isinstance(app.screen, ChooseStudyScreen))


@pytest.mark.slow
async def test_offers_what_each_study_asks_and_costs(
    workspace: Workspace, launched: Launched
) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("4", "e")
        await wait_for(pilot, lambda: isinstance(app.screen, ChooseStudyScreen))
        prompts = [each.prompt for each in app.screen.query_one("#study-list").options]
        options = " ".join(" ".join(plain_text(each).split()) for each in prompts)
        assert "Can 38 layers be trained without a way around them?" in options
        assert "12 runs, 59 s of CPU on digits" in options
        await pilot.press("escape")
        await pilot.pause()
        assert launched == []


async def test_starts_the_study_that_is_chosen(workspace: Workspace, launched: Launched) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "e")
        await wait_for(pilot, lambda: isinstance(app.screen, ChooseStudyScreen))
        app.screen.field("seeds").value = "0"
        await pilot.press("j", "j", "enter")
        assert "from 1 to 100, not 0" in app.screen.field("seeds").problem
        assert app.screen.form.current is app.screen.field("seeds")
        app.screen.field("seeds").value = "2"
        app.screen.field("epochs").value = "4"
        await pilot.press("enter")
        await wait_for(pilot, lambda: launched)
        assert launched == [StudyOrder("skip", "digits", 2, 4)]
        assert "Skip connections in a deep network, on digits, 2 seeds" in app.pane.shown_text()
        title = topic(find_study("skip").topic).title
        await wait_for(pilot, shows(app, f"⏎ read {title}"))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.pane.info.id == "topics")
        await wait_for(pilot, shows(app, title))


async def test_an_experiment_of_an_earlier_version_is_shown_and_not_started(
    workspace: Workspace, launched: Launched
) -> None:
    """Its runs bear the names of today's arms, and were of other networks."""
    for run in make_study(workspace, done=4):
        header = read_header(run)
        write_header(run, replace(header, config=replace(header.config, batch_size=25)))
    async with lab(workspace) as (app, pilot):
        await open_before(app, pilot)
        await wait_for(pilot, shows(app, "not started, 4 runs r starts it"))
        assert "4 finished runs have a name from this experiment but other settings" in " ".join(
            app.pane.shown_text().split()
        )
        assert launched == []
        await pilot.press("r")
        await wait_for(pilot, lambda: launched == [ORDER])


@pytest.mark.slow
async def test_the_palette_leads_to_an_experiment(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("ctrl+p", *"skip:")
        await wait_for(pilot, lambda: app.screen.query_one(FoundList).option_count == 1)
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, ChooseStudyScreen))
        offered = app.screen.query_one("#study-list")
        assert offered.highlighted_option.id == "skip"


@pytest.mark.slow
async def test_shows_a_study_whoever_started_it_and_marks_its_runs(
    workspace: Workspace, launched: Launched
) -> None:
    make_run(workspace, "20231114-221310-lenet5-digits-aaaa")
    *_, last = made = make_study(workspace, done=3)
    async with lab(workspace) as (app, pilot):
        await open_before(app, pilot)
        await wait_for(pilot, shows(app, "stopped, 3 of 4 runs finished"))
        await wait_for(pilot, shows(app, "So far, with 1 of 2 seeds: One seed cannot tell"))
        assert "Validation accuracy" in app.pane.shown_text()
        assert "⏎ read " in app.pane.shown_text()
        assert "cnn-lab" not in app.pane.shown_text()
        finish(last)
        await wait_for(pilot, shows(app, "finished, 4 of 4 runs finished"))
        await wait_for(pilot, shows(app, "On 2 of 2 seeds, test accuracy is higher"))
        names = app.pane.query_one(RunList)
        await wait_for(pilot, lambda: sorted(names.marked) == sorted(each.run for each in made))
        await pilot.press("escape")
        await wait_for(pilot, shows(app, "Accuracy"))
        names.mark(made[0].run)
        assert names.marked == []
        names.mark(made[0].run)
        assert names.marked == [made[0].run]
    assert launched == []


@pytest.mark.slow
async def test_marks_the_runs_of_a_study_and_no_others_each_time_it_is_opened(
    workspace: Workspace, launched: Launched
) -> None:
    other = "20231114-221310-lenet5-digits-aaaa"
    make_run(workspace, other)
    runs = sorted(each.run for each in make_study(workspace, done=4))
    async with lab(workspace) as (app, pilot):
        for _ in range(2):
            await open_before(app, pilot)
            names = app.pane.query_one(RunList)
            await wait_for(pilot, lambda names=names: sorted(names.marked) == runs)  # type: ignore[misc]
            await pilot.press("escape")
            names.mark(other)
            assert sorted(names.marked) == sorted([other, *runs])


@pytest.mark.slow
async def test_marks_have_the_colors_of_the_studys_curves_as_soon_as_they_are_there(
    workspace: Workspace, launched: Launched
) -> None:
    without, with_norm, *_ = [each.run for each in make_study(workspace, done=4)]
    make_run(workspace, "20231114-231310-lenet5-digits-bbbb", created=CREATED + 3600)
    async with lab(workspace) as (app, pilot):
        await open_before(app, pilot)
        names = app.pane.query_one(RunList)
        names.mark_together([])
        names.mark_together([without, with_norm])
        assert (names.places[without], names.places[with_norm]) == (0, 1)


@pytest.mark.slow
async def test_goes_on_with_a_study_only_when_asked_to(
    workspace: Workspace, launched: Launched
) -> None:
    make_study(workspace, done=1)
    async with lab(workspace) as (app, pilot):
        await open_before(app, pilot)
        await wait_for(pilot, shows(app, "stopped, 1 of 4 runs finished r resumes it"))
        assert launched == []
        await pilot.press("x", "s")
        await pilot.pause()
        assert [note.message for note in app._notifications] == [
            "Nothing to stop: this experiment is not running; r resumes it."
        ]
        await pilot.press("r")
        await wait_for(pilot, lambda: launched == [ORDER])


@pytest.mark.slow
async def test_stops_a_study_that_another_process_conducts(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_study(workspace, done=1)
    folder = store.folder_of(workspace, ORDER)
    stopped = []
    monkeypatch.setattr(store, "stop", stopped.append)
    with store.conducting(folder):
        with pytest.raises(UsageError, match="running already"):
            store.launch(workspace, ORDER)
        async with lab(workspace) as (app, pilot):
            await open_before(app, pilot)
            await wait_for(pilot, shows(app, "running, 1 of 4 runs finished"))
            await pilot.press("s")
            await wait_for(pilot, lambda: stopped == [folder])
            await pilot.press("5", "4")  # and with the focus in the list
            await wait_for(pilot, lambda: app.query_one(RunList).has_focus)
            await pilot.press("s")
            await wait_for(pilot, lambda: stopped == [folder, folder])
            await pilot.press("enter")
            await wait_for(pilot, lambda: app.pane.info.id == "topics")
