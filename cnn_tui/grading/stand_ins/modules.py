"""Finding stand-ins where a learner's file imports a package that is not there."""

import importlib.machinery
import importlib.util
import logging
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from cnn_tui.grading.stand_ins.progress_bars import fill_with_bars
from cnn_tui.grading.stand_ins.remarks import SHOWING, note
from cnn_tui.grading.stand_ins.showing import StandInModule, fill

BARS = "tqdm"
DRAWING = "matplotlib"
DRAWING_FOLDER = ".matplotlib"
"""Where an installed matplotlib keeps what it remembers, in the folder of the submission."""
WRITER = "torch.utils.tensorboard"
"""A module of torch that needs a package which may be missing."""


class StandInLoader(Loader):
    """Makes a module that accepts every call; ``package`` is the one that is missing."""

    def __init__(self, package: str, fill: Callable[[StandInModule], None]) -> None:
        self._package = package
        self._fill = fill

    def create_module(self, spec: ModuleSpec) -> StandInModule:
        """A module that is empty so far."""
        return StandInModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Fill it, and note that it is none of the package's own."""
        assert isinstance(module, StandInModule)
        self._fill(module)
        if self._package in SHOWING:
            note(SHOWING[self._package])


class FirstFinder(MetaPathFinder):
    """Asked before all others, for what must not be the installed one."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A stand-in for progress bars and for what torch cannot import, a tame matplotlib."""
        if name.partition(".")[0] == BARS:
            return _spec(name, BARS, fill_with_bars)
        if name == DRAWING and (spec := importlib.machinery.PathFinder.find_spec(name, path)):
            return _drawing_unseen(spec)
        if name == WRITER and importlib.util.find_spec("tensorboard") is None:
            return _spec(name, "tensorboard", fill)
        return None


class LastFinder(MetaPathFinder):
    """Asked when nobody else has found a module."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """A stand-in for a package that only shows something, and for each module of it."""
        package, _, inner = name.partition(".")
        # Of an installed package, a module that it lacks is missing.
        if package in SHOWING and (
            not inner or isinstance(sys.modules.get(package), StandInModule)
        ):
            return _spec(name, package, fill)
        return None


def serve_modules() -> None:
    """Have imports of this process find stand-ins, and an installed matplotlib draw unseen."""
    for name in [each for each in sys.modules if each.partition(".")[0] == BARS]:
        del sys.modules[name]  # torch imports an installed one
    sys.meta_path.insert(0, FirstFinder())
    sys.meta_path.append(LastFinder())
    os.environ.update(MPLBACKEND="Agg", MPLCONFIGDIR=str(Path(DRAWING_FOLDER).absolute()))
    # It cannot keep its list of fonts, and nobody is there to look at a window.
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")


def _drawing_unseen(spec: ModuleSpec) -> ModuleSpec:
    """An installed matplotlib that stays with its backend: there is no screen for any other."""
    assert spec.loader is not None
    execute = spec.loader.exec_module

    def execute_and_fix(module: ModuleType) -> None:
        execute(module)
        module.__dict__["use"] = lambda *args, **kwargs: None

    spec.loader.exec_module = execute_and_fix  # type: ignore[method-assign]
    return spec


def _spec(name: str, package: str, fill: Callable[[StandInModule], None]) -> ModuleSpec:
    return importlib.machinery.ModuleSpec(name, StandInLoader(package, fill), is_package=True)
