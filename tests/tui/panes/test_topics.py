"""The Topics pane: reading, and running a demo."""

import asyncio
from functools import partial

import pytest
from rich.segment import Segment
from textual.widgets import Input, OptionList, Static, Tree

from cnn_tui.chapter.catalogue import topic as by_slug
from cnn_tui.chapter.catalogue import topics
from cnn_tui.chapter.page import questions, widest_diagram
from cnn_tui.chapter.reading import load, remember
from cnn_tui.chapter.search import search
from cnn_tui.errors import LabFault
from cnn_tui.tui.dialogs.choice import ChoiceScreen
from cnn_tui.tui.dialogs.search import SearchScreen
from cnn_tui.tui.panes.demo_panel import DemoPanel
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.tui.panes.topics.topic_side import TopicSide
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


async def test_shows_the_whole_chapter_as_a_tree(workspace: Workspace) -> None:
    async with lab(workspace) as (app, _):
        tree = app.query_one(Tree)
        shown = [leaf.data.slug for branch in tree.root.children for leaf in branch.children]
        assert shown == [topic.slug for topic in topics()]


async def test_shows_the_topic_under_the_cursor(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("j")
        await pilot.pause()
        assert topics()[1].title in app.pane.shown_text()
        await pilot.press("k")
        await pilot.pause()
        assert topics()[0].title in app.pane.shown_text()


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


async def test_puts_a_demo_below_a_text_whose_diagram_needs_the_room(
    workspace: Workspace,
) -> None:
    async with lab(workspace) as (app, pilot):
        app.query_one(TopicsPane)._open(by_slug("lenet5"))
        await pilot.press("r")
        text, output = app.query_one(TopicText), app.query_one("#demo-output")
        await wait_for(pilot, lambda: output.region.y > text.region.y)
        assert text.scrollable_content_region.width > widest_diagram(by_slug("lenet5"))
        await pilot.resize_terminal(160, 40)
        await wait_for(pilot, lambda: output.region.x > text.region.x)
        assert text.scrollable_content_region.width > widest_diagram(by_slug("lenet5"))


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
        panel = app.query_one(DemoPanel)
        await pilot.press("p")
        await wait_for(pilot, lambda: "phi 1, alpha" in app.pane.shown_text())
        field = app.focused
        assert isinstance(field, Input)
        assert field.value == "1"
        field.value = "99"
        await pilot.press("enter")
        await pilot.pause()
        assert "phi of the demo compound-scaling must be a number from 0 to 10, not '99'" in str(
            panel.query_one("#demo-line", Static).content
        )
        field.value = "2"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "phi 2, alpha 1.2" in app.pane.shown_text())
        assert "before: phi 1; what differs is marked" in app.pane.shown_text()
        assert app.focused is field, "the next number can be typed at once"
        await pilot.press("escape", "p")
        await wait_for(pilot, lambda: isinstance(app.focused, Input))
        assert app.focused.value == "2", "what was typed is kept"


async def test_hides_the_tree_while_a_narrow_terminal_is_read(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("j", "enter")
        await pilot.pause()
        assert not app.query_one(TopicSide).display
        assert app.query_one("#topic-text", Page).size.width >= 76
        await pilot.press("escape")
        await pilot.pause()
        assert app.query_one(TopicSide).display


async def test_puts_a_demos_error_where_its_output_was_awaited(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **__: object) -> None:
        raise LabFault("The engine stumbled.")

    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr(app.engine, "run", fails)
        await pilot.press("j", "r")
        await wait_for(pilot, lambda: "The engine stumbled." in app.pane.shown_text())
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
        read = app.query_one("#topics-read", Static)
        await pilot.press("enter")
        await pilot.pause()
        assert str(read.content) == "0 of 34 read"
        await pilot.press("end")
        await wait_for(pilot, lambda: str(read.content) == "1 of 34 read")
        assert topics()[0].title in str(app.query_one(Tree).root.children[0].children[0].label)
        await pilot.press("greater_than_sign", "m")
        await wait_for(pilot, lambda: str(read.content) == "2 of 34 read")
        await pilot.press("m")
        await wait_for(pilot, lambda: str(read.content) == "1 of 34 read")
    assert load(workspace).read == {topics()[0].slug}


async def test_keeps_what_another_session_marks_meanwhile(workspace: Workspace) -> None:
    async with lab(workspace) as (_, pilot):
        remember(workspace, "vgg", {"vgg": True})
        await pilot.press("m")
        await pilot.pause()
    assert load(workspace).read == {"vgg", topics()[0].slug}


async def test_unfolds_the_answers_one_by_one(workspace: Workspace) -> None:
    page = topics()[0]
    answers = [question.answer.split()[1] for question in questions(page)]
    async with lab(workspace) as (app, pilot):
        for unfolded in range(len(answers) + 1):
            bars = app.pane.shown_text().count("▌ ")
            assert (bars > 0) is (unfolded > 0)
            assert app.pane.shown_text().count("▸ answer") == len(answers) - unfolded
            await pilot.press("a")
            await pilot.pause()
        assert app.pane.shown_text().count("▸ answer") == len(answers), "all are folded again"


async def test_goes_from_heading_to_heading(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        text = app.query_one(TopicText)
        contents = app.query_one("#topic-contents", Static)
        for heading in (*text.headings, text.headings[-1]):
            await pilot.press("right_square_bracket")
            await pilot.pause()
            assert text.heading == heading
            assert f"▸ {heading}" in str(contents.content)
        await pilot.press("left_square_bracket")
        assert text.heading == text.headings[-2]


async def test_follows_a_link_and_comes_back(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("enter", "pagedown", "g")
        await wait_for(pilot, lambda: isinstance(app.screen, ChoiceScreen))
        where = app.query_one(TopicText).scroll_offset.y
        ids = [option.id for option in app.screen.query_one(OptionList).options]
        for _ in range(
            sum(id is not None for id in ids[: ids.index("pooling-translation-invariance")])
        ):
            await pilot.press("j")
        await pilot.press("enter")
        await wait_for(pilot, lambda: "equivariant" in app.pane.shown_text())
        assert app.query_one(TopicText).has_focus
        await pilot.press("b")
        await wait_for(pilot, lambda: topics()[0].title in app.pane.shown_text())
        await wait_for(pilot, lambda: app.query_one(TopicText).scroll_offset.y == where)


@pytest.mark.slow
async def test_stays_at_what_was_found_when_the_text_takes_the_whole_width(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("slash", *"whisker", "enter")
        await pilot.pause()
        await pilot.pause()
        assert not app.query_one(TopicSide).display
        found = drawn(app.query_one(TopicText))
        assert any(each.style is not None and each.style.reverse for each in found)


async def test_takes_keys_after_another_topic_has_put_the_demo_away(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("j", "r")
        await wait_for(pilot, lambda: app.query_one(DemoPanel).is_open)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: app.focused is not None)
        await pilot.press("greater_than_sign")
        await wait_for(pilot, lambda: topics()[3].title in app.pane.shown_text())


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


async def never(*_: object, **__: object) -> None:
    """What an engine does that takes its time."""
    await asyncio.Event().wait()


def is_told(line: Static, words: str) -> bool:
    return words in str(line.content)


def drawn(text: TopicText) -> list[Segment]:
    """What is on the screen, with its style."""
    rows = range(text.size.height)
    return [each for row in rows for each in text.render_line(row)]
