"""Whether there is memory and disk enough to prepare a data set, asked before it is decoded."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.data.preparation.decode import PixelFormat
from cnn_tui.data.records import DataInfo
from cnn_tui.errors import UsageError

MEMORY = Path("/proc/meminfo")
OWN_GROUPS = Path("/proc/self/cgroup")
GROUPS = Path("/sys/fs/cgroup")
BESIDE_PIXELS = 128
"""Bytes of an image's label, name and digest."""
SPARE = 1.05
"""More is needed than what is counted here."""
COPIES, FILES = 3, 2
"""How often a published set's pixels are in memory while it is prepared (as torchvision reads
them, joined, and in their order), and on the disk (unpacked, and as they are kept). Measured in
memory: 2.1 times for 24,000 images of CIFAR-10, 2.9 for 35,000 of MNIST.
"""


@dataclass(frozen=True)
class Room:
    """Bytes that are free; None where the system does not say."""

    memory: int | None
    disk: int | None


def room_in(folder: Path) -> Room:
    """What is free in memory, also by the limits of a container, and on the disk of ``folder``."""
    return Room(_free_memory(), _free_disk(folder))


def refuse_no_room(what: str, images: int, form: PixelFormat, data_dir: Path) -> None:
    """Raise UsageError where the decoded images fit neither in memory nor on the disk."""
    each = form.channels * form.side**2 + BESIDE_PIXELS
    needed = int(images * each * SPARE)
    room = room_in(data_dir)
    shape = f"{images:,} images of {form.channels}×{form.side}×{form.side}"
    if room.memory is not None and needed > room.memory:
        raise UsageError(
            f"{what} needs {_bytes(needed)} of memory while it is prepared ({shape}), and "
            f"{_bytes(room.memory)} are free: {_smaller(images, form, room.memory)}, or end other "
            "programs.",
            fields=("image_size",),
        )
    if room.disk is not None and needed > room.disk:
        raise UsageError(
            f"{what} needs {_bytes(needed)} in {data_dir} ({shape}), and {_bytes(room.disk)} are "
            f"free there: name a folder on another disk, or {_smaller(images, form, room.disk)}.",
            fields=("data_dir", "image_size"),
        )


def refuse_no_room_for(info: DataInfo, data_dir: Path, *, download_mib: int = 0) -> None:
    """The same for a data set of the catalogue, of which ``download_mib`` are still to come."""
    images = (info.train_size or 0) + (info.test_size or 0)
    channels, side = info.in_channels or 0, info.image_size or 0
    pixels = images * channels * side**2
    memory = int(COPIES * pixels * SPARE)
    disk = int(FILES * pixels * SPARE) + download_mib * 2**20
    room = room_in(data_dir)
    shape = f"{images:,} images of {channels}×{side}×{side}"
    otherwise = "use the data set digits, which needs neither"
    if room.memory is not None and memory > room.memory:
        raise UsageError(
            f"{info.name} needs {_bytes(memory)} of memory while it is prepared ({shape}), and "
            f"{_bytes(room.memory)} are free: end other programs, or {otherwise}.",
            fields=("data",),
        )
    if room.disk is not None and disk > room.disk:
        download = f", {download_mib} MiB of it to download" if download_mib else ""
        raise UsageError(
            f"{info.name} needs {_bytes(disk)} in {data_dir} ({shape}{download}), and "
            f"{_bytes(room.disk)} are free there: name a folder on another disk, or {otherwise}.",
            fields=("data_dir",),
        )


def _smaller(images: int, form: PixelFormat, room: int) -> str:
    """Which side fits, where any does."""
    each = room / SPARE / images - BESIDE_PIXELS
    side = int((each / form.channels) ** 0.5) if each > form.channels else 0
    return f"store the images at a side of {side} or less" if side else "take fewer images"


def _bytes(count: int) -> str:
    if count < 2**30:
        return f"{count / 2**20:.0f} MiB"
    return f"{count / 2**30:.1f} GiB"


def _free_disk(folder: Path) -> int | None:
    there = next((each for each in (folder, *folder.absolute().parents) if each.exists()), None)
    try:
        return None if there is None else shutil.disk_usage(there).free
    except OSError:
        return None


def _free_memory() -> int | None:
    found = [free for free in (_of_machine(), *_of_groups()) if free is not None]
    return min(found, default=None)


def _of_machine() -> int | None:
    line = re.search(r"^MemAvailable:\s+(\d+) kB", _text(MEMORY), re.MULTILINE)
    return int(line[1]) * 2**10 if line else None


def _of_groups() -> list[int | None]:
    """What each control group around this process leaves of its limit; version 2 alone."""
    own = re.search(r"^0::/(.*)$", _text(OWN_GROUPS), re.MULTILINE)
    group = GROUPS / own[1] if own else GROUPS
    inside = [each for each in (group, *group.parents) if each.is_relative_to(GROUPS)]
    return [_of_group(each) for each in inside]


def _of_group(group: Path) -> int | None:
    most, used = (_text(group / f"memory.{what}").strip() for what in ("max", "current"))
    if not (most.isdecimal() and used.isdecimal()):
        return None
    cached = re.search(r"^inactive_file (\d+)$", _text(group / "memory.stat"), re.MULTILINE)
    return max(0, int(most) - int(used) + (int(cached[1]) if cached else 0))


def _text(file: Path) -> str:
    try:
        return file.read_text()
    except OSError:
        return ""
