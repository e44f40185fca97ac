import errno
from pathlib import Path

import pytest
import torch

from cnn_tui.next_steps import Action, step
from cnn_tui.training.process.failures import failure
from cnn_tui.training.store.folder import RunFolder
from tests.training.conftest import small_config

RUN = RunFolder(Path("/runs/one"))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
        RuntimeError("CUDA error: out of memory"),
        RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
        RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] DefaultCPUAllocator: can't allocate memory"
        ),
        RuntimeError("DefaultCPUAllocator: not enough memory: you tried to allocate 4 bytes."),
        RuntimeError("MPS backend out of memory (MPS allocated: 9 GiB)."),
    ],
)
def test_too_little_memory_asks_for_smaller_batches(error: Exception) -> None:
    several = failure(error, RUN, small_config(batch_size=64))
    assert several.sentence == (
        "There is not enough memory for batches of 64 images: train again with a smaller "
        "batch size, such as 32, or a smaller image size."
    )
    assert several.fields == ("batch_size", "image_size")
    single = failure(error, RUN, small_config(batch_size=1))
    assert single.sentence.endswith("train again with a smaller image size.")
    assert single.fields == ("image_size",)


def test_an_operation_that_is_refused_is_named() -> None:
    error = RuntimeError(
        "adaptive_avg_pool2d_backward_cuda does not have a deterministic implementation, but you "
        "set 'torch.use_deterministic_algorithms(True)'."
    )
    reason = failure(error, RUN, small_config(deterministic=True))
    assert reason.sentence.startswith("adaptive_avg_pool2d_backward_cuda has no deterministic form")
    assert reason.fields == ("deterministic", "device")


def test_a_full_disk_says_how_to_go_on() -> None:
    reason = failure(OSError(errno.ENOSPC, "No space left on device"), RUN, small_config())
    assert reason.next_steps == (step(Action.RESUME, "one"),)


def test_what_nobody_thought_of_points_to_the_log() -> None:
    reason = failure(ZeroDivisionError("division by zero"), RUN, small_config())
    assert reason.sentence.startswith(
        "The lab itself failed (ZeroDivisionError: division by zero); see"
    )
