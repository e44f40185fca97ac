"""The glossary in the app: type to filter, Enter goes to the topic."""

import time

import pytest
from textual.widgets import Static

from cnn_tui.chapter.catalogue import topic
from cnn_tui.chapter.glossary import glossary, term, terms_of
from cnn_tui.tui.dialogs.glossary import GlossaryScreen, TermList
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

MOST_SECONDS = 0.05


async def test_explains_the_terms_of_the_page_first_and_goes_to_a_topic(
    workspace: Workspace,
) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        app.query_one(TopicsPane)._open(topic("resnet"))
        await pilot.press("G")
        await wait_for(pilot, lambda: isinstance(app.screen, GlossaryScreen))
        terms, text = app.screen.query_one(TermList), app.screen.query_one("#glossary-text", Static)
        first = terms_of(topic("resnet"))[0]
        listed = [option.id for option in terms.options if option.id]
        assert listed[: len(terms_of(topic("resnet")))] == [
            each.name for each in terms_of(topic("resnet"))
        ]
        assert sorted(listed) == sorted(each.name for each in glossary())
        await wait_for(pilot, lambda: first.text in str(text.content))
        assert text.region.bottom < app.screen.query_one(Frame).region.bottom <= 24
        await pilot.press("down")
        await wait_for(pilot, lambda: terms_of(topic("resnet"))[1].text in str(text.content))
        await pilot.press(*"logi")
        await wait_for(pilot, lambda: term("logit").text in str(text.content))
        assert app.screen.query_one(Frame).state == f"2 of {len(glossary())}"
        await pilot.press("enter")
        await wait_for(pilot, lambda: app.pane.state.topic.slug == "predictions")
        await pilot.press("b")
        await wait_for(pilot, lambda: app.pane.state.topic.slug == "resnet")


@pytest.mark.slow
async def test_says_that_nothing_matches_and_stays(workspace: Workspace) -> None:
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        await pilot.press("3", "G")
        await wait_for(pilot, lambda: isinstance(app.screen, GlossaryScreen))
        await pilot.press(*"nosuch", "enter")
        text = app.screen.query_one("#glossary-text", Static)
        await wait_for(pilot, lambda: "No term has “nosuch”" in str(text.content))
        await pilot.press("escape")
        await wait_for(pilot, lambda: not isinstance(app.screen, GlossaryScreen))
        assert app.pane.info.title == "Pooling"


async def test_lists_every_term_at_once(workspace: Workspace) -> None:
    """The fastest of a few tries: other processes may have the processor meanwhile."""
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        taken = []
        for _ in range(3):
            begun = time.process_time()
            app.action_glossary()
            opened = time.process_time() - begun
            await wait_for(pilot, lambda: app.screen.query_one(TermList).option_count)
            begun = time.process_time()
            app.screen._list("")
            taken.append(opened + time.process_time() - begun)
            await pilot.press("escape")
            await wait_for(pilot, lambda: not isinstance(app.screen, GlossaryScreen))
        assert min(taken) <= MOST_SECONDS, taken
