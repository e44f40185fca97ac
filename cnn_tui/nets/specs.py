"""A network as a user asks for it, parsed once where it comes in; torch-free.

It is one of the catalogue, ``NAME[,option=value…]``, or the user's own:
``FILE.py:NAME`` or ``package.module:NAME``.
"""

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import checked_options, net_info, option_named, options_phrase
from cnn_tui.nets.records import BATCH_NORM, NetInfo
from cnn_tui.next_steps import Action, step
from cnn_tui.options import OptionValue, texts


@dataclass(frozen=True)
class NetSpec:
    """A network of the catalogue with the options that were given, or one of the user's own.

    ``place`` is the file or module of the user's own network, in which ``name`` is
    its class or function (empty: to be found there).
    """

    name: str
    options: tuple[tuple[str, OptionValue], ...] = ()
    place: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it is the user's own network, not one of the catalogue."""
        return bool(self.place)

    @property
    def is_file(self) -> bool:
        """Whether ``place`` is the path of a file, not the dotted name of a module."""
        return self.place.endswith(".py")

    @property
    def label(self) -> str:
        """The place as a sentence names it: a file without its folders, or the module."""
        return Path(self.place).name if self.is_file else self.place

    @cached_property
    def info(self) -> NetInfo:
        """The catalogue's entry; raises UsageError for a network of the user's own."""
        if self.is_own:
            raise UsageError(
                f"{self} is a network of your own, and only those of the catalogue work here.",
                next_steps=(step(Action.LIST_NETWORKS),),
            )
        return net_info(self.name)

    @property
    def given(self) -> dict[str, OptionValue]:
        """The options that were asked for."""
        return dict(self.options)

    @property
    def settings(self) -> dict[str, OptionValue]:
        """Every option of a network of the catalogue: what was asked for, else its default."""
        return self.info.defaults | self.given

    @property
    def has_batch_norm(self) -> bool:
        """Whether a network of the catalogue normalizes its batches, with these options."""
        switched = self.settings.get(BATCH_NORM)
        return switched if isinstance(switched, bool) else self.info.has_batch_norm

    def __str__(self) -> str:
        """The text that ``parse`` reads as this network."""
        if self.is_own:
            return f"{self.place}:{self.name}" if self.name else self.place
        return ",".join([self.name, *map("=".join, texts(self.given).items())])


def parse(text: str) -> NetSpec:
    """The network that ``text`` asks for.

    Whether the user's own can be found and built is for ``analysis.networks.modules``
    to say. Raises UsageError with the nearest name, and with a sentence that names
    the options and the values that exist.
    """
    if text.endswith(".py"):
        return NetSpec("", place=text)
    place, colon, name = text.rpartition(":")
    if colon and not place:
        raise UsageError(
            f"{text!r} names no file or module: write FILE.py:NAME or package.module:NAME.",
            fields=("net",),
        )
    return NetSpec(name, place=place) if colon else _of_catalogue(text)


def with_options(info: NetInfo, given: dict[str, OptionValue]) -> NetSpec:
    """The network of the catalogue with these options, which are checked."""
    return NetSpec(info.name, tuple(checked_options(info, given).items()))


def nearest_image_size(spec: NetSpec, wanted: int) -> int:
    """The smallest side of at least ``wanted`` pixels that the network can take."""
    smallest, step = _size_rule(spec)
    return max(smallest, math.ceil(wanted / step) * step)


def refuse_image_size(spec: NetSpec, image_size: int) -> None:
    """Raise UsageError, naming a size that works, where the network cannot take this one."""
    smallest, step = _size_rule(spec)
    title = spec.info.title
    if image_size < smallest:
        raise UsageError(
            f"{title} cannot take {image_size}×{image_size} images: nothing would be left "
            f"of the feature map. The smallest size that works is {smallest}.",
            fields=("image_size",),
        )
    if image_size % step:
        below = image_size - image_size % step
        raise UsageError(
            f"{title} cannot take {image_size}×{image_size} images: it cuts them into patches "
            f"of {step}×{step}. The nearest sizes that work are {below} and {below + step}.",
            fields=("image_size",),
        )


def _size_rule(spec: NetSpec) -> tuple[int, int]:
    """The smallest side that works, and of what every side must be a multiple."""
    info = spec.info
    if not info.multiple_of:
        return info.min_image_size, 1
    step = int(spec.settings[info.multiple_of])
    return step, step


def _of_catalogue(text: str) -> NetSpec:
    name, *assignments = text.split(",")
    info = net_info(name)
    given: dict[str, OptionValue] = {}
    for assignment in assignments:
        option, equals, value = assignment.partition("=")
        if not assignment.strip():
            raise UsageError(
                f"Nothing stands after a comma of {text!r}: leave the comma out, or "
                f"write {info.name},option=value, with {options_phrase(info)}.",
                fields=("net",),
            )
        if not equals:
            raise UsageError(
                f"{assignment.strip()!r} sets no option of {info.title}: "
                f"write {info.name},option=value, with {options_phrase(info)}.",
                fields=("net",),
            )
        option = option_named(info, option).name
        if option in given:
            raise UsageError(f"{option} is given twice in {text!r}: give it once.", fields=("net",))
        given[option] = value
    return with_options(info, given)
