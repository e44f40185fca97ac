"""Networks that the lab does not know: found by name, built without numbers, taken apart.

``summarize_target`` imports a file or module as Python itself would and runs its
code in this process; ``summarize_named`` is the part that follows, for a module
that is loaded already.
"""

import copy
import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from cnn_tui.analysis.networks.input_checks import refuse_several
from cnn_tui.analysis.networks.input_specs import InputSpec, NetInputs
from cnn_tui.analysis.networks.likely_inputs import about_hidden_layers, likely_inputs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.shapes import ShapeError
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.errors import LabError, UsageError
from cnn_tui.nets.source import refuse_missing
from cnn_tui.nets.specs import NetSpec
from cnn_tui.workspace import expanded

NAMES_SHOWN = 6
LONGEST_MESSAGE = 300
BUILT_ON_CPU = "Its constructor needs real numbers, so it was built on the CPU."

Factory = Callable[[], nn.Module]


@dataclass(frozen=True)
class _FoundFactory:
    """A factory, what a sentence calls it, and the file whose lines errors point to."""

    target: NetSpec
    factory: Factory
    file: str

    @property
    def title(self) -> str:
        """``Net in net.py``; the class of a network that was handed over."""
        name, label = self.target.name, self.target.label
        return f"{name} in {label}" if name else label


def summarize_target(
    target: NetSpec,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    timed: bool = False,
    memory: bool = False,
) -> NetSummary:
    """Import the network that ``target`` names and take it apart.

    ``inputs`` are all that it is given, or (channels, height, width) of an image; guessed from
    the first layer if not given, and the note says so. ``timed`` also runs it with numbers and
    measures how long each layer takes. What the code prints goes to stderr. Raises UsageError
    for whatever is wrong with the target or its code.
    """
    with _importable_as_python_would(target), redirect_stdout(sys.stderr):
        module = _load(target)
        summary = summarize_named(module, target, inputs, memory=memory)
        return _measured(summary, _find_factory(module, target)) if timed else summary


def summarize_instance(
    net: nn.Module,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    timed: bool = False,
    memory: bool = False,
) -> NetSummary:
    """Inspect a network that was built already; it is left as it is.

    ``inputs``, ``timed`` and ``memory`` are those of ``summarize_target``. What has to run
    with numbers does so in a copy on the CPU. Raises UsageError.
    """

    def copied() -> nn.Module:
        return copy.deepcopy(net).cpu()

    found = _FoundFactory(NetSpec("", place=type(net).__name__), copied, _source_file(type(net)))
    with _blaming(f"{found.title} could not be copied", found.file):
        bare = copy.deepcopy(_without_numbers(net))  # without numbers already, it is no copy yet
    summary = _summarized(found, bare, inputs, memory=memory)
    return _measured(summary, found) if timed else summary


def summarize_named(
    module: ModuleType,
    target: NetSpec,
    inputs: NetInputs | Sequence[int] | None = None,
    *,
    memory: bool = False,
) -> NetSummary:
    """Take the network of that name in a loaded module apart; raises UsageError."""
    found = _find_factory(module, target)
    net, note = _build_without_numbers(found)
    return _summarized(found, net, inputs, note, memory=memory)


def _summarized(
    found: _FoundFactory,
    net: nn.Module,
    inputs: NetInputs | Sequence[int] | None,
    note: str = "",
    *,
    memory: bool,
) -> NetSummary:
    """A network without numbers, on the input that is given or the first one that fits."""
    given = NetInputs(()) if inputs is None else NetInputs.of(inputs)
    if given.specs:
        return _noted(_summary(found, net, given, memory=memory), note)
    refuse_several(found.title, net)
    likely = [replace(given, specs=(each,)) for each in _likely_inputs(found, net)]
    fitting, summary = _first_that_fits(found, net, likely, memory=memory)
    assumed = (
        f"No input shape was given: {fitting.text} is assumed, "
        "which its first layer takes and the others can follow."
    )
    return _noted(summary, assumed, note)


@contextmanager
def _importable_as_python_would(target: NetSpec) -> Iterator[None]:
    """Let imports find what lies beside the file, or in the current folder."""
    folder = str(expanded(Path(target.place)).resolve().parent if target.is_file else Path.cwd())
    before = list(sys.path)
    sys.path.insert(0, folder)
    try:
        yield
    finally:
        sys.path[:] = before


