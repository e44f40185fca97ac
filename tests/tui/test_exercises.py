"""The Exercises pane: task, check, report, editor."""

import contextlib
import stat
from pathlib import Path

import pytest

from cnn_tui.grading.catalogue import exercise_named, solution
from cnn_tui.grading.progress import load
from cnn_tui.tui.exercises import ExercisesPane
from cnn_tui.workspace import Workspace
from tests.tui.test_app import lab
from tests.tui.waiting import wait_for


async def test_shows_the_task_and_where_the_file_is(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("5")
        await pilot.pause()
        shown = app.pane.shown_text()
        assert "max_pool" in shown
        assert "exercise1.py" in shown


async def test_checks_the_file_and_keeps_the_standing(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        await pilot.press("5")
        await pilot.pause()
        pane = app.query_one(ExercisesPane)
        await pilot.press("c")
        await wait_for(pilot, lambda: "NOT PASSED" in pane.shown_text())
        assert "NotImplementedError" in pane.shown_text()
        reference = solution(exercise_named("1")).read_bytes()
        (workspace.exercises / "exercise1.py").write_bytes(reference)
        await pilot.press("c")
        await wait_for(pilot, lambda: "10 of 10" in pane.shown_text())
        await pilot.press("t")
        assert "c checks it" in pane.shown_text()
    assert load(workspace)["exercise1"].passed


async def test_says_what_is_wrong_with_a_file_that_cannot_be_checked(workspace: Workspace) -> None:
    (workspace.exercises / "exercise1.py").write_text("def max_pool(:\n")
    async with lab(workspace) as (app, pilot):
        await pilot.press("5")
        await pilot.pause()
        await pilot.press("c")
        await wait_for(pilot, lambda: "line 1" in app.pane.shown_text())


async def test_hands_the_file_to_the_editor(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\necho "# edited" >> "$2"\n')
    editor.chmod(editor.stat().st_mode | stat.S_IXUSR)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{editor} --wait")
    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
        await pilot.press("5")
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
    assert (workspace.exercises / "exercise1.py").read_text().endswith("# edited\n")


async def test_says_when_the_editor_cannot_be_started(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "no-such-editor")
    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr(app, "suspend", contextlib.nullcontext)
        await pilot.press("5")
        await pilot.pause()
        await pilot.press("e")
        await pilot.pause()
        (note,) = app._notifications
        assert "export EDITOR" in note.message
