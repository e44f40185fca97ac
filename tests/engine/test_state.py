"""What the engine says about itself while it loads torch, and afterwards."""

import asyncio
import threading
from collections.abc import AsyncIterator
from multiprocessing import forkserver

import pytest
import pytest_asyncio

from cnn_tui.engine.process import Engine
from cnn_tui.engine.state import Hello, short_name
from cnn_tui.errors import LabFault
from cnn_tui.training.records import Device


@pytest_asyncio.fixture
async def engine() -> AsyncIterator[Engine]:
    made = Engine()
    yield made
    made.close()


async def test_is_idle_until_somebody_needs_torch(engine: Engine) -> None:
    assert engine.state.phase == "idle"
    assert engine.state.seconds == 0


async def test_says_what_there_is_once_torch_is_loaded(engine: Engine) -> None:
    engine.warm_up()
    async with asyncio.timeout(60):
        while engine.state.hello is None:
            assert engine.state.phase in ("idle", "loading", "ready")
            await asyncio.sleep(0.02)
    assert engine.state.phase == "ready"
    assert engine.state.hello.torch.startswith("2.")
    assert type(engine.state.hello.torch) is str  # torch's own class would bring torch along
    assert "cpu" in engine.state.hello.device_names


async def test_says_for_how_long_torch_has_been_loading(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = threading.Event()
    monkeypatch.setattr(forkserver, "ensure_running", loaded.wait)
    try:
        engine.warm_up()
        assert engine.state.phase == "loading"
        before = engine.state.seconds
        await asyncio.sleep(0.02)
        assert engine.state.seconds >= before + 0.02
    finally:
        loaded.set()


async def test_says_why_torch_could_not_be_loaded_until_it_can(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable() -> None:
        raise OSError("the network file system is away")

    monkeypatch.setattr(forkserver, "ensure_running", unreachable)
    with pytest.raises(LabFault, match="network file system is away"):
        await engine.run("hello")
    assert engine.state.phase == "failed"
    assert "network file system is away" in engine.state.reason
    monkeypatch.undo()
    assert isinstance(await engine.run("hello"), Hello)
    assert engine.state.phase == "ready"


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("NVIDIA H100 80GB HBM3", "H100"),
        ("NVIDIA A100-SXM4-80GB", "A100"),
        ("Tesla V100-SXM2-16GB", "V100"),
        ("NVIDIA GeForce RTX 4090", "RTX 4090"),
        ("NVIDIA GH200 480GB", "GH200"),
        ("AMD Instinct MI300X", "MI300X"),
        ("80GB", "80GB"),
    ],
)
def test_calls_a_gpu_as_people_do(name: str, short: str) -> None:
    assert short_name(Device("cuda", name, None, None)) == short


def test_calls_the_processor_cpu() -> None:
    assert short_name(Device("cpu", "Intel(R) Xeon(R) CPU @ 2.20GHz", None, None)) == "cpu"
