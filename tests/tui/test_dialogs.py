"""What opens over the panes: forms, the palette, the help and the first page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from textual.containers import VerticalScroll
from textual.pilot import Pilot
from textual.widgets import Input

from cnn_tui.options import text
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import Device
from cnn_tui.training.store.listing import list_runs
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.choice import ChoiceScreen
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.dialogs.first_page import FirstPage
from cnn_tui.tui.dialogs.help import HelpScreen
from cnn_tui.tui.dialogs.new_run import NewRunScreen, RunRequest
from cnn_tui.tui.dialogs.palette import Palette
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.memory import Memory
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.tui.fake_engine import ANSWERS, FakeEngine
from tests.tui.waiting import wait_for

SIZES = [
    pytest.param((60, 20), marks=pytest.mark.slow),
    (80, 24),
    pytest.param((120, 40), marks=pytest.mark.slow),
]


@asynccontextmanager
async def lab(
    workspace: Workspace | None, size: tuple[int, int] = (100, 30), **settings: Any
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace, **settings)
    app.engine = FakeEngine()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app, pilot


@asynccontextmanager
async def form(
    workspace: Workspace, request: RunRequest | None = None, size: tuple[int, int] = (100, 30)
) -> AsyncIterator[tuple[LabApp, Pilot[str], NewRunScreen]]:
    async with lab(workspace, size) as (app, pilot):
        screen = NewRunScreen(app.engine, workspace, request)
        app.push_screen(screen)
        await pilot.pause()
        yield app, pilot, screen


def seen(app: LabApp) -> str:
    """All that is on the screen."""
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips())


async def test_finds_the_network_that_is_typed(workspace: Workspace) -> None:
    async with form(workspace) as (_, pilot, screen):
        for typed, found in (
            *(("vgg16", "vgg16"), ("resnet50", "resnet50")),
            *(("VGG_16", "vgg16"), ("ResNet-50", "resnet50")),
        ):
            screen.form.go_to("net")
            screen.field("net").value = ""
            screen.field("net").paste(typed)
            await pilot.press("tab")
            assert screen.values["net"] == found
            assert not screen.field("net").problem


@pytest.mark.slow
async def test_offers_what_matches_and_asks_which_one(workspace: Workspace) -> None:
    async with form(workspace) as (app, pilot, screen):
        await pilot.press(*"resnet")
        await pilot.pause()
        assert "resnet18" in seen(app) and "ResNet-50" in seen(app)
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "Which one: resnet18" in screen.field("net").problem
        await pilot.press("3", "enter")
        assert screen.values["net"] == "resnet34"


@pytest.mark.slow
async def test_esc_closes_what_is_offered_and_then_asks_before_the_form_goes(
    workspace: Workspace,
) -> None:
    async with form(workspace) as (app, pilot, screen):
        await pilot.press(*"vgg", "escape")
        await pilot.pause()
        assert app.screen is screen
        assert screen.values["net"] == "lenet5"
        await pilot.press("tab", "tab", "tab", "a", "ctrl+c")
        await wait_for(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is screen
        assert screen.values["name"] == "a"
        await pilot.press("escape")
        await wait_for(pilot, lambda: isinstance(app.screen, QuestionScreen))
        await pilot.press("y")
        await wait_for(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("key", ["escape", "ctrl+c"])
async def test_leaves_a_form_without_changes_at_once(workspace: Workspace, key: str) -> None:
    async with form(workspace) as (app, pilot, _):
        await pilot.press(key)
        await pilot.pause()
        assert len(app.screen_stack) == 1
        assert app.return_value is None


async def test_begins_with_the_run_that_it_is_given(workspace: Workspace) -> None:
    config = default_config("lenet5,activation=relu", "digits", label_smoothing=0.3, epochs=7)
    async with form(workspace, RunRequest(config)) as (_, pilot, screen):
        shown = screen.values
        assert (shown["net"], shown["options"]) == ("lenet5", "activation=relu")
        assert (shown["data"], shown["label_smoothing"], shown["epochs"]) == ("digits", "0.3", "7")
        assert not screen.is_changed
        answered: list[RunRequest] = []
        screen.dismiss = answered.append  # type: ignore[method-assign, assignment]
        await pilot.press("ctrl+s")
        await wait_for(pilot, lambda: answered)
        assert answered == [RunRequest(config)]


@pytest.mark.slow
async def test_what_a_run_has_decided_for_its_network_goes_with_the_network(
    workspace: Workspace,
) -> None:
    asked = default_config("lenet5", "digits", image_size=40, device="cpu", weight_decay=0.5)
    async with form(workspace, RunRequest(replace(asked, threads=1))) as (_, pilot, screen):
        shown = screen.values
        assert (shown["image_size"], shown["device"], shown["threads"]) == ("40", "cpu", "1")
        await pilot.press(*"cifar10net", "tab")
        other = default_config("cifar10net", "digits")
        shown = screen.values
        assert shown["image_size"] == str(other.image_size)
        assert (shown["device"], shown["threads"], shown["weight_decay"]) == ("auto", "0", "0.5")


@pytest.mark.slow
async def test_chooses_with_arrows_letters_and_clicks(workspace: Workspace) -> None:
    async with form(workspace, size=(60, 40)) as (_, pilot, screen):
        screen.form.go_to("optimizer")
        await pilot.press("right")
        assert screen.values["optimizer"] == "adamw"
        await pilot.press("s", "left")
        assert screen.values["optimizer"] == "adamw"
        row = screen.form._places["schedule"].row
        await pilot.click(screen.form, offset=(23, row))
        assert screen.form.current.name == "schedule"
        assert screen.values["schedule"] == "constant"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_explains_a_wrong_field_below_it_without_words_of_the_shell(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with form(workspace, size=size) as (app, pilot, screen):
        screen.field("epochs").value = "0"
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert "✗ Epochs" in seen(app) or "▌Epochs" in seen(app)
        assert "Epochs must be a whole number from 1" in seen(app)
        assert "--" not in screen.field("epochs").problem
        assert "Esc cancel" in seen(app)


async def test_finds_actions_topics_networks_and_runs_by_name(workspace: Workspace) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa", end="finished")
    async with lab(workspace) as (app, pilot):
        await pilot.press("ctrl+p")
        await pilot.pause()
        palette = app.screen
        assert isinstance(palette, Palette)
        await wait_for(pilot, lambda: any(each.kind == "run" for each in palette._entries))
        kinds = {each.kind for each in palette._entries}
        assert {"topic", "network", "run", "exercise", "demo", "data set", "theme"} <= kinds
        for words, kind, title, keys in (
            ("vgg16", "network", "VGG-16", "2"),
            ("new run", "training", "New", "4 n"),
            ("copy", "everywhere", "Copy", "y"),
            ("221320", "run", "20231114-221320-lenet5-digits-aaaa", "4"),
        ):
            palette.query_one("#palette-words").value = words  # type: ignore[attr-defined]
            await pilot.pause()
            first = palette._found[0]
            assert (first.kind, first.keys) == (kind, keys), words
            assert first.title.startswith(title)
        await pilot.press("escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1


async def test_takes_words_that_are_typed_while_the_cursor_moves(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: len(getattr(app.screen, "_entries", ())) > 100)
        palette = app.screen
        assert isinstance(palette, Palette)
        for words, row in (("vgg16", 40), ("qqqq", 0)):
            palette._list.highlighted = row
            palette.query_one(Input).value = words
            palette._search()  # before the list has said where its cursor is
            await pilot.pause()
            assert app.crash is None


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_says_all_of_the_entry_under_the_cursor(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with lab(workspace, size) as (app, pilot):
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: len(getattr(app.screen, "_entries", ())) > 100)
        await pilot.press(*"failed check")
        await wait_for(pilot, lambda: "Read the topic" in seen(app))
        rows = seen(app).replace("│", " ").split()
        assert "after a pass, go to the next exercise" in " ".join(rows)
        await pilot.press(*"qqqq")
        await wait_for(pilot, lambda: "Nothing has this name" in seen(app))


@pytest.mark.slow
async def test_fits_small_dialogs_into_the_smallest_terminal(workspace: Workspace) -> None:
    long = "A heading that is too long for one line of a dialog in sixty columns"
    dialogs: tuple[Dialog[Any], ...] = (
        PromptScreen("Which map?", long, drafts={}),
        ChoiceScreen("On this page", {"": [("a", long), ("b", "Sources")]}),
        QuestionScreen(long, "Delete"),
    )
    parts = ("A heading that", "sixty columns", "Esc cancel")
    async with lab(workspace, (60, 20)) as (app, pilot):
        for dialog in dialogs:
            app.push_screen(dialog)
            await pilot.pause()
            frame = app.screen.query_one(Frame)
            assert app.screen.region.contains_region(frame.region)
            assert all(part in seen(app) for part in parts)
            await pilot.press("escape")
            await wait_for(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.slow
async def test_keeps_what_was_typed_into_a_prompt_for_the_next_time(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("3")
        for found, typed in (
            ("", ["r", "o", "s", "e", "ctrl+c"]),
            ("rose", ["end", "s", "escape"]),
            ("roses", ["delete", "escape"]),
            ("", ["escape"]),
        ):
            await pilot.press("o")
            await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
            assert app.screen.query_one(Input).value == found
            await pilot.press(*typed)
            await wait_for(pilot, lambda: len(app.screen_stack) == 1)
            assert app.return_value is None


async def test_keeps_nothing_of_a_prompt_that_was_answered(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        answers: list[str | None] = []
        drafts = {"Which map?": "rose"}
        app.push_screen(PromptScreen("Which map?", "A hint", drafts=drafts), answers.append)
        await pilot.press("end", "s", "enter")
        await wait_for(pilot, lambda: answers)
        assert (answers, drafts) == (["roses"], {})


@pytest.mark.slow
async def test_leaves_out_a_title_that_does_not_fit_beside_its_name(workspace: Workspace) -> None:
    async with form(workspace, size=(60, 20)) as (app, _, _):
        assert "digits" in seen(app) and "Handwritten" not in seen(app)
    async with form(workspace, size=(80, 24)) as (app, _, _):
        assert "digits  Handwritten digits (UCI, 8×8)" in seen(app)


@pytest.mark.slow
@pytest.mark.parametrize("folders", [0, 1, 12])
async def test_shows_the_first_page_whole_in_the_smallest_terminal(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, folders: int
) -> None:
    names = ["digits", *(f"folder:/data/{number}" for number in range(folders))]
    states = [SimpleNamespace(name=name, state="here") for name in names]
    monkeypatch.setattr("cnn_tui.data.inventory.inventory", lambda _: states)
    told = {0: "digits", 1: "digits, folder:/data/0", 12: "digits, 12 folders of pictures"}
    async with lab(workspace, (60, 20)) as (app, pilot):
        await app.action_first_page()
        await wait_for(pilot, lambda: "bwrap" in seen(app) or "landlock" in seen(app))
        assert app.screen.query_one(VerticalScroll).max_scroll_y == 0
        assert told[folders] in seen(app)
        assert "ctrl-p to find." in seen(app)


@pytest.mark.slow
async def test_presses_the_key_of_a_dialog_that_was_clicked(workspace: Workspace) -> None:
    async with form(workspace) as (app, pilot, _):
        rows = seen(app).splitlines()
        bottom = next(y for y, row in enumerate(rows) if "Esc cancel" in row)
        await pilot.click(offset=(rows[bottom].index("Esc cancel"), bottom))
        await wait_for(pilot, lambda: len(app.screen_stack) == 1)


async def test_goes_where_the_palette_leads(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("ctrl+p")
        await wait_for(pilot, lambda: len(getattr(app.screen, "_entries", ())) > 100)
        await pilot.press(*"resnet50", "enter")
        await wait_for(pilot, lambda: app.pane.info.title == "Models")
        await wait_for(pilot, lambda: app.pane.state.target == "resnet50")  # type: ignore[attr-defined]


@pytest.mark.slow
async def test_keeps_the_theme_and_the_first_page_for_the_next_start(
    workspace: Workspace, tmp_path: Path
) -> None:
    state = tmp_path / "state"
    async with lab(workspace, memory=Memory(state)) as (app, pilot):
        await wait_for(pilot, lambda: isinstance(app.screen, FirstPage))
        await pilot.press("5")
        await wait_for(pilot, lambda: app.pane.info.title == "Exercises")
        await app.choose_theme("lab-light")
    async with lab(workspace, memory=Memory(state)) as (app, pilot):
        await pilot.pause(0.1)
        assert len(app.screen_stack) == 1
        assert app.theme == "lab-light"
        await app.action_first_page()
        await pilot.pause()
        assert isinstance(app.screen, FirstPage)
        assert "1" in seen(app) and "Sandbox" in seen(app)
    assert LabApp(theme_name="lab-dark", memory=Memory(state)).theme == "lab-dark"


def test_forgets_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder would be")
    memory = Memory(tmp_path / "state")
    memory.choose_theme("lab-light")
    memory.see_first_page()
    assert memory.now.theme == "lab-light"
    assert not Memory(tmp_path / "state").now.first_page_seen
    assert not Memory(None).now.theme


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_groups_keys_by_what_they_are_for(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    async with lab(workspace, size) as (app, pilot):
        await pilot.press("4", "question_mark")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, HelpScreen)
        without_runs = "Not now: there is nothing to act on"
        assert list(screen.groups) == ["Move", "Look", "Act", "Everywhere", without_runs]
        assert "Start a new run" in {what for _, what in screen.groups["Act"]}
        assert "Esc close" in seen(app)
        await pilot.press("q")
        await pilot.pause()
        assert len(app.screen_stack) == 1
    assert list_runs(workspace) == []


@pytest.mark.slow
async def test_the_learning_rate_follows_the_optimizer_until_it_is_typed(
    workspace: Workspace,
) -> None:
    async with form(workspace) as (_, pilot, screen):
        screen.form.go_to("optimizer")
        await pilot.press("s")
        assert (screen.values["optimizer"], screen.values["lr"]) == ("sgd", "0.00625")
        screen.form.go_to("schedule")
        await pilot.press("c", "c")
        assert (screen.values["schedule"], screen.values["warmup"]) == ("cosine", "0")
        screen.field("lr").value = "0.03"
        screen.form.go_to("optimizer")
        await pilot.press("a")
        assert (screen.values["optimizer"], screen.values["lr"]) == ("adam", "0.03")


async def test_the_form_offers_each_of_several_gpus(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    gpus = [Device("cuda", f"GPU {index}", 80 * 2**30, 2**30, index) for index in (1, 0)]
    old = Device("cuda", "GPU 2", 8 * 2**30, 2**30, 2, "compute capability 6.1")
    monkeypatch.setitem(ANSWERS, "devices", lambda: (*gpus, old))
    async with form(workspace) as (app, pilot, screen):
        await wait_for(pilot, lambda: "Device auto means cuda:1: GPU 1" in seen(app))
        assert "cuda:2: GPU 2, compute capability 6.1" in seen(app)
        screen.form.go_to("device")
        await pilot.press("left")
        assert screen.values["device"] == "cuda:2"


@pytest.mark.slow
async def test_a_run_again_keeps_its_optimizer_and_its_rate(workspace: Workspace) -> None:
    for settings in ({"optimizer": "sgd"}, {"optimizer": "sgd", "lr": 0.02}, {"batch_size": 16}):
        config = default_config("lenet5", "digits", schedule="step", **settings)
        async with form(workspace, RunRequest(config)) as (_, pilot, screen):
            screen.form.go_to("epochs")
            screen.form.go_to("net")
            await pilot.pause()
            values = {name: screen.values[name] for name in ("optimizer", "lr", "batch_size")}
            assert values == {
                "optimizer": config.optimizer,
                "lr": text(config.lr),
                "batch_size": text(config.batch_size),
            }
            assert (screen.values["schedule"], screen.values["warmup"]) == ("step", "0")
