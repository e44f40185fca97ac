"""What a run is asked to do: one frozen record, checked once, kept as JSON.

``default_config`` fills in values with which the network learns the data set in
one run; whatever the user gives wins.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from cnn_tui.data.catalogue import data_info, parse
from cnn_tui.data.records import DataSpec
from cnn_tui.errors import UsageError
from cnn_tui.names import match
from cnn_tui.nets.catalogue import (
    NetInfo,
    OptionValue,
    nearest_image_size,
    parse_net,
    refuse_image_size,
    specification,
)
from cnn_tui.training.recipes import fast_settings

CONFIG_VERSION = 4
AUTO = "auto"

OPTIMIZERS = ("sgd", "adam", "adamw")
SCHEDULES = ("constant", "step", "cosine", "onecycle")
DEVICES = (AUTO, "cpu", "cuda", "mps")
PRECISIONS = (AUTO, "fp32", "bf16")
AUGMENTATIONS = ("none", "crop", "crop+flip")
PLACEMENTS = (AUTO, "device", "host")
RECIPES = ("default", "fast")
JUDGED = ("best", "last")

MOST_EPOCHS, LARGEST_BATCH, MOST_IMAGES = 100_000, 65_536, 1_000_000_000
"""The largest values that a run accepts."""

WITHOUT_BATCH_NORM = ("alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "vit_b_16")
"""Deep networks that a larger learning rate throws off."""

NetOptions = Mapping[str, OptionValue]
"""What a network is built with, by the option's name."""


class NewerVersionError(UsageError):
    """A newer version of the lab wrote what was to be read."""


@dataclass(frozen=True)
class TrainConfig:
    """Everything that decides what a run computes.

    ``net`` is a network's name with the options that it is built with; ``lr``
    is the peak rate; ``warmup`` the fraction of all steps that climb to it;
    ``image_size`` the side of what the network sees (None: the images' own, or a
    larger one that suits the network); ``val_fraction`` the part of the training
    images held out; ``dropout`` replaces the p of the network's dropout layers;
    ``train_images`` are the most that are learnt from (None: all that are not held
    out); ``label_noise`` is the part of them that get a wrong label;
    ``cutout`` is the side of the square hidden in each training image (0: none);
    ``clip_grad`` the largest norm that all gradients together may have;
    ``patience`` how many epochs may pass without a better validation accuracy;
    ``judged`` the weights that are tested in the end: those with the best validation
    accuracy, or the last, where overfitting is to be seen;
    ``threads`` 0 means one for tiny networks and every core for the others;
    ``placement`` is where the training images lie: on the device, or on the host,
    from where each batch is brought over while the one before it is computed;
    ``nproc`` processes on each of ``nnodes`` hosts share every batch, and hosts
    meet at ``rdzv_endpoint``; ``recipe`` names the defaults that were taken;
    ``checkpoint_seconds`` are the least between two checkpoints; ``version`` is
    that of the lab that trained it last.
    """

    net: str
    data: str
    epochs: int
    batch_size: int
    lr: float
    optimizer: str = "adam"
    schedule: str = "onecycle"
    warmup: float = 0.3
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    dropout: float | None = None
    augment: str = "none"
    cutout: int = 0
    clip_grad: float | None = None
    patience: int | None = None
    judged: str = JUDGED[0]
    val_fraction: float = 0.1
    train_images: int | None = None
    label_noise: float = 0.0
    image_size: int | None = None
    seed: int = 0
    device: str = AUTO
    precision: str = AUTO
    threads: int = 0
    placement: str = AUTO
    compile: bool = False
    cuda_graphs: bool = False
    deterministic: bool = False
    tensorboard: bool = False
    nproc: int = 1
    nnodes: int = 1
    rdzv_endpoint: str | None = None
    recipe: str = RECIPES[0]
    checkpoint_seconds: float = 5.0
    version: int = CONFIG_VERSION


