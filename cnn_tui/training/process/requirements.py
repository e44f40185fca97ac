"""What a run asks for and cannot have, as far as it is known without torch.

Asked before a run's folder is made; the worker finds the rest.
"""

import ctypes
import os
import sys
from pathlib import Path

from cnn_tui.data.catalogue import data_info
from cnn_tui.data.preparation.available import refuse_no_val, refuse_unusable
from cnn_tui.errors import UsageError, about_field
from cnn_tui.nets.entries import NETS
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.config_checks import refuse_cutout
from cnn_tui.training.defaults import default_image_size
from cnn_tui.training.store.tensorboard import refuse_missing_tensorboard
from cnn_tui.workspace import data_dir as find_data_dir

CUDA_DRIVER = "libcuda.so.1"
"""What torch loads before it finds a GPU."""
AMD_GPUS = Path("/dev/kfd")
"""Where torch for ROCm finds the GPUs that it calls cuda."""
NO_GPUS = ("", "-1")
"""Values of CUDA_VISIBLE_DEVICES that hide every GPU."""


def validate_resources(
    config: TrainConfig, data_dir: Path | None = None, *, here: bool = True
) -> None:
    """Raise UsageError where what ``config`` asks for is not there, or does not fit together.

    A data set that would be downloaded is looked for, which may take seconds. ``here``
    says that the run starts on this machine, which then needs its device.
    """
    if config.tensorboard:
        refuse_missing_tensorboard()
    if here:
        refuse_absent_device(config.device)
    _refuse_dropout(config)
    _refuse_too_few_images(config)
    side = data_info(config.data).image_size
    if config.image_size is None and side is not None and not config.net.is_own:
        refuse_cutout(config.cutout, default_image_size(config.net, side))
    with about_field("data"):
        refuse_unusable(config.data, find_data_dir(data_dir))
    if config.val_is_validation:
        refuse_no_val(config.data)


def refuse_absent_device(device: str) -> None:
    """Raise UsageError for a device that this machine certainly lacks."""
    reason, kind = "", device.partition(":")[0]
    if device == "mps" and sys.platform != "darwin":
        reason = "only Macs have it"
    elif kind == "cuda" and _hides_gpus():
        reason = "CUDA_VISIBLE_DEVICES hides every GPU"
    elif kind == "cuda" and not has_gpu():
        reason = "this machine has no NVIDIA driver"
    if reason:
        raise UsageError(
            f"The device {device} is not there: {reason}. Take auto, the best there is, or cpu.",
            fields=("device",),
            next_steps=(step(Action.DOCTOR),),
        )


def has_gpu() -> bool:
    """Whether torch could find an NVIDIA or AMD GPU, as far as it is known without torch."""
    return not _hides_gpus() and (AMD_GPUS.exists() or _has_cuda_driver())


def _hides_gpus() -> bool:
    return os.environ.get("CUDA_VISIBLE_DEVICES") in NO_GPUS


def _has_cuda_driver() -> bool:
    try:
        ctypes.CDLL(CUDA_DRIVER)
    except OSError:
        return False
    return True


def _refuse_dropout(config: TrainConfig) -> None:
    """Refuse a dropout rate for a network of the lab's that has no layer for it."""
    is_ours = not config.net.is_own and config.net.info in NETS
    if config.dropout is not None and is_ours and not config.net.has_dropout:
        raise UsageError(
            f"{config.net} has no dropout layer: train it without dropout.",
            fields=("dropout",),
        )


def _refuse_too_few_images(config: TrainConfig) -> None:
    """Refuse more processes than there are images to learn from."""
    processes = config.nproc * config.nnodes
    if config.train_images is not None and config.train_images < processes:
        raise UsageError(
            f"{config.train_images} training images cannot be shared by {processes} processes: "
            "train on more images, or with fewer processes.",
            fields=("train_images", "nproc"),
        )
