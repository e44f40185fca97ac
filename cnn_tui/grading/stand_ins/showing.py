"""Stand-ins for what draws or reports: they accept every call, and nothing comes of it.

What a call gives back can be called, indexed, unpacked, calculated with and used
in a ``with`` block, so that code around it runs on.
"""

import dis
import operator
import sys
from collections.abc import Iterator, Sized
from math import prod
from types import FrameType, ModuleType
from typing import Any

import numpy

from cnn_tui.grading.stand_ins.notebooks import EXPORTED, is_joined

UNPACK = dis.opmap["UNPACK_SEQUENCE"]
VERSION = "0"
STARRED = (
    *("axis", "bar", "close", "colorbar", "figure", "gca", "gcf", "grid", "hist", "imshow"),
    *("legend", "plot", "savefig", "scatter", "show", "subplot", "subplots", "suptitle", "text"),
    *("tight_layout", "title", "xlabel", "xlim", "xticks", "ylabel", "ylim", "yticks"),
)
"""What ``from matplotlib.pyplot import *`` gives."""


def _part(name: str) -> Any:
    """What stands for the attribute ``name`` of anything: a class where it is named like one."""
    if name.startswith("__"):  # Python asks for these to learn what an object can do
        raise AttributeError(name)
    return AcceptingType(name, (StandIn,), {}) if name[:1].isupper() else StandIn(part=name)


class AcceptingType(type):
    """A class whose attributes are stand-ins too."""

    def __getattr__(cls, name: str) -> Any:
        return _part(name)


class StandIn(metaclass=AcceptingType):
    """Accepts whatever is done with it; ``part`` is the name by which it was reached."""

    __array_ufunc__ = None  # arithmetic with arrays is done here, not element by element

    def __init__(self, *args: object, part: str = "", **kwargs: object) -> None:
        self._part = part
        self._length = _length(args, kwargs)

    def __getattr__(self, name: str) -> Any:
        made = _part(name)
        self.__dict__[name] = made
        return made

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Whatever it is called with."""
        if self._part in GRIDS:
            return _grid(*args, **kwargs)
        return StandIn(*args, **kwargs)

    def __iter__(self) -> Iterator[Any]:
        length = _unpacked_to(sys._getframe(1))
        return iter([StandIn() for _ in range(self._length if length is None else length)])

    def __getitem__(self, key: object) -> Any:
        return StandIn()

    def __setitem__(self, key: object, value: object) -> None:
        """Accept it."""

    def __delitem__(self, key: object) -> None:
        """Accept it."""

    def __contains__(self, item: object) -> bool:
        return False

    def __len__(self) -> int:
        return self._length

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> "StandIn":
        return self

    def __exit__(self, *_: object) -> None:
        """Let every error pass."""

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    def __round__(self, digits: int | None = None) -> int:
        return 0

    def __format__(self, spec: str) -> str:
        return format(0.0, spec) if spec else str(self)


def _accepts(self: StandIn, *_: object) -> StandIn:
    return StandIn()


def _is_not(self: StandIn, _: object) -> bool:
    return False


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "or", "and"):
    setattr(StandIn, f"__{_name}__", _accepts)
    setattr(StandIn, f"__r{_name}__", _accepts)
for _name in ("neg", "pos", "abs", "invert"):
    setattr(StandIn, f"__{_name}__", _accepts)
for _name in ("lt", "le", "gt", "ge"):
    setattr(StandIn, f"__{_name}__", _is_not)


class StandInModule(ModuleType):
    """A module of a package that is not there."""

    def __getattr__(self, name: str) -> Any:
        made = _subplots if name == "subplots" else _part(name)
        self.__dict__[name] = made
        return made


def fill(module: StandInModule) -> None:
    """Give a stand-in module what ``from … import *`` and a look at its version need."""
    module.__dict__.update(__version__=VERSION, __all__=list(STARRED))


def _length(args: tuple[object, ...], kwargs: dict[str, Any]) -> int:
    """How many things a call gives back, as far as its arguments tell: as many as it was given."""
    if isinstance(shape := kwargs.get("nrows_ncols"), tuple):
        return prod(shape)
    first = args[0] if args else None
    if not isinstance(first, Sized) or isinstance(first, str | StandIn):
        return 0
    return len(first) if getattr(first, "shape", None) != () else 0


def _unpacked_to(frame: FrameType) -> int | None:
    """The number of names that the code in ``frame`` unpacks to at this moment, if it does."""
    code, place = frame.f_code.co_code, frame.f_lasti
    return code[place + 1] if 0 <= place < len(code) and code[place] == UNPACK else None


def _subplots(*args: Any, **kwargs: Any) -> tuple[StandIn, Any]:
    return StandIn(), _grid(*args, **kwargs)


def _grid(nrows: Any = 1, ncols: Any = 1, *_: Any, squeeze: bool = True, **__: Any) -> Any:
    """Stand-ins in an array of the shape that ``subplots`` would give."""
    shape = operator.index(nrows), operator.index(ncols)
    cells = numpy.empty(shape, dtype=object)
    for place in numpy.ndindex(*shape):
        cells[place] = StandIn()
    if not squeeze:
        return cells
    return cells.item() if cells.size == 1 else cells.squeeze()


def names_in_notebooks(source: bytes) -> dict[str, Any]:
    """The names that Jupyter gives to every cell; none where ``source`` comes from no notebook."""
    if not is_joined(source) and EXPORTED not in source:
        return {}
    return {"get_ipython": StandIn(), "display": print}


GRIDS: tuple[str, ...] = ("subplots", "subfigures")
"""Methods of a figure that give arrays."""
