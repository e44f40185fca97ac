"""The networks by name, what they were asked to be, and the sizes they take; torch-free.

A network specification names a network and, after commas, its options:
``vgg16,batch_norm=true``. Names follow torchvision's spelling where it has one.
"""

import math
from collections.abc import Mapping

from cnn_tui.errors import UsageError
from cnn_tui.names import match
from cnn_tui.nets.entries import NETS, TIMELINE
from cnn_tui.nets.records import NetInfo, NetOption, OptionValue

__all__ = [
    "NETS",
    "NetInfo",
    "NetOption",
    "OptionValue",
    "checked_options",
    "families",
    "names",
    "nearest_image_size",
    "net_info",
    "parse_net",
    "refuse_image_size",
    "specification",
    "timeline",
]

TRUTHS = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}


def names() -> tuple[str, ...]:
    """Every network's name, oldest first."""
    return tuple(net.name for net in NETS)


def families() -> tuple[str, ...]:
    """Every family, oldest first."""
    return tuple(dict.fromkeys(net.family for net in NETS))


def timeline() -> tuple[NetInfo, ...]:
    """One network for each step of the evolution, LeNet-5 to ViT."""
    return tuple(net for net in NETS if net.name in TIMELINE)


def net_info(spec: str) -> NetInfo:
    """The network that a name or a specification means; raises what ``parse_net`` raises."""
    return parse_net(spec)[0]


def parse_net(spec: str) -> tuple[NetInfo, dict[str, OptionValue]]:
    """The network and the options that ``NAME`` or ``NAME,option=value,…`` asks for.

    Raises UsageError with the nearest name, and with a sentence that names the
    options and the values that exist.
    """
    name, *assignments = spec.split(",")
    found = match(name, names(), "network", "cnn-lab nets")
    info = next(net for net in NETS if net.name == found)
    given: dict[str, OptionValue] = {}
    for assignment in assignments:
        option, equals, value = assignment.partition("=")
        if not equals:
            raise UsageError(
                f"{assignment.strip()!r} sets no option of {info.title}: "
                f"write {info.name},option=value, with {_choice_of_options(info)}."
            )
        option = _option(info, option).name
        if option in given:
            raise UsageError(f"{option} is given twice in {spec!r}: give it once.")
        given[option] = value
    return info, checked_options(info, given)


def checked_options(info: NetInfo, given: Mapping[str, object]) -> dict[str, OptionValue]:
    """``given`` with every name and value as the network wants it.

    A value may be the text that a user wrote. Raises UsageError for an option
    that the network does not have, and for a value that it cannot take.
    """
    values = {_option(info, name): value for name, value in given.items()}
    return {
        option.name: _value(info, option, values[option])
        for option in info.options
        if option in values
    }


def specification(info: NetInfo, options: Mapping[str, OptionValue]) -> str:
    """The text that ``parse_net`` reads as this network with these options."""
    texts = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in options.items()
    }
    return ",".join([info.name, *(f"{name}={text}" for name, text in texts.items())])


def nearest_image_size(info: NetInfo, options: Mapping[str, OptionValue], wanted: int) -> int:
    """The smallest side of at least ``wanted`` pixels that the network can take."""
    smallest, step = _size_rule(info, options)
    return max(smallest, math.ceil(wanted / step) * step)


def refuse_image_size(info: NetInfo, options: Mapping[str, OptionValue], image_size: int) -> None:
    """Raise UsageError, naming a size that works, where the network cannot take this one."""
    smallest, step = _size_rule(info, options)
    if image_size < smallest:
        raise UsageError(
            f"{info.title} cannot take {image_size}×{image_size} images: nothing would be left "
            f"of the feature map. The smallest size that works is {smallest}."
        )
    if image_size % step:
        below = image_size - image_size % step
        raise UsageError(
            f"{info.title} cannot take {image_size}×{image_size} images: it cuts them into patches "
            f"of {step}×{step}. The nearest sizes that work are {below} and {below + step}."
        )


def _size_rule(info: NetInfo, options: Mapping[str, OptionValue]) -> tuple[int, int]:
    """The smallest side that works, and of what every side must be a multiple."""
    if not info.multiple_of:
        return info.min_image_size, 1
    step = int(options.get(info.multiple_of, info.defaults[info.multiple_of]))
    return step, step


def _option(info: NetInfo, name: str) -> NetOption:
    known = [option.name for option in info.options]
    if not known:
        raise UsageError(f"{info.title} has no options: write {info.name} alone, without {name!r}.")
    found = match(name, known, f"option of {info.title}", "cnn-lab nets")
    return next(option for option in info.options if option.name == found)


def _value(info: NetInfo, option: NetOption, given: object) -> OptionValue:
    value = _converted(option, given.strip() if isinstance(given, str) else given)
    if value is None:
        raise UsageError(
            f"{option.name} of {info.title} must be {_expected(option)}, not {given!r}."
        )
    return value


def _converted(option: NetOption, given: object) -> OptionValue | None:
    """``given`` as the option's kind of value; None where it is not one."""
    if option.kind == "bool":
        return given if isinstance(given, bool) else TRUTHS.get(str(given).casefold())
    if option.kind == "str":
        spellings = {choice.casefold(): choice for choice in option.choices}
        return spellings.get(str(given).casefold())
    if isinstance(given, bool) or not isinstance(given, str | int | float):
        return None
    try:
        number = int(given) if option.kind == "int" else float(given)
    except (ValueError, OverflowError):
        return None
    is_itself = isinstance(given, str) or number == given
    return number if is_itself and option.low <= number <= option.high else None


def _expected(option: NetOption) -> str:
    if option.kind == "bool":
        return "true or false"
    if option.kind == "str":
        return " or ".join(option.choices)
    kind = "a whole number" if option.kind == "int" else "a number"
    return f"{kind} from {option.low:g} to {option.high:g}"


def _choice_of_options(info: NetInfo) -> str:
    if not info.options:
        return "but it has none"
    return " or ".join(f"{option.name} ({_expected(option)})" for option in info.options)
