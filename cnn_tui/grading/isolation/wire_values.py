"""What crosses between the judge and the host beside builtins, and the limits of it all.

Plain data alone crosses: exact builtins, tensors, arrays of numbers, and the four records
below. What arrives may come from a hostile process, so that each size has its limit.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy
import torch
from torch import Tensor

MAX_BODY = 256 << 20
MAX_NODES = 20_000
MAX_DEPTH = 32
MAX_DIMS = 16
MAX_INT_BITS = 4096
SAFE_INT = 1 << 63

DTYPES: dict[str, torch.dtype] = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.bool,
        torch.uint8,
        torch.int8,
        torch.int16,
        torch.int32,
        torch.int64,
        torch.float16,
        torch.bfloat16,
        torch.float32,
        torch.float64,
    )
}
ARRAY_DTYPES = {name: dtype for name, dtype in DTYPES.items() if name != "bfloat16"}
"""Those that numpy has, too."""
NON_FINITE = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}


class WireError(Exception):
    """A frame that breaks the rules, or a value that cannot be sent."""


@dataclass(frozen=True)
class Handle:
    """An object that stays in the host, and what the host says that it is."""

    number: int
    type_name: str
    is_module: bool


@dataclass(frozen=True)
class Callback:
    """A function of a hidden test: it stays in the judge, and a submission may call it."""

    number: int


@dataclass(frozen=True)
class Opaque:
    """Something that cannot cross, described by the host."""

    description: str


@dataclass(frozen=True)
class Record:
    """A dataclass instance of the learner's, as its fields."""

    type_name: str
    fields: tuple[tuple[str, Any], ...]


def as_tensor(value: "numpy.ndarray[Any, Any]") -> Tensor:
    """The numbers of an array as a tensor; raises WireError where they are none that cross."""
    try:
        return torch.from_numpy(numpy.array(value, order="C"))
    except TypeError as error:
        raise WireError(f"a numpy array of {value.dtype} cannot be sent") from error
