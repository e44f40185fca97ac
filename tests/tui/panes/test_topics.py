"""The Topics pane: reading, and running a demo."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.events import MouseScrollDown
from textual.pilot import Pilot
from textual.widgets import OptionList, Static

from cnn_tui.chapter.catalogue import Topic, demo_info, topics
from cnn_tui.chapter.catalogue import topic as by_slug
from cnn_tui.chapter.page import questions, reading_minutes, widest_diagram
from cnn_tui.chapter.reading import ReadingMarks, load, remember
from cnn_tui.chapter.run import checked_parameters
from cnn_tui.chapter.search import search
from cnn_tui.errors import LabFault
from cnn_tui.render.draw.console import plain_text
from cnn_tui.render.draw.styles import ACCENT
from cnn_tui.render.pages.topic import written
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.choice import ChoiceScreen
from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen
from cnn_tui.tui.dialogs.search import SearchScreen
from cnn_tui.tui.memory import Memory
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.panes.demo_form import DemoForm
from cnn_tui.tui.panes.demo_output import DemoOutput
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.models.pane import ModelsPane
from cnn_tui.tui.panes.offers import offer, target
from cnn_tui.tui.panes.pane import Pane, PaneInfo
from cnn_tui.tui.panes.pooling.pane import PoolingPane
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.tui.panes.topics.state import destinations, offered
from cnn_tui.tui.panes.topics.topic_body import TextFrame
from cnn_tui.tui.panes.topics.topic_side import TopicSide
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.tui.panes.training.pane import TrainingPane
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.tui.widgets.topic_list import TopicList
from cnn_tui.workspace import Workspace
from tests.made_up_runs import make_run
from tests.tui.test_app import lab
from tests.tui.waiting import resize, wait_for

MORE_SIZES = ((60, 20), (120, 40), (200, 50))
BEGUN = by_slug("pooling-why")
"""The topic looked at last in the tests' workspace: the two after it have demos."""


def after_begun(number: int) -> Topic:
    return topics()[topics().index(BEGUN) + number]


@pytest.fixture
def workspace(workspace: Workspace) -> Workspace:
    remember(workspace, BEGUN.slug, {})
    return workspace


@asynccontextmanager
async def outside_a_workspace(
    memory: Memory | None = None, workspace: Workspace | None = None
) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(memory=memory, workspace=workspace)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        yield app, pilot


@pytest.mark.parametrize(
    "size",
    [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in MORE_SIZES)],
    ids=str,
)
async def test_lists_the_whole_chapter_with_whole_titles(
    size: tuple[int, int], workspace: Workspace
) -> None:
    remember(workspace, "", {"vgg": True})
    async with lab(workspace, size=size) as (app, pilot):
        chapter = app.query_one(TopicList)
        rows = [chapter._get_line(chapter.visual_style, y).text for y in range(len(chapter._lines))]
        words = " ".join(" ".join(rows).split())
        for topic in topics():
            assert f"{'✓' if topic.slug == 'vgg' else '·'} {topic.title}" in words
        assert "Architectures 1/8" in words
        assert "…" not in words
        assert max(chapter._heights.values()) <= 2
        await pilot.press("space")
        await pilot.pause()
        folded = {option.id for option in chapter.options}
        assert topics()[0].slug not in folded
        assert "vgg" in folded


