"""Which data sets there are, and how a name on the command line is understood."""

from pathlib import Path

from cnn_tui.data.records import DataInfo, DataSpec
from cnn_tui.errors import UsageError
from cnn_tui.names import match
from cnn_tui.workspace import expanded

FOLDER_PREFIX = "folder:"
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
        files=IDX_FILES,
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
        files=IDX_FILES,
    ),
    DataInfo(
        name="cifar10",
        title="Animals and vehicles in colour (CIFAR-10, 32×32)",
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
        files=("cifar-10-python.tar.gz",),
    ),
    DataInfo(
        name="folder:PATH",
        title="Your own images, one folder per class",
        classes=None,
        in_channels=None,
        image_size=None,
        train_size=None,
        test_size=None,
        source="PATH/train/CLASS/… and PATH/test/CLASS/…, or PATH/CLASS/… to be split",
    ),
)


def parse(name: str) -> DataSpec:
    """The data set that ``name`` means; a folder's path is made absolute.

    Raises UsageError for an unknown name and for ``folder:`` without a path.
    Whether a folder is usable is for ``listing.list_folder`` to say.
    """
    if name.casefold().startswith(FOLDER_PREFIX):
        return _folder(name[len(FOLDER_PREFIX) :])
    if name.casefold() == "folder":
        return _folder("")
    known = [info.name for info in DATA_SETS if info.name != "folder:PATH"]
    found = match(name, known, "data set", "cnn-lab data")
    return DataSpec(name=found, kind=found)


def data_info(spec: DataSpec) -> DataInfo:
    """The catalogue's entry for ``spec``."""
    wanted = "folder:PATH" if spec.kind == "folder" else spec.name
    return next(info for info in DATA_SETS if info.name == wanted)


def _folder(text: str) -> DataSpec:
    if not text.strip():
        raise UsageError(
            "folder: needs the path of a folder of images: --data folder:/path/to/images"
        )
    path = expanded(Path(text)).absolute()
    return DataSpec(name=f"{FOLDER_PREFIX}{path}", kind="folder", path=path)
