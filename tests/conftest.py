"""What many tests need: a workspace of their own, and no settings of the user's."""

import gc
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.training.process.foreground import JOB_VARIABLES, KUBERNETES_VARIABLE
from cnn_tui.tui.memory import THEME_VARIABLE, Memory
from cnn_tui.workspace import APP, DATA_VARIABLE, WORKSPACE_VARIABLE, Workspace, create

# Several workers share the cores: threads beyond one each would only wait for each other, and
# busily. What sets a number of threads itself keeps it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# No test compiles a kernel, and triton, which torch._dynamo would import, complains
# at length about leaks of its own after pytest's closing line.
sys.modules.setdefault("triton", None)  # type: ignore[arg-type]

# What is imported and collected stays: looking for garbage in it is a sixth of the time it takes.
gc.disable()

# A shell that starts the tests in the background has Ctrl+C ignored, by them and by every process
# that they start; a handler is what exec takes back.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Likewise nohup and hang-ups; the tests themselves go on without their terminal.
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda number, frame: None)
# In a batch job, runs would end with the commands that start them.
for variable in (*JOB_VARIABLES, KUBERNETES_VARIABLE):
    os.environ.pop(variable, None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give each worker tests that follow one another: what they share is made once, not by each.

    A worker that has done its own takes over half of what another one still has to do.
    """
    if config.getoption("dist") != "load":  # asked for on the command line
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported: torch alone is a million objects.

    Nothing is collected before: a pass over all that takes longer than its garbage is worth.
    """
    gc.freeze()
    gc.enable()


@pytest.fixture(scope="session")
def state_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user state folder whose user has seen the first page."""
    state = tmp_path_factory.mktemp("state")
    Memory(state / APP).see_first_page()
    return state


@pytest.fixture(scope="session")
def cache_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A user cache folder without data sets."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="session")
def nowhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty folder far from any workspace."""
    return tmp_path_factory.mktemp("nowhere")


@pytest.fixture(autouse=True)
def far_from_a_workspace(monkeypatch: pytest.MonkeyPatch, nowhere: Path) -> Iterator[None]:
    """Begin each test where there is no workspace: the project's own folder looks like one.

    What a test would leave there, the next one would find.
    """
    monkeypatch.chdir(nowhere)
    yield
    assert not any(nowhere.iterdir()), "a test left files in the folder that all tests begin in"


@pytest.fixture(autouse=True)
def no_settings_of_the_user(
    monkeypatch: pytest.MonkeyPatch, state_of_nobody: Path, cache_of_nobody: Path
) -> None:
    """Keep the user's own workspace, data, terminal, colors and plain signs out of the tests."""
    of_terminals = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL")
    monkeypatch.setenv("XDG_STATE_HOME", str(state_of_nobody))
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache_of_nobody))
    for name in (WORKSPACE_VARIABLE, DATA_VARIABLE, THEME_VARIABLE, *of_terminals):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLORTERM", "truecolor")


@pytest.fixture(autouse=True)
def whole_numbers_again() -> Iterator[None]:
    """Take back what training in this process sets for it: denormal numbers as zero."""
    yield
    torch = sys.modules.get("torch")
    if hasattr(torch, "set_flush_denormal"):  # not while a thread is importing it
        torch.set_flush_denormal(False)


@pytest.fixture(scope="session")
def shared_by_workers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this test run have together."""
    base = tmp_path_factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    shared = folder / "shared"
    shared.mkdir(exist_ok=True)
    return shared


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    """A fresh workspace with the pristine starters; its runs are stopped at the end."""
    from cnn_tui.grading.catalogue import starters
    from cnn_tui.training.process import launcher
    from cnn_tui.training.store.listing import find_run, list_runs

    space, _ = create(tmp_path / "workspace", starters())
    yield space
    for run in list_runs(space):
        if run.state == "running":
            launcher.stop(find_run(space, run.run))
