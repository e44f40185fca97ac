"""What the app does beside its keys, and how little of it while nothing happens."""

import gc

import pytest

from cnn_tui.tui.preparing import LONGEST_SKIPPED, OldGarbage


def test_old_garbage_is_collected_where_something_has_grown_old(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    counts, collected = iter([0, 3, 0, 0, 1]), []
    monkeypatch.setattr(gc, "get_count", lambda: (9, 9, next(counts, 0)))
    monkeypatch.setattr(gc, "collect", lambda: collected.append(True))
    garbage, seen = OldGarbage(), []
    for _ in range(5 + LONGEST_SKIPPED + 1):
        garbage.collect()
        seen.append(len(collected))
    assert seen[:5] == [0, 1, 1, 1, 2]
    assert seen[5:] == [2] * LONGEST_SKIPPED + [3]