async def test_shows_the_topic_under_the_cursor(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("j")
        await pilot.pause()
        assert after_begun(1).title in app.pane.shown_text()
        await pilot.press("k")
        await pilot.pause()
        assert BEGUN.title in app.pane.shown_text()


async def test_runs_the_topics_demo_beside_its_text(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        pane = app.query_one(TopicsPane)
        await pilot.press("j", "r")
        await wait_for(pilot, lambda: "3.75" in pane.shown_text().split("hand calculation")[-1])
        text, output = app.query_one("#topic-text"), app.query_one("#demo-output")
        assert output.region.x > text.region.x
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert output.region.y > text.region.y
        await pilot.press("escape")
        await pilot.pause()
        assert not app.query_one(DemoPanel).is_open


@pytest.mark.slow
async def test_puts_a_demo_beside_the_text_from_120_columns_on(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(119, 40)) as (app, pilot):
        app.query_one(TopicsPane)._open(by_slug("lenet5"))
        await pilot.press("r")
        text, output = app.query_one(TopicText), app.query_one("#demo-output")
        await wait_for(pilot, lambda: output.region.y > text.region.y)
        assert text.scrollable_content_region.width > widest_diagram(by_slug("lenet5"))
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: output.region.x > text.region.x)
        assert text.scrollable_content_region.width > widest_diagram(by_slug("lenet5"))


@pytest.mark.slow
async def test_scrolls_no_text_sideways_once_a_demo_stands_beside_it(workspace: Workspace) -> None:
    async with lab(workspace, size=(119, 40)) as (app, pilot):
        await pilot.press("j", "p")
        text, output = app.query_one(TopicText), app.query_one(DemoOutput)
        await wait_for(pilot, lambda: app.query_one(DemoPanel).is_edited)
        await resize(pilot, (120, 40))
        await wait_for(pilot, lambda: output.region.x > text.region.x)
        await pilot.pause()
        for page in (text, output):
            assert page.virtual_size.width == page.scrollable_content_region.width < 60


@pytest.mark.slow
@pytest.mark.drawn
async def test_draws_the_text_once_when_a_demo_makes_it_narrower(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    draw = TopicText.render_line
    monkeypatch.setattr(TopicText, "render_line", lambda self, y: rows.append(y) or draw(self, y))
    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr(app.engine, "run", never)
        await pilot.press("j")
        await pilot.pause()
        rows.clear()
        await pilot.press("r")
        await wait_for(pilot, lambda: app.query_one("#demo-output").has_focus)
        await pilot.pause(0.2)
        assert app.query_one(TopicText).size.width < 60
        assert rows, "it was drawn"
        assert len(rows) == len(set(rows))


async def test_says_once_that_what_is_read_cannot_be_saved(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        tries.append(1)
        raise LabFault("The folder is read-only.")

    tries: list[int] = []
    monkeypatch.setattr("cnn_tui.tui.panes.topics.reading_saver.remember", fails)
    monkeypatch.setattr("cnn_tui.tui.panes.topics.reading_saver.REMEMBER_SECONDS", 0.01)
    async with lab(workspace) as (app, pilot):
        for count in (1, 2, 3):
            await pilot.press("m")
            await wait_for(pilot, lambda count=count: len(tries) >= count)
            await pilot.pause()
            assert [each.message for each in app._notifications] == ["The folder is read-only."]


async def test_offers_a_demo_only_where_there_is_one(workspace: Workspace) -> None:
    bare = next(topic for topic in topics() if not topic.demos)
    async with lab(workspace) as (app, pilot):
        for topic, offered in ((bare, False), (by_slug("efficientnet"), True)):
            app.query_one(TopicsPane)._open(topic)
            await pilot.pause()
            assert ("r" in app.screen.active_bindings) is offered
            assert ("p" in app.screen.active_bindings) is offered


@pytest.mark.slow
async def test_changes_a_demos_numbers_in_place_and_marks_what_changed(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        app.query_one(TopicsPane)._open(by_slug("efficientnet"))
        await pilot.press("p")
        await wait_for(pilot, lambda: "phi 1, alpha" in app.pane.shown_text())
        form = app.focused
        assert isinstance(form, DemoForm)
        field = form.fields["phi"]
        await pilot.press(*"99", "enter")
        await pilot.pause()
        assert field.problem == "Phi must be a number from 0 to 10, not '99'."
        field.value = "1"
        await pilot.press("right", "enter")
        await wait_for(pilot, lambda: "phi 1.5, alpha 1.2" in app.pane.shown_text())
        assert "before: phi 1; what differs is marked" in app.pane.shown_text()
        assert app.focused is form, "the next number can be changed at once"
        await pilot.press("escape", "p")
        await wait_for(pilot, lambda: app.focused is form)
        assert field.value == "1.5", "what was typed is kept"


@pytest.mark.slow
async def test_changes_a_demos_choices_with_arrows_and_types_no_key_of_the_pane(
    workspace: Workspace,
) -> None:
    remember(workspace, "training-loop", {})
    async with lab(workspace) as (app, pilot):
        panel = app.query_one(DemoPanel)
        await pilot.press("p")
        await wait_for(pilot, lambda: isinstance(app.focused, DemoForm))
        form = app.query_one(DemoForm)
        assert "◂ adam ▸" in "".join(each.text for each in form.render_line(0))
        await pilot.press("right", "down", "left", "down", *"12", "plus")
        values = {name: each.value for name, each in form.fields.items()}
        assert values == {"optimizer": "adamw", "lr": "0.001", "batch_size": "16", "seed": "0"}
        assert str(panel.query_one("#demo-line", Static).content) == (
            "Digits in the batch: 2 to 512; default 64."
        )
        await pilot.press("up", "up", "m", "r")
        assert form.has_focus
        assert form.fields["optimizer"].value == "adamw"
        assert app.query_one(TopicSide).state == f"0 of {len(topics())} read"


@pytest.mark.slow
async def test_shows_list_text_and_demo_in_turn_where_there_is_room_for_one(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(60, 20)) as (app, pilot):
        frames = [app.query_one(each) for each in (TopicSide, TextFrame, DemoPanel)]

        def is_alone(shown: int) -> bool:
            return [each.region.width for each in frames] == [60 * (at == shown) for at in range(3)]

        for key, shown in (("j", 0), ("enter", 1), ("r", 2), ("escape", 1), ("escape", 0)):
            await pilot.press(key)
            await wait_for(pilot, partial(is_alone, shown))
        await pilot.press("p")
        await wait_for(pilot, lambda: isinstance(app.focused, DemoForm) and is_alone(2))


async def test_keeps_the_list_beside_the_text_at_80_columns(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("j", "enter")
        await pilot.pause()
        assert app.query_one(TopicSide).region.width == 30
        assert app.query_one(TextFrame).region.width == 50


@pytest.mark.slow
async def test_puts_a_demos_error_where_its_output_was_awaited(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise LabFault("The engine stumbled.")

    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr(app.engine, "run", fails)
        await pilot.press("j", "r")
        await wait_for(pilot, lambda: "✗ The engine stumbled." in app.pane.shown_text())
        assert "Running" not in app.pane.shown_text()


async def test_opens_the_topic_that_was_looked_at_last(workspace: Workspace) -> None:
    remember(workspace, "resnet", {})
    async with lab(workspace) as (app, pilot):
        assert by_slug("resnet").title in app.pane.shown_text()
        await pilot.press("j")
        await pilot.pause()
    assert load(workspace).last == "skip-connections"


async def test_marks_a_topic_as_read_once_its_end_was_seen(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        side = app.query_one(TopicSide)
        await pilot.press("enter")
        await pilot.pause()
        assert side.state == f"0 of {len(topics())} read"
        await pilot.press("end")
        await wait_for(pilot, lambda: side.state == f"1 of {len(topics())} read")
        await pilot.press("greater_than_sign", "m")
        await wait_for(pilot, lambda: side.state == f"2 of {len(topics())} read")
        await pilot.press("m")
        await wait_for(pilot, lambda: side.state == f"1 of {len(topics())} read")
    assert load(workspace).read == {BEGUN.slug}


@pytest.mark.slow
async def test_marks_a_topic_as_read_whatever_brought_its_end_into_sight(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(120, 40)) as (app, pilot):
        side, text = app.query_one(TopicSide), app.query_one(TopicText)
        assert side.state == f"0 of {len(topics())} read"
        while not text.is_end_seen:
            await pilot.press("a")
            await pilot.pause()
        assert app.query_one(TopicList).has_focus
        await wait_for(pilot, lambda: side.state == f"1 of {len(topics())} read")
        await pilot.press("a")
        await pilot.pause()
        assert side.state == f"1 of {len(topics())} read", (
            "all answers are folded, and it stays read"
        )
        await pilot.press("down")
        await pilot.pause()
        assert text.scroll_offset.y == 0
        assert side.state == f"1 of {len(topics())} read", "only the list was moved through"
        while not text.is_end_seen:
            text.post_message(MouseScrollDown(text, 5, 5, 0, 1, 0, False, False, False))
            await pilot.pause()
        await wait_for(pilot, lambda: side.state == f"2 of {len(topics())} read")


async def test_marks_a_topic_as_read_that_is_seen_whole_once_an_answer_is_asked_for(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(120, 200)) as (app, pilot):
        side, text = app.query_one(TopicSide), app.query_one(TopicText)
        assert text.is_end_seen
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert side.state == f"0 of {len(topics())} read", "it was only looked at from the list"
        await pilot.press("a")
        await wait_for(pilot, lambda: side.state == f"1 of {len(topics())} read")
        assert text.scroll_offset.y == 0


async def test_offers_a_workspace_to_remember_a_mark_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with outside_a_workspace() as (app, pilot):
        await pilot.press("m")
        await wait_for(pilot, lambda: isinstance(app.screen, NewWorkspaceScreen))
        app.screen.field("folder").value = str(tmp_path / "mine")  # type: ignore[attr-defined]
        await pilot.press("enter")
        await wait_for(
            pilot, lambda: app.query_one(TopicSide).state == f"1 of {len(topics())} read"
        )
    assert load(Workspace(tmp_path / "mine")).read == {topics()[0].slug}


@pytest.mark.slow
async def test_keeps_what_is_read_without_a_workspace_until_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    state, third = tmp_path / "state", topics()[2].slug
    memory = Memory(state)
    memory.see_first_page()
    async with outside_a_workspace(memory) as (app, pilot):
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.query_one(TopicText).has_focus)
        await pilot.press("end")
        await wait_for(
            pilot, lambda: app.query_one(TopicSide).state == f"1 of {len(topics())} read"
        )
        await pilot.press("greater_than_sign", "greater_than_sign", "m")
        await wait_for(
            pilot, lambda: app.query_one(TopicSide).state == f"2 of {len(topics())} read"
        )
    assert Memory(state).now.reading == ReadingMarks(frozenset({topics()[0].slug, third}), third)
    async with outside_a_workspace(Memory(state)) as (app, pilot):
        assert app.query_one(TopicSide).state == f"2 of {len(topics())} read"
        assert app.query_one(TextFrame).title == topics()[2].title
        await pilot.press("m")
    begun = Workspace(tmp_path / "mine")
    begun.state.mkdir(parents=True)
    remember(begun, "vgg", {"vgg": True})
    monkeypatch.setattr("cnn_tui.tui.panes.topics.reading_saver.REMEMBER_SECONDS", 0.01)
    async with outside_a_workspace(Memory(state), begun) as (app, pilot):
        assert app.query_one(TopicSide).state == f"2 of {len(topics())} read"
        await wait_for(pilot, lambda: len(load(begun).read) == 2)
    assert load(begun) == ReadingMarks(frozenset({topics()[0].slug, "vgg"}), "vgg")
    assert Memory(state).now.reading == ReadingMarks()


@pytest.mark.slow
async def test_moves_what_was_read_into_the_workspace_that_is_made(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "state")
    memory.see_first_page()
    begun = Workspace(tmp_path / "mine")
    begun.state.mkdir(parents=True)
    async with outside_a_workspace(memory) as (app, pilot):
        await pilot.press("m")
        app.set_workspace(begun)
        await wait_for(pilot, lambda: load(begun).read == {topics()[0].slug})
        await wait_for(pilot, lambda: not memory.now.read)


async def test_keeps_what_another_session_marks_meanwhile(workspace: Workspace) -> None:
    async with lab(workspace) as (_, pilot):
        remember(workspace, "vgg", {"vgg": True})
        await pilot.press("m")
        await pilot.pause()
    assert load(workspace).read == {"vgg", BEGUN.slug}


@pytest.mark.slow
async def test_unfolds_the_answers_one_by_one(workspace: Workspace) -> None:
    page = BEGUN
    answers = [question.answer.split()[1] for question in questions(page)]
    async with lab(workspace) as (app, pilot):
        for unfolded in range(len(answers) + 1):
            assert app.pane.shown_text().count("├─ Answer ") == unfolded
            assert app.pane.shown_text().count(" a answer ") == len(answers) - unfolded
            await pilot.press("a")
            await pilot.pause()
        assert app.pane.shown_text().count(" a answer ") == len(answers), "all are folded again"


async def test_brings_an_answer_into_sight_that_was_asked_for_in_the_list(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(60, 20)) as (app, pilot):
        text = app.query_one(TopicText)
        assert not text.region
        await pilot.press("a")
        await wait_for(pilot, lambda: text.has_focus)
        await wait_for(pilot, lambda: any("Answer" in each.text for each in drawn(text)))


async def test_keeps_the_cursor_in_sight_in_a_terminal_that_shrinks(workspace: Workspace) -> None:
    remember(workspace, "dropout-what", {})
    async with lab(workspace, size=(120, 40)) as (app, pilot):
        listed = app.query_one(TopicList)
        for size in ((80, 24), (60, 20)):
            await resize(pilot, size)
            await pilot.pause()
            shown = [listed.render_line(y).text for y in range(listed.size.height)]
            assert any("▌ ● What dropout does" in each for each in shown), size


@pytest.mark.slow
async def test_goes_from_heading_to_heading(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        text = app.query_one(TopicText)
        contents = app.query_one("#topic-contents", Static)
        for heading in (*text.headings, text.headings[-1]):
            await pilot.press("right_square_bracket")
            await pilot.pause()
            assert text.heading == heading
            assert f"▸ {heading}" in plain_text(contents.content, 36)
        await pilot.press("left_square_bracket")
        assert text.heading == text.headings[-2]


@pytest.mark.slow
async def test_follows_a_link_and_comes_back(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("enter")
        await pilot.pause()
        await pilot.press("pagedown", "enter")
        await wait_for(pilot, lambda: isinstance(app.screen, ChoiceScreen))
        where = app.query_one(TopicText).scroll_offset.y
        ids = [option.id for option in app.screen.query_one(OptionList).options]
        for _ in range(
            sum(id is not None for id in ids[: ids.index("topic:pooling-translation-invariance")])
        ):
            await pilot.press("j")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "equivariant" in app.pane.shown_text())
        assert app.query_one(TopicText).has_focus
        await pilot.press("b")
        await wait_for(pilot, lambda: BEGUN.title in app.pane.shown_text())
        await wait_for(pilot, lambda: app.query_one(TopicText).scroll_offset.y == where)


@pytest.mark.slow
async def test_stays_at_what_was_found_when_the_text_takes_the_whole_width(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(60, 20)) as (app, pilot):
        await pilot.press("slash", *"whisker", "enter")
        await wait_for(pilot, lambda: app.query_one(TopicText).has_focus)
        await pilot.pause()
        assert not app.query_one(TopicSide).display
        found = drawn(app.query_one(TopicText))
        assert any(each.style is not None and each.style.reverse for each in found)


@pytest.mark.slow
async def test_takes_keys_after_another_topic_has_put_the_demo_away(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("j", "r")
        await wait_for(pilot, lambda: app.query_one(DemoPanel).is_open)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: app.focused is not None)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: after_begun(3).title in app.pane.shown_text())


@pytest.mark.slow
async def test_searches_all_topics_and_goes_from_place_to_place(workspace: Workspace) -> None:
    count = len(search("identity"))
    async with lab(workspace) as (app, pilot):
        text, line = app.query_one(TopicText), app.query_one("#topic-found", Static)
        await pilot.press("slash")
        await wait_for(pilot, lambda: isinstance(app.screen, SearchScreen))
        await pilot.press(*"identity", "enter")
        for key, place in (("", 1), ("n", 2), ("N", 1), ("N", count)):
            await pilot.press(*key)
            told = f"place {place} of {count}"
            await wait_for(pilot, partial(is_told, line, told))
            assert any(each.style is not None and each.style.reverse for each in drawn(text))
        await pilot.press("escape")
        await pilot.pause()
        assert not line.display
        assert text.has_focus


async def test_names_the_topic_in_its_frame_and_how_far_one_is(workspace: Workspace) -> None:
    page = by_slug("choosing-an-architecture")
    remember(workspace, page.slug, {})
    async with lab(workspace, size=(120, 40)) as (app, pilot):
        frame = app.query_one(TextFrame)
        minutes = reading_minutes(page)
        assert (frame.title, frame.state) == (page.title, f"{minutes} min · 0 %")
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.query_one(TopicText).has_focus)
        await pilot.press("end")
        await wait_for(pilot, lambda: frame.state == f"{minutes} min · 100 %")


def test_lists_what_to_know_before_apart_from_other_links() -> None:
    listed = destinations(by_slug("alexnet"))
    assert listed["To know before"] == [("topic:lenet5", "LeNet-5 (1998)")]
    assert ("topic:dropout-what", by_slug("dropout-what").title) in listed["Links from here"]
    assert ("topic:vgg", by_slug("vgg").title) in listed["Links to here"], "which builds on it"
    links = [link for group in listed.values() for link, _ in group]
    assert len(set(links)) == len(links), "each once"


def test_lists_links_and_no_text_between_brackets_of_code() -> None:
    for each in topics():
        words = [words for _, words in offered(each)]
        assert all(len(line) < 80 and "\n\n" not in line for line in words), each.slug


@pytest.mark.slow
async def test_offers_what_a_command_does_as_a_key(workspace: Workspace) -> None:
    remember(workspace, "vision-transformer", {})
    async with lab(workspace) as (app, pilot):
        assert "The demo vit-patches with patch size 32 (r)" in app.pane.shown_text()
        assert "cnn-lab" not in app.pane.shown_text()
        app.query_one(TopicText).action_follow("demo:vit-patches?patch_size=32")
        panel = app.query_one(DemoPanel)
        await wait_for(pilot, lambda: panel.has_focus_within)
        await pilot.press("p")
        await wait_for(pilot, lambda: bool(panel.query(DemoForm)))
        assert panel.query_one(DemoForm).fields["patch_size"].value == "32"
        app.query_one(TopicText).action_follow("exercise:exercise1")
        await wait_for(pilot, lambda: app.pane.info.title == "Exercises")


def test_leads_to_a_network_with_the_options_that_a_command_gives_it() -> None:
    link = re.findall(r"\]\(([^)]+)\)", offer("cnn-lab summary vgg16,batch_norm=true"))
    assert [target(each).name for each in link] == ["vgg16,batch_norm=true"]


@pytest.mark.parametrize("page", topics(), ids=lambda each: each.slug)
def test_has_a_key_for_every_command_but_the_shells_own(page: Topic) -> None:
    text = written(page, offer)
    of_shell = ("data prepare", "new-net", "sweep", "--")  # files to bring, and many runs at once
    for command in re.findall(r"cnn-lab ([^`\n]*)", text):
        assert command.startswith(of_shell), command
    for link in re.findall(r"\]\(([^)]+)\)", text):
        goal = target(link)
        assert goal.kind in ("topic", "demo", "network", "exercise", "pane")
        if goal.kind == "demo":
            checked_parameters(demo_info(goal.name), dict(goal.settings))
        if "key" in goal.settings:
            opened = goal.name if goal.kind == "pane" else "models"
            (info,) = [each for each in PANES if each.id == opened]
            assert hasattr(info.load(), f"action_{action_in(info, goal.settings)}")


def action_in(info: PaneInfo, settings: Mapping[str, str]) -> str:
    return info.load().action_of(**settings).partition("(")[0]


@pytest.mark.parametrize(
    ("command", "link", "keys"),
    [
        ("gradients", "pane:models?key=gradients", "2 g"),
        ("receptive-field vgg16", "network:vgg16?key=field", "2 f"),
        ("pool --input edges --shift 0,1", "pane:pooling?key=shift", "3 t"),
        ("pool --padding 1", "pane:pooling", "3"),
        ("experiment skip", "pane:training?key=experiments&of=skip", "4 e"),
        ("evaluate last", "pane:training?key=judge", "4 p"),
        ("inspect last", "pane:training?key=microscope", "4 f"),
    ],
)
def test_offers_the_key_of_the_pane_that_shows_it(command: str, link: str, keys: str) -> None:
    assert offer(f"cnn-lab {command}").endswith(f"]({link}) (`{keys}`)")


def study_under_the_cursor(app: LabApp) -> str | None:
    option = app.screen.query_one("#study-list", OptionList).highlighted_option
    return None if option is None else option.id


@pytest.mark.slow
async def test_goes_to_what_a_link_shows_and_presses_its_key(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        text = app.query_one(TopicText)
        text.action_follow(target_of("receptive-field vgg16"))
        await wait_for(pilot, lambda: app.query_one(ModelsPane).state.view == "field")
        await wait_for(pilot, lambda: app.query_one(ModelsPane).state.target == "vgg16")
        await pilot.press("1")
        text.action_follow(target_of("pool --shift 0,1"))
        await wait_for(pilot, lambda: app.query_one(PoolingPane).state.question.shift is not None)
        await pilot.press("1")
        text.action_follow(target_of("experiment skip"))
        await wait_for(pilot, lambda: study_under_the_cursor(app) == "skip")


@pytest.mark.slow
async def test_leaves_open_what_a_link_shows_that_is_followed_again(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_run(workspace, "20231114-221320-lenet5-digits-aaaa")
    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr(app.engine, "run", never)
        await pilot.press("4")
        training, text = app.query_one(TrainingPane), app.query_one(TopicText)
        await wait_for(pilot, lambda: training.selected is not None)
        await pilot.press("3")
        pooling = app.query_one(PoolingPane)
        opens: Sequence[tuple[str, Pane, Callable[[], object]]] = (
            ("pool --shift 0,1", pooling, lambda: pooling.state.question.shift is not None),
            ("predict last", training, lambda: training.mode == "predictions"),
            ("evaluate last", training, lambda: training.mode == "predictions"),
        )
        for command, pane, is_open in opens:
            for _ in range(2):
                await pilot.press("1")
                text.action_follow(target_of(command))
                await wait_for(pilot, lambda pane=pane: app.pane is pane)  # type: ignore[misc]
                await pilot.pause()
                await wait_for(pilot, is_open)


def target_of(command: str) -> str:
    return re.findall(r"\]\(([^)]+)\)", offer(f"cnn-lab {command}"))[0]


@pytest.mark.slow
async def test_shows_a_demo_beside_its_topic_where_there_is_room(workspace: Workspace) -> None:
    async with lab(workspace, size=(200, 50)) as (app, pilot):
        await pilot.press("j", "j")
        title = demo_info("translation-invariance").title
        await wait_for(pilot, lambda: title in app.pane.shown_text())
        assert app.query_one(TopicList).has_focus
        assert app.query_one(TextFrame).region.width == 90
        await pilot.resize_terminal(120, 40)
        await wait_for(pilot, lambda: not app.query_one(DemoPanel).is_open)


@pytest.mark.slow
async def test_runs_a_demo_whose_form_opens_before_it_has_run(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab(workspace, size=(200, 50)) as (app, pilot):
        monkeypatch.setattr(app.engine, "at_once", lambda *_, **__: None)
        panel = app.query_one(DemoPanel)
        await pilot.press("j", "j")
        await wait_for(pilot, lambda: "Press r to run the demo" in app.pane.shown_text())
        assert str(panel.keys) == "r run  p change"
        await pilot.press("p")
        title = demo_info("translation-invariance").title
        await wait_for(pilot, lambda: title in app.pane.shown_text())
        assert panel.is_edited


async def never(*_: object, **__: object) -> None:
    """What an engine does that takes its time."""
    await asyncio.Event().wait()


def is_told(line: Static, words: str) -> bool:
    return words in str(line.content)


def drawn(text: TopicText) -> list[Segment]:
    """What is on the screen, with its style."""
    rows = range(text.size.height)
    return [each for row in rows for each in text.render_line(row)]


async def test_opens_a_topic_by_a_click_and_scrolls_with_the_wheel(workspace: Workspace) -> None:
    async with lab(workspace, size=(100, 30)) as (app, pilot):
        await pilot.click(TopicList, offset=(8, 2))
        await wait_for(pilot, lambda: topics()[1].title in app.pane.shown_text())
        text = app.query_one(TopicText)
        assert text.has_focus
        text.post_message(MouseScrollDown(text, 5, 5, 0, 1, 0, False, False, False))
        await wait_for(pilot, lambda: text.scroll_offset.y > 0)


async def test_follows_a_link_that_was_clicked(workspace: Workspace) -> None:
    remember(workspace, "resnet", {})
    async with lab(workspace, size=(120, 60)) as (app, pilot):
        text = app.query_one(TopicText)
        rows = [text.render_line(y).text for y in range(text.size.height)]
        y = next(at for at, row in enumerate(rows) if "why skips work" in row)
        await pilot.click(TopicText, offset=(rows[y].index("why skips") + 3, y))
        await wait_for(pilot, lambda: by_slug("skip-connections").title in app.pane.shown_text())
        assert "b" in app.screen.active_bindings


@pytest.mark.slow
async def test_highlights_what_was_found_and_says_what_to_do_else(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("slash")
        await wait_for(pilot, lambda: isinstance(app.screen, SearchScreen))
        empty, frame = app.screen.query_one("#search-empty", Static), app.screen.query_one(Frame)
        assert "Type a word or two" in str(empty.content)
        await pilot.press(*"whisker")
        await wait_for(pilot, lambda: frame.state == "1 place in 1 topic")
        places = app.screen.query_one(OptionList)
        accent = app.console.get_style(ACCENT).color
        drawn_words = [each for y in range(3) for each in places.render_line(y)]
        assert any(
            "whisker" in each.text and each.style is not None and each.style.color == accent
            for each in drawn_words
        )
        await pilot.press(*"xq")
        await wait_for(pilot, lambda: "No topic has “whiskerxq”" in str(empty.content))
        assert not places.display
