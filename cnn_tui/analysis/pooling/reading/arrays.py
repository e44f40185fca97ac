"""Maps from files of arrays: ``.npy``, ``.npz`` and ``.pt``, none of which may run code.

NumPy and torch are imported here only where such a file is read.
"""

import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cnn_tui.analysis.pooling.reading.files import open_map, unusable
from cnn_tui.analysis.pooling.reading.shapes import chosen_map
from cnn_tui.analysis.pooling.reading.tables import ReadMap
from cnn_tui.errors import LabError, UsageError
from cnn_tui.names import missed_name

if TYPE_CHECKING:
    from numpy import ndarray

LARGEST_ARRAYS = 2**28
"""Bytes of a file of arrays, as it is stored and unpacked: the weights of a ResNet-50 fit in."""
MOST_NUMBERS = LARGEST_ARRAYS // 8
"""Numbers of one tensor: a file of a few bytes may expand to any number."""
NUMPY = ("npy", "npz")
COLORS = (1, 3, 4)
"""Numbers of a pixel in a gray picture, one in color, and one with transparency."""
MOST_NAMED = 8
"""Names of arrays that an error lists."""
SPEC = re.compile(r"(?P<path>.+?\.(?P<kind>npy|npz|pt|pth))(?::(?P<name>.+))?", re.I | re.S)
MAGIC = b"\x93NUMPY"
NUMBERS = "biuf"
"""NumPy's kinds of numbers: truths, whole and floating-point ones."""


def names_array_file(spec: str) -> bool:
    """Whether ``spec`` is a file of arrays, by its ending, or ``FILE:NAME`` of one."""
    return SPEC.fullmatch(spec) is not None


def array_file_name(spec: str) -> str:
    """How a map of ``spec`` is called: the file's own name, and the array's."""
    found = SPEC.fullmatch(spec)
    assert found is not None
    name = Path(found["path"]).name
    return f"{name}:{found['name']}" if found["name"] else name


def read_array_file(spec: str, channel: str | None) -> ReadMap:
    """The map in a file of arrays; raises UsageError where there is none, or several to choose."""
    found = SPEC.fullmatch(spec)
    assert found is not None
    path, kind, name = Path(found["path"]), found["kind"].lower(), found["name"]
    reader = {"npy": _read_npy, "npz": _read_npz}.get(kind, _read_pt)
    if path.is_char_device():  # which may have no end, for which a zip's reader would look
        raise unusable(str(path), "it is a device: name a file")
    with open_map(path, LARGEST_ARRAYS) as stream, warnings.catch_warnings(action="ignore"):
        try:  # what would be warned of is said in the error, or of no matter for one map
            array = reader(stream, str(path), name)
        except LabError:
            raise
        except Exception as error:  # whatever NumPy, zipfile and torch make of a damaged file
            raise unusable(str(path), _reason(error, kind)) from error
    if array.dtype.kind not in NUMBERS:
        raise unusable(spec, f"it holds {array.dtype}, not real numbers: save an array of those")
    if kind in NUMPY and is_channel_last(array.shape):
        shown = chosen_map(array.transpose(2, 0, 1), _moved(array.shape), spec, channel)
        return replace(shown, note=f"{shown.note}, of the last dimension".lstrip(", "))
    return chosen_map(array, tuple(array.shape), spec, channel)


def is_channel_last(shape: tuple[int, ...]) -> bool:
    """Whether an array of NumPy is a picture of height × width × color, as pictures are kept."""
    return len(shape) == 3 and shape[-1] in COLORS and min(shape[:2]) > max(COLORS)


def _moved(shape: tuple[int, ...]) -> tuple[int, ...]:
    height, width, colors = shape
    return colors, height, width


def _read_npy(stream: Any, source: str, name: str | None) -> "ndarray[Any, Any]":
    import numpy as np

    if name is not None:
        raise UsageError(f"{source} holds one array without a name: leave :{name} out.")
    if stream.read(len(MAGIC)) != MAGIC:
        raise ValueError("another beginning")
    stream.seek(0)
    array: ndarray[Any, Any] = np.load(stream, allow_pickle=False)
    return array


def _read_npz(stream: Any, source: str, name: str | None) -> "ndarray[Any, Any]":
    import numpy as np

    with zipfile.ZipFile(stream) as packed:
        if sum(each.file_size for each in packed.infolist()) > LARGEST_ARRAYS:
            raise unusable(source, f"its arrays take more than {LARGEST_ARRAYS:,} bytes")
    stream.seek(0)
    with np.load(stream, allow_pickle=False) as arrays:
        chosen = _choose(tuple(arrays.files), source, name)
        array: ndarray[Any, Any] | bytes = arrays[chosen]
    if isinstance(array, bytes):  # what NumPy makes of a member that is another file
        raise unusable(source, f"its {chosen} is no array: name another one")
    return array


def _read_pt(stream: Any, source: str, name: str | None) -> "ndarray[Any, Any]":
    import pickle

    import torch

    try:
        loaded = torch.load(stream, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise unusable(
            source,
            "it holds more than tensors, which could run code: save the tensor alone, with "
            "torch.save(x, FILE)",
        ) from error
    tensors = dict(_tensors(loaded, ""))
    if not tensors:
        raise unusable(source, "it holds no tensor: save one, with torch.save(x, FILE)")
    tensor = tensors[_choose(tuple(tensors), source, name)].detach()
    if tensor.is_meta:
        raise unusable(source, "its tensor has a shape and no numbers: save one with numbers")
    if tensor.numel() > MOST_NUMBERS:
        raise unusable(
            source,
            f"its tensor has {tensor.numel():,} numbers, and at most {MOST_NUMBERS:,} are read: "
            "save a part of it",
        )
    dense = tensor.dequantize() if tensor.is_quantized else tensor.to_dense()
    if dense.is_complex():
        raise unusable(
            source, "it holds complex numbers: save its real part, or its absolute values"
        )
    array: ndarray[Any, Any] = dense.to(torch.float64).numpy()
    return array


def _tensors(loaded: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The tensors in what was saved, with the names that lead to them: ``model.conv1.weight``."""
    import torch

    if isinstance(loaded, torch.Tensor):
        yield name, loaded
        return
    inner: Iterable[tuple[Any, Any]] = loaded.items() if isinstance(loaded, Mapping) else ()
    inner = enumerate(loaded) if isinstance(loaded, list | tuple) else inner
    for key, each in inner:
        yield from _tensors(each, f"{name}.{key}" if name else str(key))


def _choose(names: tuple[str, ...], source: str, name: str | None) -> str:
    """The array that is meant; a file with one array needs no name."""
    if name in names:
        return str(name)
    if name is not None:
        raise UsageError(f"{source}: {missed_name(name, names, 'array')} It holds {_list(names)}.")
    if not names:
        raise unusable(source, "it holds no array: save one, with numpy.savez(FILE, x)")
    if len(names) > 1:
        raise UsageError(
            f"{source} holds {len(names):,} arrays, {_list(names)}: name one, as in "
            f"{source}:{names[0]}.",
        )
    return names[0]


def _list(names: tuple[str, ...]) -> str:
    shown = names[:MOST_NAMED]
    if len(names) > MOST_NAMED:
        return f"{', '.join(shown)} and {len(names) - MOST_NAMED:,} more"
    return ", ".join(shown)


def _reason(error: Exception, kind: str) -> str:
    """What is wrong with a file that NumPy or torch cannot read, in a few words."""
    said = str(error)
    if "allow_pickle" in said or "pickled" in said:
        return "it holds Python objects, which could run code: save an array of numbers"
    return f"it is damaged, or no .{kind} file: save it again"
