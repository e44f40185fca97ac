"""What a data report says: plain records, free of torch and numpy."""

from dataclasses import asdict, dataclass, fields
from typing import Any

from cnn_tui.data.records import ClassCount, SkippedFile


@dataclass(frozen=True)
class ImageCount:
    """How many images are of one kind."""

    name: str
    images: int


@dataclass(frozen=True)
class Spread:
    """The range of a count of pixels."""

    smallest: int
    median: int
    largest: int


@dataclass(frozen=True)
class Sizes:
    """Widths and heights of the files; ``most_common`` is such as ``64×48``, of ``kinds``."""

    width: Spread
    height: Spread
    most_common: ImageCount
    kinds: int


@dataclass(frozen=True)
class Copies:
    """Images with the same content, and the class of each."""

    images: tuple[str, ...]
    classes: tuple[str, ...]


@dataclass(frozen=True)
class Duplicates:
    """Images whose content is there once more.

    ``within`` counts those of a part that repeat another one of it, ``across`` those of a part
    that are training images, too. ``between_classes`` are contents under more than one class.
    """

    within: tuple[ImageCount, ...] = ()
    across: tuple[ImageCount, ...] = ()
    between_classes: int = 0
    examples: tuple[Copies, ...] = ()

    @property
    def any(self) -> bool:
        """Whether there is any."""
        return any(each.images for each in (*self.within, *self.across))


@dataclass(frozen=True)
class Sample:
    """One image to look at; ``pixels`` are its bytes, (H, W, C), with C 1 or 3."""

    name: str
    label: str
    height: int
    width: int
    channels: int
    pixels: bytes


@dataclass(frozen=True)
class DataReport:
    """What a data set holds, file by file.

    ``parts`` are ``train``, ``val`` and ``test``, as far as they are there; ``is_split`` is false
    where the lab holds out the test images. ``scale`` is the value of a file's pixels that stands
    for white. ``depths`` and ``modes`` are of the files, or of the stored images of a published
    set. ``passed_over`` are files that the lab does not open.
    """

    name: str
    title: str
    is_split: bool
    parts: tuple[ImageCount, ...]
    per_class: tuple[ClassCount, ...]
    sizes: Sizes | None
    modes: tuple[ImageCount, ...]
    depths: tuple[ImageCount, ...]
    scale: float
    duplicates: Duplicates
    unreadable: tuple[SkippedFile, ...] = ()
    passed_over: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    samples: tuple[Sample, ...] = ()

    @property
    def images(self) -> int:
        """How many images can be read."""
        return sum(part.images for part in self.parts)

    def to_json(self) -> dict[str, Any]:
        """The document that ``cnn-lab data NAME --json`` prints: no pixels."""
        shown = {each.name: getattr(self, each.name) for each in fields(self)}
        shown["samples"] = ()
        document = asdict(DataReport(**shown))
        del document["samples"]
        return document | {"images": self.images}
