"""``load``: the one way from the name of a data set to its tensors."""

from pathlib import Path

from cnn_tui.data.catalogue import data_info, refuse_no_folder
from cnn_tui.data.dataset import DataSet, Prepared, Split, split_tail
from cnn_tui.data.fingerprint import fingerprint
from cnn_tui.data.preparation import contributed, digits, folder, published
from cnn_tui.data.preparation.decode import PixelFormat
from cnn_tui.data.records import (
    FIRST_SPLIT_RULE,
    SPLIT_RULE,
    DataSpec,
    ProgressCallback,
    Remark,
    silent,
)
from cnn_tui.data.splits import (
    VAL_FRACTION,
    NothingToSpareError,
    classes_text,
    missing,
    split_off,
)
from cnn_tui.errors import UsageError


def load(
    spec: DataSpec,
    data_dir: Path,
    *,
    image_size: int | None = None,
    form: PixelFormat | None = None,
    val_fraction: float = VAL_FRACTION,
    val_is_validation: bool = False,
    rule: int = SPLIT_RULE,
    download: bool = False,
    progress: ProgressCallback = silent,
) -> DataSet:
    """The data set that ``spec`` names, with validation images held out of the training images.

    (Unless it has validation images of its own.) It is prepared first where it has to be.
    ``rule`` is how images are held out of those of a folder or of another package. Raises
    UsageError as ``prepare`` does, and where nothing is left to learn from.
    """
    prepared = prepare(
        spec,
        data_dir,
        image_size=image_size,
        form=form,
        val_is_validation=val_is_validation,
        rule=rule,
        download=download,
        progress=progress,
    )
    train, val = prepared.train, prepared.val
    if val is None:
        if rule == FIRST_SPLIT_RULE or not _has_rare_classes(spec):
            train, val = split_tail(train, val_fraction)
        else:
            train, val = _with_rare_classes(spec, prepared, val_fraction, progress)
    if not len(train):
        raise _too_few(spec, len(val))
    return DataSet(
        name=spec.name,
        classes=prepared.classes,
        train=train,
        val=val,
        test=prepared.test,
        mean=prepared.mean,
        std=prepared.std,
        skipped=prepared.skipped,
        scale=prepared.scale,
        fingerprint=fingerprint(
            prepared.classes, {"train": train, "val": val, "test": prepared.test}
        ),
    )


def _has_rare_classes(spec: DataSpec) -> bool:
    """Whether it may have: published data sets do not, and are split as ever."""
    return spec.is_folder or bool(data_info(spec).load)


def _with_rare_classes(
    spec: DataSpec, prepared: Prepared, fraction: float, progress: ProgressCallback
) -> tuple[Split, Split]:
    try:
        train, val = split_off(prepared.train, fraction)
    except NothingToSpareError as error:
        raise _too_few(spec, len(prepared.train)) from error
    lacking = missing(val, prepared.classes)
    if lacking:
        why = "a class of two training images or more has one"
        progress(Remark(f"No validation images of {classes_text(lacking)}: {why}."))
    return train, val


def _too_few(spec: DataSpec, images: int) -> UsageError:
    return UsageError(
        f"{spec.name} has {images:,} training image{'s' if images != 1 else ''}, and none to spare "
        "for validation: add images until a class has two."
    )


def prepare(
    spec: DataSpec,
    data_dir: Path,
    *,
    image_size: int | None = None,
    form: PixelFormat | None = None,
    val_is_validation: bool = False,
    rule: int = SPLIT_RULE,
    download: bool = False,
    progress: ProgressCallback = silent,
) -> Prepared:
    """The data set that ``spec`` names, from the cache in ``data_dir`` where it is there.

    Else it is read from its files, which are fetched only with ``download``, and
    kept. Images of a folder are stored at ``image_size`` where that is smaller
    than their own, or in the ``form`` in which an earlier run knows them;
    ``val_is_validation`` and ``rule`` are as for ``folder.load``. Raises
    UsageError for files that cannot be used or had, and for a data folder that cannot
    be written to.
    """
    if spec.path is not None:
        return folder.load(
            spec.path,
            data_dir,
            image_size=image_size,
            form=form,
            val_is_validation=val_is_validation,
            rule=rule,
            progress=progress,
        )
    if val_is_validation:
        refuse_no_folder(spec)
    info = data_info(spec)
    if info.load:
        return contributed.load(info, data_dir, progress=progress)
    if info.files:
        return published.load(info, data_dir, download=download, progress=progress)
    return digits.prepared()
