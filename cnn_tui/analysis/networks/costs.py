"""What each layer costs on a device: FLOPs, bytes, which of the two it waits for, and time.

Torch-free. A device either waits for its memory or for its arithmetic, whichever takes
longer (the roofline model): that is the least time that a layer can take, as each number is
fetched once and stored once, and starting a layer takes no time.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from cnn_tui.analysis.networks.devices import (
    MEASURED,
    SEE,
    USUAL,
    WIDTHS,
    DeviceSheet,
    find_device,
    measured_device,
)
from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.work_records import FLOAT32, Work
from cnn_tui.errors import UsageError
from cnn_tui.names import match, shortened

Bound = Literal["memory", "compute"]

BATCH_SIZE, LARGEST_BATCH = 32, 1 << 20
PRECISION = "fp32"
OPTIMIZERS = {"SGD": 0, "SGD with momentum": 1, "Adam, AdamW": 2}
"""Optimizer → numbers that it keeps beside each trainable parameter."""


@dataclass(frozen=True)
class NetCosts:
    """A network on a device, whose rows have estimates of their time."""

    summary: NetSummary
    device: DeviceSheet
    precision: str
    batch_size: int

    @property
    def width(self) -> int:
        """Bytes of a number."""
        return WIDTHS[self.precision]

    @property
    def ridge(self) -> float:
        """FLOPs per byte below which the device waits for its memory."""
        return self.device.ridge(self.precision)

    @property
    def seconds(self) -> float:
        """The least time that a forward of the batch takes."""
        return sum(_top_level(self.summary, self)) + self.least(self.own_work)

    @property
    def own_work(self) -> Work:
        """What the network's own forward does beside its modules."""
        outermost = (each.work for each in self.summary.modules if each.depth == 0)
        return self.summary.work - sum(outermost, Work())

    @property
    def has_tf32(self) -> bool:
        """Whether the device multiplies float32 numbers faster as TF32, without which this is."""
        peaks = self.device.peaks
        return self.precision == "fp32" and peaks.get("tf32", 0) > peaks["fp32"]

    @property
    def _examples(self) -> int:
        """How many the numbers of the summary are for."""
        return self.summary.batch or 1

    def flops(self, work: Work) -> int:
        """FLOPs for the batch."""
        return work.flops * self.batch_size // self._examples

    def bytes(self, work: Work) -> int:
        """Bytes that the batch has to fetch and to store."""
        moved = work.moved * self.batch_size // self._examples
        return (moved + work.weights_read) * self.width

    def intensity(self, work: Work) -> float | None:
        """FLOPs per byte; None where nothing is moved."""
        moved = self.bytes(work)
        return self.flops(work) / moved if moved else None

    def bound(self, work: Work) -> Bound | None:
        """What the device waits for; None where nothing is moved."""
        intensity = self.intensity(work)
        if intensity is None:
            return None
        return "memory" if intensity < self.ridge else "compute"

    def least(self, work: Work) -> float:
        """The longer of the times for computing and for fetching, in seconds."""
        computing = self.flops(work) / self.device.peak(self.precision)
        return max(computing, self.bytes(work) / self.device.bandwidth)

    def training_bytes(self) -> dict[str, int | None]:
        """What one step of training holds, by what it is; None is not known.

        Its forward holds at least what that of inference does at its largest moment.
        """
        memory = self.summary.memory
        saved = memory and memory.training
        peak = self.inference_bytes()["activations"] or 0
        return {
            "weights": self.summary.total_parameters * FLOAT32,
            "gradients": self.summary.total_trainable * FLOAT32,
            "activations": max(saved.at(self.batch_size), peak) if saved else None,
            "inputs": memory.inputs.at(self.batch_size) if memory else None,
        }

    def optimizer_bytes(self) -> dict[str, int]:
        """What each optimizer keeps."""
        numbers = self.summary.total_trainable * FLOAT32
        return {name: count * numbers for name, count in OPTIMIZERS.items()}

    def inference_bytes(self) -> dict[str, int | None]:
        """What a forward holds at its largest moment, by what it is; None is not known."""
        memory = self.summary.memory
        peak = memory and memory.inference
        return {
            "weights": self.summary.total_parameters * FLOAT32,
            "activations": peak.at(self.batch_size) if peak else None,
            "inputs": memory.inputs.at(self.batch_size) if memory else None,
        }

    def to_json(self) -> dict[str, Any]:
        """What ``--costs`` adds to the document of a summary."""
        return {
            "device": self.device.name,
            "device_source": self.device.source,
            "precision": self.precision,
            "batch_size": self.batch_size,
            "peak_flops_per_second": self.device.peak(self.precision),
            "bytes_per_second": self.device.bandwidth,
            "ridge_flops_per_byte": self.ridge,
            **self._costs_json(self.summary.work),
            "seconds": self.seconds,
            "kinds": [
                {"kind": each.kind, **self._costs_json(each.work)} for each in self.summary.kinds
            ],
            "inference_bytes": self.inference_bytes(),
            "training_bytes": self.training_bytes(),
            "optimizer_bytes": self.optimizer_bytes(),
            "layers": [
                {"name": each.name, **self._costs_json(each.work), "seconds": each.estimate}
                for each in self.summary.layers
            ],
        }

    def _costs_json(self, work: Work) -> dict[str, Any]:
        return {
            "flops": self.flops(work),
            "bytes_moved": self.bytes(work),
            "flops_per_byte": self.intensity(work),
            "bound": self.bound(work),
        }


