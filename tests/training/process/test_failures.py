import errno
from pathlib import Path

import pytest
import torch
from torch import distributed as dist

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


NCCL = (
    "NCCL error in: /pytorch/torch/csrc/distributed/c10d/NCCLUtils.cpp:94, {what} (run with "
    "NCCL_DEBUG=INFO for details), NCCL version 2.28.9\n{kind}\nLast error:\n{last}"
)
CUDA = (
    "CUDA error: {said}\nSearch for `{name}' in https://docs.nvidia.com/cuda/cuda-runtime-api/"
    "group__CUDART__TYPES.html for more information.\nCUDA kernel errors might be asynchronously "
    "reported at some other API call, so the stacktrace below might be incorrect.\n"
    "For debugging consider passing CUDA_LAUNCH_BLOCKING=1\n"
    "Compile with `TORCH_USE_CUDA_DSA` to enable device-side assertions.\n"
)


@pytest.mark.parametrize(
    ("error", "sentence", "fields", "action"),
    [
        (
            torch.AcceleratorError(
                CUDA.format(
                    said="CUDA-capable device(s) is/are busy or unavailable",
                    name="cudaErrorDevicesUnavailable",
                )
            ),
            "The GPU is in use by another process that shares it with nobody: wait for its end",
            ("device",),
            Action.RESUME,
        ),
        (
            RuntimeError("CUDA error: all CUDA-capable devices are busy or unavailable"),
            "The GPU is in use by another process",
            ("device",),
            Action.RESUME,
        ),
        (
            torch.AcceleratorError(
                CUDA.format(
                    said="uncorrectable ECC error encountered", name="cudaErrorECCUncorrectable"
                )
            ),
            "The GPU's memory is faulty (an uncorrectable ECC error): reset the GPU",
            (),
            Action.RESUME,
        ),
        (
            torch.AcceleratorError(
                CUDA.format(
                    said="no kernel image is available for execution on the device",
                    name="cudaErrorNoKernelImageForDevice",
                )
            ),
            "This build of torch has no kernels for the GPU: train on another device",
            ("device",),
            Action.DOCTOR,
        ),
        (
            RuntimeError(
                "CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`"
            ),
            "A library of CUDA could not start, most often because the GPU's memory is full",
            ("batch_size", "device"),
            Action.DOCTOR,
        ),
        (
            RuntimeError("cuDNN error: CUDNN_STATUS_NOT_INITIALIZED"),
            "A library of CUDA could not start",
            ("batch_size", "device"),
            Action.DOCTOR,
        ),
        (
            dist.DistBackendError(
                NCCL.format(
                    what="invalid usage",
                    kind="ncclInvalidUsage: This usually reflects invalid usage of NCCL library.",
                    last="Duplicate GPU detected : rank 1 and rank 0 both on CUDA device 2000",
                )
            ),
            "Two processes of this run were given the same GPU: start as many on each host",
            ("nproc",),
            Action.DOCTOR,
        ),
        (
            dist.DistBackendError(
                NCCL.format(
                    what="unhandled system error",
                    kind="ncclSystemError: System call (e.g. socket, malloc) or external library "
                    "call failed or device error. ",
                    last="Error while creating shared memory segment /dev/shm/nccl-WU88OE "
                    "(size 9637888), error: No space left on device (28)",
                )
            ),
            "/dev/shm is too small for what the processes of this run share: enlarge it",
            (),
            Action.RESUME,
        ),
        (
            dist.DistBackendError(
                NCCL.format(
                    what="unhandled system error",
                    kind="ncclSystemError",
                    last="Error: failed to extend /dev/shm/nccl-WU88OE to 9637892 bytes",
                )
            ),
            "/dev/shm is too small",
            (),
            Action.RESUME,
        ),
    ],
    ids=lambda value: value.name if isinstance(value, Action) else None,
)
def test_what_is_wrong_with_a_gpu_is_named(
    error: Exception, sentence: str, fields: tuple[str, ...], action: Action
) -> None:
    reason = failure(error, RUN, small_config())
    assert reason.sentence.startswith(sentence)
    assert "\n" not in reason.sentence
    assert reason.fields == fields
    assert [each.action for each in reason.next_steps] == [action]


OUT_OF_MEMORY = torch.OutOfMemoryError(
    "CUDA out of memory. Tried to allocate 496.00 MiB. GPU 0 has a total capacity of 14.75 GiB of "
    "which 235.06 MiB is free. Process 20398 has 12.52 GiB memory in use. Including non-PyTorch "
    "memory, this process has 2.00 GiB memory in use. Of the allocated memory 1.06 GiB is "
    "allocated by PyTorch, and 330.42 MiB is reserved by PyTorch but unallocated."
)


@pytest.mark.parametrize("error", [OUT_OF_MEMORY, RuntimeError("CUBLAS_STATUS_NOT_INITIALIZED")])
@pytest.mark.parametrize(("own", "blames"), [(1, True), (12, False)])
def test_memory_that_other_processes_hold_is_not_blamed_on_the_batch(
    monkeypatch: pytest.MonkeyPatch, error: Exception, own: int, blames: bool
) -> None:
    gib = 2**30
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda *_: (gib // 4, 15 * gib))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda *_: own * gib)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    reason = failure(error, RUN, small_config(device="auto"))
    blamed = "Other processes hold 12.8 of the GPU's 15.0 GiB, and too little is left"
    assert reason.sentence.startswith(blamed) is blames
    assert "batch size" in reason.sentence
    assert failure(MemoryError(), RUN, small_config()).sentence.startswith("There is not enough")


def test_a_gpu_that_does_not_tell_its_memory_blames_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def lost(*_: object) -> None:
        raise RuntimeError("CUDA error: unspecified launch failure")

    monkeypatch.setattr(torch.cuda, "mem_get_info", lost)
    monkeypatch.setattr(torch.cuda, "is_initialized", lambda: True)
    reason = failure(OUT_OF_MEMORY, RUN, small_config(device="cuda"))
    assert reason.sentence.startswith("There is not enough memory for batches of 8 images")


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
