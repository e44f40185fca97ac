"""Where in the data folder things lie, and what is said where it cannot be used; torch-free.

``DATA_DIR/NAME.safetensors`` is a prepared data set, ``DATA_DIR/NAME/`` holds the
files as their authors publish them: a server of that folder is a mirror.
"""

import errno
import hashlib
import os
import re
from pathlib import Path

from cnn_tui.errors import UsageError
from cnn_tui.processes import keeps_no_locks

CACHE_SUFFIX = ".safetensors"
CACHE_VERSION = "2"
"""Of what a cache holds; one of another version is made again."""

_FOLDER_CACHE = re.compile(rf"folder-(\w+)-(\d+){re.escape(CACHE_SUFFIX)}")
READ_ONLY = (errno.EROFS, errno.EACCES, errno.EPERM)
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def cache_file(data_dir: Path, name: str) -> Path:
    """The prepared data set of this name."""
    return data_dir / f"{name}{CACHE_SUFFIX}"


def originals_folder(data_dir: Path, name: str) -> Path:
    """Where its published files are downloaded to, or copied by hand."""
    return data_dir / name


def folder_cache_name(root: Path, side: int | str) -> str:
    """The name under which the images of a folder are kept at one size."""
    key = hashlib.blake2b(str(root).encode(errors="surrogateescape"), digest_size=8)
    return f"folder-{key.hexdigest()}-{side}"


def refuse_unwritable(data_dir: Path) -> None:
    """Raise UsageError where nothing can be kept in ``data_dir``, which is made if need be."""
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not os.access(data_dir, os.W_OK | os.X_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    except OSError as error:
        raise refusal(data_dir, error) from error


def refusal(data_dir: Path, error: OSError, cache: Path | None = None) -> UsageError:
    """The sentence for what the system said when something was to be kept in ``data_dir``.

    ``cache`` is the prepared data set that is missing there, if it was one.
    """
    if keeps_no_locks(error):
        return UsageError(
            f"The file system of {data_dir} keeps no file locks, without which two processes "
            "might prepare the same data set: name a folder on another one, such as a local "
            "disk, or set CNN_LAB_DATA.",
            fields=("data_dir",),
        )
    if error.errno in READ_ONLY and cache is not None and (sides := _other_sides(cache)):
        kept = " and ".join(f"{side}×{side}" for side in sides)
        return UsageError(
            f"{data_dir} has these images prepared at {kept} pixels only, and you may not add to "
            "it: name a folder of your own for data sets, or set CNN_LAB_DATA, or take "
            f"{'that image size' if len(sides) == 1 else 'one of these image sizes'}.",
            fields=("data_dir", "image_size"),
        )
    if error.errno in FULL:
        return UsageError(
            f"The disk that holds {data_dir} is full, or your share of it: free some space and "
            "try again (what was downloaded is kept), or name another folder.",
            fields=("data_dir",),
        )
    in_the_way = next(
        (each for each in (data_dir, *data_dir.parents) if each.exists() and not each.is_dir()),
        None,
    )
    reason = f"{in_the_way} is a file" if in_the_way else error.strerror or str(error)
    return UsageError(
        f"Data sets cannot be kept in {data_dir} ({reason}): name a folder that you may write "
        "to, or set CNN_LAB_DATA.",
        fields=("data_dir",),
    )


def _other_sides(cache: Path) -> list[int]:
    """The sizes in pixels at which the images of a folder are prepared, where ``cache`` is not."""
    whole = _FOLDER_CACHE.fullmatch(cache.name)
    if whole is None or cache.exists():
        return []
    others = (_FOLDER_CACHE.fullmatch(each.name) for each in cache.parent.iterdir())
    return sorted(int(each[2]) for each in others if each and each[1] == whole[1])
