"""The user's own networks: a file or module is loaded as Python would, and its network made.

That runs the user's code in this process. Whatever is wrong with it becomes one sentence with
the line of the user's own file.
"""

import inspect
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from torch import nn

from cnn_tui.errors import LabError, UsageError
from cnn_tui.nets.own_files import KeptFiles, kept_files
from cnn_tui.nets.own_options import arguments
from cnn_tui.nets.source import refuse_missing
from cnn_tui.nets.specs import NetSpec
from cnn_tui.workspace import expanded

NAMES_SHOWN = 6
LONGEST_MESSAGE = 300

Factory = Callable[..., nn.Module]


@dataclass(frozen=True)
class FoundFactory:
    """A factory, what a sentence calls it, and the file whose lines errors point to."""

    target: NetSpec
    factory: Factory
    file: str

    @property
    def title(self) -> str:
        """``Net in net.py``; the class of a network that was handed over."""
        return self.target.title

    @property
    def signature(self) -> inspect.Signature | None:
        """What it takes; None where that is not known, as of what is written in C."""
        with suppress(TypeError, ValueError):
            return inspect.signature(self.factory)
        return None

    def called_with(self, **passed: int | None) -> "FoundFactory":
        """The same with its options, and ``passed`` where its signature has them, filled in.

        Raises UsageError for options that it does not have.
        """
        given = arguments(self.target, self.signature, passed)
        return replace(self, factory=partial(self.factory, **given)) if given else self

    def made(self) -> nn.Module:
        """The network; raises UsageError where that fails, or makes something else."""
        with blaming(f"{self.title} could not be made", self.file):
            net = self.factory()
        if not isinstance(net, nn.Module):
            raise UsageError(
                f"{self.title} made {with_article(type(net).__name__)}, and no torch.nn.Module: "
                "name a class, or a function that returns the network."
            )
        return net


def build_own(
    spec: NetSpec,
    *,
    num_classes: int | None = None,
    in_channels: int | None = None,
    image_size: int | None = None,
) -> nn.Module:
    """A freshly initialized network of the user's own, from a run's copy where ``spec`` has one.

    What is given is passed where its signature has it. What the code prints goes to stderr.
    Raises UsageError for whatever is wrong with it.
    """
    with importable(spec), redirect_stdout(sys.stderr):
        found = factory_of(spec)
        given = {"num_classes": num_classes, "in_channels": in_channels, "image_size": image_size}
        return found.called_with(**given).made()


def factory_of(spec: NetSpec) -> FoundFactory:
    """Load the file or module of ``spec``, which runs it, and find the network in it.

    Only inside of ``importable``. Raises UsageError.
    """
    return find_factory(load(spec), spec)


@contextmanager
def importable(target: NetSpec) -> Iterator[None]:
    """Let imports find what lies beside the file, in a run's copy, or in the current folder.

    Modules of the same names from elsewhere, such as another run's copy, are put aside.
    """
    kept = _kept(target)
    if kept is None:
        folder = expanded(Path(target.place)).resolve().parent if target.is_file else Path.cwd()
        folders, own = [str(folder)], frozenset[str]()
    else:
        folders, own = [str(kept.folder / each) for each in kept.paths], kept.module_names
    before, writes_none = list(sys.path), sys.dont_write_bytecode
    aside = _put_aside(own, folders)
    sys.path[:0] = folders
    sys.dont_write_bytecode = writes_none or kept is not None
    try:
        yield
    finally:
        sys.path[:], sys.dont_write_bytecode = before, writes_none
        _put_aside(own, ())
        sys.modules.update(aside)


def find_factory(module: ModuleType, target: NetSpec) -> FoundFactory:
    """The class, function or instance in ``module`` that makes the network.

    Where ``target`` gives no name, the module's only ``nn.Module`` class is
    taken. Raises UsageError with the names that there are.
    """
    named = target if target.name else replace(target, name=_only_class(module, target))
    if not hasattr(module, named.name):
        raise UsageError(f"There is no {named.name} in {named.label}{_others(module, named.name)}")
    return FoundFactory(named, _factory(getattr(module, named.name), named), module.__file__ or "")