def default_config(net: str, data: str, **overrides: Any) -> TrainConfig:
    """A configuration that learns, with ``overrides`` (None: keep the default) on top.

    Raises UsageError for an unknown name, for a value that cannot be used, and for
    a recipe that is not made for the network or the data set.
    """
    info, written = parse_net(net)
    options = info.training_options | written
    spec = parse(data)
    given = {key: value for key, value in overrides.items() if value is not None}
    base = _default_recipe(info, options, spec)
    if _matched("recipe", RECIPES, given.get("recipe", base.recipe)) == "fast":
        base = replace(base, **fast_settings(info, spec, given))
    return checked(replace(base, **given))


def checked(config: TrainConfig) -> TrainConfig:
    """``config`` with its names spelt as the lab spells them.

    Raises UsageError that names the option whose value cannot be used.
    """
    info, options = parse_net(config.net)
    spec = parse(config.data)
    net = specification(info, options)
    config = replace(config, net=net, data=spec.name, **_matched_choices(config))
    for option, (accepts, expected) in _LIMITS.items():
        value = getattr(config, option)
        if not accepts(value):
            raise UsageError(f"{_flag(option)} must be {expected}, not {value!r}.")
    if config.image_size is not None:
        try:
            refuse_image_size(info, options, config.image_size)
        except UsageError as error:
            raise UsageError(f"Choose another --image-size: {error}") from error
        refuse_cutout(config.cutout, config.image_size)
    _refuse_processes(config)
    return config


def refuse_cutout(cutout: int, image_size: int) -> None:
    """Raise UsageError where the hidden square is as large as what the network sees."""
    if cutout >= image_size:
        raise UsageError(
            f"--cutout {cutout} would hide whole images of {image_size}×{image_size}: "
            f"choose one below {image_size}, such as {image_size // 2}."
        )


def default_image_size(net: NetInfo, options: NetOptions, side: int) -> int:
    """The size at which the network is shown images of this side, unless one is asked for.

    Their own, or the smallest larger one with which the network has something to work on.
    """
    return nearest_image_size(net, options, max(side, net.small_image_size))


def to_json(config: TrainConfig) -> dict[str, Any]:
    """``config`` as a JSON object."""
    return asdict(config)


def from_json(document: Any) -> TrainConfig:
    """The configuration that ``to_json`` wrote.

    Raises NewerVersionError where a newer lab wrote it, UsageError where it is damaged.
    """
    if not isinstance(document, dict):
        raise UsageError("its configuration is not a JSON object")
    version = document.get("version")
    if isinstance(version, int) and version > CONFIG_VERSION:
        raise NewerVersionError(
            f"it was made by a newer cnn-lab (configuration version {version}, this one reads "
            f"up to {CONFIG_VERSION}); update with: python3 -m pip install -U cnn-lab"
        )
    try:
        config = TrainConfig(**{key: document[key] for key in _READ & document.keys()})
        if isinstance(version, int):
            config = replace(config, version=version)
    except TypeError as error:
        raise UsageError("its configuration lacks a value that every run has") from error
    return checked(config)


def _default_recipe(net: NetInfo, options: NetOptions, data: DataSpec) -> TrainConfig:
    """Defaults with which the network learns the data set in its default epochs."""
    delicate = net.name in WITHOUT_BATCH_NORM and not options.get("batch_norm")
    lr = 3e-4 if delicate else 2e-3
    base = TrainConfig(specification(net, options), data.name, epochs=10, batch_size=64, lr=lr)
    if data.kind != "digits":
        augment = "crop" if data.kind == "mnist" else "crop+flip"  # a mirrored digit is none
        return replace(base, batch_size=128, augment=augment, weight_decay=1e-4)
    # Twice the digits' own side: their eight pixels are soon used up.
    side = default_image_size(net, options, 2 * (data_info(data).image_size or 0))
    digits = replace(base, image_size=side, augment="crop")
    if net.name == "lenet5":
        # In 5 epochs: 0 of 40 seeds below 97 % on the test images; without the
        # smoothing it was 2 of 30, and more with larger batches.
        return replace(digits, batch_size=8, lr=6e-3, label_smoothing=0.1)
    return digits


