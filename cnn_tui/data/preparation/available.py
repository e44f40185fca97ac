"""What can be said of a data set before anything is started for it; free of torch."""

import subprocess
import sys
from pathlib import Path

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.paths import (
    CACHE_SUFFIX,
    cache_file,
    folder_cache_name,
    originals_folder,
    refuse_unwritable,
)
from cnn_tui.data.preparation.listing import list_folder, refuse_no_validation
from cnn_tui.data.records import DataSpec
from cnn_tui.errors import ExitCode, UsageError

PROBE_SECONDS = 60.0


def refuse_unusable(spec: DataSpec, data_dir: Path) -> None:
    """Raise UsageError where it is plain that ``spec`` cannot be prepared in ``data_dir``.

    Takes seconds only where files are missing that a server must have.
    """
    if spec.path is not None:
        list_folder(spec.path)
        caches = folder_cache_name(spec.path, "*") + CACHE_SUFFIX
        if not any(data_dir.glob(caches)):
            refuse_unwritable(data_dir)
        return
    info = data_info(spec)
    if not (info.files or info.load) or cache_file(data_dir, info.name).exists():
        return
    refuse_unwritable(data_dir)
    folder = originals_folder(data_dir, info.name)
    if not all((folder / name).exists() for name in info.files):
        _ask_servers(info.name, data_dir)


def refuse_no_val(spec: DataSpec) -> None:
    """Raise UsageError where ``spec`` is a folder of images without any for validation."""
    if spec.path is not None:
        refuse_no_validation(list_folder(spec.path))


def _ask_servers(name: str, data_dir: Path) -> None:
    """In a process of its own: where the servers are is known to torchvision, which is heavy."""
    command = [sys.executable, "-P", "-m", "cnn_tui.data.preparation.probe", name, str(data_dir)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return  # Whoever prepares it will say more.
    if done.returncode == ExitCode.UNUSABLE_INPUT:
        raise UsageError(done.stdout.strip(), fields=("data",))