def load(target: NetSpec) -> ModuleType:
    """The module that ``target`` names, run; raises UsageError."""
    kept = _kept(target)
    if target.is_file:
        return _load_file(target, kept)
    module = _load_module(target)
    if kept is not None and not str(module.__file__).startswith(str(kept.folder)):
        raise UsageError(
            f"{target.place} is another module here than the one of the run, {kept.file}."
        )
    return module


@contextmanager
def blaming(failure: str, file: str) -> Iterator[None]:
    """Turn whatever the user's code raises into one sentence with its line."""
    try:
        yield
    except (LabError, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise UsageError(f"{failure}: {described(error)}{line_of(error, file)}.") from error


def described(error: BaseException) -> str:
    """An error's type and what it says."""
    message = " ".join((error.msg if isinstance(error, SyntaxError) else str(error)).split())
    return type(error).__name__ + (f": {message[:LONGEST_MESSAGE].rstrip('.')}" if message else "")


def line_of(error: BaseException, file: str) -> str:
    """Where in the user's own file it happened, else the last line of any file."""
    if isinstance(error, SyntaxError):
        return f" ({Path(error.filename or file).name}, line {error.lineno})"
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename == file]
    last = own[-1] if own else frames[-1]
    shown = f": {last.line}" if last.line else ""
    return f" ({Path(last.filename).name}, line {last.lineno}{shown})"


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - NAMES_SHOWN} more" if len(names) > NAMES_SHOWN else ""
    return ", ".join(names[:NAMES_SHOWN]) + more


def with_article(noun: str) -> str:
    """``a list``, ``an int``."""
    return f"an {noun}" if noun[0].lower() in "aeiou" else f"a {noun}"


def _kept(target: NetSpec) -> KeptFiles | None:
    """The run's own copy, where one is to be used; raises UsageError where it is gone."""
    if target.kept is None:
        return None
    found = kept_files(target.kept)
    if found is None:
        raise UsageError(
            f"The run's own copy of {target.label} in {target.kept} is gone: put it back, or train "
            "the network again."
        )
    return found


def _put_aside(first: frozenset[str], folders: Sequence[str]) -> Mapping[str, ModuleType]:
    """Take modules whose names begin so, and that lie elsewhere, out of those that are loaded."""
    found = {
        name: module
        for name, module in list(sys.modules.items())
        if name.partition(".")[0] in first
        and (file := getattr(module, "__file__", None))
        and not any(str(file).startswith(f"{folder}/") for folder in folders)
    }
    for name in found:
        del sys.modules[name]
    return found


def _load_file(target: NetSpec, kept: KeptFiles | None) -> ModuleType:
    if kept is None:
        refuse_missing(target)
    path = expanded(Path(target.place)) if kept is None else kept.file
    try:
        source = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}).") from error
    module = ModuleType(path.stem)
    module.__file__ = str(path)
    with blaming(f"{path.name} cannot be loaded", str(path)), _known(module):
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
    with blaming(f"{target.place} cannot be imported", target.place):
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
        f"{target.label} holds {listed(classes)}: name one, as in {target.place}:{classes[-1]}."
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
        return f": did you mean {near[0]}?" + (f" It holds {listed(classes)}." if classes else "")
    return (
        f": it holds {listed(classes)}."
        if classes
        else ", nor any torch.nn.Module class: add one, or name another file."
    )


def _factory(value: Any, target: NetSpec) -> Factory:
    if isinstance(value, nn.Module):
        return lambda: value
    is_other_class = isinstance(value, type) and not issubclass(value, nn.Module)
    if is_other_class or not callable(value):
        kind = "a class" if is_other_class else with_article(type(value).__name__)
        raise UsageError(
            f"{target.name} in {target.label} is {kind}, and no torch.nn.Module: "
            "name a class, or a function that returns the network."
        )
    factory: Factory = value
    return factory
