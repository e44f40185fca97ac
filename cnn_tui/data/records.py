"""What the data room tells the others, free of torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Progress = Callable[[int, int], None]
"""Called with (files read so far, files in all) while a data set is prepared."""


@dataclass(frozen=True)
class DataInfo:
    """One data set of the catalogue; sizes are None where they depend on the files."""

    name: str
    title: str
    classes: tuple[str, ...] | None
    in_channels: int | None
    image_size: int | None
    train_size: int | None
    test_size: int | None
    source: str


@dataclass(frozen=True)
class DataSpec:
    """One data set as the user named it: a name of the catalogue, or a folder of images."""

    name: str
    kind: str
    path: Path | None = None


@dataclass(frozen=True)
class SkippedFile:
    """An image that could not be read, relative to its data set's folder, and why."""

    path: str
    reason: str
