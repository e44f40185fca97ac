"""Published data sets: fetched once from where torchvision knows them to be.

torchvision declares the addresses and checksums, and decodes the files; it is
imported only until a data set is in the cache. ``CNN_LAB_MIRROR`` names a server
to ask instead, which offers ``NAME/FILE`` as a data folder of the lab does.
"""

import gzip
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from cnn_tui.data.dataset import Prepared, Split, channel_statistics, stratified_order
from cnn_tui.data.paths import cache_file, originals_folder
from cnn_tui.data.preparation.cache import kept
from cnn_tui.data.preparation.download import DownloadError, checksum, fetch, refuse_unreachable
from cnn_tui.data.preparation.room import refuse_no_room_for
from cnn_tui.data.records import DataInfo, PreparationStep, ProgressCallback, Remark, silent
from cnn_tui.errors import LabFault, UsageError
from cnn_tui.next_steps import Action, step

MIRROR_VARIABLE = "CNN_LAB_MIRROR"


@dataclass(frozen=True)
class Original:
    """One published file: its name, its checksum, and where it can be had."""

    name: str
    md5: str
    urls: tuple[str, ...]


def load(
    info: DataInfo, data_dir: Path, *, download: bool = False, progress: ProgressCallback = silent
) -> Prepared:
    """The data set from the cache in ``data_dir``, prepared from its published files if need be.

    Test images keep their published order. Raises UsageError where files are
    missing and cannot be had, or, without ``download``, are not to be fetched.
    """

    def make() -> Prepared:
        folder = originals_folder(data_dir, info.name)
        is_here = all((folder / name).exists() for name in info.files)
        refuse_no_room_for(info, data_dir, download_mib=0 if is_here else info.download_mib)
        _gather(info, folder, progress, download=download)
        return _decode(info, folder, progress)

    if not download:
        _refuse_unprepared(info, data_dir)
    return kept(cache_file(data_dir, info.name), info.name, info.name, make, progress)


def refuse_unavailable(info: DataInfo, data_dir: Path) -> None:
    """Raise UsageError where a published file is neither in ``data_dir`` nor on any server."""
    folder = originals_folder(data_dir, info.name)
    for original in _originals(info):
        if not (folder / original.name).exists():
            try:
                refuse_unreachable(original.urls)
            except DownloadError as error:
                raise _not_to_be_had(info, folder, original, error) from error
            return


def _refuse_unprepared(info: DataInfo, data_dir: Path) -> None:
    folder = originals_folder(data_dir, info.name)
    present = all((folder / name).exists() for name in info.files)
    if not present and not cache_file(data_dir, info.name).exists():
        raise UsageError(
            f"{info.name} is not in {data_dir}.",
            next_steps=(step(Action.PREPARE_DATA, info.name),),
        )


def _gather(info: DataInfo, folder: Path, progress: ProgressCallback, *, download: bool) -> None:
    """See to it that every published file is in ``folder``, and is what it should be."""
    folder.mkdir(exist_ok=True)
    for original in _originals(info):
        target = folder / original.name
        if target.exists():
            progress(PreparationStep(f"checking {target.name}", unit="bytes"))
            if checksum(target) == original.md5:
                continue
            if not download:
                raise UsageError(
                    f"{target} is damaged: download it again.",
                    next_steps=(step(Action.PREPARE_DATA, info.name),),
                )
            progress(Remark(f"{target} has the wrong checksum, and is downloaded again."))
        try:
            fetch(original.urls, target, original.md5, progress)
        except DownloadError as error:
            raise _not_to_be_had(info, folder, original, error) from error


def _not_to_be_had(
    info: DataInfo, folder: Path, failed: Original, error: DownloadError
) -> UsageError:
    missing = [name for name in info.files if name == failed.name or not (folder / name).exists()]
    files = " and ".join(filter(None, (", ".join(missing[:-1]), missing[-1])))
    damaged = (folder / failed.name).exists()
    what = f"{failed.name} has the wrong checksum" if damaged else f"{info.name} is not"
    return UsageError(
        f"{what} in {folder} and could not be downloaded ({error}). "
        f"Use the data set digits, or copy {files} there.",
        fields=("data",),
    )


