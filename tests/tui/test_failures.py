"""What fails unexpectedly ends no more than itself, and hides nothing."""

import ast
import gc
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NoReturn

import pytest
from textual.pilot import Pilot
from textual.widgets import Static

import cnn_tui.tui
from cnn_tui.errors import LabFault, UsageError
from cnn_tui.tui.app import LabApp
from cnn_tui.tui.background import every, later, report, start
from cnn_tui.tui.dialogs.new_run import NewRunScreen
from cnn_tui.tui.failures import MOST_LOGGED, FailureLog
from cnn_tui.tui.panes.training.pane import TrainingPane
from cnn_tui.tui.panes.training.study_page import StudyPage
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace
from tests.made_up_studies import ORDER
from tests.tui.fake_engine import FakeEngine
from tests.tui.waiting import wait_for

SOURCES = sorted(Path(cnn_tui.tui.__file__).parent.rglob("*.py"))
ONE_WAY = "background.py"
OTHER_WAYS = {
    "run_worker",
    "work",
    "create_task",
    "ensure_future",
    "call_after_refresh",
    "run_in_executor",
    "set_interval",
    "set_timer",
    "to_thread",
    "Thread",
    "Timer",
}
MORE_FAILURES = [
    *(("start", "pane"), ("start", "page"), ("later", "app")),
    *(("later", "page"), ("every", "app"), ("every", "pane")),
]


class MadeUpError(Exception):
    """Nothing that the lab expects."""


def fail(*_: object, **__: object) -> NoReturn:
    raise MadeUpError("made to fail")


async def fail_later(*_: object, **__: object) -> None:
    fail()


@asynccontextmanager
async def lab(workspace: Workspace | None) -> AsyncIterator[tuple[LabApp, Pilot[str]]]:
    app = LabApp(workspace=workspace)
    app.engine = FakeEngine()  # type: ignore[assignment]
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        yield app, pilot


def notices(app: LabApp) -> list[str]:
    return [notice.message for notice in app._notifications]


def logs(workspace: Workspace) -> list[Path]:
    return sorted((workspace.state / "log").glob("*.log"))


def test_starts_everything_beside_the_keys_in_one_way() -> None:
    found = [
        f"{path.name}:{node.lineno} {name}"
        for path in SOURCES
        if path.name != ONE_WAY
        for node, name in _called(ast.parse(path.read_text()))
        if name in OTHER_WAYS
    ]
    assert found == []


def _called(tree: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """Every name that is called or decorates something, and where."""
    for node in ast.walk(tree):
        calls = [node.func] if isinstance(node, ast.Call) else []
        for each in [*calls, *getattr(node, "decorator_list", [])]:
            if isinstance(each, ast.Name):
                yield each, each.id
            elif isinstance(each, ast.Attribute):
                yield each, each.attr


@pytest.mark.parametrize(
    ("how", "of"),
    [
        *(("start", "app"), ("later", "pane"), ("every", "page")),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in MORE_FAILURES),
    ],
)
async def test_goes_on_after_a_failure_and_names_its_log(
    workspace: Workspace, of: str, how: str
) -> None:
    async with lab(workspace) as (app, pilot):
        owner = {"app": app, "pane": app.pane, "page": app.query(Page).first()}[of]
        if how == "start":
            start(owner, fail_later(), "test")
        else:
            {"later": later, "every": every}[how](owner, 0.01, fail)
        await wait_for(pilot, lambda: notices(app))
        await pilot.pause(0.05)
        (log,) = logs(workspace)
        (notice,) = notices(app)
        assert notice == (
            "The lab itself failed (MadeUpError: made to fail), but you can go on. "
            f"The traceback is in {log}."
        )
        written = log.read_text()
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d", written)
        assert written.count("Traceback") == 1
        assert 'raise MadeUpError("made to fail")' in written
        await pilot.press("5")
        assert app.pane.info.title == "Exercises"


