"""The one way to run a demo: check its parameters, then import and call it."""

import math
from collections.abc import Callable, Sequence
from importlib import import_module

from cnn_tui.analysis.gradients.reproducible import by_itself
from cnn_tui.chapter.catalogue import DemoInfo, Parameter, demo_info
from cnn_tui.chapter.records import DemoContent, DemoResult, Value
from cnn_tui.errors import UsageError
from cnn_tui.names import match

YES = ("true", "yes", "on", "1")
NO = ("false", "no", "off", "0")
LONGEST_SHOWN = 40
"""Characters of a refused value that an error repeats."""


def run_demo(name: str, /, **parameters: Value) -> DemoResult:
    """Run the demo that ``name`` means and return what it shows.

    A parameter may be given as text, as it was typed; one that is not given
    keeps its default. The caller's random state is left as it was. Raises
    UsageError for an unknown demo or parameter and for a value that does not fit.
    """
    info = demo_info(name)
    values = checked_parameters(info, parameters)
    demo = _load(info)
    with by_itself():
        shown = demo(**values)
    return DemoResult(info.name, info.title, values, shown.blocks, shown.figures)


def parse_parameters(words: Sequence[str]) -> dict[str, Value]:
    """``--p 0.3 --batchnorm --seed=1`` by name; an option without a value means true.

    Raises UsageError for a word that belongs to no parameter.
    """
    given: dict[str, Value] = {}
    waiting: str | None = None
    for word in words:
        if word.startswith("--"):
            waiting, equals, value = word[2:].partition("=")
            given[waiting] = value if equals else True
            waiting = None if equals else waiting
        elif waiting is None:
            raise UsageError(f"{word!r} belongs to no parameter: write --NAME VALUE for each.")
        else:
            given[waiting] = word
            waiting = None
    return given


def checked_parameters(info: DemoInfo, given: dict[str, Value]) -> dict[str, Value]:
    """Every parameter of the demo with its value: what was given, else the default.

    Raises UsageError as ``run_demo`` does; imports nothing heavy.
    """
    known = {parameter.name: parameter for parameter in info.parameters}
    if given and not known:
        raise UsageError(
            f"The demo {info.name} has no parameters: leave {next(iter(given))!r} out."
        )
    values = {parameter.name: parameter.default for parameter in info.parameters}
    for name, value in given.items():
        found = match(name, known, f"parameter of the demo {info.name}", "cnn-lab demo")
        values[found] = _checked(known[found], value)
    return values


def _load(info: DemoInfo) -> Callable[..., DemoContent]:
    function = info.name.replace("-", "_")
    module = import_module(f"cnn_tui.chapter.demos.{function}")
    demo: Callable[..., DemoContent] = getattr(module, function)
    return demo


def _checked(parameter: Parameter, value: Value) -> Value:
    try:
        converted = CONVERT[parameter.kind](value)
    except (ValueError, OverflowError):
        raise _misfit(parameter, value) from None
    outside = parameter.choices and converted not in parameter.choices
    if outside or not _in_range(parameter, converted):
        raise _misfit(parameter, value)
    return converted


def _in_range(parameter: Parameter, value: Value) -> bool:
    if isinstance(value, str):
        return True
    low, high = parameter.minimum, parameter.maximum
    return (low is None or value >= low) and (high is None or value <= high)


def _misfit(parameter: Parameter, value: Value) -> UsageError:
    if value is True:
        return UsageError(f"{parameter.name} needs a value: {parameter.accepts}.")
    shown = repr(value)
    if len(shown) > LONGEST_SHOWN:
        shown = f"{shown[:LONGEST_SHOWN]}…"
    return UsageError(f"{parameter.name} cannot be {shown}: it takes {parameter.accepts}.")


def _whole_number(value: Value) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError(value)
    return int(value)


def _number(value: Value) -> float:
    number = float(value)
    if isinstance(value, bool) or not math.isfinite(number):
        raise ValueError(value)
    return number


def _yes_or_no(value: Value) -> bool:
    word = str(value).strip().casefold()
    if word not in YES + NO:
        raise ValueError(value)
    return word in YES


def _text(value: Value) -> str:
    return str(value).strip()


CONVERT: dict[str, Callable[[Value], Value]] = {
    "int": _whole_number,
    "float": _number,
    "bool": _yes_or_no,
    "str": _text,
}
