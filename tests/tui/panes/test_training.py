"""The Training pane: a picture of the run store, whoever writes it."""

import re
import shutil

import pytest
from textual.binding import Binding
from textual.geometry import Size
from textual.widgets import Static

from cnn_tui.render.draw.plot import Charts
from cnn_tui.training.process import launcher
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.listing import list_runs
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.switcher import PaneSwitcher
from cnn_tui.tui.panes.training import log_page, reading
from cnn_tui.tui.panes.training.curves_view import CurvesView
from cnn_tui.tui.panes.training.detail import RunDetail
from cnn_tui.tui.panes.training.keys import KEYS
from cnn_tui.tui.panes.training.log_page import LogPage
from cnn_tui.tui.panes.training.state import RunCurves
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.tui.widgets.page import Page
from cnn_tui.tui.widgets.run_list import RunList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import (
    CREATED,
    add_ending,
    add_epoch,
    alive,
    events,
    make_run,
    write_metrics,
)
from tests.tui.test_app import lab
from tests.tui.waiting import resize, wait_for


async def test_says_how_to_begin_where_there_are_no_runs(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await pilot.pause()
        assert "n  trains" in app.pane.shown_text()


async def test_says_all_of_how_to_begin_in_a_narrow_terminal(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("4")

        def seen() -> str:
            return "".join(strip.text for strip in app.screen._compositor.render_strips())

        await wait_for(pilot, lambda: "an experiment: several seeds" in seen())


async def test_says_in_the_list_that_there_are_no_runs_and_which_key_starts_one(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: app.pane.has_class("-no-runs"))
        await pilot.pause()
        side = app.query_one("#run-side").region
        strips = app.screen._compositor.render_strips()
        listed = [strip.text[side.x : side.right].strip("│ ") for strip in strips]
        assert "No runs yet" in listed and "n  new" in listed
        footer = " ".join(strips[-1].text.split())
        assert footer == "n New d Data e Experiments q Quit ? Help", "what there is to do"


@pytest.mark.slow
async def test_says_which_key_starts_a_run_whatever_is_asked_for_before_the_first(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: app.pane.has_class("-no-runs"))
        silent = []
        for key in (each.key.split(",")[0] for each in KEYS if isinstance(each, Binding)):
            app.clear_notifications()
            await pilot.press(key)
            await pilot.pause()
            if not any("n starts " in each.message for each in app._notifications):
                silent.append(key)
            if len(app.screen_stack) > 1:
                app.pop_screen()
        # These begin something, or act on a row or a page of a run.
        brackets = ["left_square_bracket", "right_square_bracket"]
        assert silent == ["n", *brackets, "d", "e", "enter"]
        make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")
        await wait_for(pilot, lambda: not app.pane.has_class("-no-runs"))
        await pilot.pause()
        assert "Predictions" in app.screen._compositor.render_strips()[-1].text


@pytest.mark.slow
async def test_names_the_keys_that_read_off_and_pin_in_the_frame_of_the_curves(
    workspace: Workspace,
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: ", . read off  b pin" in str(app.query_one(RunDetail).keys))
        await pilot.press("o")
        await wait_for(pilot, lambda: "read off" not in str(app.query_one(RunDetail).keys))


@pytest.mark.slow
async def test_names_the_page_alone_where_there_is_no_room_for_the_run(
    workspace: Workspace,
) -> None:
    name = "a-rather-long-name-of-a-run"
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", name=name)
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: str(app.query_one(RunDetail).title).startswith(name))
        await pilot.press("o")
        await wait_for(pilot, lambda: str(app.query_one(RunDetail).title) == "Log")


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
        await wait_for(pilot, lambda: "97.5 % of the test images" in app.pane.shown_text())
        assert "Accuracy" in app.pane.shown_text()


@pytest.mark.slow
async def test_draws_the_curves_once_for_a_size(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = []
    draw = CurvesView._charts

    def noted(view: CurvesView, curves: RunCurves, size: Size) -> Charts | None:
        sizes.append(size)
        return draw(view, curves, size)

    monkeypatch.setattr(CurvesView, "_charts", noted)
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await wait_for(pilot, lambda: "training" in app.query_one(PaneSwitcher).prepared)
        await pilot.press("4")
        await wait_for(pilot, lambda: sizes)
        await pilot.pause(0.1)
        assert len(set(sizes)) == 1, "what is said below them leaves room from the start"
        before = sizes[0]
        await resize(pilot, (100, 30))
        await wait_for(pilot, lambda: sizes[-1] != before)
        await pilot.pause(0.1)
        assert len(set(sizes)) == 2


async def test_follows_a_run_that_grows(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    with alive(run):
        async with lab(workspace) as (app, pilot):
            await pilot.press("4")
            await wait_for(pilot, lambda: "epoch 3/10" in app.pane.shown_text())
            assert "▶ epoch 3/10" in app.pane.shown_text()
            add_epoch(run, 4)
            await wait_for(pilot, lambda: "epoch 4/10" in app.pane.shown_text())


async def test_shows_a_run_without_a_worker_as_interrupted(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "interrupted" in app.pane.shown_text())
        assert "r resumes it" in app.pane.shown_text()
        assert "cnn-lab resume" not in app.pane.shown_text()


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
        await wait_for(pilot, lambda: "train ━━━" in app.pane.shown_text())
        await pilot.press("space", "j", "space")
        both = "bbbb ━", "aaaa ━"
        await wait_for(pilot, lambda: all(f" {run}" in app.pane.shown_text() for run in both))
        assert "train " not in app.pane.shown_text()
        await pilot.press("space", "k", "space")
        await wait_for(pilot, lambda: "train ━━━" in app.pane.shown_text())


@pytest.mark.slow
@pytest.mark.parametrize("size", [(100, 30), (80, 24)])
async def test_runs_that_are_laid_over_each_other_say_what_differs(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", lr=0.02)
    make_run(workspace, "20231114-221321-lenet5-digits-bbbb", lr=0.002, created=CREATED - 1)
    make_run(workspace, "20231114-221322-lenet5-digits-cccc", seed=7, created=CREATED - 2)
    async with lab(workspace, size=size) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        assert "against" not in app.pane.shown_text()
        await pilot.press("space", "j", "space")
        notes = app.query_one("#run-notes")
        await wait_for(pilot, lambda: "lr 0.002 against 0.02" in str(notes.render()))
        assert {"lenet5 lr 0.02 ━", "lenet5 lr 0.002 ━"} <= set(_legend(app.pane))
        await pilot.press("k")
        await wait_for(pilot, lambda: "lr 0.02 against 0.002" in str(notes.render()))


def _legend(pane: Pane) -> list[str]:
    """What the curves are called, each with the first sign of its line."""
    return re.findall(r"lenet5[\w .]* ━", pane.shown_text())


@pytest.mark.slow
async def test_a_run_keeps_its_color_when_the_cursor_moves(workspace: Workspace) -> None:
    runs = [f"20231114-22132{n}-lenet5-digits-{n}{n}{n}{n}" for n in "123"]
    for number, run in enumerate(runs):
        make_run(workspace, run, created=CREATED - number)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("space")
        await wait_for(pilot, lambda: "●" in _labels(app.pane))
        signs = {}
        for _ in range(2):
            await pilot.press("j")
            await wait_for(pilot, lambda: app.pane.shown_text().count("━") > 4)
            lines = app.pane.shown_text().splitlines()
            first = next(n for n, line in enumerate(lines) if line.startswith("Loss"))
            head = " ".join(lines[first : first + 2])
            signs[head] = "1111 ━━━" in head
        assert all(signs.values())
        assert len(signs) == 2
        await pilot.press("space", "k", "space")
        await wait_for(pilot, lambda: "2222 •••" in app.pane.shown_text())
        await pilot.press("k", "space", "j")
        await wait_for(pilot, lambda: "1111" not in app.pane.shown_text())
        assert "2222 •••" in app.pane.shown_text() and "3333 ━ ━" in app.pane.shown_text()


@pytest.mark.slow
async def test_keeps_a_pinned_run_in_sight(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    make_run(workspace, "20231114-231320-cifar10net-digits-bbbb", net="cifar10net")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "train ━━━" in app.pane.shown_text())
        await pilot.press("b", "j")
        await wait_for(pilot, lambda: "Loss, validation" in app.pane.shown_text())
        assert "◆" in _labels(app.pane)
        await pilot.press("k", "b")
        await wait_for(pilot, lambda: "train ━━━" in app.pane.shown_text())


@pytest.mark.slow
async def test_reads_all_curves_off_at_one_step_until_escape(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("comma", "comma", "comma")
        await wait_for(pilot, lambda: "at epoch 8" in app.pane.shown_text())
        await pilot.press("full_stop")
        await wait_for(pilot, lambda: "at epoch 9" in app.pane.shown_text())
        await pilot.click("#run-charts", offset=(14, 4))
        await wait_for(pilot, lambda: "at epoch 9" not in app.pane.shown_text())
        assert 0 < app.pane.view.cursor < 9
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.pane.view.cursor is None)


@pytest.mark.slow
async def test_shows_one_panel_large_then_the_next_then_all(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("m")
        await wait_for(pilot, lambda: "Accuracy" not in app.pane.shown_text())
        await pilot.press("m")
        await wait_for(pilot, lambda: "Loss" not in app.pane.shown_text())
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        assert "Accuracy" in app.pane.shown_text()


@pytest.mark.slow
async def test_opens_a_run_in_place_of_the_list_where_there_is_no_room_for_both(
    workspace: Workspace,
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace, size=(60, 20)) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "digits" in _labels(app.pane))
        assert not app.pane.query_one("#run-detail").display
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.pane.query_one("#run-charts").has_focus)
        assert not app.pane.query_one("#run-side").display
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.pane.query_one("#run-list").has_focus)
        assert not app.pane.query_one("#run-detail").display


@pytest.mark.slow
async def test_opens_the_log_of_a_run_that_failed(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=2, end=None)
    add_ending(run, "failed", "CUDA ran out of memory.")
    run.log_file.write_text("a line of the worker\nTraceback: the disk is full\n")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "o opens its log" in app.pane.shown_text())
        await pilot.press("o")
        await wait_for(pilot, lambda: "the disk is full" in app.pane.shown_text())
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())


