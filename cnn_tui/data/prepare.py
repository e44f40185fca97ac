"""``load``: the one way from the name of a data set to its tensors."""

from pathlib import Path

from cnn_tui.data import digits, folder
from cnn_tui.data.dataset import DataSet, Prepared, split_tail
from cnn_tui.data.records import DataSpec, Progress
from cnn_tui.errors import UsageError

VAL_FRACTION = 0.1


def load(
    spec: DataSpec,
    data_dir: Path,
    *,
    image_size: int | None = None,
    val_fraction: float = VAL_FRACTION,
    progress: Progress | None = None,
) -> DataSet:
    """The data set that ``spec`` names, read for the first time where it has to be.

    Images of a folder are stored at ``image_size`` where that is smaller than
    their own. Raises UsageError for files that cannot be used.
    """
    prepared = _prepare(spec, data_dir, image_size, progress)
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


def _prepare(
    spec: DataSpec, data_dir: Path, image_size: int | None, progress: Progress | None
) -> Prepared:
    if spec.path is not None:
        return folder.load(spec.path, data_dir, image_size=image_size, progress=progress)
    return digits.prepared()
