"""How a process that trains sets itself up on a GPU, and how busy and full that GPU is.

Nothing here costs a run on another device anything, and nothing that the driver
refuses to tell ends a run: what is not known is None.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

import torch

from cnn_tui.training.config import TrainConfig


@dataclass(frozen=True)
class Usage:
    """The part of the time (0 to 1) in which the GPU was busy, and the bytes in use on it."""

    utilization: float | None = None
    memory: int | None = None


def use_gpu_well(config: TrainConfig) -> None:
    """Settings for the whole process, for a decided ``config``; on other devices, none.

    cuDNN times its ways to convolve for each shape, of which a run has three: whole
    batches, the last one, and images that are judged. fp32 is multiplied as TF32,
    with ten bits of mantissa, where the GPU can: cuDNN does so in any case, and
    fully connected layers need no more.
    """
    if config.device_kind == "cuda":
        torch.backends.cudnn.benchmark = not config.deterministic
        torch.set_float32_matmul_precision("high")


def stated_precision(config: TrainConfig) -> str:
    """The precision of a decided ``config``, and how the GPU multiplies in it."""
    if config.device_kind == "cuda" and config.precision == "fp32" and _has_tf32():
        return "fp32 (multiplied as TF32)"
    return config.precision


def usage(device: torch.device) -> Usage:
    """How busy and how full ``device`` is, whoever uses it; nothing is known of a CPU."""
    if device.type == "cuda":
        return Usage(_utilization(device), _memory(device))
    if device.type == "mps":
        return Usage(memory=torch.mps.driver_allocated_memory())
    return Usage()


def cuda_memory(device: torch.device | int | None = None) -> tuple[int | None, int | None]:
    """Free bytes and all bytes of a GPU, the current one by default; None where nobody can tell.

    So it is where another process uses the GPU exclusively, where it has fallen off
    the bus, and on some virtual GPUs. Asking torch takes some hundred megabytes of a GPU
    on which nothing runs yet.
    """
    try:
        return torch.cuda.mem_get_info(device)
    except (RuntimeError, AssertionError):
        return None, None


def idle_cuda_memory(index: int) -> tuple[int | None, int | None]:
    """The same of a GPU that may not be used at all: NVML, where its package is, takes nothing."""
    try:
        nvml, handle = _nvml(torch.device("cuda", index))
        memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        return int(memory.free), int(memory.total)
    except Exception:  # As in _utilization.
        return cuda_memory(index)


def _has_tf32() -> bool:
    return torch.version.hip is None and torch.cuda.get_device_capability() >= (8, 0)


def _memory(device: torch.device) -> int | None:
    free, total = cuda_memory(device)
    return None if free is None or total is None else total - free


def _utilization(device: torch.device) -> float | None:
    """What NVML measured last; None without its package, and where it does not measure."""
    try:
        nvml, handle = _nvml(device)
        return float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu) / 100
    except Exception:  # Its own errors, those of a library that is not there, and no package.
        return None


@cache
def _nvml(device: torch.device) -> tuple[Any, Any]:
    """NVML's module, and its handle of ``device``.

    Found by what is engraved on the GPU: torch counts only those that
    ``CUDA_VISIBLE_DEVICES`` leaves, and in another order.
    """
    import pynvml

    pynvml.nvmlInit()
    uuid = torch.cuda.get_device_properties(device).uuid
    return pynvml, pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