@pytest.mark.slow
async def test_says_that_a_running_run_has_written_nothing_yet(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_page, "LOOK_SECONDS", 0.05)
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    run.log_file.write_text("")
    async with lab(workspace) as (app, pilot):
        with alive(run):
            await pilot.press("4")
            await wait_for(pilot, lambda: "▶ epoch 3/10" in app.pane.shown_text())
            await pilot.press("o")
            page = app.pane.query_one(LogPage)
            await wait_for(pilot, lambda: "Nothing is written yet." in seen(page))
            run.log_file.write_text("a line\n")
            await wait_for(pilot, lambda: "a line" in seen(page))
            assert "Nothing is written yet." not in seen(page)


@pytest.mark.slow
async def test_follows_the_log_of_a_running_run_and_says_when_it_ended(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log_page, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(reading, "REDRAW_SECONDS", 0.1)
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    run.log_file.write_text("".join(f"line {number}\n" for number in range(80)))

    def write(line: str) -> None:
        with run.log_file.open("a") as file:
            file.write(line)

    async with lab(workspace) as (app, pilot):
        with alive(run):
            await pilot.press("4")
            await wait_for(pilot, lambda: "▶ epoch 3/10" in app.pane.shown_text())
            await pilot.press("o")
            page = app.pane.query_one(LogPage)
            await wait_for(pilot, lambda: "line 79" in seen(page))
            write("half of ")
            await pilot.pause(0.2)
            write("a line\n")
            await wait_for(pilot, lambda: "half of a line" in seen(page))
            await pilot.press("up", "up")
            stays = seen(page)
            write("one more\n" * 3)
            await wait_for(pilot, lambda: "one more" in app.pane.shown_text())
            assert seen(page) == stays
            await pilot.press("end")
            write("the last one")
            write_metrics(run, events(10, 10, "finished"))
        await wait_for(pilot, lambda: "This run has finished" in seen(page))
        assert "the last one" in seen(page)


@pytest.mark.slow
async def test_a_redraw_that_takes_long_is_followed_by_a_pause_but_for_keys(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "REDRAW_SECONDS", 0.05)
    monkeypatch.setattr(reading, "REDRAW_SHARE", 0)
    monkeypatch.setattr(reading, "MOST_SKIPPED", 10_000)
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)

    def came_to(done: int) -> bool:
        return f"▶ epoch {done}/10" in app.pane.shown_text()

    async with lab(workspace) as (app, pilot):
        with alive(run):
            await pilot.press("4")
            await wait_for(pilot, lambda: came_to(3))
            write_metrics(run, events(10, 4, None))
            await wait_for(pilot, lambda: came_to(4))
            await pilot.pause(0.15)  # the redraw that is measured without a share is over
            monkeypatch.setattr(reading, "REDRAW_SHARE", 1e9)
            write_metrics(run, events(10, 5, None))
            await wait_for(pilot, lambda: came_to(5))
            await pilot.pause(0.15)
            write_metrics(run, events(10, 6, None))
            await pilot.pause(0.3)
            assert came_to(5)
            await pilot.press("b")
            await wait_for(pilot, lambda: came_to(6))
            write_metrics(run, events(10, 10, "finished"))