def _originals(info: DataInfo) -> Iterator[Original]:
    """The published files of a data set, as torchvision declares them."""
    source = _torchvision_class(info)
    files: list[tuple[str, str, tuple[str, ...]]]
    if _is_one_archive(source):
        files = [(source.filename, source.tgz_md5, (source.url,))]
    else:
        files = [
            (file, md5, tuple(f"{mirror}{file}" for mirror in source.mirrors))
            for file, md5 in source.resources
        ]
    mirror = os.environ.get(MIRROR_VARIABLE)
    for file, md5, urls in files:
        yield Original(file, md5, (_mirrored(mirror, info.name, file),) if mirror else urls)


def _mirrored(mirror: str, name: str, file: str) -> str:
    if not mirror.startswith(("http://", "https://")):
        raise UsageError(
            f"{MIRROR_VARIABLE}={mirror} is no address: write one as http://HOST:PORT/FOLDER"
        )
    return f"{mirror.rstrip('/')}/{name}/{file}"


def _torchvision_class(info: DataInfo) -> Any:
    from torchvision import datasets

    return getattr(datasets, info.torchvision)


def _is_one_archive(source: Any) -> bool:
    """Whether torchvision knows it as one archive, as CIFAR is, not as a file for each part."""
    return hasattr(source, "tgz_md5")


def _decode(info: DataInfo, folder: Path, progress: ProgressCallback) -> Prepared:
    """The images of verified files, as torchvision reads them."""
    progress(PreparationStep("decoding the images", unit="images"))
    try:
        with _unpacked(info, folder) as root:
            train, test = (_split(info, root, train=train) for train in (True, False))
    except (
        *(EOFError, zlib.error, gzip.BadGzipFile, tarfile.TarError, UnpicklingError),
        *(RuntimeError, ValueError, KeyError, AssertionError),
    ) as error:
        raise LabFault(
            f"The files in {folder} have the right checksums and yet cannot be read "
            f"({type(error).__name__}: {error}): remove that folder and prepare {info.name} again."
        ) from error
    train = train.at(stratified_order(train.labels.numpy()).tolist())
    mean, std = channel_statistics(train.images)
    assert info.classes is not None
    total = len(train) + len(test)
    progress(PreparationStep("decoding the images", total, total, "images"))
    return Prepared(info.classes, train, test, mean, std)


@contextmanager
def _unpacked(info: DataInfo, folder: Path) -> Iterator[Path]:
    """A folder of the files in the layout that torchvision reads, gone afterwards."""
    root = folder / ".unpacked"
    shutil.rmtree(root, ignore_errors=True)  # of a process that was killed
    try:
        source = _torchvision_class(info)
        unpack = _unpack_tar if _is_one_archive(source) else _unpack_gzip
        unpack(source, folder, root)
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _unpack_tar(source: Any, folder: Path, root: Path) -> None:
    """Only the members that are looked for, under names of ours: no path of the archive counts."""
    inside = root / source.base_folder
    inside.mkdir(parents=True)
    wanted = [file for file, _ in source.train_list + source.test_list]
    with tarfile.open(folder / source.filename) as archive:
        for file in (*wanted, source.meta["filename"]):
            member = archive.extractfile(f"{source.base_folder}/{file}")
            if member is None:
                raise ValueError(f"{file} is no file")
            with member, (inside / file).open("wb") as target:
                shutil.copyfileobj(member, target)


def _unpack_gzip(source: Any, folder: Path, root: Path) -> None:
    inside = root / source.__name__ / "raw"
    inside.mkdir(parents=True)
    for file, _ in source.resources:
        with (
            gzip.open(folder / file) as packed,
            (inside / file.removesuffix(".gz")).open("wb") as target,
        ):
            shutil.copyfileobj(packed, target)


def _split(info: DataInfo, root: Path, *, train: bool) -> Split:
    """One part as torchvision decodes it, brought to (N, C, H, W)."""
    decoded = _torchvision_class(info)(root, train=train, download=False)
    images = torch.as_tensor(decoded.data)
    images = images.permute(0, 3, 1, 2).contiguous() if images.ndim == 4 else images[:, None]
    return Split(images, torch.as_tensor(decoded.targets, dtype=torch.int64))
