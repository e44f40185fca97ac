"""The code of a topic in the Topics pane: copied, and opened as a file of the learner's own."""

import shlex
import stat
from pathlib import Path

import pytest

from cnn_tui.chapter.catalogue import topic, topics
from cnn_tui.chapter.snippets import program, snippets
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen
from cnn_tui.tui.panes.topics.pane import TopicsPane
from cnn_tui.tui.panes.topics.topic_body import TextFrame
from cnn_tui.tui.panes.topics.topic_text import TopicText
from cnn_tui.workspace import Workspace
from tests.tui.panes.test_exercises import suspend
from tests.tui.panes.test_topics import outside_a_workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for

PAGE = topic("resnet")
KEYS = {"copy_code", "edit_code"}


def last_notice(app: LabApp) -> str:
    return list(app._notifications)[-1].message


def offered(app: LabApp) -> set[str]:
    return KEYS & {each.binding.action for each in app.screen.active_bindings.values()}


async def test_copies_the_code_that_is_read(workspace: Workspace) -> None:
    first, second, third = snippets(PAGE)
    async with lab(workspace, size=(80, 24)) as (app, pilot):
        app.query_one(TopicsPane).open_item(PAGE.slug)
        text = app.query_one(TopicText)
        await wait_for(pilot, lambda: text.has_focus)
        assert offered(app) == KEYS
        border = app.query_one(TextFrame)._border_subtitle
        assert border.plain == "r demo  c copy  e edit  ⏎ links  g contents"
        rows = [line.text.strip() for line in text._lines]
        class_row = rows.index("class ResidualBlock(nn.Module):")
        for top, code in (
            (0, first),
            (class_row - 2, second),
            (class_row + 1, second),
            (rows.index("return F.relu(y)") + 1, third),
            (rows.index("# 2777674"), third),
            (text.max_scroll_y, third),
        ):
            text.scroll_to(y=top, animate=False, immediate=True)
            await pilot.press("c")
            assert app.clipboard == code, top
        assert f"Copied {len(third.splitlines())} lines of code." in last_notice(app)


async def test_offers_no_code_where_there_is_none(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        pane = app.query_one(TopicsPane)
        pane._open(next(each for each in topics() if not snippets(each)))
        await pilot.pause()
        assert offered(app) == set()
        await pilot.press("c", "e")
        assert app.clipboard == ""
        assert not workspace.scratch.exists()


async def test_opens_the_code_as_a_file_of_the_learners_own(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "editor"
    script.write_text('#!/bin/sh\necho "# edited" >> "$1"\n')
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(LabApp, "suspend", suspend)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", shlex.quote(str(script)))
    file = workspace.scratch / "resnet.py"
    async with lab(workspace) as (app, pilot):
        app.query_one(TopicsPane)._open(PAGE)
        await pilot.press("e")
        await wait_for(pilot, lambda: app._notifications)
        assert last_notice(app).startswith("Wrote scratch/resnet.py, which runs as it is")
        assert file.read_text("utf-8") == program(PAGE) + "# edited\n"
        app.clear_notifications()
        await pilot.press("e")
        await wait_for(pilot, lambda: app._notifications)
        assert "differs from the topic's code, and was left as it is" in last_notice(app)
        assert file.read_text("utf-8") == program(PAGE) + 2 * "# edited\n"


async def test_offers_a_workspace_for_the_file_where_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with outside_a_workspace() as (app, pilot):
        app.query_one(TopicsPane)._open(PAGE)
        await pilot.press("e")
        await wait_for(pilot, lambda: isinstance(app.screen, NewWorkspaceScreen))
