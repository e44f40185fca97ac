"""The peak of this machine: measured, and kept for estimates."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from cnn_tui.analysis.networks import devices
from cnn_tui.bench import machine
from cnn_tui.data.preparation.room import Room

TINY = machine.torch.ones(4)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    sizes: Mapping[str, Mapping[str, int]] = {"SIDES": {"cpu": 64}, "COPIED": {"cpu": 1 << 16}}
    for name, value in sizes.items():
        monkeypatch.setattr(machine, name, value)
    monkeypatch.setattr(machine.torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "user_folder", lambda kind: tmp_path)


def test_keeps_what_it_measures_for_estimates() -> None:
    results = machine.measure()
    assert [each.unit for each in results] == ["GFLOP/s", "GFLOP/s", "GB/s"]
    kept = devices.measured_device()
    assert kept is not None
    assert kept.name in results[-1].note
    assert kept.peak("fp32") >= results[0].value * 1e9
    assert kept.bandwidth >= results[-1].value * 1e9


def test_says_where_it_could_not_be_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "peaks.json").write_text('{"version": 9, "machines": {}}')
    newer = machine.measure()
    assert "could not be kept" in newer[-1].note
    assert newer[0].value > 0
    monkeypatch.setattr(devices, "user_folder", lambda kind: None)
    assert "could not be kept" in machine.measure()[-1].note


def test_a_gpu_that_came_later_is_not_the_machine_that_was_measured(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(devices, "GPUS", tmp_path / "gpus")
    machine.measure()
    assert devices.measured_device() is not None
    card = tmp_path / "gpus" / "0000:01:00.0"
    card.mkdir(parents=True)
    (card / "information").write_text("Model: \t\t NVIDIA H200\nIRQ: 7\n")
    assert devices.measured_device() is None
    machine.measure()
    assert devices.measured_device() is not None


@pytest.mark.parametrize(
    ("free", "copied"),
    [(None, 1 << 29), (1 << 40, 1 << 29), (1 << 30, 1 << 27), (1 << 20, 1 << 26)],
)
def test_copies_more_than_caches_hold_where_there_is_memory(
    monkeypatch: pytest.MonkeyPatch, free: int | None, copied: int
) -> None:
    monkeypatch.setattr(machine, "COPIED", {"cpu": 1 << 29})
    monkeypatch.setattr(machine, "room_in", lambda folder: Room(free, None))
    sizes: list[int] = []
    monkeypatch.setattr(machine.torch, "zeros", lambda size, device: sizes.append(size) or TINY)
    machine.copies("cpu")
    assert sizes == [copied // 4]