@dataclass(frozen=True)
class CostSettings:
    """On what a network's costs are estimated; ``device`` None is the usual one."""

    device: str | None = None
    precision: str = PRECISION
    batch_size: int = BATCH_SIZE

    def __str__(self) -> str:
        """As ``parse_settings`` takes it."""
        usual = USUAL if measured_device() is None else MEASURED
        return f"{self.device or usual},{self.precision},{self.batch_size}"

    def validate(self) -> tuple[DeviceSheet, str]:
        """The device and the precision; raises UsageError for what there is not."""
        if not 1 <= self.batch_size <= LARGEST_BATCH:
            raise UsageError(
                f"A batch has 1 to {LARGEST_BATCH:,} images, not {self.batch_size:,}.",
                fields=("batch_size",),
            )
        device = find_device(self.device)
        precision = match(self.precision, WIDTHS, "precision", SEE)
        device.peak(precision)
        return device, precision


def parse_settings(line: str) -> CostSettings:
    """``a100,bf16,64``: device, precision and batch size, of which the last may be left out.

    Raises UsageError for what there is not.
    """
    words = [each.strip() for each in line.split(",")]
    if len(words) > 3 or not all(words) or not all(each.isdecimal() for each in words[2:]):
        raise UsageError(
            f"Costs are those on a device, in a precision, of a batch, such as a100,bf16,64; "
            f"got {shortened(line)!r}."
        )
    device, precision = words[0], (words[1:2] or [PRECISION])[0]
    settings = CostSettings(device, precision, int((words[2:] or [str(BATCH_SIZE)])[0]))
    settings.validate()
    return settings


def costs(summary: NetSummary, settings: CostSettings | None = None) -> NetCosts:
    """The costs of a network on a device of ``devices``, this machine if it was measured.

    Raises UsageError for a device, a precision or a batch that there is not.
    """
    settings = settings or CostSettings()
    bare = NetCosts(summary, *settings.validate(), settings.batch_size)
    modules = _estimated(summary.modules, bare)
    return replace(bare, summary=replace(summary, modules=modules))


def _estimated(modules: Sequence[LayerSummary], costs: NetCosts) -> tuple[LayerSummary, ...]:
    """Each with its time: a container's is that of its parts, and of what it does itself."""
    done: list[LayerSummary] = []
    parts: list[list[LayerSummary]] = [[]]
    for module in reversed(modules):  # parts come before the whole then
        while len(parts) < module.depth + 2:
            parts.append([])
        inside = parts[module.depth + 1]
        own = module.work - sum((each.work for each in inside), Work())
        time = costs.least(own) + sum(each.estimate or 0 for each in inside)
        inside.clear()
        done.append(replace(module, estimate=time))
        parts[module.depth].append(done[-1])
    return tuple(reversed(done))


def _top_level(summary: NetSummary, costs: NetCosts) -> list[float]:
    return [each.estimate or 0 for each in summary.modules if each.depth == 0]
