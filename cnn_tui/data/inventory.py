"""What is in the data folder, read from names and file headers alone; free of torch."""

import json
from dataclasses import dataclass
from pathlib import Path

from cnn_tui.data.catalogue import FOLDER, FOLDER_PREFIX, all_data_sets, data_info
from cnn_tui.data.paths import (
    CACHE_SUFFIX,
    CACHE_VERSION,
    cache_file,
    folder_cache_name,
    originals_folder,
)
from cnn_tui.data.records import DataInfo, DataSpec, DataState, PreparationState

_Shape = tuple[int | None, int | None, int | None]
LARGEST_HEADER = 100 * 2**20
"""As safetensors has it: a file that claims more is none of its kind."""


def inventory(data_dir: Path) -> tuple[DataState, ...]:
    """Every data set of the catalogue, then every folder of images that is in the cache."""
    known = [_state(info, data_dir) for info in all_data_sets() if info.name != FOLDER]
    folders = [_folder(cache) for cache in sorted(data_dir.glob(f"folder-*{CACHE_SUFFIX}"))]
    return (*known, *folders)


def state_of(spec: DataSpec, data_dir: Path, side: int) -> DataState:
    """What is here of one data set; of a folder, its cache of images of this ``side``."""
    if spec.path is not None:
        return _folder(cache_file(data_dir, folder_cache_name(spec.path, side)))
    return _state(data_info(spec), data_dir)


def _state(info: DataInfo, data_dir: Path) -> DataState:
    if info.files or info.load:
        return _cached(info, data_dir)
    return _known(info, "prepared", 0, 0, "")  # it comes with the lab


def _cached(info: DataInfo, data_dir: Path) -> DataState:
    cache, folder = cache_file(data_dir, info.name), originals_folder(data_dir, info.name)
    present = sum((folder / name).exists() for name in info.files)
    state: PreparationState = "not here"
    if cache.exists():
        state = _header(cache).state
    elif info.files and present == len(info.files):
        state = "downloaded"
    elif present or any(folder.glob("*.part")):
        state = "partly downloaded"
    where = cache if cache.exists() else folder
    return _known(info, state, _size(cache), _size(*folder.glob("*")), str(where))


def _known(
    info: DataInfo, state: PreparationState, cache_bytes: int, original_bytes: int, where: str
) -> DataState:
    return DataState(
        name=info.name,
        title=info.title,
        state=state,
        prepared=state == "prepared",
        train_images=info.train_size,
        test_images=info.test_size,
        classes=len(info.classes or ()),
        channels=info.in_channels,
        image_size=info.image_size,
        cache_bytes=cache_bytes,
        original_bytes=original_bytes,
        where=where,
        source=info.source,
    )


def _folder(cache: Path) -> DataState:
    """A folder's cache; which folder it is of is written in it."""
    header = _header(cache)
    train, test = header.shapes
    val = header.val_images
    return DataState(
        name=header.name or cache.name,
        title="Your own images",
        state=header.state,
        prepared=header.state == "prepared",
        train_images=train[0],
        test_images=test[0] or val,  # without a test set of its own, val/ is that by default
        classes=header.classes,
        channels=train[1],
        image_size=train[2],
        cache_bytes=_size(cache),
        original_bytes=0,
        where=str(cache),
        source=header.name.removeprefix(FOLDER_PREFIX),
        of_folder=True,
        val_images=val if test[0] else None,
    )


@dataclass(frozen=True)
class _Header:
    """What a cache says of itself; (images, channels, side) of training and test images."""

    state: PreparationState
    name: str = ""
    classes: int | None = None
    shapes: tuple[_Shape, _Shape] = ((None, None, None), (None, None, None))
    val_images: int | None = None


def _header(cache: Path) -> _Header:
    try:
        with cache.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            if length > LARGEST_HEADER:
                return _Header("damaged")
            document = json.loads(file.read(length))
        facts = document.pop("__metadata__")
        if facts["version"] != CACHE_VERSION:
            return _Header("outdated")
        end = max(tensor["data_offsets"][1] for tensor in document.values())
        train, test = (document[f"{part}_images"]["shape"] for part in ("train", "test"))
        val = document["val_images"]["shape"][0] if "val_images" in document else None
        whole = 8 + length + end == _size(cache)
        return _Header(
            state="prepared" if whole else "damaged",
            name=str(json.loads(facts["name"])),
            classes=len(json.loads(facts["classes"])),
            shapes=((train[0], train[1], train[2]), (test[0], test[1], test[2])),
            val_images=val,
        )
    except (OSError, ValueError, KeyError, IndexError, TypeError, AttributeError):
        return _Header("damaged")


def _size(*paths: Path) -> int:
    return sum(path.stat().st_size for path in paths if path.is_file())
