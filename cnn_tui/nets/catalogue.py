"""The networks by name, their families and their options; torch-free.

Names follow torchvision's spelling where it has one.
"""

from collections.abc import Mapping
from functools import cache

from cnn_tui.errors import UsageError, about_field
from cnn_tui.names import match, normalize
from cnn_tui.nets.entries import NETS
from cnn_tui.nets.records import NetInfo
from cnn_tui.next_steps import Action, step
from cnn_tui.options import Option, OptionValue, converted_all
from cnn_tui.plugins import records

SEE = step(Action.LIST_NETWORKS)
PLUGINS = "cnn_lab.nets"
"""The group of entry points by which other packages add networks: records of ``NetInfo``."""


@cache
def all_nets() -> tuple[NetInfo, ...]:
    """Every network, the lab's own and those of other packages, oldest first.

    One without a year stays behind the one that it is declared after.
    """
    taken = {normalize(net.name) for net in NETS}
    added = records(PLUGINS, NetInfo, lambda net: _fault(net, taken))
    year, dated = 0, []
    for net in (*NETS, *added):
        year = net.year or year
        dated.append((year, net))
    return tuple(net for _, net in sorted(dated, key=lambda pair: pair[0]))


def names() -> tuple[str, ...]:
    """Every network's name, oldest first."""
    return tuple(net.name for net in all_nets())


def families() -> tuple[str, ...]:
    """Every family, oldest first."""
    return tuple(dict.fromkeys(net.family for net in all_nets()))


def timeline() -> tuple[NetInfo, ...]:
    """One network for each step of the evolution, LeNet-5 to ViT."""
    return tuple(net for net in all_nets() if net.is_milestone)


def net_info(name: str) -> NetInfo:
    """The network that a name means; raises UsageError with the nearest name."""
    with about_field("net"):
        found = match(name, names(), "network", SEE)
    return next(net for net in all_nets() if net.name == found)


def checked_options(info: NetInfo, given: Mapping[str, object]) -> dict[str, OptionValue]:
    """``given`` with every name and value as the network wants it.

    A value may be the text that a user wrote. Raises UsageError for an option
    that the network does not have, and for a value that it cannot take.
    """
    named = {option_named(info, name).name: value for name, value in given.items()}
    with about_field("net"):
        return converted_all(info.options, named, owner=info.title, see=SEE)


def option_named(info: NetInfo, name: str) -> Option:
    """The option of the network that ``name`` means; raises UsageError with the nearest name."""
    known = [option.name for option in info.options]
    with about_field("net"):
        if not known:
            raise UsageError(
                f"{info.title} has no options: write {info.name} alone, without {name!r}."
            )
        found = match(name, known, f"option of {info.title}", SEE)
    return next(option for option in info.options if option.name == found)


def options_phrase(info: NetInfo) -> str:
    """The options that a sentence offers: ``batch_norm (true or false)``."""
    if not info.options:
        return "but it has none"
    return " or ".join(f"{option.name} ({option.accepts})" for option in info.options)


def _fault(net: NetInfo, taken: set[str]) -> str:
    """Why a network of another package cannot be listed; empty where it can, and is taken."""
    if normalize(net.name) in taken:
        return f"there is another network named {net.name}"
    if any(sign in net.name for sign in ",:= ") or net.name.endswith(".py"):
        return (
            f"{net.name!r} cannot be a network's name: it holds a sign that a specification needs"
        )
    if ":" not in net.build:
        return f"{net.build!r} does not name its class as module:Name"
    taken.add(normalize(net.name))
    return ""