@pytest.mark.slow
async def test_tells_what_a_run_achieved_when_it_ends(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=3, end=None)
    async with lab(workspace) as (app, pilot):
        with alive(run):
            await pilot.press("4")
            await wait_for(pilot, lambda: "▶ epoch 3/10" in app.pane.shown_text())
            frame = app.pane.query_one("#run-detail")
            assert not frame.has_class("-joy")
            write_metrics(run, events(10, 10, "finished"))
        await wait_for(pilot, lambda: frame.has_class("-joy"))
        shown = " ".join(app.pane.shown_text().split())
        assert "97.5 % of the test images are right with the weights of epoch 10 (★)" in shown
        assert "p predictions" in shown


@pytest.mark.slow
async def test_asks_to_run_again_with_the_change_that_the_numbers_suggest(
    workspace: Workspace,
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "⏎ run again with epochs 20" in app.pane.shown_text())
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))
        await wait_for(pilot, lambda: app.screen.values["epochs"] == "20")
        assert app.screen.form.current is app.screen.field("epochs")
        assert str(app.screen.query_one("#new-run", Frame).title) == "New run with epochs 20"
        assert app.screen.values["seed"] == "0"


@pytest.mark.slow
async def test_offers_a_workspace_again_that_was_deleted_meanwhile(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[RunFolder] = []
    monkeypatch.setattr(launcher, "start", started.append)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))
        shutil.rmtree(workspace.root)
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: isinstance(app.screen, NewWorkspaceScreen))
        assert not workspace.root.exists(), "nothing is made unasked"
        assert "deleted or moved" in str(app.screen.query(Static).first().content)
        await pilot.press("enter")
        await wait_for(pilot, lambda: bool(started))
        assert started[0].path.parent == workspace.runs
        assert (workspace.exercises / "exercise1.py").is_file()


