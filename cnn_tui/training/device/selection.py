"""Which devices there are to train on: their names, and the memory that is free on them."""

import os
import platform
from collections.abc import Iterator
from pathlib import Path

import torch

from cnn_tui.training.records import Device


def devices() -> tuple[Device, ...]:
    """Every device, the one that ``auto`` chooses first."""
    return *_gpus(), cpu()


def device_named(kind: str) -> Device:
    """The device that a decided configuration names: cpu, cuda or mps."""
    return cpu() if kind == "cpu" else next(_gpus())


def cpu() -> Device:
    """The processor, and the machine's memory."""
    pages = {"total": "SC_PHYS_PAGES", "free": "SC_AVPHYS_PAGES"}
    size = os.sysconf("SC_PAGE_SIZE")
    memory = {
        key: size * os.sysconf(name) for key, name in pages.items() if name in os.sysconf_names
    }
    return Device("cpu", _processor(), memory.get("total"), _available() or memory.get("free"))


def _gpus() -> Iterator[Device]:
    if torch.cuda.is_available():
        free, total = _cuda_memory()
        yield Device("cuda", torch.cuda.get_device_name(), total, free)
    elif torch.backends.mps.is_available():
        yield Device("mps", "Apple GPU", torch.mps.recommended_max_memory(), None)


def _cuda_memory() -> tuple[int | None, int | None]:
    """Free bytes and all bytes of the current GPU."""
    try:
        return torch.cuda.mem_get_info()
    except RuntimeError:  # Others use it exclusively, or it has fallen off the bus.
        return None, None


def _processor() -> str:
    """What the system calls its processor."""
    return _fact(Path("/proc/cpuinfo"), "model name") or platform.processor() or platform.machine()


def _available() -> int | None:
    """Bytes that can be had without swapping, which counts what caches would give back."""
    line = _fact(Path("/proc/meminfo"), "MemAvailable")
    return 1024 * int(line.split()[0]) if line else None


def _fact(file: Path, key: str) -> str:
    """The value of the first ``key: value`` line."""
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(key)), "")
