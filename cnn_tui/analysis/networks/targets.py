"""How users name a network of their own: ``file.py:Name`` or ``package.module:Name``."""

from dataclasses import dataclass
from pathlib import Path

from cnn_tui.analysis.records import Shape
from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import parse_net


@dataclass(frozen=True)
class ModuleTarget:
    """A name in a Python file or module; ``name`` is empty where none was given."""

    place: str
    name: str = ""

    @property
    def is_file(self) -> bool:
        """Whether ``place`` is the path of a file, not the dotted name of a module."""
        return self.place.endswith(".py")

    @property
    def label(self) -> str:
        """The place as a sentence names it: a file without its folders, or the module."""
        return Path(self.place).name if self.is_file else self.place

    def __str__(self) -> str:
        return f"{self.place}:{self.name}" if self.name else self.place


def parse_target(text: str) -> ModuleTarget | None:
    """What ``text`` points to, or None where it can only be a network of the catalogue."""
    if text.endswith(".py"):
        return ModuleTarget(text)
    place, colon, name = text.rpartition(":")
    return ModuleTarget(place, name) if colon else None


def check_target(text: str) -> None:
    """Raise UsageError where ``text`` can be no network: neither the catalogue's nor one's own."""
    if parse_target(text) is None:
        parse_net(text)


def parse_shape(text: str) -> Shape:
    """``3,224,224`` or ``3x224x224`` as (channels, height, width); raises UsageError."""
    try:
        channels, height, width = (int(side) for side in text.replace("x", ",").split(","))
    except ValueError:
        raise UsageError(
            f"{text!r} is no input shape: write channels,height,width, such as 3,224,224."
        ) from None
    return channels, height, width
