"""The one way to run a demo: check its parameters, then import and call it."""

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module

from cnn_tui.chapter.catalogue import DemoInfo, demo_info
from cnn_tui.chapter.records import DemoContent, DemoResult
from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.options import OptionValue, converted_all


def run_demo(name: str, /, **parameters: OptionValue) -> DemoResult:
    """Run the demo that ``name`` means and return what it shows.

    A parameter may be given as text, as it was typed; one that is not given
    keeps its default. The caller's random state is left as it was. Raises
    UsageError for an unknown demo or parameter and for a value that does not fit.
    """
    info = demo_info(name)
    values = checked_parameters(info, parameters)
    if not info.needs_torch:
        return _shown(info, values)
    from cnn_tui.training.device.cpu import reproducibly

    with reproducibly():
        return _shown(info, values)


def run_without_torch(name: str, /, parameters: Mapping[str, OptionValue]) -> DemoResult | None:
    """What ``run_demo`` returns, in milliseconds; None where that takes torch."""
    return None if demo_info(name).needs_torch else run_demo(name, **parameters)


def parse_parameters(words: Sequence[str]) -> dict[str, OptionValue]:
    """``--p 0.3 --batchnorm --seed=1`` by name; an option without a value means true.

    Raises UsageError for a word that belongs to no parameter.
    """
    given: dict[str, OptionValue] = {}
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


def checked_parameters(
    info: DemoInfo, given: dict[str, OptionValue], *, is_named: bool = True
) -> dict[str, OptionValue]:
    """Every parameter of the demo with its value: what was given, else the default.

    Raises UsageError as ``run_demo`` does, without the demo's name unless that ``is_named``;
    imports nothing heavy.
    """
    if given and not info.parameters:
        raise UsageError(
            f"The demo {info.name} has no parameters: leave {next(iter(given))!r} out."
        )
    defaults = {each.name: each.default for each in info.parameters if each.default is not None}
    owner = f"the demo {info.name}" if is_named else ""
    return defaults | converted_all(
        info.parameters, given, owner=owner, see=step(Action.LIST_DEMOS)
    )


def _shown(info: DemoInfo, values: dict[str, OptionValue]) -> DemoResult:
    shown = _load(info)(**values)
    return DemoResult(info.name, info.title, values, shown.blocks, shown.figures)


def _load(info: DemoInfo) -> Callable[..., DemoContent]:
    function = info.name.replace("-", "_")
    module = import_module(f"cnn_tui.chapter.demos.{function}")
    demo: Callable[..., DemoContent] = getattr(module, function)
    return demo