def _find_factory(module: ModuleType, target: NetSpec) -> _FoundFactory:
    """The class, function or instance in ``module`` that makes the network.

    Where ``target`` gives no name, the module's only ``nn.Module`` class is
    taken. Raises UsageError with the names that there are.
    """
    named = target if target.name else replace(target, name=_only_class(module, target))
    if not hasattr(module, named.name):
        raise UsageError(f"There is no {named.name} in {named.label}{_others(module, named.name)}")
    return _FoundFactory(named, _factory(getattr(module, named.name), named), module.__file__ or "")


def _build_without_numbers(found: _FoundFactory) -> tuple[nn.Module, str]:
    """The network on the meta device, and a note where it had to be built with numbers first."""
    _refuse_arguments(found)
    try:
        with torch.device("meta"):
            net = found.factory()
        note = ""
    except KeyboardInterrupt:
        raise
    except BaseException:
        # Perhaps only because there are no numbers on the meta device.
        with _blaming(f"{found.title} could not be made", found.file):
            net = found.factory()
        note = BUILT_ON_CPU
    if not isinstance(net, nn.Module):
        raise UsageError(
            f"{found.title} made {_a(type(net).__name__)}, and no torch.nn.Module: "
            "name a class, or a function that returns the network."
        )
    with _blaming(f"{found.title} could not be copied", found.file):
        return _without_numbers(net), note


def _load(target: NetSpec) -> ModuleType:
    return _load_file(target) if target.is_file else _load_module(target)


def _load_file(target: NetSpec) -> ModuleType:
    refuse_missing(target)
    path = expanded(Path(target.place))
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    with _blaming(f"{path.name} cannot be loaded", str(path)), _known(module):
        exec(compile(source, str(path), "exec", dont_inherit=True), module.__dict__)
    return module


@contextmanager
def _known(module: ModuleType) -> Iterator[None]:
    """Let the module be looked up by its name while it is loaded, as dataclasses do."""
    if module.__name__ in sys.modules:  # what Python knows by that name stays what it is
        yield
        return
    sys.modules[module.__name__] = module
    try:
        yield
    finally:
        del sys.modules[module.__name__]


def _load_module(target: NetSpec) -> ModuleType:
    if not all(part.isidentifier() for part in target.place.split(".")):
        raise UsageError(
            f"{target.place!r} is no module: write file.py:Name or package.module:Name, "
            "such as torchvision.models:resnet18."
        )
    with _blaming(f"{target.place} cannot be imported", target.place):
        try:
            return import_module(target.place)
        except ModuleNotFoundError as error:
            if not f"{target.place}.".startswith(f"{error.name}."):
                raise
            raise UsageError(
                f"There is no module {target.place} (no {error.name} in {Path.cwd()}, and none "
                "is installed): give the file's path, such as folder/net.py:Name."
            ) from None


def _only_class(module: ModuleType, target: NetSpec) -> str:
    classes = _classes(module)
    if len(classes) == 1:
        return classes[0]
    if not classes:
        raise UsageError(
            f"{target.label} defines no torch.nn.Module class: add one, or name a function "
            f"that returns the network, as in {target.place}:NAME."
        )
    raise UsageError(
        f"{target.label} holds {_listed(classes)}: name one, as in {target.place}:{classes[-1]}."
    )


def _classes(module: ModuleType) -> list[str]:
    """The ``nn.Module`` classes that the module itself defines."""
    return [
        name
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, nn.Module)
        and value.__module__ == module.__name__
    ]


def _others(module: ModuleType, name: str) -> str:
    """The rest of a sentence: the nearest name, and the networks that there are."""
    from difflib import get_close_matches

    public = [each for each, value in vars(module).items() if callable(value) and each[0] != "_"]
    near = get_close_matches(name, public, n=1, cutoff=0.5)
    classes = _classes(module)
    if near:
        return f": did you mean {near[0]}?" + (f" It holds {_listed(classes)}." if classes else "")
    return (
        f": it holds {_listed(classes)}."
        if classes
        else ", nor any torch.nn.Module class: add one, or name another file."
    )


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def _factory(value: Any, target: NetSpec) -> Factory:
    if isinstance(value, nn.Module):
        return lambda: value
    is_other_class = isinstance(value, type) and not issubclass(value, nn.Module)
    if is_other_class or not callable(value):
        kind = "a class" if is_other_class else _a(type(value).__name__)
        raise UsageError(
            f"{target.name} in {target.label} is {kind}, and no torch.nn.Module: "
            "name a class, or a function that returns the network."
        )
    factory: Factory = value
    return factory


