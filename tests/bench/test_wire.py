"""What the benchmark of the bytes reports, for an app that nobody started."""

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from cnn_tui.bench import wire

SENT = {"4": 19_000, wire.DOWN: 5_000}
"""Key → bytes; any other key takes 800."""


class App:
    """Writes as many bytes as a key takes, and is quiet at once."""

    def __init__(self) -> None:
        self.written = b""

    def press(self, keys: str) -> None:
        self.written = b"x" * (SENT.get(keys, 800) if keys else 0)


@contextmanager
def app(*_: object) -> Iterator[App]:
    yield App()


def test_reports_the_dearest_key_and_switch_for_each_size(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "_app", app)
    monkeypatch.setattr(wire, "time", SimpleNamespace(sleep=lambda _: None, monotonic=clock()))
    found = {result.name: result for result in wire.measure()}
    for size in ("80×24", "120×40"):
        key = found[f"{size}: a key in a list"]
        assert (key.value, key.unit, key.budget) == (5_000, "bytes", "<= 4096 bytes")
        assert key.within is False
        switch = found[f"{size}: a switch of panes"]
        assert (switch.value, switch.within, switch.note) == (19_000, True, "most: Training")
        assert found[f"{size}: nothing happens"].within is True
        assert found[f"{size}: live curves"].unit == "bytes/s"


def clock() -> object:
    """A clock that nobody waits for."""
    seconds = iter(range(100_000))
    return lambda: next(seconds)
