"""The lab notices what is saved, however an editor saves it."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cnn_tui.errors import UsageError
from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.classroom.helper_files import files_beside
from cnn_tui.grading.learner import watch
from cnn_tui.workspace import Workspace

PATIENCE = 10.0
QUIET_SECONDS = 1.0
"""Long enough for a tick, and for what is missing to be called gone."""


class Watcher:
    """Collects what ``changes`` tells, on a thread, as the TUI does."""

    def __init__(self, space: Workspace) -> None:
        self.files = [(each, space.exercises / each.file_name) for each in exercises()[:2]]
        self.told: list[list[str]] = []
        self.seen: list[bytes | None] = []
        self.stop = threading.Event()
        self._changes = watch.changes(self.files, self.stop)
        self._thread = threading.Thread(target=self._collect)
        self._thread.start()

    @property
    def path(self) -> Path:
        return self.files[0][1]

    def _collect(self) -> None:
        for changed in self._changes:
            self.told.append([exercise.name for exercise, _ in changed])
            self.seen.append(self.path.read_bytes() if self.path.exists() else None)

    def expect(self, *, seen: bytes | None) -> None:
        until = time.monotonic() + PATIENCE
        while self.seen[-1:] != [seen]:
            assert time.monotonic() < until, self.seen
            time.sleep(0.02)

    def end(self) -> None:
        self.stop.set()
        self._thread.join(PATIENCE)
        assert not self._thread.is_alive()


@pytest.fixture
def watcher(workspace: Workspace) -> Iterator[Watcher]:
    watcher = Watcher(workspace)
    yield watcher
    watcher.end()


def in_place(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def by_rename(path: Path, content: bytes) -> None:
    """As VS Code does it with some settings, and every careful program."""
    new = path.with_suffix(".new")
    new.write_bytes(content)
    new.replace(path)


def backup_first(path: Path, content: bytes) -> None:
    """As vim does it: the file is away for a moment."""
    backup = path.rename(path.with_suffix(".py~"))
    time.sleep(0.1)
    path.write_bytes(content)
    backup.unlink()


def in_two_halves(path: Path, content: bytes) -> None:
    """Emptied, and filled only after a while."""
    with path.open("wb") as file:
        time.sleep(0.2)
        file.write(content[:2])
        file.flush()
        time.sleep(0.02)
        file.write(content[2:])


@pytest.mark.parametrize("save", [in_place, by_rename, backup_first, in_two_halves])
def test_tells_of_a_save_once_and_whole(
    watcher: Watcher, save: Callable[[Path, bytes], None]
) -> None:
    save(watcher.path, b"x = 2\n")
    watcher.expect(seen=b"x = 2\n")
    time.sleep(0.3)
    assert watcher.told == [[exercises()[0].name]]


@pytest.mark.slow
def test_tells_of_a_file_that_is_gone_and_of_its_return(watcher: Watcher) -> None:
    watcher.path.unlink()
    watcher.expect(seen=None)
    watcher.path.write_bytes(b"x = 3\n")
    watcher.expect(seen=b"x = 3\n")
    assert watcher.told == [[exercises()[0].name]] * 2


@pytest.mark.slow
def test_takes_a_save_that_changes_nothing_for_none(watcher: Watcher) -> None:
    by_rename(watcher.path, watcher.path.read_bytes())
    watcher.path.with_name("notes.txt").write_text("not an exercise")
    time.sleep(QUIET_SECONDS)
    assert watcher.told == []


def test_tells_of_a_helper_file_where_they_count(workspace: Workspace) -> None:
    (workspace.exercises / "pools.py").write_text("x = 1\n")
    files = [(each, workspace.exercises / each.file_name) for each in exercises()[:2]]
    changes = watch.changes(files, beside=files_beside)
    in_two_halves(workspace.exercises / "pools.py", b"x = 2\n")
    assert next(changes) == files, "it may be a helper of each"
    files[0][1].write_text("x = 3\n")
    assert next(changes) == files[:1], "an exercise is no helper of another"
    (workspace.exercises / "windows.py").write_text("x = 4\n")
    assert next(changes) == files


def test_notices_what_the_system_says_nothing_of(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    import watchfiles

    def refuse(*_: object, **__: object) -> None:
        raise OSError("OS file watch limit reached")

    monkeypatch.setattr(watchfiles, "watch", refuse)
    watcher = Watcher(workspace)
    by_rename(watcher.path, b"x = 4\n")
    watcher.expect(seen=b"x = 4\n")
    watcher.end()


@pytest.mark.slow
def test_goes_on_when_the_whole_folder_is_replaced(watcher: Watcher) -> None:
    folder = watcher.path.parent
    moved = folder.rename(folder.with_name("moved"))
    watcher.expect(seen=None)
    folder.mkdir()
    for path in moved.iterdir():
        (folder / path.name).write_bytes(b"x = 5\n")
    watcher.expect(seen=b"x = 5\n")


@pytest.mark.slow
def test_tells_only_the_last_of_what_was_saved_meanwhile(workspace: Workspace) -> None:
    files = [(each, workspace.exercises / each.file_name) for each in exercises()[:2]]
    changes = watch.changes(files)
    for number in range(10):
        for _, path in files:
            path.write_text(f"x = {number}\n")
    assert next(changes) == files, "both at once, with what was saved before the first look"
    for number in range(10, 20):
        files[1][1].write_text(f"x = {number}\n")
        time.sleep(0.02)
    assert next(changes) == files[1:]
    files[0][1].write_text("x = 'the end'\n")
    assert next(changes) == files[:1], "nothing of the twenty saves is left in a queue"


def test_needs_the_folder(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no folder"):
        watch.changes([(exercises()[0], tmp_path / "nowhere" / "exercise1.py")])
