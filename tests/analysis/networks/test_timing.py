"""Where the time goes: only relations are asserted, for times are the machine's own."""

import time
from collections.abc import Callable, Iterator

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.analysis.networks import timing
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.summary import summarize, summarize_module
from cnn_tui.errors import UsageError

NAP = 0.02


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other take long where other tests run at the same time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


class Slow(nn.Module):
    nap = NAP

    def forward(self, x: Tensor) -> Tensor:
        if not x.is_meta:
            time.sleep(self.nap)
        return x + 1


class Again(nn.Module):
    """Runs one module twice; only its second call is slow."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        self.slow = Slow()

    def forward(self, x: Tensor) -> Tensor:
        self.slow.nap = 0.0
        x = F.max_pool2d(self.slow(self.conv(x)), 2)
        self.slow.nap = NAP
        return self.slow(self.conv(x))


class Giving(nn.Module):
    """Tries a layer that raises, and goes on without it."""

    def __init__(self) -> None:
        super().__init__()
        self.broken = nn.Sequential(Raising())
        self.conv = nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        try:
            x = self.broken(x)
        except ValueError:
            x = self.conv(x)
        return x


class Raising(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        raise ValueError("no")


def measured(make: Callable[[], nn.Module]) -> NetSummary:
    with torch.device("meta"):
        net = make()
    summary = summarize_module(net, (3, 8, 8), net_name="own", title="Own")
    return timing.with_times(summary, make(), "cpu")


def sleeper() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 4, 3), nn.Sequential(nn.ReLU(), Slow()), nn.Flatten())


def test_finds_the_layer_that_takes_the_time() -> None:
    summary = measured(sleeper)
    slow = max(summary.layers, key=lambda layer: layer.seconds or 0)
    block = next(row for row in summary.modules if row.name == "1")
    assert slow.name == "1.1"
    assert slow.seconds and block.seconds and summary.total_seconds
    assert NAP <= slow.seconds <= block.seconds * 1.2
    assert slow.seconds > summary.total_seconds / 2


def test_tells_how_it_measured() -> None:
    note = measured(sleeper).note
    assert "Time: the shortest of 5 passes of one image on the CPU, 1 thread." in note


def test_takes_fewer_passes_where_one_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "LONGEST_SECONDS", NAP / 2)
    assert "shortest of 2 passes" in measured(sleeper).note


def test_times_each_call_of_a_reused_module_and_no_function() -> None:
    rows = measured(Again).modules
    assert [row.name for row in rows] == ["conv", "slow", "max_pool2d", "conv", "slow"]
    first, second = (row.seconds for row in rows if row.name == "slow")
    assert first is not None and second is not None
    assert first < NAP <= second
    assert [row.name for row in rows if row.seconds is None] == ["max_pool2d"]


def test_goes_on_where_a_forward_catches_what_a_layer_raises() -> None:
    summary = measured(Giving)
    assert [(row.name, row.seconds is None) for row in summary.modules] == [("conv", False)]


def test_leaves_no_hooks_behind() -> None:
    net = sleeper()
    timing.with_times(summarize_module(sleeper(), (3, 8, 8), net_name="", title=""), net, "cpu")
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in net.modules())


def test_times_a_network_of_the_catalogue_on_demand() -> None:
    plain, timed = summarize("lenet5"), summarize("lenet5", (1, 32, 32), timed=True)
    assert plain.total_seconds is None and plain.macs_per_second is None
    assert all(row.seconds for row in timed.modules)
    assert timed.total_seconds and timed.macs_per_second
    assert sum(row.seconds or 0 for row in timed.layers) < 2 * timed.total_seconds


def test_writes_seconds_into_the_document() -> None:
    document = measured(Again).to_json()
    assert document["total_seconds"] >= NAP
    assert [layer["seconds"] is None for layer in document["layers"]] == [
        False,
        False,
        True,
        False,
        False,
    ]
    assert summarize("lenet5").to_json()["layers"][0]["seconds"] is None


def test_refuses_to_run_what_is_too_large() -> None:
    with pytest.raises(UsageError, match="VGG-11 is too large to be run here on an input of 3×"):
        summarize("vgg11", (3, 5000, 5000), timed=True)


def test_says_why_a_network_could_not_be_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> NetSummary:
        raise RuntimeError("can't allocate memory: you tried to allocate 9 bytes.\nmore")

    monkeypatch.setattr(timing, "with_times", fail)
    with pytest.raises(UsageError, match="could not be run on an input of 1×28×28: can't allocate"):
        summarize("lenet5", timed=True)
