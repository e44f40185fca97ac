"""The list of runs, what its keys do to one run, and to several."""

import threading

import pytest

from cnn_tui.errors import RunError
from cnn_tui.training.process import launcher
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.switcher import PaneSwitcher
from cnn_tui.tui.panes.training import reading
from cnn_tui.tui.widgets.header import Header
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import CREATED, alive, events, make_run, write_metrics
from tests.render.runs.test_headline import overfitting
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

RUN = "20231114-221320-lenet5-digits-{}"


def rows(pane: Pane) -> str:
    listed = pane.query_one(RunList)
    options = map(listed.get_option_at_index, range(listed.option_count))
    return "\n".join(str(option.prompt) for option in options)


def told(app: LabApp) -> str:
    return " ".join(note.message for note in app._notifications)


async def test_names_what_tells_runs_of_one_network_apart(workspace: Workspace) -> None:
    make_run(workspace, RUN.format("aaaa"), created=CREATED + 2)
    make_run(workspace, RUN.format("bbbb"), lr=0.01, created=CREATED + 1)
    make_run(workspace, RUN.format("cccc"), seed=3, augment="none", dropout=0.3)
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "digits" in rows(app.pane))
        listed = rows(app.pane)
        assert "lr 0.01" in listed
        assert "seed 3 · augment none" in listed
        assert listed.count("val 95.7 %") == 3


async def test_says_of_a_run_that_its_process_is_starting(workspace: Workspace) -> None:
    run = make_run(workspace, RUN.format("aaaa"), end=None)
    run.metrics_file.unlink()
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "starting" in rows(app.pane))
            await wait_for(pilot, lambda: "▶ starting" in app.pane.shown_text())
            await wait_for(pilot, lambda: app._lab.query_one(Header).status.running == 1)
            assert "▶ 1 run starting" in str(app._lab.query_one(Header).render())


@pytest.mark.slow
async def test_resumes_a_run_that_is_still_stopping_once_it_has_stopped(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(workspace, RUN.format("aaaa"), done=3, end=None)
    has_stopped = threading.Event()
    resumed: list[RunFolder] = []

    def stop(folder: RunFolder) -> None:
        assert has_stopped.wait(10)

    monkeypatch.setattr(launcher, "stop", stop)
    monkeypatch.setattr(launcher, "resume", resumed.append)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "▶ epoch 3/10" in app.pane.shown_text())
            await pilot.press("s")
            await wait_for(pilot, lambda: "▶ stopping" in app.pane.shown_text())
            assert "stopping" in rows(app.pane)
            await pilot.press("r")
            await wait_for(pilot, lambda: bool(app._notifications))
            said = [note.message for note in app._notifications]
            assert said == ["It is still writing its checkpoint, and is resumed right after."]
            assert not resumed
            has_stopped.set()
            await wait_for(pilot, lambda: bool(resumed))
            assert "stopping" not in rows(app.pane)


@pytest.mark.slow
async def test_forgets_to_resume_a_run_that_could_not_be_stopped(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = make_run(workspace, RUN.format("aaaa"), done=3, end=None)
    may_go_on = threading.Event()
    stopped: list[RunFolder] = []
    resumed: list[RunFolder] = []

    def fail(folder: RunFolder) -> None:
        assert may_go_on.wait(10)
        raise RunError("It has not stopped.")

    monkeypatch.setattr(launcher, "stop", fail)
    monkeypatch.setattr(launcher, "resume", resumed.append)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "▶ epoch 3/10" in app.pane.shown_text())
            await pilot.press("s")
            await wait_for(pilot, lambda: "▶ stopping" in app.pane.shown_text())
            await pilot.press("r")
            may_go_on.set()
            await wait_for(pilot, lambda: "has not stopped" in told(app))
            monkeypatch.setattr(launcher, "stop", stopped.append)
            await pilot.press("s")
            await wait_for(pilot, lambda: stopped and "stopping" not in rows(app.pane))
            await pilot.pause(0.1)
            assert not resumed


@pytest.mark.slow
async def test_lists_at_once_what_has_come_since_it_was_prepared(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "REDRAW_SECONDS", 3600.0)
    make_run(workspace, RUN.format("aaaa"))
    async with lab(workspace) as (app, pilot):
        await wait_for(pilot, lambda: app.query_one(PaneSwitcher).prepared)
        make_run(workspace, RUN.format("bbbb"), lr=0.01)
        await pilot.press("4")
        await wait_for(pilot, lambda: "lr 0.01" in rows(app.pane))


@pytest.mark.slow
async def test_a_click_on_a_key_of_the_page_presses_it(workspace: Workspace) -> None:
    make_run(workspace, RUN.format("aaaa"))
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "⏎ run again with epochs 20" in app.pane.shown_text())
        await pilot.pause()
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        y = next(y for y, line in enumerate(lines) if "⏎ run again" in line)
        await pilot.click(offset=(lines[y].index("run again"), y))
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))


@pytest.mark.slow
async def test_a_small_terminal_keeps_what_the_numbers_show(workspace: Workspace) -> None:
    run = make_run(workspace, RUN.format("aaaa"), augment="none")
    *_, ended = events(10, 7, "finished")
    write_metrics(run, [*overfitting(), ended])
    async with lab(workspace, size=(60, 20)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "digits" in rows(app.pane))
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.pane.query_one("#run-charts").has_focus)
        await pilot.pause()
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        shown = " ".join("".join(lines).replace("│", " ").split())
        assert "overfitting; try the augmentation crop or a weight decay of 0.0001." in shown
        assert any("⏎ run again with augment crop" in line for line in lines)
        assert any("Loss" in line for line in lines)


@pytest.mark.slow
async def test_draws_seeds_of_one_configuration_as_their_mean_or_each(
    workspace: Workspace,
) -> None:
    for number, end in enumerate(("aaaa", "bbbb", "cccc")):
        make_run(workspace, RUN.format(end), seed=number, created=CREATED - number)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "train ━━━" in app.pane.shown_text())
        await pilot.press("g")
        await wait_for(pilot, lambda: "differ in their seed" in told(app))
        await pilot.press("space", "j", "space", "j", "space")
        await wait_for(pilot, lambda: " 3 seeds ━━━" in app.pane.shown_text())
        assert told(app) == ""
        marks = [line for line in rows(app.pane).splitlines() if "●" in line]
        assert len(marks) == 3
        assert set(app.pane.query_one(RunList).places.values()) == {0}
        await pilot.press("b")
        await wait_for(pilot, lambda: "lenet5, 2 seeds ━━━" in app.pane.shown_text())
        assert "seed 2 ━ ━" in app.pane.shown_text(), "the pinned run is drawn by itself"
        await pilot.press("b", "g")
        await wait_for(pilot, lambda: "seed 2 •••" in app.pane.shown_text())
        assert "3 seeds" not in app.pane.shown_text()
