"""What a run is asked to do: one frozen record, checked once, kept as JSON.

Its fields declare the options of a run: the command line, the New run form, the
validation and the help all come from here. ``default_config`` fills in values with
which the network learns the data set in one run; whatever the user gives wins.
"""

import math
from dataclasses import dataclass, fields, replace
from functools import cache
from typing import Annotated, Any

from cnn_tui.data.catalogue import data_info, refuse_no_folder
from cnn_tui.data.catalogue import parse as parse_data
from cnn_tui.data.records import FIRST_SPLIT_RULE, SPLIT_RULE, DataSpec
from cnn_tui.errors import UsageError, how_to_update
from cnn_tui.nets.specs import NetSpec, nearest_image_size, refuse_image_size, with_options
from cnn_tui.nets.specs import parse as parse_net
from cnn_tui.next_steps import Action, step
from cnn_tui.options import Option, converted_all, declared, option
from cnn_tui.training.recipes import default_lr, fast_settings

CONFIG_VERSION = 5
AUTO = "auto"
SEE = step(Action.EXPLAIN, "train")

OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "step", "cosine", "onecycle")
DEVICES = (AUTO, "cpu", "cuda", "mps")
ONE_GPU = r"cuda:\d{1,3}"
"""Of several, that with this number; ``cuda`` is the one with the most free memory."""
PRECISIONS = (AUTO, "fp32", "bf16", "fp16")
AUGMENTATIONS = ("none", "crop", "crop+flip")
PLACEMENTS = (AUTO, "device", "host")
RECIPES = ("default", "fast")
JUDGED = ("best", "last")

MOST_EPOCHS, LARGEST_BATCH, MOST_IMAGES = 100_000, 65_536, 1_000_000_000
"""The largest values that a run accepts."""

ENDPOINT = r".+:0*([1-9]\d{0,3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d|655[0-2]\d|6553[0-5])"
"""A host and a port from 1 to 65535."""

DECIDING = ("recipe", "optimizer", "schedule", "batch_size")
"""Options on whose values the defaults of others depend."""

OVERFITTING, SPEED, DATA, HOSTS = (
    "Against overfitting",
    "Speed and detail",
    "Data",
    "Several processes",
)
"""Groups of options; those that matter most stand before them, in no group."""


class NewerVersionError(UsageError):
    """A newer version of the lab wrote what was to be read."""


