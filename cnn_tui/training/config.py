"""What a run is asked to do: one frozen record, checked once, kept as JSON.

Its fields declare the options of a run: the command line, the New run form, the
checks and the help all come from here. ``defaults`` fills in values, ``config_checks``
checks them, ``config_json`` writes and reads them.
"""

import math
from dataclasses import dataclass
from functools import cache
from typing import Annotated

from cnn_tui.data.records import SPLIT_RULE, DataSpec
from cnn_tui.nets.specs import NetSpec
from cnn_tui.options import Option, declared, option

CONFIG_VERSION = 6
AUTO = "auto"

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

OVERFITTING, SPEED = "Against overfitting", "Speed and detail"
DATA, HOSTS = "Data", "Several processes"
"""Groups of options; those that matter most stand before them, in no group."""


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
    mixup: Annotated[
        float,
        option(
            "Blend each image and its label with another's; alpha of the Beta distribution of "
            "the parts, such as 0.2; 0 blends none",
            group=OVERFITTING,
            low=0,
            high=10,
            metavar="ALPHA",
        ),
    ] = 0.0
    ema: Annotated[
        float | None,
        option(
            "Validate and keep a moving average of the weights with this decay, such as 0.999",
            label="weight averaging",
            group=OVERFITTING,
            low=0,
            above=True,
            high=0.999999,
            blank="the weights themselves",
            metavar="DECAY",
        ),
    ] = None
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
    accumulate: Annotated[
        int,
        option(
            "Parts in which each batch is computed, one after the other: the same step in less "
            "memory, but for batch norm and dropout",
            label="parts of a batch",
            group=SPEED,
            low=1,
            high=LARGEST_BATCH,
            metavar="PARTS",
        ),
    ] = 1
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
    inspect: Annotated[
        int | None,
        option(
            "Steps between snapshots of the network's inside; 0 takes none",
            label="inspection",
            group=SPEED,
            low=0,
            high=MOST_IMAGES,
            blank="after each epoch",
            metavar="STEPS",
        ),
    ] = None
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


def warm_up_epochs(config: TrainConfig) -> int:
    """How many epochs have begun before the warm-up ends."""
    return math.ceil(config.warmup * config.epochs)
