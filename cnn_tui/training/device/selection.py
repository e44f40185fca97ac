"""Which devices there are to train on: their names, and the memory that is free on them."""

import os
import platform
from contextlib import suppress
from pathlib import Path

import torch

from cnn_tui.training.config import AUTO
from cnn_tui.training.device.gpu import cuda_memory, idle_cuda_memory
from cnn_tui.training.device.kernels import missing_kernels
from cnn_tui.training.records import Device


def devices() -> tuple[Device, ...]:
    """Every device, the one that ``auto`` chooses first.

    GPUs come before the CPU, the one with the most free memory first, and those on
    which this torch cannot compute after it.
    """
    found = gpus()
    fit = sorted((each for each in found if not each.weak), key=lambda each: -(each.free or 0))
    return *fit, cpu(), *(each for each in found if each.weak)


def device_named(device: str) -> Device:
    """The device that a decided configuration names; of several GPUs that may be the current."""
    kind, _, index = device.partition(":")
    if kind == "cpu":
        return cpu()
    found = gpus()
    if kind != "cuda" or len(found) == 1:
        return found[0]
    return found[int(index) if index else torch.cuda.current_device()]


def roomiest(device: str) -> str | None:
    """What to use of the kind of ``device`` that is here: itself where it is; None for none.

    A GPU that is not here is replaced, and so is one without a number, by that with the
    most free memory. None on which this torch cannot compute is taken.
    """
    kind = device.partition(":")[0]
    found = {each.option: each for each in devices() if not each.weak}
    if device in found:
        return device
    return next((option for option, each in found.items() if each.kind == kind), None)


def index_to_take(wanted: str) -> int | None:
    """Which of several GPUs a process alone is to use; None where there is no choice."""
    _, _, number = wanted.partition(":")
    found = devices()
    if number:
        return next((each.index for each in found if each.index == int(number)), None)
    fit = (each for each in found if wanted in (AUTO, each.kind) and not each.weak)
    chosen = next(fit, None)
    return None if chosen is None else chosen.index


def passed_over(wanted: str) -> str:
    """What to tell a run for which ``auto`` does not take a GPU that is here; else empty."""
    weak = [each for each in gpus() if each.weak] if wanted == AUTO else []
    if not weak:
        return ""
    names = " and ".join(dict.fromkeys(f"{each.name} ({each.weak})" for each in weak))
    taken = devices()[0]
    place = "the CPU" if taken.kind == "cpu" else taken.name
    return f"This torch cannot compute on {names}: the run trains on {place}."


def cpu() -> Device:
    """The processor, and the machine's memory."""
    pages = {"total": "SC_PHYS_PAGES", "free": "SC_AVPHYS_PAGES"}
    size = os.sysconf("SC_PAGE_SIZE")
    memory = {
        key: size * os.sysconf(name) for key, name in pages.items() if name in os.sysconf_names
    }
    return Device("cpu", _processor(), memory.get("total"), _available() or memory.get("free"))


def gpus() -> tuple[Device, ...]:
    """Every GPU that torch finds, in torch's order."""
    if torch.cuda.is_available():
        count = torch.cuda.device_count()
        return tuple(_cuda_device(index, count) for index in range(count))
    if torch.backends.mps.is_available():
        return (Device("mps", "Apple GPU", torch.mps.recommended_max_memory(), None),)
    return ()


def _cuda_device(index: int, count: int) -> Device:
    name = "NVIDIA GPU"
    with suppress(RuntimeError):  # It has fallen off the bus, and the others are well.
        name = torch.cuda.get_device_name(index)
    free, total = cuda_memory(index) if count == 1 else idle_cuda_memory(index)
    number = index if count > 1 else None
    return Device("cuda", name, total, free, number, missing_kernels(index))


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