@pytest.mark.slow
async def test_runs_again_with_changes_also_where_none_is_suggested(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=1, end=None, lr=0.02, seed=3)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "⏎ again" in str(app.query_one(RunDetail).keys))
        assert "run again with" not in app.pane.shown_text()
        await pilot.press("enter")
        await wait_for(pilot, lambda: isinstance(app.screen, NewRunScreen))
        await wait_for(pilot, lambda: app.screen.values["lr"] == "0.02")
        assert (app.screen.values["seed"], app.screen.values["name"]) == ("3", "")
        assert not app.screen.is_changed


@pytest.mark.slow
async def test_says_what_keeps_a_run_from_being_judged(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        await pilot.press("p")
        await wait_for(pilot, lambda: "no checkpoint" in app.pane.shown_text())
        await pilot.press("escape")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())


@pytest.mark.slow
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


@pytest.mark.slow
async def test_shows_other_panels_of_a_run(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        assert "Learning rate" not in app.pane.shown_text()
        await pilot.press("v")
        await wait_for(pilot, lambda: "Learning rate" in app.pane.shown_text())
        assert "Images/s" in app.pane.shown_text()
        assert "Accuracy" not in app.pane.shown_text()


@pytest.mark.slow
async def test_draws_the_curves_over_steps_and_over_time(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "Loss" in app.pane.shown_text())
        for axis in ("100 steps", "10 s"):
            await pilot.press("t")
            await wait_for(pilot, lambda axis=axis: axis in app.pane.shown_text())


@pytest.mark.slow
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
    axis = next(line for line in shown.splitlines() if line.endswith(" steps"))
    return axis.partition("┼")[2].replace("─", " ").split()[:-1]


async def test_says_what_the_numbers_show(workspace: Workspace) -> None:
    run = make_run(workspace, "20231114-221320-lenet5-digits-aaaa", done=2, end=None)
    add_ending(run, "failed", "The loss is no longer a number (since step 20).")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "no longer a number" in app.pane.shown_text())


