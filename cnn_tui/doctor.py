"""What this machine offers the lab: devices, terminal, sandbox, data.

Each finding is a fact; one that holds the lab back carries a remedy.
"""

import locale
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from cnn_tui.data.cores import cores
from cnn_tui.next_steps import Action, NextStep, step
from cnn_tui.workspace import is_temporary, is_writable, nearest_existing

if TYPE_CHECKING:
    from cnn_tui.data.records import DataState

SANDBOXES = {
    "bwrap": "name spaces, Landlock, seccomp and limits",
    "landlock": "Landlock, seccomp and limits",
    "limits": "resource limits only; fine for your own files, not for those of strangers",
}
"""What holds a submission on each level."""
WEAK_REMEDY = (
    "Runs with --device auto pass it over: train on another device, or install a build of torch "
    "with kernels for it."
)
SMALLEST_TERMINAL = (60, 20)
"""Columns and rows below which the TUI shows nothing but a request for more."""


@dataclass(frozen=True)
class Finding:
    """One fact; ``good`` is False where ``remedy`` would help, which ``next_steps`` may do."""

    what: str
    value: str
    good: bool = True
    remedy: str = ""
    next_steps: tuple[NextStep, ...] = ()


def examine(data_dir: Path) -> tuple[Finding, ...]:
    """Look at everything; imports torch."""
    return (
        Finding(
            "Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}"
        ),
        *_torch_findings(),
        *_terminal_findings(),
        *_sandbox_findings(),
        *_data_findings(data_dir),
    )


def _torch_findings() -> Iterator[Finding]:
    try:
        import torch
    except (ImportError, OSError) as error:
        yield Finding(
            "torch",
            f"cannot be imported: {error}",
            False,
            "Reinstall it: python3 -m pip install --force-reinstall torch torchvision",
        )
        return
    yield Finding("torch", torch.__version__)
    yield Finding("CPU", f"{cores()} cores for this process")
    if torch.cuda.is_available():
        for index in range(torch.cuda.device_count()):
            yield _cuda_finding(index)
    elif torch.backends.mps.is_available():
        yield Finding("GPU mps", "Apple GPU")
    else:
        yield Finding("GPU", "none: training runs on the CPU", False, _gpu_remedy())


def _cuda_finding(index: int) -> Finding:
    import torch

    from cnn_tui.training.device.kernels import missing_kernels

    what = f"GPU cuda:{index}"
    try:
        name = torch.cuda.get_device_name(index)
        free, total = torch.cuda.mem_get_info(index)
    except RuntimeError as error:
        said = str(error).splitlines()[0]
        return Finding(what, f"does not answer: {said}", False, "Look at it with: nvidia-smi")
    value = f"{name}, {free / 2**30:.1f} of {total / 2**30:.1f} GiB free"
    if weak := missing_kernels(index):
        return Finding(what, f"{value}; weak: {weak}", False, WEAK_REMEDY)
    return Finding(what, value)


def _gpu_remedy() -> str:
    import torch

    if torch.version.cuda is None:
        return "This torch has no CUDA: on a machine with an NVIDIA GPU install a CUDA build."
    return "With an NVIDIA GPU in this machine, check its driver with: nvidia-smi"


def _terminal_findings() -> Iterator[Finding]:
    encoding = (sys.stdout.encoding or locale.getpreferredencoding()).upper()
    utf8 = encoding.replace("-", "") == "UTF8"
    yield Finding(
        "Encoding", encoding, utf8, "" if utf8 else "Set a UTF-8 locale: export LC_ALL=C.UTF-8"
    )
    if not sys.stdout.isatty():
        yield Finding(
            "Terminal",
            "none: the output is a pipe or a file",
            False,
            "The app needs a terminal.",
            (step(Action.LAB),),
        )
        return
    columns, rows = shutil.get_terminal_size()
    fits = columns >= SMALLEST_TERMINAL[0] and rows >= SMALLEST_TERMINAL[1]
    smallest = "×".join(map(str, SMALLEST_TERMINAL))
    yield Finding(
        "Terminal size",
        f"{columns}×{rows}",
        fits,
        "" if fits else f"Make it at least {smallest}; 80×24 shows everything.",
    )
    colors, rich_enough = _colors()
    yield Finding(
        "Colors",
        colors,
        rich_enough,
        "" if rich_enough else "Set TERM=xterm-256color if your terminal can show 256 colors.",
    )


def _colors() -> tuple[str, bool]:
    term = os.environ.get("TERM", "")
    if os.environ.get("NO_COLOR"):
        return "off (NO_COLOR is set)", True
    if os.environ.get("COLORTERM", "") in ("truecolor", "24bit"):
        return "16 million", True
    if "256color" in term or "direct" in term:
        return "256", True
    return f"16 or fewer (TERM={term or 'not set'})", False


def _sandbox_findings() -> Iterator[Finding]:
    """The level that submissions run on, and how to get to a better one."""
    from cnn_tui.grading.sandbox.levels import (  # the app imports this module at its start
        choose,
        probe,
    )

    chosen = choose()
    for level in probe():
        if level.name == chosen:
            yield Finding("Sandbox", f"{level.name}: {SANDBOXES[level.name]}", True)
            return
        yield Finding(f"Sandbox {level.name}", f"not here: {level.reason}", False, level.remedy)


def _data_findings(data_dir: Path) -> Iterator[Finding]:
    from cnn_tui.data.inventory import inventory  # the app imports this module at its start

    states = inventory(data_dir)
    for state in states:
        yield from _data_set_findings(state)
    folders = [state.state for state in states if state.of_folder]
    if folders:
        yield Finding("Image folders", f"{folders.count('prepared')} prepared")
    free = shutil.disk_usage(nearest_existing(data_dir)).free / 2**30
    roomy = is_writable(data_dir) and free > 1
    if is_temporary(data_dir):
        value = f"{data_dir}, temporary: there is no home to keep it in, {free:.1f} GiB free"
        yield Finding(
            "Data cache", value, False, "Name a folder that lasts: export CNN_LAB_DATA=DIR"
        )
        return
    yield Finding(
        "Data cache",
        f"{data_dir}, {free:.1f} GiB free",
        roomy,
        "" if roomy else "Name a roomy, writable folder: export CNN_LAB_DATA=DIR",
    )


def _data_set_findings(state: "DataState") -> Iterator[Finding]:
    """One where some of a data set of the catalogue is here."""
    if state.of_folder or state.state == "not here":
        return
    whole = state.state != "damaged"
    value = f"{state.state}, {state.where}" if state.where else state.source
    if whole:
        yield Finding(f"Data set {state.name}", value)
        return
    steps = (step(Action.PREPARE_DATA, state.name),)
    yield Finding(f"Data set {state.name}", value, False, "Make it again.", steps)
