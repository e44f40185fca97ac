"""A demo whose numbers move with the keys: its output follows, and says where it does not yet."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from textual.pilot import Pilot

from cnn_tui.chapter.catalogue import topic as by_slug
from cnn_tui.chapter.records import DemoResult, Say
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.panes.demo_form import DemoForm
from cnn_tui.tui.panes.demo_output import STALE, DemoOutput
from cnn_tui.tui.panes.demo_panel import COMPUTING, DemoPanel
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


def made_up(parameters: dict[str, Any]) -> DemoResult:
    words = f"the answer for p = {parameters['p']:g}"
    return DemoResult("dropout-mask", "A title", parameters, (Say(words),), {})


@dataclass
class SlowJobs:
    """Stands for the engine: a job is answered when the test says so."""

    asked: list[float] = field(default_factory=list)
    ended: list[float] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self, job: str, *, parameters: dict[str, Any], **_: object) -> DemoResult:
        """The made-up result, at the right time."""
        self.asked.append(parameters["p"])
        try:
            await self.may_answer.wait()
        except asyncio.CancelledError:
            self.ended.append(parameters["p"])
            raise
        return made_up(parameters)


@asynccontextmanager
async def demo_form(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int] = (120, 40)
) -> AsyncIterator[tuple[LabApp, Pilot[str], SlowJobs]]:
    """The form of dropout-mask, with the result of its defaults below it."""
    async with lab(workspace, size=size) as (app, pilot):
        jobs = SlowJobs()
        jobs.may_answer.set()
        monkeypatch.setattr(app.engine, "run", jobs.run)
        monkeypatch.setattr(app.engine, "at_once", lambda *_, **__: None)
        app.query_one(TopicsPane)._open(by_slug("dropout-what"))
        app.query_one(TopicsPane).start(app.query_one(TopicsPane).demo.edit("dropout-mask"), "form")
        await wait_for(pilot, lambda: shows(app, 0.5) and isinstance(app.focused, DemoForm))
        jobs.may_answer.clear()
        jobs.asked.clear()
        yield app, pilot, jobs


def shows(app: LabApp, p: float) -> bool:
    return f"the answer for p = {p:g}\n" in app.pane.shown_text()


def is_stale(app: LabApp) -> bool:
    output = app.query_one(DemoOutput)
    is_dimmed = output.has_class(STALE)
    assert output.styles.text_opacity == (0.5 if is_dimmed else 1.0)
    assert is_dimmed is (app.query_one(DemoPanel).state == COMPUTING)
    return is_dimmed


@pytest.mark.parametrize("size", [(80, 24), pytest.param((120, 40), marks=pytest.mark.slow)])
async def test_keeps_the_old_output_marked_as_stale_until_the_new_one_is_there(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    async with demo_form(workspace, monkeypatch, size) as (app, pilot, jobs):
        assert not is_stale(app)
        await pilot.press("right")
        await wait_for(pilot, lambda: is_stale(app))
        assert shows(app, 0.5)
        jobs.may_answer.set()
        await wait_for(pilot, lambda: shows(app, 0.55))
        assert not is_stale(app)
        assert "before: p 0.5; what differs is marked" in app.pane.shown_text()
        assert isinstance(app.focused, DemoForm)


async def test_computes_only_the_newest_of_many_steps_and_remembers_the_way_back(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with demo_form(workspace, monkeypatch) as (app, pilot, jobs):
        await pilot.press("right")
        await wait_for(pilot, lambda: jobs.asked == [0.55])
        await pilot.press("right", "right", "right")
        await wait_for(pilot, lambda: jobs.asked[-1] == 0.7)
        assert jobs.ended == jobs.asked[:-1], "what was overtaken is dropped"
        jobs.may_answer.set()
        await wait_for(pilot, lambda: shows(app, 0.7))
        jobs.may_answer.clear()
        jobs.asked.clear()
        jobs.ended.clear()
        await pilot.press("left")
        await wait_for(pilot, lambda: is_stale(app) and jobs.asked == [0.65])
        await pilot.press("right")
        await wait_for(pilot, lambda: not is_stale(app))
        assert shows(app, 0.7)
        assert jobs.asked == jobs.ended == [0.65]


@pytest.mark.slow
async def test_shows_what_is_known_at_once_and_ends_what_was_computed_for_other_numbers(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def known(job: str, *, name: str, parameters: dict[str, Any]) -> DemoResult | None:
        return made_up(parameters) if parameters["p"] == 0.6 else None

    async with demo_form(workspace, monkeypatch) as (app, pilot, jobs):
        monkeypatch.setattr(app.engine, "at_once", known)
        await pilot.press("right")
        await wait_for(pilot, lambda: jobs.asked == [0.55])
        await pilot.press("right")
        await wait_for(pilot, lambda: shows(app, 0.6))
        assert not is_stale(app)
        assert jobs.asked == jobs.ended == [0.55]


@pytest.mark.slow
async def test_leaves_what_is_typed_alone_until_enter(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with demo_form(workspace, monkeypatch) as (app, pilot, jobs):
        await pilot.press(*".3")
        await pilot.pause(0.1)
        assert jobs.asked == []
        assert not is_stale(app)
        jobs.may_answer.set()
        await pilot.press("enter")
        await wait_for(pilot, lambda: shows(app, 0.3))


@pytest.mark.slow
async def test_says_what_is_wrong_with_another_number_and_stays_in_the_one_that_moves(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with demo_form(workspace, monkeypatch) as (app, pilot, jobs):
        form = app.query_one(DemoForm)
        await pilot.press("down", *"99", "up", "right")
        await wait_for(pilot, lambda: bool(form.fields["trials"].problem))
        assert form.current is form.fields["p"]
        assert jobs.asked == []
        assert shows(app, 0.5)


@pytest.mark.slow
async def test_moves_the_cursor_of_a_text_with_the_same_keys(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab(workspace, size=(120, 40)) as (app, pilot):
        pane = app.query_one(TopicsPane)
        pane._open(by_slug("vision-transformer"))
        pane.start(pane.demo.edit("vit-patches"), "form")
        await wait_for(pilot, lambda: isinstance(app.focused, DemoForm))
        form = app.query_one(DemoForm)
        await pilot.press("left", "left", *"-a-")
        assert form.fields["image"].value == "dig-a-it"
        assert not is_stale(app)