def _refuse_processes(config: TrainConfig) -> None:
    """Raise UsageError where the processes cannot meet, or outnumber the images of a batch."""
    processes = config.nproc * config.nnodes
    if processes > config.batch_size:
        raise UsageError(
            f"--batch-size {config.batch_size} cannot be shared by {processes} processes: "
            f"give at least {processes}."
        )
    if config.nnodes > 1 and config.rdzv_endpoint is None:
        raise UsageError(
            f"--nnodes {config.nnodes} needs --rdzv-endpoint HOST:PORT: one of the hosts, "
            "by a name that all of them know, and a free port there, such as 29400."
        )
    if config.nnodes == 1 and config.rdzv_endpoint is not None:
        raise UsageError("--rdzv-endpoint is where hosts meet: give --nnodes 2 or more with it.")


def _matched_choices(config: TrainConfig) -> dict[str, Any]:
    choices = {
        "optimizer": OPTIMIZERS,
        "schedule": SCHEDULES,
        "device": DEVICES,
        "precision": PRECISIONS,
        "augment": AUGMENTATIONS,
        "placement": PLACEMENTS,
        "recipe": RECIPES,
        "judged": JUDGED,
    }
    return {
        option: _matched(option, known, getattr(config, option))
        for option, known in choices.items()
    }


def _matched(option: str, known: tuple[str, ...], value: Any) -> str:
    return match(str(value), known, option, "cnn-lab train --help")


def _flag(option: str) -> str:
    return "--" + option.replace("_", "-")


def _whole(low: int, high: int) -> tuple[Callable[[Any], bool], str]:
    def accepts(value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high

    return accepts, f"a whole number from {low:,} to {high:,}"


def _real(low: float, high: float, *, above: bool = False) -> tuple[Callable[[Any], bool], str]:
    def accepts(value: Any) -> bool:
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return math.isfinite(value) and (low < value if above else low <= value) and value <= high

    return (
        accepts,
        f"a number {'above' if above else 'from'} {low:g} {'up ' if above else ''}to {high:g}",
    )


def _is_switch(value: Any) -> bool:
    return isinstance(value, bool)


def _is_endpoint(value: Any) -> bool:
    host, _, port = str(value).rpartition(":")
    return bool(host) and port.isdecimal() and 0 < int(port) < 2**16


def _or_none(limit: tuple[Callable[[Any], bool], str]) -> tuple[Callable[[Any], bool], str]:
    accepts, expected = limit
    return lambda value: value is None or accepts(value), expected


_READ = frozenset(field.name for field in fields(TrainConfig)) - {"version"}
"""What is read of a run's configuration as it is; whatever else stands there is passed over."""

_LIMITS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "epochs": _whole(1, MOST_EPOCHS),
    "batch_size": _whole(1, LARGEST_BATCH),
    "lr": _real(0, 100, above=True),
    "warmup": _real(0, 0.9),
    "weight_decay": _real(0, 10),
    "label_smoothing": _real(0, 0.9),
    "dropout": _or_none(_real(0, 0.95)),
    "val_fraction": _real(0.01, 0.5),
    "train_images": _or_none(_whole(1, MOST_IMAGES)),
    "label_noise": _real(0, 0.9),
    "cutout": _whole(0, 1024),
    "clip_grad": _or_none(_real(0, 1e6, above=True)),
    "patience": _or_none(_whole(1, MOST_EPOCHS)),
    "image_size": _or_none(_whole(1, 1024)),
    "seed": _whole(0, 2**32 - 1),
    "threads": _whole(0, 1024),
    "nproc": _whole(1, 1024),
    "nnodes": _whole(1, 1024),
    "rdzv_endpoint": _or_none((_is_endpoint, "HOST:PORT, such as gpu1:29400")),
    "compile": (_is_switch, "true or false"),
    "cuda_graphs": (_is_switch, "true or false"),
    "deterministic": (_is_switch, "true or false"),
    "tensorboard": (_is_switch, "true or false"),
    "checkpoint_seconds": _real(0, 86_400),
}
