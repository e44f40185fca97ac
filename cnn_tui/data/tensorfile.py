"""Safetensors files, written whole or not at all."""

import os
import re
from collections.abc import Mapping
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import Tensor

from cnn_tui.files import write_atomically


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


def _as_os_error(error: SafetensorError) -> Exception:
    """The system's own error, which safetensors tells only in its text."""
    number = re.search(r"os error (\d+)", str(error))
    return OSError(int(number[1]), os.strerror(int(number[1]))) if number else error