def _refuse_arguments(found: _FoundFactory) -> None:
    try:
        parameters = inspect.signature(found.factory).parameters.values()
    except (TypeError, ValueError):  # written in C: it will say so itself
        return
    variadic = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    needed = [
        each.name for each in parameters if each.default is each.empty and each.kind not in variadic
    ]
    if needed:
        raise UsageError(
            f"{found.title} needs arguments ({_listed(needed)}): write a function without any "
            f"that returns the network, and name it, as in {found.target.place}:make."
        )


def _without_numbers(net: nn.Module) -> nn.Module:
    """A copy of ``net`` on the meta device; a tensor that is used twice stays one tensor."""
    numbers = [each for each in (*net.parameters(), *net.buffers()) if not each.is_meta]
    twins = {id(each): _twin(each) for each in numbers}
    return copy.deepcopy(net, twins) if twins else net


def _twin(tensor: Any) -> Any:
    if nn.parameter.is_lazy(tensor):  # its shape is not known before the first forward
        kind: Any = type(tensor)
        return kind(requires_grad=tensor.requires_grad, device="meta")
    empty = torch.empty_like(tensor, device="meta")
    is_parameter = isinstance(tensor, nn.Parameter)
    return nn.Parameter(empty, tensor.requires_grad) if is_parameter else empty


def _likely_inputs(found: _FoundFactory, net: nn.Module) -> list[InputSpec]:
    """What its first layer may be made for, the likeliest first."""
    for layer in net.modules():
        if likely := likely_inputs(layer):
            return likely
    raise UsageError(
        f"{found.title} does not tell which images it takes: give channels,height,width, "
        "such as 3,32,32, or the sides of whatever it takes.",
        fields=("input_shape",),
    )


def _first_that_fits(
    found: _FoundFactory, net: nn.Module, likely: Sequence[NetInputs], *, memory: bool
) -> tuple[NetInputs, NetSummary]:
    errors: list[UsageError] = []
    for inputs in likely:
        try:
            return inputs, _summary(found, net, inputs, memory=memory)
        except UsageError as error:
            errors.append(error)
    hidden = about_hidden_layers(net)
    if not hidden and not _may_be_the_input(likely, errors):
        raise errors[0]
    more = hidden or "No input shape was given: give one, such as 3,32,32."
    raise UsageError(f"{errors[0]} {more}", fields=("input_shape",))


def _may_be_the_input(likely: Sequence[NetInputs], errors: Sequence[UsageError]) -> bool:
    """Whether another input could help: not where a layer, or the lab, refuses each alike."""
    if any(not isinstance(each.__cause__, ShapeError | None) for each in errors):
        return True
    said = [str(each).replace(tried.text, "") for tried, each in zip(likely, errors, strict=True)]
    if len(said) == 1:
        return said[0] != str(errors[0])  # it names the input
    return len(set(said)) > 1


def _summary(
    found: _FoundFactory, net: nn.Module, inputs: NetInputs, *, memory: bool
) -> NetSummary:
    with _blaming(f"{found.title} failed on an input of {inputs.text}", found.file):
        return summarize_module(
            net,
            inputs,
            net_name=str(found.target),
            title=found.title,
            rebuild=found.factory,
            memory=memory,
        )


def _measured(summary: NetSummary, found: _FoundFactory) -> NetSummary:
    from cnn_tui.analysis.networks.timing import measured

    with _blaming(f"{found.title} could not be measured", found.file):
        return measured(summary, found.factory)


def _noted(summary: NetSummary, *notes: str) -> NetSummary:
    return replace(summary, note=" ".join(filter(None, (*notes, summary.note))))


@contextmanager
def _blaming(failure: str, file: str) -> Iterator[None]:
    """Turn whatever the user's code raises into one sentence with its line."""
    try:
        yield
    except (LabError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise UsageError(f"{failure}: {_described(error)}{_line(error, file)}.") from error


def _described(error: BaseException) -> str:
    message = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    return type(error).__name__ + (f": {message[:LONGEST_MESSAGE].rstrip('.')}" if message else "")


def _line(error: BaseException, file: str) -> str:
    """Where in the user's own file it happened, else the last line of any file."""
    if isinstance(error, SyntaxError):
        return f" ({Path(error.filename or file).name}, line {error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == file]
    last = own[-1] if own else frames[-1]
    shown = f": {last.line}" if last.line else ""
    return f" ({Path(last.filename).name}, line {last.lineno}{shown})"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0].lower() in "aeiou" else f"a {noun}"


def _source_file(kind: type) -> str:
    try:
        return inspect.getsourcefile(kind) or ""
    except (OSError, TypeError):  # written in a notebook, or built in
        return ""
