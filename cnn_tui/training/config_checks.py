"""What a configuration must hold: each option within its limits, and options that go together.

``checked`` looks at all of that. What depends on the images themselves, such as a cutout
as large as they are, is refused again once the data set is known.
"""

from dataclasses import replace

from cnn_tui.data.catalogue import refuse_no_folder
from cnn_tui.errors import UsageError
from cnn_tui.nets.specs import refuse_image_size
from cnn_tui.next_steps import Action, step
from cnn_tui.options import converted_all
from cnn_tui.training.config import TrainConfig, train_options

SEE = step(Action.EXPLAIN, "train")


def checked(config: TrainConfig) -> TrainConfig:
    """``config`` with its names spelled as the lab spells them.

    Raises UsageError that names the option whose value cannot be used.
    """
    values = {each.name: getattr(config, each.name) for each in train_options()}
    config = replace(config, **converted_all(train_options(), values, see=SEE))
    if config.image_size is not None:
        if not config.net.is_own:
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
