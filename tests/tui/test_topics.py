"""The Topics pane: reading, and running a demo."""

import pytest
from textual.widgets import Input, Tree

from cnn_tui.chapter.catalogue import topic as by_slug
from cnn_tui.chapter.catalogue import topics
from cnn_tui.errors import LabFault
from cnn_tui.tui.prompt import PromptScreen
from cnn_tui.tui.scroller import Page
from cnn_tui.tui.topics import TopicsPane
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
        assert not output.display


async def test_offers_a_demo_only_where_there_is_one(workspace: Workspace) -> None:
    bare = next(topic for topic in topics() if not topic.demos)
    async with lab(workspace) as (app, pilot):
        for topic, offered in ((bare, False), (by_slug("efficientnet"), True)):
            app.query_one(TopicsPane)._open(topic)
            await pilot.pause()
            assert ("r" in app.screen.active_bindings) is offered
            assert ("p" in app.screen.active_bindings) is offered


async def test_runs_a_demo_with_other_parameters(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        app.query_one(TopicsPane)._open(by_slug("efficientnet"))
        await pilot.press("p")
        await wait_for(pilot, lambda: isinstance(app.screen, PromptScreen))
        line = app.screen.query_one(Input)
        assert "--phi" in line.value
        line.value = "--phi 99"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, PromptScreen), "99 is more than the demo takes"
        line.value = "--phi 2 --alpha 1.3"
        await pilot.press("enter")
        await wait_for(pilot, lambda: "phi 2.0, alpha 1.3" in app.pane.shown_text())


async def test_hides_the_tree_while_a_narrow_terminal_is_read(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("j", "enter")
        await pilot.pause()
        assert not app.query_one("#topic-tree").display
        assert app.query_one("#topic-text", Page).size.width >= 76
        await pilot.press("escape")
        await pilot.pause()
        assert app.query_one("#topic-tree").display


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
