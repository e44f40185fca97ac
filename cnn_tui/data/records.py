"""What the data room tells the others, free of torch."""

import math
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from cnn_tui.next_steps import NextStep

FIRST_SPLIT_RULE, SPLIT_RULE = 1, 2
"""How older runs split a folder of images, and how new ones do."""

BYTE_SCALE = 255.0
"""What stands for white in files of 8 bits."""

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
    """One sentence that is worth reading while a data set is prepared.

    ``next_steps`` are what can be done about it, where something can.
    """

    message: str
    next_steps: tuple[NextStep, ...] = ()


ProgressCallback = Callable[[PreparationStep | Remark], None]
"""Called often while a data set is prepared; may raise, to end it."""


@dataclass(frozen=True)
class DataInfo:
    """One data set of the catalogue; sizes are None where they depend on the files.

    Where it comes from: ``files`` are those that its authors publish, by name, and
    ``torchvision`` is the class that knows their addresses and reads them; or
    ``load`` is a function, as ``package.module:name``, that takes a folder of its
    own and returns the training and the test set, each as uint8 images (N, C, H, W)
    and labels (N,). ``download_mib`` is the size of the ``files``. ``augment`` are the
    random changes that leave a label right.
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
    download_mib: int = 0


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

    Counts are None where they are not known before the data set is prepared, and
    ``val_images`` where the validation images are held out of the training images.
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
    val_images: int | None = None


@dataclass(frozen=True)
class ClassCount:
    """How many images of one class are in each part.

    ``val`` is None where validation images are held out of the training images.
    """

    name: str
    train: int
    val: int | None
    test: int


@dataclass(frozen=True)
class SkippedFile:
    """An image that could not be read, relative to its data set's folder, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class DataFacts:
    """What a network must know of its data set before it can be shown any other image.

    ``classes`` stand in the order of its outputs, ``mean`` and ``std`` are per channel, of
    pixels scaled to 0…1, ``scale`` is the value of a file's pixels that stands for white, and
    ``image_size`` the side of the stored images.
    """

    name: str
    classes: tuple[str, ...]
    in_channels: int
    image_size: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    scale: float

    def to_json(self) -> dict[str, Any]:
        """As a JSON object."""
        return asdict(self)

    @classmethod
    def from_json(cls, document: Any) -> "DataFacts":
        """What ``to_json`` gave; raises ValueError, KeyError or TypeError for anything else."""
        facts = cls(
            name=str(document["name"]),
            classes=tuple(map(str, document["classes"])),
            in_channels=int(document["in_channels"]),
            image_size=int(document["image_size"]),
            mean=tuple(map(float, document["mean"])),
            std=tuple(map(float, document["std"])),
            scale=float(document["scale"]),
        )
        numbers = (*facts.mean, *facts.std, facts.scale)
        sizes = {len(facts.mean), len(facts.std), facts.in_channels}
        if not facts.classes or len(sizes) > 1 or not all(map(math.isfinite, numbers)):
            raise ValueError("no facts of a data set")
        return facts


def silent(_: PreparationStep | Remark) -> None:
    """The Progress of whoever does not want to know."""
