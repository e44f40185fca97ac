"""What the data room tells the others, free of torch."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

PreparationState = Literal[
    "prepared", "downloaded", "partly downloaded", "outdated", "damaged", "not here"
]
"""How much of a data set is here: decoded, or as published, whole or in part.

``outdated`` is the cache of another version of the lab.
"""


@dataclass(frozen=True)
class PreparationStep:
    """How far one step of preparing a data set has come: ``done`` of ``total`` ``unit``.

    ``total`` is None where nobody can tell, such as how long another process takes.
    """

    doing: str
    done: int = 0
    total: int | None = None
    unit: Literal["files", "images", "bytes"] = "files"


@dataclass(frozen=True)
class Remark:
    """One sentence that is worth reading while a data set is prepared."""

    message: str


ProgressCallback = Callable[[PreparationStep | Remark], None]
"""Called often while a data set is prepared; may raise, to end it."""


@dataclass(frozen=True)
class DataInfo:
    """One data set of the catalogue; sizes are None where they depend on the files.

    Where it comes from: ``files`` are those that its authors publish, by name, and
    ``torchvision`` is the class that knows their addresses and reads them; or
    ``load`` is a function, as ``package.module:name``, that takes a folder of its
    own and returns the training and the test set, each as uint8 images (N, C, H, W)
    and labels (N,). ``augment`` are the random changes that leave a label right.
    """

    name: str
    title: str
    classes: tuple[str, ...] | None
    in_channels: int | None
    image_size: int | None
    train_size: int | None
    test_size: int | None
    source: str
    files: tuple[str, ...] = ()
    torchvision: str = ""
    load: str = ""
    augment: str = "crop+flip"


@dataclass(frozen=True)
class DataSpec:
    """One data set as the user named it: a name of the catalogue, or a folder of images."""

    name: str
    kind: str
    path: Path | None = None

    @property
    def is_folder(self) -> bool:
        """Whether it is a folder of the user's own images."""
        return self.path is not None

    def __str__(self) -> str:
        """The text that ``catalogue.parse`` reads as this data set."""
        return self.name


@dataclass(frozen=True)
class DataState:
    """What is here of one data set; ``where`` is its cache, or where its files belong.

    Counts are None where they are not known before the data set is prepared.
    """

    name: str
    title: str
    state: PreparationState
    prepared: bool
    train_images: int | None
    test_images: int | None
    classes: int | None
    channels: int | None
    image_size: int | None
    cache_bytes: int
    original_bytes: int
    where: str
    source: str
    of_folder: bool = False


@dataclass(frozen=True)
class SkippedFile:
    """An image that could not be read, relative to its data set's folder, and why."""

    path: str
    reason: str


def silent(_: PreparationStep | Remark) -> None:
    """The Progress of whoever does not want to know."""
