"""``inspection.jsonl``: how a run's snapshots are written, and read while the run goes on.

One line is one snapshot, or the fixed images, and one ``write``. Steps that a resumed run
does again replace what was recorded of them. A line that is damaged or of a newer lab is
left out.
"""

import json
import math
import os
import re
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from cnn_tui.errors import UsageError, how_to_update
from cnn_tui.names import match
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.training.store.inspection_records import (
    ImagePrediction,
    InspectedImages,
    Inspection,
    Inspections,
    LayerInspection,
    PixelStack,
)

FORMAT = 1
NEWER = re.compile(rb'\{"format": (?!%d\b)[1-9]' % FORMAT)
LARGEST_BYTES = 64 * 2**20
"""More of a file is not read: the lab writes much less."""


def append(file: Path, record: Inspection | InspectedImages) -> None:
    """Add one line; raises OSError, and leaves no half line, where that fails."""
    kind = "snapshot" if isinstance(record, Inspection) else "images"
    line = json.dumps({"format": FORMAT, "kind": kind, **asdict(record)}).encode() + b"\n"
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o644)
    try:
        size = os.fstat(descriptor).st_size
        if size and os.pread(descriptor, 1, size - 1) != b"\n":
            line = b"\n" + line  # the last one was torn, and is left out
        try:
            while line:
                line = line[os.write(descriptor, line) :]
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


class InspectionReader:
    """Reads a growing file: each poll only what was appended."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._offset = 0
        self.inspections = Inspections()
        self.has_newer = False
        """Whether there are lines that only a newer lab can read."""

    def poll(self) -> bool:
        """Read what is new; returns whether there was anything. No file is nothing new."""
        lines = self._new_lines()
        for line in lines:
            self._add(decoded(line))
            self.has_newer |= NEWER.match(line) is not None
        return bool(lines)

    def _add(self, record: Inspection | InspectedImages | None) -> None:
        found = self.inspections
        if isinstance(record, InspectedImages):
            self.inspections = Inspections(found.snapshots, record)
        elif record is not None:
            kept = tuple(each for each in found.snapshots if each.step < record.step)
            self.inspections = Inspections((*kept, record), found.images)

    def _new_lines(self) -> list[bytes]:
        try:
            if not self._file.is_file():
                return []
            with self._file.open("rb") as file:
                if os.fstat(file.fileno()).st_size < self._offset:
                    self._offset, self.inspections = 0, Inspections()
                file.seek(self._offset)
                chunk = file.read(LARGEST_BYTES)
        except OSError:
            return []
        end = chunk.rfind(b"\n") + 1
        self._offset += end
        return chunk[:end].splitlines()


def read_inspections(file: Path) -> Inspections:
    """What a run has recorded so far; nothing where there is no file."""
    reader = InspectionReader(file)
    reader.poll()
    return reader.inspections


def asked_of(
    run: RunFolder, *, layer: str | None = None, epoch: int | None = None
) -> tuple[Inspections, Inspection]:
    """What a run has recorded, and the snapshot that is asked for, the last one by default.

    With ``layer`` every snapshot has that layer only. Raises UsageError where nothing was
    recorded, and for an epoch or a layer of which nothing was.
    """
    reader = InspectionReader(run.inspection_file)
    reader.poll()
    found = reader.inspections
    if not found.snapshots and reader.has_newer:
        raise UsageError(
            f"A newer cnn-lab recorded the inside of run {run.run}'s network. {how_to_update()}"
        )
    if not found.snapshots:
        raise UsageError(
            f"Run {run.run} has recorded nothing of its network's inside: it began with an older "
            "cnn-lab, or with inspection 0, or has not ended an epoch yet."
        )
    if layer is not None:
        names = [each.name for each in found.snapshots[-1].layers]
        found = _of_layer(found, match(layer, names, "layer", ""))
    shown = found.snapshots[-1] if epoch is None else found.at_epoch(epoch)
    if shown is None:
        known = sorted({each.epoch for each in found.snapshots})
        raise UsageError(
            f"Run {run.run} has no snapshot after {epoch} epochs: those that it has are of the "
            f"epochs {', '.join(map(str, known))}.",
            fields=("epoch",),
        )
    return found, shown


def _of_layer(found: Inspections, name: str) -> Inspections:
    snapshots = [
        replace(each, layers=tuple(layer for layer in each.layers if layer.name == name))
        for each in found.snapshots
    ]
    return replace(found, snapshots=tuple(snapshots))


def decoded(line: bytes) -> Inspection | InspectedImages | None:
    """The record of one line; None where it is damaged, or not of this lab's format."""
    try:
        document = json.loads(line)
        if document["format"] != FORMAT:
            return None
        return _images(document) if document["kind"] == "images" else _snapshot(document)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _snapshot(document: dict[str, Any]) -> Inspection:
    return Inspection(
        step=int(document["step"]),
        epoch=int(document["epoch"]),
        rate_part=_finite(document["rate_part"]),
        images=int(document["images"]),
        layers=tuple(map(_layer, document["layers"])),
        filters=_pictures(document["filters"]),
        maps=_pictures(document["maps"]),
        predictions=tuple(
            ImagePrediction(
                tuple(map(int, each["classes"])), tuple(map(_finite, each["probabilities"]))
            )
            for each in document["predictions"]
        ),
    )


def _layer(document: dict[str, Any]) -> LayerInspection:
    numbers = {
        each.name: None if document[each.name] is None else _number(document[each.name])
        for each in fields(LayerInspection)
        if each.name not in ("name", "type", "is_matrix")
    }
    return LayerInspection(
        name=str(document["name"]),
        type=str(document["type"]),
        is_matrix=bool(document["is_matrix"]),
        **numbers,  # type: ignore[arg-type]
    )


def _images(document: dict[str, Any]) -> InspectedImages:
    pictures = _pictures(document["pictures"])
    if pictures is None:
        raise ValueError("no pictures")
    return InspectedImages(
        pictures, tuple(map(int, document["labels"])), tuple(map(str, document["classes"]))
    )


def _pictures(document: dict[str, Any] | None) -> PixelStack | None:
    if document is None:
        return None
    count, channels, height, width = (
        int(document[name]) for name in ("count", "channels", "height", "width")
    )
    stack = PixelStack(count, channels, height, width, str(document["data"]))
    stack.pixels  # noqa: B018 - raises where they are not as many as the sizes say
    return stack


def _number(value: Any) -> float:
    """A number as JSON holds it, infinities and NaN included."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"{value!r} is no number")
    return float(value)


def _finite(value: Any) -> float:
    number = _number(value)
    if not math.isfinite(number):
        raise ValueError(f"{value!r} is not finite")
    return number
