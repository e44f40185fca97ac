"""Data sets that other packages bring along: loaded by a function of theirs, then kept."""

from importlib import import_module
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from cnn_tui.data.dataset import Prepared, Split, channel_statistics, stratified_order
from cnn_tui.data.paths import cache_file, originals_folder
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.preparation.room import refuse_no_room_for
from cnn_tui.data.records import DataInfo, PreparationStep, ProgressCallback, silent
from cnn_tui.errors import LabFault


def load(info: DataInfo, data_dir: Path, *, progress: ProgressCallback = silent) -> Prepared:
    """The data set from the cache in ``data_dir``, made by its package's function if need be.

    Test images keep their order. Raises LabFault where the function fails, or
    returns no images and labels.
    """

    def make() -> Prepared:
        refuse_no_room_for(info, data_dir)
        progress(PreparationStep(f"loading with {info.load}", unit="images"))
        folder = originals_folder(data_dir, info.name)
        folder.mkdir(exist_ok=True)
        train, test = _loaded(info, folder)
        train = train.at(stratified_order(train.labels.numpy()).tolist())
        mean, std = channel_statistics(train.images)
        return Prepared(info.classes or (), train, test, mean, std)

    return kept(cache_file(data_dir, info.name), info.name, info.load, make, progress)


def _loaded(info: DataInfo, folder: Path) -> tuple[Split, Split]:
    try:
        module, _, name = info.load.partition(":")
        train, test = getattr(import_module(module), name)(folder)
        return _split(info, *train), _split(info, *test)
    except Exception as error:  # the code of another package may raise anything
        said = " ".join(str(error).split())
        raise LabFault(
            f"The data set {info.name} cannot be loaded by {info.load} "
            f"({type(error).__name__}: {said}). Update or uninstall the package that adds it."
        ) from error


def _split(info: DataInfo, images: Any, labels: Any) -> Split:
    """One part, brought to (N, C, H, W); raises ValueError for what is no part of a data set."""
    pixels: Tensor = torch.as_tensor(images)
    if pixels.ndim == 3:
        pixels = pixels[:, None]
    classes = torch.as_tensor(labels, dtype=torch.int64)
    if pixels.dtype != torch.uint8 or pixels.ndim != 4 or not len(pixels):
        raise ValueError(
            f"images must be uint8 of shape (N, C, H, W), not {pixels.dtype} {tuple(pixels.shape)}"
        )
    if classes.shape != (len(pixels),):
        raise ValueError(f"{len(pixels)} images have labels of shape {tuple(classes.shape)}")
    known = len(info.classes or ())
    if int(classes.min()) < 0 or int(classes.max()) >= known:
        raise ValueError(f"labels must be from 0 to {known - 1}")
    return Split(pixels.contiguous(), classes)