async def test_logs_no_error_that_has_a_sentence(workspace: Workspace) -> None:
    async with lab(workspace) as (app, pilot):
        report(app, UsageError("There is no such thing."))
        await wait_for(pilot, lambda: notices(app) == ["There is no such thing."])
    assert logs(workspace) == []


async def test_says_on_the_page_why_its_study_could_not_be_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.tui.panes.training.study_page.StudyWatch.look", fail)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4")
        await pilot.pause()
        pane = app.query_one(TrainingPane)
        pane._open_study(ORDER)
        await wait_for(pilot, lambda: "made to fail" in shown(app.query_one(StudyPage)))
        assert str(logs(workspace)[0]) in shown(app.query_one(StudyPage)).replace("\n", "")
        assert notices(app) == []


@pytest.mark.slow
async def test_says_in_a_dialog_what_it_could_not_find_out(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(NewRunScreen, "_show_devices", fail_later)
    async with lab(workspace) as (app, pilot):
        await pilot.press("4", "n")
        await wait_for(pilot, lambda: app.screen.query("#new-run-device"))
        line = app.screen.query_one("#new-run-device", Static)
        await wait_for(pilot, lambda: "made to fail" in str(line.content))
        monkeypatch.setattr("cnn_tui.tui.dialogs.new_run.validate_resources", fail)
        await pilot.press("ctrl+s")
        line = app.screen.query_one("#form-problem", Static)
        await wait_for(pilot, lambda: "made to fail" in str(line.content))


async def test_says_on_a_page_that_it_cannot_be_drawn(workspace: Workspace) -> None:
    class Unshowable:
        __rich_console__ = fail

    async with lab(workspace) as (app, pilot):
        page = app.query_one("#demo-output", Page)
        app.query_one("#demo-panel").display = True
        await pilot.pause()
        for is_long in (False, True):
            page.show("")
            page.show(Unshowable(), long=is_long)  # type: ignore[arg-type]
            await wait_for(pilot, lambda: "made to fail" in shown(page))


async def test_stays_where_it_is_when_a_pane_cannot_be_loaded(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lab(workspace) as (app, pilot):
        monkeypatch.setattr("cnn_tui.tui.panes.pane.import_module", fail)
        await pilot.press("3")
        await wait_for(pilot, lambda: notices(app))
        assert app.pane.info.title == "Topics"
        monkeypatch.undo()
        await pilot.press("3")
        assert app.pane.info.title == "Pooling"


async def test_leaves_although_the_runs_cannot_be_listed(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cnn_tui.training.store.listing.list_runs", fail)
    async with lab(workspace) as (app, pilot):
        await pilot.press("q")
        await wait_for(pilot, lambda: app.return_value is not None)
    assert app.return_value is not None
    assert "made to fail" in app.return_value
    assert str(logs(workspace)[0]) in app.return_value


def test_logs_where_it_may_write(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state, temporary = tmp_path / "state", tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    assert is_in(workspace.state / "log", FailureLog(workspace).add(MadeUpError()))
    assert is_in(state, FailureLog(None).add(MadeUpError()))
    refuse_folder(workspace.state / "log")
    assert is_in(state, FailureLog(workspace).add(MadeUpError()))
    refuse_folder(state)
    assert is_in(temporary, FailureLog(workspace).add(MadeUpError()))
    refuse_folder(temporary)
    assert FailureLog(workspace).add(MadeUpError()) is None


async def test_tells_of_a_failure_that_cannot_be_logged(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FailureLog, "_write", lambda *_: None)
    async with lab(workspace) as (app, pilot):
        start(app, fail_later(), "test")
        await wait_for(pilot, lambda: notices(app))
        assert notices(app) == [
            "The lab itself failed (MadeUpError: made to fail), but you can go on."
        ]


def test_does_not_fill_the_disk_with_failures(workspace: Workspace) -> None:
    log = FailureLog(workspace)
    for number in range(500):
        log.add(MadeUpError(f"made up number {number % 200}"))
    assert log.path is not None
    assert log.path.read_text().count("made up number") == MOST_LOGGED


@pytest.mark.drawn
@pytest.mark.parametrize("where", ["key", "compose", "render"])
def test_ends_with_a_fault_that_names_the_log(
    workspace: Workspace,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    where: str,
) -> None:
    name = {
        "key": "pane.TrainingPane.action_mark",
        "compose": "pane.TrainingPane.compose",
        "render": "detail.RunDetail.render",  # its frame is seen, and the pane behind it is not
    }[where]
    monkeypatch.setattr(f"cnn_tui.tui.panes.training.{name}", fail)
    monkeypatch.setenv("CNN_LAB_WORKSPACE", str(workspace.root))
    monkeypatch.setattr("cnn_tui.tui.app.Engine", FakeEngine)
    monkeypatch.setattr(LabApp, "run", pressing("4", "space"))
    with pytest.raises(LabFault) as caught:
        cnn_tui.tui.run()
    (log,) = logs(workspace)
    assert str(caught.value) == (
        "The lab itself failed (MadeUpError: made to fail) and had to end; your runs go on. "
        f"The traceback is in {log}."
    )
    assert isinstance(caught.value.__cause__, MadeUpError)
    assert "MadeUpError" in log.read_text()
    assert "Traceback" not in "".join(capfd.readouterr())


def test_ends_with_a_fault_where_the_keyboard_fails(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail_to_read(pilot: Pilot[str]) -> None:
        pilot.app.panic("made to fail")

    monkeypatch.setenv("CNN_LAB_WORKSPACE", str(workspace.root))
    monkeypatch.setattr("cnn_tui.tui.app.Engine", FakeEngine)
    monkeypatch.setattr(LabApp, "run", doing(fail_to_read))
    with pytest.raises(LabFault) as caught:
        cnn_tui.tui.run()
    (log,) = logs(workspace)
    assert str(caught.value) == (
        "The lab could not read the keyboard and had to end; your runs go on. "
        f"The traceback is in {log}."
    )
    assert "made to fail" in log.read_text()


def pressing(*keys: str) -> Callable[[LabApp], object]:
    """In place of ``App.run``: without a terminal, with these keys pressed."""

    async def press(pilot: Pilot[str]) -> None:
        await pilot.press(*keys)
        await pilot.pause(0.2)

    return doing(press)


def doing(act: Callable[[Pilot[str]], Awaitable[None]]) -> Callable[[LabApp], object]:
    run = LabApp.run

    def run_headless(app: LabApp, **_: object) -> object:
        return run(app, headless=True, size=(80, 24), auto_pilot=act)  # type: ignore[arg-type]

    return run_headless


def shown(page: Page) -> str:
    return "\n".join(line.text.rstrip() for line in page._lines)


def is_in(folder: Path, path: Path | None) -> bool:
    return path is not None and path.is_relative_to(folder) and path.read_text() != ""


def refuse_folder(path: Path) -> None:
    """Put a file where a folder is wanted: not even root can make one there."""
    for each in sorted(path.rglob("*"), reverse=True) if path.exists() else []:
        each.rmdir() if each.is_dir() else each.unlink()
    if path.exists():
        path.rmdir()
    path.write_text("")


async def test_drops_work_that_has_not_begun_without_a_warning(
    recwarn: pytest.WarningsRecorder,
) -> None:
    begun = []

    async def work(name: str) -> None:
        begun.append(name)

    async with lab(None) as (app, pilot):
        start(app, work("replaced"), "group")
        start(app, work("done"), "group")
        await wait_for(pilot, lambda: begun)
        start(app, work("too late"), "group")
    gc.collect()
    assert begun[0] == "done" and "replaced" not in begun
    assert not [each for each in recwarn if "never awaited" in str(each.message)]
