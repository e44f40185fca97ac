"""Which data sets there are, and how a name on the command line is understood."""

import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from cnn_tui.data.records import DataInfo, DataSpec
from cnn_tui.errors import UsageError
from cnn_tui.names import LIKELY, nearest, normalize, shortened
from cnn_tui.next_steps import Action, step
from cnn_tui.plugins import records
from cnn_tui.workspace import expanded

FOLDER_PREFIX = "folder:"
FOLDER = f"{FOLDER_PREFIX}PATH"
"""What the catalogue calls a folder of the user's own."""
PLUGINS = "cnn_lab.data_sets"
"""The group of entry points by which other packages add data sets: records of ``DataInfo``."""
LIST = step(Action.LIST_DATA)
DIGITS = tuple("0123456789")
IDX_FILES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
"""Both MNISTs are published under the same names."""

DATA_SETS: tuple[DataInfo, ...] = (
    DataInfo(
        name="digits",
        title="Handwritten digits (UCI, 8×8)",
        classes=DIGITS,
        in_channels=1,
        image_size=8,
        train_size=1438,
        test_size=359,
        source="comes with the lab",
        augment="crop",  # a mirrored digit is no digit
    ),
    DataInfo(
        name="mnist",
        title="Handwritten digits (MNIST, 28×28)",
        classes=DIGITS,
        in_channels=1,
        image_size=28,
        train_size=60_000,
        test_size=10_000,
        source="11 MiB to download",
        download_mib=11,
        files=IDX_FILES,
        torchvision="MNIST",
        augment="crop",  # a mirrored digit is no digit
    ),
    DataInfo(
        name="fashion-mnist",
        title="Clothes (Fashion-MNIST, 28×28)",
        classes=(
            "T-shirt/top",
            "trouser",
            "pullover",
            "dress",
            "coat",
            "sandal",
            "shirt",
            "sneaker",
            "bag",
            "ankle boot",
        ),
        in_channels=1,
        image_size=28,
        train_size=60_000,
        test_size=10_000,
        source="29 MiB to download",
        download_mib=29,
        files=IDX_FILES,
        torchvision="FashionMNIST",
    ),
    DataInfo(
        name="cifar10",
        title="Animals and vehicles in color (CIFAR-10, 32×32)",
        classes=(
            "airplane",
            "automobile",
            "bird",
            "cat",
            "deer",
            "dog",
            "frog",
            "horse",
            "ship",
            "truck",
        ),
        in_channels=3,
        image_size=32,
        train_size=50_000,
        test_size=10_000,
        source="163 MiB to download",
        download_mib=163,
        files=("cifar-10-python.tar.gz",),
        torchvision="CIFAR10",
    ),
    DataInfo(
        name=FOLDER,
        title="Your own images, one folder per class",
        classes=None,
        in_channels=None,
        image_size=None,
        train_size=None,
        test_size=None,
        source="PATH/train/CLASS/… with val/, test/ or both, or PATH/CLASS/… to be split",
    ),
)


@cache
def all_data_sets() -> tuple[DataInfo, ...]:
    """Every data set, the lab's own and those of other packages, and last a folder."""
    *own, folder = DATA_SETS
    taken = {normalize(data.name) for data in DATA_SETS}
    return (*own, *records(PLUGINS, DataInfo, lambda data: _fault(data, taken)), folder)


def parse(name: str) -> DataSpec:
    """The data set that ``name`` means; a folder's path is made absolute.

    Raises UsageError for an unknown name and for ``folder:`` without a path.
    Whether a folder is usable is for ``listing.list_folder`` to say.
    """
    if name.casefold().startswith(FOLDER_PREFIX):
        return _folder(name[len(FOLDER_PREFIX) :])
    if name.casefold() == "folder":
        return _folder("")
    known = {normalize(info.name): info.name for info in all_data_sets() if info.name != FOLDER}
    found = known.get(normalize(name))
    if found is None:
        raise UsageError(_unknown(name, known.values()), fields=("data",), next_steps=(LIST,))
    return DataSpec(name=found, kind=found)


def data_info(spec: DataSpec) -> DataInfo:
    """The catalogue's entry for ``spec``."""
    wanted = FOLDER if spec.kind == "folder" else spec.name
    return next(info for info in all_data_sets() if info.name == wanted)


def refuse_no_folder(spec: DataSpec) -> None:
    """Raise UsageError where ``spec``, whose val/ is asked for, is no folder of images."""
    if not spec.is_folder:
        raise UsageError(
            f"Only a folder of images can have a val/ to validate on, and {spec} is none: its "
            "validation images are held out of the training images.",
            fields=("val_is_validation",),
        )


def _unknown(name: str, known: Iterable[str]) -> str:
    """The sentence about a name that is of no data set, with what may be meant."""
    if _is_path(name):
        return (
            f"There is no data set named {shortened(repr(name))}: "
            f"did you mean {FOLDER_PREFIX}{name}?"
        )
    near = nearest(name, known, LIKELY)
    hint = f"did you mean {near}? A folder" if near else "a folder"
    return (
        f"There is no data set named {shortened(repr(name))}: {hint} of images of your own is "
        f"written {FOLDER}."
    )


def _is_path(name: str) -> bool:
    """Whether it is written as a path is, or there is a folder of that name."""
    if "/" in name or "\\" in name or name.startswith((".", "~")):
        return True
    try:
        return Path(name).is_dir()
    except (OSError, ValueError):  # too long for a name, or with signs that no name has
        return False


def _folder(text: str) -> DataSpec:
    if not text.strip():
        raise UsageError(
            "folder: needs the path of a folder of images: folder:/path/to/images", fields=("data",)
        )
    path = _without_steps_up(expanded(Path(text)).absolute())
    return DataSpec(name=f"{FOLDER_PREFIX}{path}", kind="folder", path=path)


def _without_steps_up(path: Path) -> Path:
    """The same folder without ``..``, so that it has one name wherever it is named from.

    Behind a link, ``..`` leads elsewhere than the name says.
    """
    if ".." not in path.parts:
        return path
    plain = Path(os.path.normpath(path))
    try:
        is_same = plain.samefile(path)
    except OSError:  # There is no such folder, which is said where it is read.
        is_same = not path.exists()
    return plain if is_same else path.resolve()


def _fault(data: DataInfo, taken: set[str]) -> str:
    """Why a data set of another package cannot be listed; empty where it can, and is taken."""
    if normalize(data.name) in taken:
        return f"there is another data set named {data.name}"
    if not data.name.replace("-", "").replace("_", "").isalnum():
        return f"{data.name!r} cannot be a data set's name: use letters, digits, '-' and '_'"
    if ":" not in data.load:
        return f"{data.load!r} does not name a function as module:name"
    taken.add(normalize(data.name))
    return ""
