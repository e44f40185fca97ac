"""The question before a demo in the Topics pane."""

from dataclasses import replace
from pathlib import Path

import pytest
from textual.events import Key
from textual.pilot import Pilot

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.predicted import load, remember
from cnn_tui.chapter.questions import DemoPrediction
from cnn_tui.chapter.reading import remember as remember_reading
from cnn_tui.chapter.shipped import shipped_result
from cnn_tui.errors import LabFault
from cnn_tui.render.draw.console import plain_text
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes import asking_frame
from cnn_tui.tui.panes.demo_form import DemoForm
from cnn_tui.tui.panes.demo_output import DemoOutput
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.predict_box import PredictBox
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.tui.panes.topics.topic_side import TopicSide
from cnn_tui.tui.widgets.topic_list import TopicList
from cnn_tui.workspace import Workspace
from tests.tui.panes.test_topics import outside_a_workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

pytestmark = pytest.mark.asks
SHIFTS, SHARES, SIZES = "pooling-translation-invariance", "lenet5", "pooling-parameters"
DEMO = "translation-invariance"
HALF = "You predicted about half: it was 4 of 7 (57 %)."
KEPT = DemoPrediction("about half", "4 of 7 (57 %)", True)


@pytest.fixture(autouse=True)
def _shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """What demos show comes with the lab: nothing is computed."""

    async def run(*_: object, name: str, parameters: dict[str, object], **__: object) -> object:
        return shipped_result(name, {})

    monkeypatch.setattr("cnn_tui.engine.process.Engine.run", run)


def output(app: LabApp) -> str:
    return plain_text(app.query_one(DemoOutput).content, 100)


def pressed_by_clicks(box: PredictBox) -> list[str]:
    rows = map(box.render_line, range(box.size.height))
    return [each.text for row in rows for each in row if each.style and "@click" in each.style.meta]


async def asked(app: LabApp, pilot: Pilot[str], *keys: str) -> PredictBox:
    """The question, once the keys have led to it."""
    await pilot.press(*keys)
    box = app.query_one(PredictBox)
    await wait_for(pilot, lambda: box.has_focus)
    return box


@pytest.mark.parametrize(
    "size",
    [(80, 24), *(pytest.param(each, marks=pytest.mark.slow) for each in ((120, 40), (60, 20)))],
)
async def test_asks_before_the_demo_runs_and_compares_afterwards(
    workspace: Workspace, size: tuple[int, int]
) -> None:
    remember_reading(workspace, SHIFTS, {})
    async with lab(workspace, size=size) as (app, pilot):
        panel, side = app.query_one(DemoPanel), app.query_one(TopicSide)
        box = await asked(app, pilot, "r")
        assert (str(panel.title), str(panel.state)) == ("Predict", "translation-invariance")
        assert str(panel.keys) == "1 2 3 4 answer  s skip  Esc back"
        shown = plain_text(box.content, box.size.width)
        assert "How many of these shifts" in " ".join(shown.split())
        assert not output(app).strip(), "what comes out is not seen before"
        assert len(shown.splitlines()) <= box.size.height or size == (60, 20)
        await pilot.press("5")
        await pilot.pause()
        assert "Answer with the number of a choice, 1 to 4, not '5'" in plain_text(box.content, 100)
        assert app.pane.info.title == "Topics", "no digit opens another pane"
        await pilot.press("3")
        await wait_for(pilot, lambda: output(app).startswith(f"✓ {HALF}\n"))
        assert (str(panel.title), panel.is_asking) == ("translation-invariance", False)
        assert app.query_one(DemoOutput).has_focus
        await wait_for(pilot, lambda: "predicted 1/1" in str(side.keys) or size[0] < 80)
        await wait_for(pilot, lambda: load(workspace) == {"translation-invariance": KEPT})
        await pilot.press("r")
        await wait_for(pilot, lambda: output(app).startswith(f"✓ Earlier: {HALF}\n"))


