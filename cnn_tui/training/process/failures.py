"""Why a run failed, in one sentence that says what to change."""

import re

import torch

from cnn_tui.data.paths import FULL
from cnn_tui.errors import LabError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.loop.ranks import lost_another
from cnn_tui.training.process.gpu_failures import gpu_failure, held_by_others
from cnn_tui.training.process.reasons import left_word, reason_of
from cnn_tui.training.process.supervise import unexpected_end
from cnn_tui.training.records import Reason
from cnn_tui.training.store.folder import RunFolder

OUT_OF_MEMORY = ("out of memory", "not enough memory", "can't allocate memory", "alloc_failed")
"""What the CPU's allocator, CUDA and its libraries say in errors of no type of their own."""

NOT_DETERMINISTIC = re.compile(r"(\S+) does not have a deterministic implementation")


def failure(error: Exception, run: RunFolder, config: TrainConfig) -> Reason:
    """What went wrong, and what to change."""
    if isinstance(error, LabError):
        return reason_of(error)
    if known := gpu_failure(error, run.run):
        return known
    if _is_out_of_memory(error):
        return held_by_others(error) or _not_enough_memory(config.batch_size)
    if lost_another(error):
        return left_word(run.failure_file) or unexpected_end(run, config)
    if refused := NOT_DETERMINISTIC.search(str(error)):
        return Reason(
            f"{refused[1]} has no deterministic form on this device: "
            "train again without deterministic operations, or on the device cpu.",
            fields=("deterministic", "device"),
        )
    if "more than 1 value per channel" in str(error):
        return Reason(
            f"Batch norm cannot train on batches of {config.batch_size} here, where one value "
            "per channel is left: train again with a larger batch size or image size.",
            fields=("batch_size", "image_size"),
        )
    if is_full(error):
        return Reason(
            f"The disk that holds {run.path} is full: free some space, then resume the run.",
            next_steps=(step(Action.RESUME, run.run),),
        )
    return Reason(f"The lab itself failed ({type(error).__name__}: {error}); see {run.log_file}.")


def names_its_cause(error: Exception) -> bool:
    """Whether an error says more than that another process no longer answers."""
    return gpu_failure(error, "") is not None or not lost_another(error)


def is_full(error: Exception) -> bool:
    """Whether a file could not be written for want of space, or of one's share of it."""
    return isinstance(error, OSError) and error.errno in FULL


def _not_enough_memory(batch_size: int) -> Reason:
    smaller = f"batch size, such as {batch_size // 2}, or a smaller " if batch_size > 1 else ""
    return Reason(
        f"There is not enough memory for batches of {batch_size} images: "
        f"train again with a smaller {smaller}image size.",
        fields=("batch_size", "image_size") if batch_size > 1 else ("image_size",),
    )


def _is_out_of_memory(error: Exception) -> bool:
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    text = str(error).lower()
    return isinstance(error, RuntimeError) and any(words in text for words in OUT_OF_MEMORY)
