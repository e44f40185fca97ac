"""Safetensors files, written whole or not at all."""

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from cnn_tui.files import write_atomically

DTYPES = {torch.int64: "I64", torch.float32: "F32", torch.uint8: "U8"}
"""What large files hold, as safetensors names it."""
ALIGNMENT = 8
ROWS = 256
"""Of a tensor that are written at a time."""


def write_tensors(target: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, str]) -> None:
    """Write ``tensors`` and the texts that belong to them; raises OSError where that fails."""

    def write(path: Path) -> None:
        path.touch()
        mode = path.stat().st_mode
        try:
            save_file(dict(tensors), path, metadata=dict(facts))
            path.chmod(mode)  # safetensors leaves it to its owner alone
        except SafetensorError as error:
            raise _as_os_error(error) from error

    write_atomically(target, write)


def write_large(target: Path, tensors: Mapping[str, Tensor], facts: Mapping[str, str]) -> None:
    """Do the same with tensors that fill much of the memory: none of them is copied.

    ``save_file`` makes a copy of all tensors. Raises OSError where writing fails.
    """
    names = sorted(tensors, key=lambda name: -tensors[name].element_size())  # for alignment
    header: dict[str, Any] = {"__metadata__": dict(facts)}
    end = 0
    for name in names:
        tensor = tensors[name]
        begin, end = end, end + tensor.numel() * tensor.element_size()
        kind, shape = DTYPES[tensor.dtype], list(tensor.shape)
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % ALIGNMENT)

    write_atomically(target, lambda path: write_parts(path, text, [tensors[n] for n in names]))


def write_parts(path: Path, header: bytes, tensors: Sequence[Tensor]) -> None:
    """Write the header of a safetensors file, and ``tensors`` a few rows at a time."""
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little"))
        file.write(header)
        for tensor in tensors:
            for part in torch.split(tensor, ROWS):
                file.write(part.contiguous().numpy().tobytes())


def _as_os_error(error: SafetensorError) -> Exception:
    """The system's own error, which safetensors tells only in its text."""
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else error
