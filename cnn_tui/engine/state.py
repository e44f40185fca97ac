"""How far the engine is, and what it found: records without torch."""

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from cnn_tui.training.records import Device


Phase = Literal["idle", "loading", "ready", "failed"]


@dataclass(frozen=True)
class Hello:
    """What there is to compute with: torch's version, and the devices, the fastest first."""

    torch: str
    devices: "tuple[Device, ...]"

    @property
    def device_names(self) -> tuple[str, ...]:
        """Short names of the devices, such as ``("H100", "cpu")``."""
        return tuple(short_name(each) for each in self.devices)


@dataclass(frozen=True)
class EngineState:
    """How far the engine is.

    ``idle``: nobody needed torch so far. ``loading``: torch is imported, ``since`` a moment of
    ``time.monotonic()``. ``ready``: jobs run at once. ``failed``: torch could not be imported,
    for ``reason``. ``hello`` follows shortly after ``ready``: None until it is known.
    """

    phase: Phase = "idle"
    since: float | None = None
    hello: Hello | None = None
    reason: str = ""

    @property
    def seconds(self) -> float:
        """For how long the phase has lasted."""
        return 0.0 if self.since is None else time.monotonic() - self.since


def short_name(device: "Device") -> str:
    """What people call the device: ``NVIDIA H100 80GB HBM3`` is an ``H100``."""
    if device.kind != "cuda":
        return device.kind
    name = re.sub(r"\b(NVIDIA|AMD|GeForce|Tesla|Quadro|Instinct|Radeon)\s+", "", device.name)
    name = re.sub(r"[\s-]+\d+\s?GB\b.*", "", name)
    return name.partition("-")[0].strip() or device.name
