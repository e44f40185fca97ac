"""How fast this machine computes and fetches: what estimates of a layer's time are made of.

Large matrices are multiplied for the one, a large tensor is copied for the other; the best of
some rounds counts, as other programs can only slow a round down.
"""

import platform
from collections.abc import Callable
from pathlib import Path
from time import perf_counter

import torch

from cnn_tui.analysis.networks.devices import MeasuredPeak, remember
from cnn_tui.bench.records import BenchResult, measured
from cnn_tui.data.preparation.room import room_in

SIDES = {"cpu": 1536, "cuda": 8192}
"""Of the matrices: large enough for all cores, and some hundredths of a second on each."""
COPIED = {"cpu": 1 << 29, "cuda": 1 << 30}
"""Bytes: several times what the largest caches hold."""
LEAST_COPIED, PART_OF_MEMORY = 1 << 26, 8
"""Where little memory is free, less is copied: this part of it, and at least so many bytes."""
ROUNDS, CALLS = 5, 3
DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
ON = {"cpu": ("fp32", "bf16"), "cuda": ("fp32", "tf32", "bf16", "fp16")}
NOT_KEPT = "it could not be kept, as the user's cache cannot be written"


def measure() -> list[BenchResult]:
    """FLOPs per second by precision, and bytes per second; kept for estimates."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    peaks = {each: multiplications(device, each) for each in ON[device]}
    bandwidth = copies(device)
    name = _name(device)
    is_kept = remember(
        MeasuredPeak(name, {each: max(found) for each, found in peaks.items()}, max(bandwidth))
    )
    note = f"on {name}; summaries with costs use the best round"
    if not is_kept:
        note = NOT_KEPT
    return [
        *(
            measured(f"matrix product, {each}", "GFLOP/s", [rate / 1e9 for rate in found])
            for each, found in peaks.items()
        ),
        measured("copy of a tensor", "GB/s", [rate / 1e9 for rate in bandwidth], note=note),
    ]


def multiplications(device: str, precision: str) -> list[float]:
    """FLOPs per second of square matrices, one value per round."""
    side = SIDES[device]
    dtype = DTYPES.get(precision, torch.float32)
    left, right = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
    out = torch.empty_like(left)
    was_allowed = torch.backends.cuda.matmul.allow_tf32
    torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
    try:
        with torch.inference_mode():
            seconds = _rounds(device, lambda: torch.mm(left, right, out=out))
    finally:
        torch.backends.cuda.matmul.allow_tf32 = was_allowed
    return [2 * side**3 / each for each in seconds]


def copies(device: str) -> list[float]:
    """Bytes per second, read and written, one value per round."""
    source = torch.zeros(_copied(device) // 4, device=device)
    target = torch.ones_like(source)
    seconds = _rounds(device, lambda: target.copy_(source))
    return [2 * source.nbytes / each for each in seconds]


def _copied(device: str) -> int:
    """How many bytes to copy there."""
    wanted = COPIED[device]
    free = room_in(Path.cwd()).memory if device == "cpu" else None
    return wanted if free is None else min(wanted, max(LEAST_COPIED, free // PART_OF_MEMORY))


def _rounds(device: str, work: Callable[[], object]) -> list[float]:
    """Seconds of one call, in each round, after one to warm up."""
    work()
    return [_seconds(device, work) for _ in range(ROUNDS)]


def _seconds(device: str, work: Callable[[], object]) -> float:
    if device == "cuda":
        torch.cuda.synchronize()
    began = perf_counter()
    for _ in range(CALLS):
        work()
    if device == "cuda":
        torch.cuda.synchronize()
    return (perf_counter() - began) / CALLS


def _name(device: str) -> str:
    if device == "cuda":
        return str(torch.cuda.get_device_name())
    threads = torch.get_num_threads()
    return f"this CPU ({platform.machine()}, {threads} thread{'s' * (threads > 1)})"