async def test_runs_without_an_answer_at_one_key(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await asked(app, pilot, "r")
        await pilot.press("s", "s")
        await wait_for(pilot, lambda: output(app).startswith("How much of a shift"))
        await pilot.press("escape", "r")
        await wait_for(pilot, lambda: app.query_one(DemoOutput).has_focus)
        assert not app.query_one(DemoPanel).is_asking, "it is asked once"
    assert load(workspace) == {}


@pytest.mark.slow
async def test_closes_the_question_and_asks_it_the_next_time(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await asked(app, pilot, "r")
        await pilot.press("escape")
        await wait_for(pilot, lambda: app.query_one(TopicList).has_focus)
        assert not app.query_one(DemoPanel).is_open
        await asked(app, pilot, "r")
        assert not output(app).strip(), "the demo does not run"


@pytest.mark.slow
async def test_stays_in_the_pane_where_an_answer_is_pressed_twice(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        box = await asked(app, pilot, "r")
        pressed = [Key("3", "3"), Key("3", "3")]
        for key in pressed:  # both before the demo runs and takes the focus
            box.post_message(key)
        await wait_for(pilot, lambda: output(app).startswith(f"✓ {HALF}\n"))
        assert all(key._no_default_action for key in pressed), "no pane opens"
        assert app.pane.info.title == "Topics"


async def test_stays_in_the_pane_where_an_answer_is_pressed_again_as_the_output_comes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    remember_reading(workspace, SHIFTS, {})
    monkeypatch.setattr(asking_frame, "AFTER_ANSWER_SECONDS", 60.0)
    async with lab(workspace) as (app, pilot):
        await asked(app, pilot, "r")
        await pilot.press("3")
        await wait_for(pilot, lambda: app.query_one(DemoOutput).has_focus)
        await pilot.press("3")
        assert app.pane.info.title == "Topics"
        monkeypatch.setattr(asking_frame, "AFTER_ANSWER_SECONDS", 0.0)
        await pilot.press("3")
        await wait_for(pilot, lambda: app.pane.info.title == "Pooling")


async def test_takes_a_number_that_is_typed(workspace: Workspace) -> None:
    remember_reading(workspace, SHARES, {})
    async with lab(workspace, size=(120, 40)) as (app, pilot):
        box = await asked(app, pilot, "r")
        assert str(app.query_one(DemoPanel).keys) == "⏎ answer  s skip  Esc back"
        await pilot.press("enter")
        assert "Answer with a number" in plain_text(box.content, 100)
        await pilot.press(*"m5-", "enter")
        await pilot.pause()
        assert "not '5-'" in plain_text(box.content, 100)
        assert not app.query_one(TopicsPane).state.read, "a letter is no key of the pane"
        await pilot.press("backspace", *"0%", "enter")
        wrong = "✗ You predicted 50 %: it was 94.2 %."
        await wait_for(pilot, lambda: output(app).startswith(wrong))
        assert app.pane.info.title == "Topics"


@pytest.mark.slow
async def test_compares_no_answer_with_what_other_numbers_show(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def run(*_: object, name: str, **__: object) -> object:
        runs.append(name)
        if len(runs) == 1:
            raise LabFault("The engine stumbled.")
        result = shipped_result(name, {})
        assert result is not None
        return replace(result, parameters={**result.parameters, "size": 20})

    runs: list[str] = []
    remember_reading(workspace, SIZES, {})
    async with lab(workspace, size=(120, 40)) as (app, pilot):
        monkeypatch.setattr("cnn_tui.engine.process.Engine.run", run)
        await asked(app, pilot, "r")
        await pilot.press(*"4", "enter")
        await wait_for(pilot, lambda: "The engine stumbled" in output(app))
        await pilot.press("r")
        await wait_for(pilot, lambda: "size 20" in output(app))
        assert "You predicted" not in output(app)
    assert load(workspace) == {}


@pytest.mark.slow
async def test_asks_before_the_form_opens_too(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await asked(app, pilot, "p")
        await pilot.press("1")
        await wait_for(pilot, lambda: isinstance(app.focused, DemoForm))
        await wait_for(pilot, lambda: output(app).startswith("✗ You predicted all: it was 4 of 7"))


@pytest.mark.slow
async def test_shows_the_question_in_the_place_of_a_preview(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    async with lab(workspace, size=(200, 50)) as (app, pilot):
        panel = app.query_one(DemoPanel)
        await wait_for(pilot, lambda: panel.is_asking)
        assert str(panel.keys) == "r predict"
        assert "4 of 7" not in plain_text(panel.shown, 100)
        assert plain_text(panel.shown, 100).rstrip().endswith("Press r to answer.")
        assert pressed_by_clicks(panel.box) == ["r"], "the digits open panes"
        await pilot.press("j")
        await wait_for(
            pilot, lambda: panel.info is not None and panel.info.name != "translation-invariance"
        )
        await pilot.press("k")
        await wait_for(pilot, lambda: panel.is_asking)
        await asked(app, pilot, "r")
        assert str(panel.keys) == "1 2 3 4 answer  s skip  Esc back"
        assert pressed_by_clicks(panel.box) == ["1", "2", "3", "4"]
        await pilot.press("s")
        await wait_for(pilot, lambda: "4 of 7 one-pixel" in output(app))


@pytest.mark.slow
async def test_previews_what_was_predicted_before(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    remember(workspace, "translation-invariance", KEPT)
    async with lab(workspace, size=(200, 50)) as (app, pilot):
        await wait_for(pilot, lambda: output(app).startswith(f"✓ Earlier: {HALF}"))
        await wait_for(pilot, lambda: "predicted 1/1" in str(app.query_one(TopicSide).keys))


@pytest.mark.slow
async def test_shows_no_earlier_answer_about_other_numbers(workspace: Workspace) -> None:
    remember_reading(workspace, SHIFTS, {})
    remember(workspace, DEMO, replace(KEPT, question="And with a window of 3?"))
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("r")
        await wait_for(pilot, lambda: output(app).startswith("How much of a shift"))


@pytest.mark.slow
async def test_asks_and_forgets_without_a_workspace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with outside_a_workspace() as (app, pilot):
        app.query_one(TopicsPane)._open(topic("pooling-max-and-average"))
        await asked(app, pilot, "r")
        await pilot.press(*"3,75", "enter")
        await wait_for(pilot, lambda: output(app).startswith("✓ You predicted 3.75: it was 3.75."))
        await pilot.press("r")
        await wait_for(pilot, lambda: "Earlier: You predicted 3.75" in output(app))


@pytest.mark.slow
async def test_moves_what_was_predicted_into_the_workspace_that_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    begun = Workspace(tmp_path / "mine")
    begun.state.mkdir(parents=True)
    remember(begun, DEMO, KEPT)
    async with outside_a_workspace() as (app, pilot):
        app.query_one(TopicsPane)._open(topic("pooling-max-and-average"))
        await asked(app, pilot, "r")
        await pilot.press(*"3,75", "enter")
        await wait_for(pilot, lambda: output(app).startswith("✓ You predicted 3.75: it was 3.75."))
        app.set_workspace(begun)
        await wait_for(pilot, lambda: set(load(begun)) == {DEMO, "max-and-average"})
        await wait_for(pilot, lambda: "predicted 2/2" in str(app.query_one(TopicSide).keys))


@pytest.mark.slow
async def test_says_that_a_prediction_cannot_be_kept(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        workspace.state.mkdir(exist_ok=True)
        (workspace.state / "predictions.lock").mkdir()
        app.query_one(TopicsPane)._open(topic("pooling-max-and-average"))
        await asked(app, pilot, "r")
        await pilot.press(*"4", "enter")
        await wait_for(pilot, lambda: output(app).startswith("✗ You predicted 4: it was 3.75."))
        await wait_for(pilot, lambda: bool(app._notifications))
        assert "could not be saved" in next(iter(app._notifications)).message
