"""Whether this build of torch has kernels for a GPU, and which numbers the GPU multiplies fast."""

import re
from dataclasses import dataclass

import torch

FIRST_WITH_BF16, FIRST_WITH_FAST_FP16 = (8, 0), (7, 0)
"""Compute capabilities of Ampere, and of Volta (V100; Turing, as in T4 and RTX 20, is 7.5)."""

HALF_BROKEN = re.compile(r"\bGTX 16\d\d")
"""Turing without tensor cores: convolutions in fp16 give NaN there."""

ARCHITECTURE = re.compile(r"(sm|compute)_(\d+)(\d)([af]?)")


@dataclass(frozen=True)
class _Code:
    """One architecture that torch has kernels for; ``variant`` narrows where they run."""

    version: tuple[int, int]
    is_ptx: bool
    variant: str


def missing_kernels(index: int) -> str:
    """Why this torch cannot compute on a GPU; empty where it can, and where nobody can tell.

    Compiled kernels run on GPUs of their generation that are as new or newer, PTX on all
    that are; torch names both, and on AMD's GPUs neither in this form.
    """
    if torch.version.hip is not None:
        return ""
    built = [
        _code(found) for found in map(ARCHITECTURE.fullmatch, torch.cuda.get_arch_list()) if found
    ]
    here = capability(index)
    if here is None or not built or any(_runs(each, here) for each in built):
        return ""
    versions = sorted(each.version for each in built)
    oldest, newest = (f"{major}.{minor}" for major, minor in (versions[0], versions[-1]))
    return (
        f"compute capability {here[0]}.{here[1]}, and torch {torch.__version__} has kernels "
        f"for {oldest} to {newest}"
    )


def capability(device: torch.device | int | None = None) -> tuple[int, int] | None:
    """The compute capability of a GPU, of the current one by default; None where unknown."""
    try:
        return torch.cuda.get_device_capability(device)
    except (RuntimeError, AssertionError):
        return None


def fast_precision(device: torch.device | int | None = None) -> str:
    """The precision in which a CUDA GPU multiplies fastest; bf16 below 8.0 is emulated."""
    version = capability(device)
    if torch.version.hip is not None or (version is not None and version >= FIRST_WITH_BF16):
        return "bf16"
    if version is None or version < FIRST_WITH_FAST_FP16:
        return "fp32"
    return "fp32" if HALF_BROKEN.search(torch.cuda.get_device_name(device)) else "fp16"


def _code(found: re.Match[str]) -> _Code:
    kind, major, minor, variant = found.groups()
    return _Code((int(major), int(minor)), kind == "compute", variant)


def _runs(code: _Code, here: tuple[int, int]) -> bool:
    """Whether code for one architecture runs on a GPU of capability ``here``."""
    if code.variant == "a":
        return here == code.version
    if code.is_ptx and not code.variant:
        return here >= code.version
    return here[0] == code.version[0] and here >= code.version
