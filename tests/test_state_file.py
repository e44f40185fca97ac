"""What the lab remembers survives damage, newer labs, and sessions side by side."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cnn_tui.state_file import LARGEST, NewerStateError, StateFile


def counter(folder: Path) -> StateFile[int]:
    def decode(fields: dict[str, Any]) -> int:
        return int(fields["count"])

    return StateFile(folder / "count.json", 2, 0, decode, lambda count: {"count": count})


def test_keeps_every_damaged_file_aside(tmp_path: Path) -> None:
    file = counter(tmp_path)
    for damage in ("{", "[]", '{"version": 0, "count": 1}', '{"version": 1}'):
        file.path.write_text(damage)
        assert file.read() == 0
        assert "is damaged" in file.trouble()
        assert file.change(lambda count: count + 1) == 1
        assert file.trouble() == ""
    kept = [path.read_text() for path in tmp_path.glob("count.damaged-*.json")]
    assert sorted(kept) == sorted(["{", "[]", '{"version": 0, "count": 1}', '{"version": 1}'])


def test_waits_for_no_writer_and_reads_nothing_huge(tmp_path: Path) -> None:
    file = counter(tmp_path)
    os.mkfifo(file.path)
    assert file.read() == 0
    assert file.change(lambda count: count + 1) == 1
    with file.path.open("wb") as huge:
        huge.truncate(LARGEST + 1)
    assert file.read() == 0
    assert "is damaged" in file.trouble()


def test_reads_an_older_version_and_leaves_a_newer_one_alone(tmp_path: Path) -> None:
    file = counter(tmp_path)
    file.path.write_text('{"version": 1, "count": 7}')
    assert file.change(lambda count: count + 1) == 8
    assert json.loads(file.path.read_text()) == {"version": 2, "count": 8}
    newer = '{"version": 3, "count": 9}'
    file.path.write_text(newer)
    assert file.read() == 0
    assert "newer cnn-lab" in file.trouble()
    with pytest.raises(NewerStateError, match=r"move it away .* or update with: git"):
        file.change(lambda count: count + 1)
    assert file.path.read_text() == newer


def test_loses_no_change_of_sessions_side_by_side(tmp_path: Path) -> None:
    def add_ten(_: int) -> None:
        for _ in range(10):
            counter(tmp_path).change(lambda count: count + 1)

    with ThreadPoolExecutor(4) as sessions:
        list(sessions.map(add_ten, range(4)))
    assert counter(tmp_path).read() == 40
    assert sorted(path.name for path in tmp_path.iterdir()) == ["count.json", "count.lock"]


def test_writes_nothing_where_nothing_changes(tmp_path: Path) -> None:
    file = counter(tmp_path)
    file.change(lambda count: count + 1)
    before = file.path.stat()
    file.change(lambda count: count)
    assert file.path.stat().st_ino == before.st_ino
