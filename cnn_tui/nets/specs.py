"""A network as a user asks for it, parsed once where it comes in; torch-free.

It is one of the catalogue, ``NAME[,option=value…]``, or the user's own:
``FILE.py:NAME[,option=value…]`` or ``package.module:NAME[,option=value…]``.
"""

import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.nets.catalogue import checked_options, net_info, option_named, options_phrase
from cnn_tui.nets.records import BATCH_NORM, NetInfo
from cnn_tui.next_steps import Action, step
from cnn_tui.options import OptionValue, texts

FILE = re.compile(r"(.+?\.py)(?=[:,]|$)")
"""How a specification begins that names a file."""
SAYS_NOTHING = {"", "net", "network", "model", "module", "cnn", "make", "build", "main", "create"}
"""Names of classes and functions, without case and ``_``, that tell no network from another."""
UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
LONGEST_LABEL = 32


@dataclass(frozen=True)
class NetSpec:
    """A network of the catalogue with the options that were given, or one of the user's own.

    ``place`` is the file or module of the user's own network, in which ``name`` is
    its class or function (empty: to be found there); the values of its options are texts until
    it is built. ``kept`` is the folder of a run's own copy of the source, if that is to be used.
    """

    name: str
    options: tuple[tuple[str, OptionValue], ...] = ()
    place: str = ""
    kept: Path | None = field(default=None, compare=False, repr=False)

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

    @property
    def title(self) -> str:
        """What a sentence calls it: VGG-16; ``Net in my_net.py``."""
        if not self.is_own:
            return self.info.title
        return f"{self.name} in {self.label}" if self.name else self.label

    @property
    def short_name(self) -> str:
        """One word for folders, lists and legends: of the user's own, its class or its file."""
        if not self.is_own:
            return self.name
        stem = Path(self.place).stem if self.is_file else self.place.rpartition(".")[2]
        says_nothing = self.name.casefold().replace("_", "") in SAYS_NOTHING
        word = UNSAFE.sub("-", stem if says_nothing else self.name)
        return word.strip(".-_")[:LONGEST_LABEL] or "own"

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
        """What was asked for, and in one of the catalogue the default of every other option."""
        return self.given if self.is_own else self.info.defaults | self.given

    @property
    def has_batch_norm(self) -> bool:
        """Whether it is known to normalize its batches, with these options."""
        if self.is_own:
            return False
        switched = self.settings.get(BATCH_NORM)
        return switched if isinstance(switched, bool) else self.info.has_batch_norm

    @property
    def has_dropout(self) -> bool:
        """Whether it is known to have dropout layers."""
        return not self.is_own and self.info.has_dropout

    def __str__(self) -> str:
        """The text that ``parse`` reads as this network."""
        name = self.name
        if self.is_own:
            name = f"{self.place}:{self.name}" if self.name else self.place
        return ",".join([name, *map("=".join, texts(self.given).items())])


def parse(text: str) -> NetSpec:
    """The network that ``text`` asks for.

    Whether the user's own can be found and built is for ``nets.own`` to say. Raises
    UsageError with the nearest name, and with a sentence that names
    the options and the values that exist.
    """
    place, rest = _own_parts(text)
    if not place:
        return _of_catalogue(text)
    name, *assignments = rest.split(",")
    own = NetSpec(name.strip(), place=place)
    given = dict(_assigned(text, assignments, f"{own},option=value", own.title))
    return NetSpec(own.name, tuple(given.items()), place)


def words(text: str) -> tuple[str, ...]:
    """A network as a list shows it, whether it is here or not: its short name, then its options."""
    place, rest = _own_parts(text)
    if not place:
        return tuple(text.split(","))
    name, *options = rest.split(",")
    return NetSpec(name, place=place).short_name, *options


def _own_parts(text: str) -> tuple[str, str]:
    """File or module of the user's own network, and what stands behind its colon; else empty."""
    first = text.partition(",")[0]
    if (file := FILE.match(text)) and not ("," in file[1] and "=" in file[1]):
        return file[1], text[file.end() :].removeprefix(":")
    if ":" not in first:
        return "", text
    place, _, name = first.rpartition(":")
    if not place:
        raise UsageError(
            f"{text!r} names no file or module: write FILE.py:NAME or package.module:NAME.",
            fields=("net",),
        )
    return place, name + text[len(first) :]


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
    offered = f"{info.name},option=value, with {options_phrase(info)}"
    given: dict[str, OptionValue] = {}
    for option, value in _assigned(text, assignments, offered, info.title):
        option = option_named(info, option).name
        if option in given:
            raise _given_twice(option, text)
        given[option] = value
    return with_options(info, given)


def _assigned(
    text: str, assignments: Iterable[str], offered: str, title: str
) -> Iterator[tuple[str, str]]:
    """Each option and its value; raises UsageError that says how one is written."""
    seen = set()
    for assignment in assignments:
        option, equals, value = assignment.partition("=")
        if not assignment.strip():
            raise UsageError(
                f"Nothing stands after a comma of {text!r}: leave the comma out, or "
                f"write {offered}.",
                fields=("net",),
            )
        if not equals:
            raise UsageError(
                f"{assignment.strip()!r} sets no option of {title}: write {offered}.",
                fields=("net",),
            )
        option = option.strip()
        if option in seen:
            raise _given_twice(option, text)
        seen.add(option)
        yield option, value


def _given_twice(option: str, text: str) -> UsageError:
    return UsageError(f"{option} is given twice in {text!r}: give it once.", fields=("net",))