class NotInstalledError(UsageError):
    """A network or a data set of a run is not here, as when a package was uninstalled."""


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a run computes.

    A field with an ``option`` is one that users set. ``version`` is that of the
    lab that trained the run last, ``split_rule`` how its data set is split, from its start on.
    """

    net: NetSpec
    data: DataSpec
    epochs: Annotated[int, option("Passes over the training images", low=1, high=MOST_EPOCHS)]
    batch_size: Annotated[
        int, option("Images per step, over all processes", low=1, high=LARGEST_BATCH)
    ]
    lr: Annotated[
        float,
        option(
            "Peak learning rate; its default belongs to network and optimizer",
            label="learning rate",
            low=0,
            above=True,
            high=100,
        ),
    ]
    optimizer: Annotated[
        str, option("Update rule; sgd has a momentum of 0.9", choices=OPTIMIZERS)
    ] = "adam"
    schedule: Annotated[
        str,
        option(
            "Learning rate schedule; onecycle rises linearly from 1/25 of the peak and falls as a "
            "cosine to 0 (OneCycleLR rises as a cosine, and cycles the momentum)",
            choices=SCHEDULES,
        ),
    ] = "onecycle"
    recipe: Annotated[
        str,
        option(
            "Set of defaults; fast takes the fewest seconds to a good accuracy", choices=RECIPES
        ),
    ] = RECIPES[0]
    device: Annotated[
        str, option("Where to train", choices=DEVICES, pattern=ONE_GPU, expected="cuda:N")
    ] = AUTO
    seed: Annotated[int, option("Random seed", low=0, high=2**32 - 1)] = 0
    augment: Annotated[
        str,
        option(
            "Random changes of the training images",
            label="augmentation",
            group=OVERFITTING,
            choices=AUGMENTATIONS,
        ),
    ] = "none"
    cutout: Annotated[
        int,
        option(
            "Side of a square hidden in each training image", group=OVERFITTING, low=0, high=1024
        ),
    ] = 0
    weight_decay: Annotated[
        float,
        option("L2 penalty, not on biases and norms", group=OVERFITTING, low=0, high=10),
    ] = 0.0
    label_smoothing: Annotated[
        float,
        option("Label smoothing factor", group=OVERFITTING, low=0, high=0.9),
    ] = 0.0
    dropout: Annotated[
        float | None,
        option(
            "p of the network's dropout layers",
            group=OVERFITTING,
            low=0,
            high=0.95,
            blank="the network's own",
        ),
    ] = None
    patience: Annotated[
        int | None,
        option(
            "Epochs after the warm-up without a better validation accuracy, then stop",
            group=OVERFITTING,
            low=1,
            high=MOST_EPOCHS,
            blank="all epochs",
            metavar="EPOCHS",
        ),
    ] = None
    judged: Annotated[
        str,
        option(
            "Weights to test: best on validation, or the last",
            label="final weights",
            group=OVERFITTING,
            choices=JUDGED,
        ),
    ] = JUDGED[0]
    val_fraction: Annotated[
        float,
        option(
            "Fraction of the training images held out for validation",
            label="validation split",
            group=DATA,
            low=0.01,
            high=0.5,
        ),
    ] = 0.1
    val_is_validation: Annotated[
        bool,
        option(
            "Validate on a folder's val/, and have no test set where it has no test/",
            label="val/ is validation",
            group=DATA,
        ),
    ] = False
    train_images: Annotated[
        int | None,
        option(
            "Train on at most this many images",
            label="training images",
            group=DATA,
            low=1,
            high=MOST_IMAGES,
            blank="all of them",
        ),
    ] = None
    label_noise: Annotated[
        float,
        option("Fraction of the training labels made wrong", group=DATA, low=0, high=0.9),
    ] = 0.0
    image_size: Annotated[
        int | None,
        option(
            "Side of the network's input, in pixels",
            group=DATA,
            low=1,
            high=1024,
            blank="what suits both",
        ),
    ] = None
    warmup: Annotated[
        float,
        option(
            "Fraction of the steps in which the rate rises linearly; 0 by default but for onecycle",
            label="warm-up",
            group=SPEED,
            low=0,
            high=0.9,
        ),
    ] = 0.3
    clip_grad: Annotated[
        float | None,
        option(
            "Clip the gradient norm to this value",
            label="gradient clipping",
            group=SPEED,
            low=0,
            above=True,
            high=1e6,
            blank="not at all",
            metavar="NORM",
        ),
    ] = None
    precision: Annotated[
        str,
        option("Precision of the forward and backward passes", group=SPEED, choices=PRECISIONS),
    ] = AUTO
    placement: Annotated[
        str,
        option(
            "Where the images are kept; host streams them",
            label="data placement",
            group=SPEED,
            choices=PLACEMENTS,
        ),
    ] = AUTO
    threads: Annotated[
        int,
        option(
            "CPU threads; 0 decides by the network's size",
            label="CPU threads",
            group=SPEED,
            low=0,
            high=1024,
        ),
    ] = 0
    compile: Annotated[
        bool, option("Compile the network first, if that works here", group=SPEED)
    ] = False
    cuda_graphs: Annotated[
        bool,
        option("Replay each step as a CUDA graph, if that works", label="CUDA graphs", group=SPEED),
    ] = False
    deterministic: Annotated[bool, option("Use deterministic operations only", group=SPEED)] = False
    tensorboard: Annotated[
        bool,
        option("Also write event files for TensorBoard", label="TensorBoard", group=SPEED),
    ] = False
    checkpoint_seconds: Annotated[
        float,
        option(
            "Minimum seconds between checkpoints",
            label="checkpoint interval",
            group=SPEED,
            low=0,
            high=86_400,
        ),
    ] = 5.0
    nproc: Annotated[
        int,
        option(
            "Processes on each host, which share every batch",
            label="processes",
            group=HOSTS,
            low=1,
            high=1024,
        ),
    ] = 1
    nnodes: Annotated[
        int,
        option(
            "Hosts that train together; give the command on each",
            label="hosts",
            group=HOSTS,
            low=1,
            high=1024,
        ),
    ] = 1
    rdzv_endpoint: Annotated[
        str | None,
        option(
            "Where the hosts meet",
            label="rendezvous endpoint",
            group=HOSTS,
            pattern=ENDPOINT,
            expected="HOST:PORT, such as gpu1:29400",
            blank="one host only",
            metavar="HOST:PORT",
        ),
    ] = None
    version: int = CONFIG_VERSION
    split_rule: int = SPLIT_RULE

    @property
    def device_kind(self) -> str:
        """The device without its number: ``cuda`` of ``cuda:1``."""
        return self.device.partition(":")[0]


@cache
def train_options() -> tuple[Option, ...]:
    """What can be chosen about a run, in the order of the form and the help."""
    return declared(TrainConfig)


def default_config(net: str | NetSpec, data: str | DataSpec, **overrides: Any) -> TrainConfig:
    """A configuration that learns, with ``overrides`` (None: keep the default) on top.

    Raises UsageError for an unknown name, for a value that cannot be used, and for
    a recipe that is not made for the network or the data set.
    """
    asked = parse_net(net) if isinstance(net, str) else net
    spec = with_options(asked.info, {**asked.info.in_training, **asked.given})
    data = parse_data(data) if isinstance(data, str) else data
    given = {key: value for key, value in overrides.items() if value is not None}
    given = converted_all(train_options(), given, see=SEE)
    base = _default_recipe(spec, data)
    if given.get("recipe", base.recipe) == "fast":
        base = replace(base, **fast_settings(spec.info, data, given))
    elif given.get("optimizer", base.optimizer) == "sgd":
        rate = default_lr(spec, "sgd", given.get("batch_size", base.batch_size))
        base = replace(base, lr=rate)
    if given.get("schedule", base.schedule) != "onecycle":
        base = replace(base, warmup=0.0)
    return checked(replace(base, **given))


def usual_config(config: TrainConfig) -> TrainConfig:
    """The defaults of a run that trains the same network on the same data set in the same way."""
    deciding = {name: getattr(config, name) for name in DECIDING}
    return default_config(config.net, config.data, **deciding)


def warm_up_epochs(config: TrainConfig) -> int:
    """How many epochs have begun before the warm-up ends."""
    return math.ceil(config.warmup * config.epochs)


def checked(config: TrainConfig) -> TrainConfig:
    """``config`` with its names spelled as the lab spells them.

    Raises UsageError that names the option whose value cannot be used.
    """
    values = {each.name: getattr(config, each.name) for each in train_options()}
    config = replace(config, **converted_all(train_options(), values, see=SEE))
    if config.image_size is not None:
        refuse_image_size(config.net, config.image_size)
        refuse_cutout(config.cutout, config.image_size)
    _refuse_processes(config)
    if config.val_is_validation:
        refuse_no_folder(config.data)
    return config


def refuse_cutout(cutout: int, image_size: int) -> None:
    """Raise UsageError where the hidden square is as large as what the network sees."""
    if cutout >= image_size:
        raise UsageError(
            f"A cutout of {cutout} would hide whole images of {image_size}×{image_size}: "
            f"choose one below {image_size}, such as {image_size // 2}.",
            fields=("cutout",),
        )


def refuse_one_gpu(device: str, processes: int) -> None:
    """Raise UsageError where several processes, which take a GPU each, are given a single one."""
    if processes > 1 and ":" in device:
        raise UsageError(
            f"{processes} processes take a GPU each, and {device} is one of them: "
            "give the device cuda.",
            fields=("device", "nproc"),
        )


def default_image_size(net: NetSpec, side: int) -> int:
    """The size at which the network is shown images of this side, unless one is asked for.

    Their own, or the smallest larger one with which the network has something to work on.
    """
    return nearest_image_size(net, max(side, net.info.small_image_size))


def to_json(config: TrainConfig) -> dict[str, Any]:
    """``config`` as a JSON object, in which the network and the data set are texts."""
    values = {field.name: getattr(config, field.name) for field in fields(config)}
    return values | {"net": str(config.net), "data": str(config.data)}


def from_json(document: Any) -> TrainConfig:
    """The configuration that ``to_json`` wrote.

    Raises NewerVersionError where a newer lab wrote it, NotInstalledError where its network
    or its data set is not here, UsageError where it is damaged.
    """
    if not isinstance(document, dict):
        raise UsageError("its configuration is not a JSON object")
    version = document.get("version")
    if isinstance(version, int) and version > CONFIG_VERSION:
        raise NewerVersionError(
            f"it was made by a newer cnn-lab (configuration version {version}, this one reads "
            f"up to {CONFIG_VERSION}); update with: {how_to_update()}"
        )
    known = {each.name for each in train_options()} & document.keys()
    try:
        net, data = parse_net(_text(document["net"])), parse_data(_text(document["data"]))
        config = TrainConfig(net, data, **{key: document[key] for key in known})
    except (KeyError, TypeError) as error:
        raise UsageError("its configuration lacks a value that every run has") from error
    except UsageError as error:
        raise NotInstalledError(
            f"{str(error).rstrip('.')} (install the package that adds it)"
        ) from error
    if isinstance(version, int):
        config = replace(config, version=version)
    return checked(replace(config, split_rule=_split_rule(document, data)))


def _split_rule(document: dict[str, Any], data: DataSpec) -> int:
    """How the run's data set is split: published ones alike by every rule.

    Runs of older versions do not say.
    """
    if not (data.is_folder or data_info(data).load):
        return SPLIT_RULE
    return SPLIT_RULE if document.get("split_rule") == SPLIT_RULE else FIRST_SPLIT_RULE


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(value)
    return value


def _default_recipe(net: NetSpec, data: DataSpec) -> TrainConfig:
    """Defaults with which the network learns the data set in its default epochs."""
    base = TrainConfig(net, data, epochs=10, batch_size=64, lr=default_lr(net, "adam", 64))
    if data.kind != "digits":
        augment = data_info(data).augment
        return replace(base, batch_size=128, augment=augment, weight_decay=1e-4)
    # Twice the digits' own side: their eight pixels are soon used up.
    side = default_image_size(net, 2 * (data_info(data).image_size or 0))
    digits = replace(base, image_size=side, augment="crop")
    return replace(digits, **converted_all(train_options(), net.info.digits_recipe))


def _refuse_processes(config: TrainConfig) -> None:
    """Raise UsageError where the processes cannot meet, or outnumber the images of a batch."""
    processes = config.nproc * config.nnodes
    refuse_one_gpu(config.device, processes)
    if processes > config.batch_size:
        raise UsageError(
            f"A batch size of {config.batch_size} cannot be shared by {processes} processes: "
            f"give at least {processes}.",
            fields=("batch_size",),
        )
    if config.nnodes > 1 and config.rdzv_endpoint is None:
        raise UsageError(
            f"{config.nnodes} hosts need a place to meet, HOST:PORT: one of the hosts, "
            "by a name that all of them know, and a free port there, such as 29400.",
            fields=("rdzv_endpoint",),
        )
    if config.nnodes == 1 and config.rdzv_endpoint is not None:
        raise UsageError(
            "Only several hosts need a place to meet: give 2 hosts or more with it.",
            fields=("nnodes",),
        )
