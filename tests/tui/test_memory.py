"""What the app remembers of its user, however many apps and threads change it at once."""

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from cnn_tui.chapter.reading import ReadingMarks, with_marks
from cnn_tui.tui import memory
from cnn_tui.tui.memory import Memory, RememberedState

READ_TEN = """
import sys
from pathlib import Path
from cnn_tui.tui.memory import Memory
kept = Memory(Path(sys.argv[1]))
for number in range(10):
    kept.keep_reading("", {f"{sys.argv[2]}-{number}": True})
"""


def test_loses_no_change_of_threads_side_by_side(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slowly(*marks: object) -> ReadingMarks:
        time.sleep(0.005)  # others could change what was read meanwhile
        return with_marks(*marks)  # type: ignore[arg-type]

    monkeypatch.setattr(memory, "with_marks", slowly)
    kept = Memory(tmp_path)
    changes: list[Callable[[], None]] = [
        *(lambda slug=slug: kept.keep_reading("", {slug: True}) for slug in "abcdef"),  # type: ignore[misc]
        lambda: kept.choose_theme("nord"),
        kept.see_first_page,
    ]
    with ThreadPoolExecutor(len(changes)) as threads:
        list(threads.map(lambda change: change(), changes))
    expected = RememberedState(True, "nord", tuple("abcdef"))
    assert replace(kept.now, last_topic="") == expected
    assert replace(Memory(tmp_path).now, last_topic="") == expected


@pytest.mark.slow
def test_loses_no_change_of_apps_side_by_side(tmp_path: Path) -> None:
    apps = [
        subprocess.Popen([sys.executable, "-c", READ_TEN, str(tmp_path), name]) for name in "abc"
    ]
    assert [app.wait(60) for app in apps] == [0, 0, 0]
    read = {f"{name}-{number}" for name in "abc" for number in range(10)}
    assert set(Memory(tmp_path).now.read) == read
