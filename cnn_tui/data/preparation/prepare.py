"""``load``: the one way from the name of a data set to its tensors."""

from pathlib import Path

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.dataset import DataSet, Prepared, split_tail
from cnn_tui.data.preparation import contributed, digits, folder, published
from cnn_tui.data.records import DataSpec, ProgressCallback, silent
from cnn_tui.errors import UsageError

VAL_FRACTION = 0.1


def load(
    spec: DataSpec,
    data_dir: Path,
    *,
    image_size: int | None = None,
    val_fraction: float = VAL_FRACTION,
    download: bool = False,
    progress: ProgressCallback = silent,
) -> DataSet:
    """The data set that ``spec`` names, with validation images held out of the training images.

    It is prepared first where it has to be. Raises UsageError as ``prepare``
    does, and where nothing is left to learn from.
    """
    prepared = prepare(spec, data_dir, image_size=image_size, download=download, progress=progress)
    train, val = split_tail(prepared.train, val_fraction)
    if not len(train):
        raise UsageError(
            f"{spec.name} has {len(val)} training image: one to learn from and one to validate "
            "with are the fewest that training needs."
        )
    return DataSet(
        name=spec.name,
        classes=prepared.classes,
        train=train,
        val=val,
        test=prepared.test,
        mean=prepared.mean,
        std=prepared.std,
        skipped=prepared.skipped,
    )


def prepare(
    spec: DataSpec,
    data_dir: Path,
    *,
    image_size: int | None = None,
    download: bool = False,
    progress: ProgressCallback = silent,
) -> Prepared:
    """The data set that ``spec`` names, from the cache in ``data_dir`` where it is there.

    Else it is read from its files, which are fetched only with ``download``, and
    kept. Images of a folder are stored at ``image_size`` where that is smaller
    than their own. Raises UsageError for files that cannot be used or had, and
    for a data folder that cannot be written to.
    """
    if spec.path is not None:
        return folder.load(spec.path, data_dir, image_size=image_size, progress=progress)
    info = data_info(spec)
    if info.load:
        return contributed.load(info, data_dir, progress=progress)
    if info.files:
        return published.load(info, data_dir, download=download, progress=progress)
    return digits.prepared()
