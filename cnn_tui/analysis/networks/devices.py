"""How fast devices compute and how fast they fetch: of data sheets, and of this machine.

Torch-free. The rates of data sheets are those of dense matrices, with sums in float32; sheets
that only tell those of sparse ones tell twice as much.
"""

import math
import platform
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from cnn_tui.errors import UsageError
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step
from cnn_tui.state_file import NewerStateError, StateFile
from cnn_tui.workspace import user_folder

T, G = 1e12, 1e9
WIDTHS = {"fp32": 4, "tf32": 4, "bf16": 2, "fp16": 2}
"""Precision → bytes of a number. TF32 multiplies float32 numbers, rounded to 10 bits."""
MEASURED = "this-machine"
USUAL = "h100"
"""The device where none is named, and this machine was not measured."""
VERSION = 1
SEE = step(Action.EXPLAIN, "summary")


@dataclass(frozen=True)
class DeviceSheet:
    """FLOPs per second by precision, bytes per second, and who says so."""

    name: str
    peaks: Mapping[str, float]
    bandwidth: float
    source: str

    def peak(self, precision: str) -> float:
        """FLOPs per second; raises UsageError for a precision that it does not have."""
        if precision not in self.peaks:
            raise UsageError(
                f"{self.name} has no {precision}: choose {' or '.join(self.peaks)}.",
                fields=("precision",),
            )
        return self.peaks[precision]

    def ridge(self, precision: str) -> float:
        """FLOPs per byte from which on it has more to compute than to fetch."""
        return self.peak(precision) / self.bandwidth


def _nvidia(name: str, sheet: str, bandwidth: float, **peaks: float) -> DeviceSheet:
    rates = {precision: rate * T for precision, rate in peaks.items()}
    return DeviceSheet(name, rates, bandwidth * G, f"data sheet: NVIDIA {sheet}")


DEVICES: Mapping[str, DeviceSheet] = {
    "h100": _nvidia(
        "H100 SXM", "H100 Tensor Core GPU", 3350, fp32=67, tf32=494.5, bf16=989.5, fp16=989.5
    ),
    "h200": _nvidia(
        "H200 SXM", "H200 Tensor Core GPU", 4800, fp32=67, tf32=494.5, bf16=989.5, fp16=989.5
    ),
    "a100": _nvidia(
        "A100 80GB SXM", "A100 Tensor Core GPU", 2039, fp32=19.5, tf32=156, bf16=312, fp16=312
    ),
    "v100": _nvidia("V100 SXM2", "V100 Tensor Core GPU", 900, fp32=15.7, fp16=125),
    "l4": _nvidia("L4", "L4 Tensor Core GPU", 300, fp32=30.3, tf32=60, bf16=121, fp16=121),
    "l40s": _nvidia("L40S", "L40S GPU", 864, fp32=91.6, tf32=183, bf16=362, fp16=362),
    "t4": _nvidia("T4", "T4 Tensor Core GPU", 320, fp32=8.1, fp16=65),
    "rtx4090": _nvidia(
        "RTX 4090", "Ada GPU Architecture", 1008, fp32=82.6, tf32=82.6, bf16=165.2, fp16=165.2
    ),
    "rtx3090": _nvidia(
        "RTX 3090", "Ampere GA102 GPU Architecture", 936, fp32=35.6, tf32=35.6, bf16=71, fp16=71
    ),
}


GPUS = Path("/proc/driver/nvidia/gpus")
"""Where NVIDIA's driver describes each GPU, without torch."""


@dataclass(frozen=True)
class MeasuredPeak:
    """What a measurement found on one device of a machine."""

    device: str
    peaks: Mapping[str, float]
    bandwidth: float


@dataclass(frozen=True)
class MeasuredPeaks:
    """Machine → what was measured there last: a home may be shared by many."""

    machines: Mapping[str, MeasuredPeak] = field(default_factory=dict)


def find_device(name: str | None = None) -> DeviceSheet:
    """The device of that name; this machine, or USUAL where it was not measured, without one.

    Raises UsageError for a name that is not known, and for MEASURED without a measurement.
    """
    own = measured_device()
    if name is None:
        return own or DEVICES[USUAL]
    found = match(name, (*DEVICES, MEASURED), "device", SEE)
    if found != MEASURED:
        return DEVICES[found]
    if own is None:
        raise UsageError(
            "This machine has not been measured: the benchmark peak does that in a few seconds.",
            fields=("on",),
            next_steps=(step(Action.EXPLAIN, "bench"),),
        )
    return own


def measured_device() -> DeviceSheet | None:
    """What was measured on this machine, if anything."""
    file = _file()
    kept = None if file is None else file.read().machines.get(_machine())
    if kept is None:
        return None
    return DeviceSheet(kept.device, kept.peaks, kept.bandwidth, "measured by the benchmark peak")


def remember(peak: MeasuredPeak) -> bool:
    """Keep what was measured on this machine; whether that was possible."""
    file = _file()
    if file is None:
        return False
    try:
        file.change(lambda kept: MeasuredPeaks({**kept.machines, _machine(): peak}))
    except (OSError, NewerStateError):
        return False
    return True


def _machine() -> str:
    """The machine by its name, its processor's kind and its NVIDIA GPUs, as the driver lists them.

    So what was measured before a GPU came, or with another one, does not count.
    """
    models = sorted(_gpu_model(each) for each in GPUS.glob("*/information"))
    return " ".join([platform.node(), platform.machine(), *models])


def _gpu_model(file: Path) -> str:
    try:
        lines = file.read_text().splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if "Model" in line), "")


def _file() -> StateFile[MeasuredPeaks] | None:
    folder = user_folder("cache")
    if folder is None:
        return None
    return StateFile(folder / "peaks.json", VERSION, MeasuredPeaks(), _decoded, asdict)


def _decoded(fields: dict[str, Any]) -> MeasuredPeaks:
    """The machines of the file but those that make no sense: one must not cost the others."""
    machines = fields["machines"]
    if not isinstance(machines, dict):
        raise ValueError("no machines by name")
    peaks = {name: _peak(each) for name, each in machines.items()}
    return MeasuredPeaks({name: peak for name, peak in peaks.items() if peak is not None})


def _peak(fields: object) -> MeasuredPeak | None:
    if not isinstance(fields, dict):
        return None
    device, rates = fields.get("device"), fields.get("peaks")
    bandwidth = _rate(fields.get("bandwidth"))
    if not isinstance(device, str) or not isinstance(rates, dict) or bandwidth is None:
        return None
    read = {name: _rate(rates[name]) for name in WIDTHS if name in rates}
    peaks = {name: rate for name, rate in read.items() if rate is not None}
    return MeasuredPeak(device, peaks, bandwidth) if peaks and len(peaks) == len(read) else None


def _rate(value: object) -> float | None:
    """A finite number above 0, of which a file may hold anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        rate = float(value)
    except OverflowError:
        return None
    return rate if math.isfinite(rate) and rate > 0 else None
