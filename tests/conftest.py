"""What many tests need: a workspace of their own, and no settings of the user's."""

import gc
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cnn_tui.workspace import DATA_VARIABLE, WORKSPACE_VARIABLE, Workspace, create

# No test compiles a kernel, and triton, which torch._dynamo would import, complains
# at length about leaks of its own after pytest's closing line.
sys.modules.setdefault("triton", None)  # type: ignore[arg-type]

# A shell that starts the tests in the background has Ctrl+C ignored, by them and by every process
# that they start; a handler is what exec takes back.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Likewise nohup and hang-ups; the tests themselves go on without their terminal.
if signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, lambda number, frame: None)


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was imported: torch alone is a million objects."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def no_settings_of_the_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the user's own workspace, data, colours and plain signs out of the tests."""
    of_terminals = ("NO_COLOR", "FORCE_COLOR", "COLUMNS", "LC_ALL")
    for name in (WORKSPACE_VARIABLE, DATA_VARIABLE, *of_terminals):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def whole_numbers_again() -> Iterator[None]:
    """Take back what training in this process sets for it: denormal numbers as zero."""
    yield
    if "torch" in sys.modules:
        sys.modules["torch"].set_flush_denormal(False)


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
