import io
import os
import sys
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
import torch

from cnn_tui.training.device import gpu
from cnn_tui.training.device.gpu import Usage, stated_precision, usage, use_gpu_well
from cnn_tui.training.loop import bookkeeping
from cnn_tui.training.records import Started, StepMetrics
from cnn_tui.training.store.export import write_csv
from tests.training.conftest import Here, small_config

CUDA = torch.device("cuda")
UUID = "5fd4f087-86f3-7a43-b711-4771313afc50"


class FakeNvml:
    """NVML on a machine whose second GPU is the only one that torch may see."""

    class NVMLError(Exception):
        pass

    def __init__(self) -> None:
        self.handles = {"GPU-another": 0, f"GPU-{UUID}": 1}
        self.busy = {0: 3, 1: 87}

    def nvmlInit(self) -> None:  # noqa: N802
        pass

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> int:  # noqa: N802
        if uuid not in self.handles:
            raise self.NVMLError("Not Found")
        return self.handles[uuid]

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> SimpleNamespace:  # noqa: N802
        return SimpleNamespace(gpu=self.busy[handle], memory=50)


@pytest.fixture(autouse=True)
def fresh_nvml() -> Iterator[None]:
    gpu._nvml.cache_clear()
    yield
    gpu._nvml.cache_clear()


@pytest.fixture
def a_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    properties = SimpleNamespace(uuid=UUID)
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda device: properties)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda device: (6 * 2**30, 8 * 2**30))


def test_a_gpu_is_found_by_its_uuid(a_gpu: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", FakeNvml())
    assert usage(CUDA) == Usage(utilization=0.87, memory=2 * 2**30)


def test_without_the_package_only_memory_is_known(
    a_gpu: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert usage(CUDA) == Usage(utilization=None, memory=2 * 2**30)


@pytest.mark.parametrize(
    "broken", ["nvmlInit", "nvmlDeviceGetHandleByUUID", "nvmlDeviceGetUtilizationRates"]
)
def test_what_the_driver_refuses_to_tell_is_not_known(
    a_gpu: None, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def refuse(*_: object) -> None:
        raise FakeNvml.NVMLError("Not Supported")

    nvml = FakeNvml()
    monkeypatch.setattr(nvml, broken, refuse, raising=True)
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    assert usage(CUDA) == Usage(utilization=None, memory=2 * 2**30)


def test_a_gpu_that_does_not_answer_fails_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(device: torch.device) -> None:
        raise RuntimeError("CUDA error: unspecified launch failure")

    monkeypatch.setitem(sys.modules, "pynvml", None)
    monkeypatch.setattr(torch.cuda, "mem_get_info", lost)
    assert usage(CUDA) == Usage()


def test_every_flush_tells_how_busy_the_gpu_is(
    here: Callable[..., Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bookkeeping, "usage", lambda device: Usage(0.87, 2 * 2**30))
    run = here(epochs=1)
    run.train()
    flushes = [event for event in run.events() if isinstance(event, StepMetrics)]
    assert {(each.gpu_utilization, each.gpu_memory) for each in flushes} == {(0.87, 2 * 2**30)}
    table = io.StringIO()
    write_csv(run.events(), table)
    assert "gpu_utilization,gpu_memory" in table.getvalue()
    assert ",0.87,2147483648" in table.getvalue()


def test_a_run_on_the_cpu_names_it_and_its_memory(here: Callable[..., Here]) -> None:
    run = here(epochs=1)
    run.train()
    started = next(event for event in run.events() if isinstance(event, Started))
    assert started.device_name
    assert started.device_memory == os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    flushes = [event for event in run.events() if isinstance(event, StepMetrics)]
    assert {(each.gpu_utilization, each.gpu_memory) for each in flushes} == {(None, None)}


@pytest.mark.parametrize("deterministic", [False, True])
def test_cudnn_chooses_its_fastest_way_unless_results_must_not_vary(
    monkeypatch: pytest.MonkeyPatch, deterministic: bool
) -> None:
    told: list[str] = []
    monkeypatch.setattr(torch, "set_float32_matmul_precision", told.append)
    monkeypatch.setattr(torch.backends.cudnn, "benchmark", deterministic)
    use_gpu_well(small_config(device="cuda", deterministic=deterministic))
    assert torch.backends.cudnn.benchmark is not deterministic
    assert told == ["high"]


def test_a_run_on_the_cpu_leaves_the_settings_of_gpus_alone() -> None:
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.benchmark
    use_gpu_well(small_config(device="cpu"))
    assert (torch.get_float32_matmul_precision(), torch.backends.cudnn.benchmark) == before


@pytest.mark.parametrize(
    ("capability", "precision", "stated"),
    [
        ((8, 0), "fp32", "fp32 (multiplied as TF32)"),
        ((7, 5), "fp32", "fp32"),
        ((9, 0), "bf16", "bf16"),
    ],
)
def test_the_log_states_how_a_gpu_multiplies(
    monkeypatch: pytest.MonkeyPatch, capability: tuple[int, int], precision: str, stated: str
) -> None:
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda: capability)
    assert stated_precision(small_config(device="cuda", precision=precision)) == stated
    assert stated_precision(small_config(device="cpu", precision=precision)) == precision


@pytest.mark.gpu
def test_a_real_gpu_tells_its_memory_and_with_the_package_how_busy_it_is() -> None:
    pytest.importorskip("pynvml")
    x = torch.ones(1024, 1024, device="cuda")
    used = usage(CUDA)
    assert used.memory is not None
    assert used.memory > x.numel() * x.element_size()
    assert used.utilization is not None
    assert 0 <= used.utilization <= 1