@pytest.mark.slow
async def test_lists_how_long_a_run_took(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", epochs=80, done=80)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        label = "99.4 % 1:20"
        await wait_for(pilot, lambda: label in _labels(app.pane))


def seen(page: Page) -> str:
    """The lines of a page that are in sight."""
    return "\n".join(page.render_line(y).text.rstrip() for y in range(page.size.height))


def _labels(pane: Pane) -> str:
    runs = pane.query_one(RunList)
    return " ".join(" ".join(str(option.prompt) for option in runs.options).split())


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
        await wait_for(pilot, lambda: "n  trains" in app.pane.shown_text())
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
        app.screen.field("epochs").value = "1"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: "✓ 1 epoch" in app.pane.shown_text())


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
            await wait_for(pilot, lambda: "▶ epoch" in app.pane.shown_text())
            await pilot.press("x")
            await pilot.pause()
            assert not isinstance(app.screen, QuestionScreen)
            messages = [note.message for note in app._notifications]
            assert messages == ["Nothing was deleted: this run is running; s stops it."]


@pytest.mark.slow
async def test_does_nothing_to_a_run_that_is_over(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "✓ 10 epochs" in app.pane.shown_text())
        await pilot.press("s")
        await pilot.pause()
        messages = [note.message for note in app._notifications]
        assert messages == ["Nothing to stop: this run has finished; n starts a new one."]


@pytest.mark.slow
async def test_fills_the_form_with_defaults_that_fit(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        assert isinstance(app.screen, NewRunScreen)
        first = app.screen.values["batch_size"]
        await pilot.press(*"cifar10net", "tab")
        await pilot.pause()
        assert app.screen.values["epochs"]
        assert app.screen.values["batch_size"] != first
        await pilot.press("escape")
        await pilot.pause()
        assert list_runs(workspace) == []


@pytest.mark.slow
async def test_keeps_what_was_typed_when_another_network_is_chosen(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        app.screen.field("epochs").value = "7"
        await pilot.press(*"cifar10net", "tab")
        await pilot.pause()
        assert app.screen.values["net"] == "cifar10net"
        assert app.screen.values["epochs"] == "7"


@pytest.mark.slow
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
            app.screen.field(field).value = value
        app.screen.field("schedule").value = "cosine"
        app.screen.field("deterministic").value = "on"
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
        for name, value, words in WRONG_IN_THE_FORM:
            field = app.screen.field(name)
            right, field.value = field.value, value
            await pilot.press("ctrl+s")
            await wait_for(pilot, lambda words=words, field=field: words in field.problem)
            assert isinstance(app.screen, NewRunScreen)
            assert app.screen.form.current is field
            app.screen.form.go_to("net")
            field.value = right
    assert list_runs(workspace) == []


@pytest.mark.slow
async def test_starts_a_run_that_outlives_the_app(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await pilot.pause()
        app.screen.field("epochs").value = "500"
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: _furthest_step(workspace) > 0)
        await pilot.press("q")
        await pilot.pause(0.3)
    (status,) = list_runs(workspace)
    assert status.state == "running"
    assert status.run in (app.return_value or "")
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await wait_for(pilot, lambda: "▶ epoch" in app.pane.shown_text())
        before = _furthest_step(workspace)
        await wait_for(pilot, lambda: _furthest_step(workspace) > before)
        await pilot.press("s")
        await wait_for(pilot, lambda: "stopped" in app.pane.shown_text())


def _furthest_step(workspace: Workspace) -> int:
    return max((run.step for run in list_runs(workspace)), default=0)
