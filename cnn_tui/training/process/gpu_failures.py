"""What torch, CUDA and NCCL say where a GPU cannot be used, and what it means for a run."""

import re
from dataclasses import dataclass

import torch

from cnn_tui.next_steps import Action, step
from cnn_tui.training.device.gpu import cuda_memory
from cnn_tui.training.records import Reason

HELD_BY_OTHERS = 0.25
"""From this part of a GPU's memory on, what other processes hold is why there is too little."""

CONTEXT = 2**30
"""Bytes that this process may take beside what torch counts: kernels, libraries and the driver."""


OF_A_GPU = re.compile(r"CUDA|CUBLAS|CUDNN|HIP")
"""Words of errors about a GPU's memory, and of none about the host's."""


@dataclass(frozen=True)
class Cause:
    """Something that goes wrong with GPUs: the words by which it is known, and its sentence.

    ``goes_on`` says that the run can be resumed when it has been put right.
    """

    words: re.Pattern[str]
    sentence: str
    fields: tuple[str, ...] = ()
    goes_on: bool = False


CAUSES = (
    Cause(
        re.compile(r"CUDA-capable device(\(s\) is/are|s are) busy or unavailable"),
        "The GPU is in use by another process that shares it with nobody: wait for its end "
        "(nvidia-smi shows it, and the compute mode), or train on another device.",
        ("device",),
        goes_on=True,
    ),
    Cause(
        re.compile("uncorrectable ECC error"),
        "The GPU's memory is faulty (an uncorrectable ECC error): reset the GPU or take another, "
        "then go on from the last checkpoint.",
        goes_on=True,
    ),
    Cause(
        re.compile("no kernel image is available"),
        "This build of torch has no kernels for the GPU: train on another device, or install a "
        "build that has them.",
        ("device",),
    ),
    Cause(
        re.compile(r"CU(BLAS|DNN)_STATUS_NOT_INITIALIZED"),
        "A library of CUDA could not start, most often because the GPU's memory is full: train "
        "with a smaller batch size, on another device, or when nothing else runs there.",
        ("batch_size", "device"),
    ),
    Cause(
        re.compile("Duplicate GPU detected"),
        "Two processes of this run were given the same GPU: start as many on each host as it has "
        "GPUs, and let all of them see the same CUDA_VISIBLE_DEVICES.",
        ("nproc",),
    ),
    Cause(
        re.compile(r"(creating|attaching to) shared memory segment|[Ff]ailed to extend /dev/shm"),
        "/dev/shm is too small for what the processes of this run share: enlarge it (in a "
        "container, by its shm-size or the IPC of the host) or set NCCL_SHM_DISABLE=1, then go on.",
        goes_on=True,
    ),
)


def gpu_failure(error: Exception, run: str) -> Reason | None:
    """What is wrong with the GPUs of ``run``; None where ``error`` says nothing of them."""
    if not isinstance(error, RuntimeError):
        return None
    cause = next((each for each in CAUSES if each.words.search(str(error))), None)
    if cause is None:
        return None
    if "batch_size" in cause.fields and (held := held_by_others(error)):
        return held
    steps = (step(Action.RESUME, run),) if cause.goes_on else (step(Action.DOCTOR),)
    return Reason(cause.sentence, cause.fields, steps)


def held_by_others(error: Exception) -> Reason | None:
    """Why ``error`` finds too little memory on a GPU, where other processes hold much of it."""
    if not OF_A_GPU.search(str(error)) or not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return None
    free, total = cuda_memory()
    if free is None or total is None:
        return None
    others = total - free - torch.cuda.memory_reserved() - CONTEXT
    if others < HELD_BY_OTHERS * total:
        return None
    return Reason(
        f"Other processes hold {others / 2**30:.1f} of the GPU's {total / 2**30:.1f} GiB, and too "
        "little is left: wait for their end (nvidia-smi shows them), take another device, or a "
        "smaller batch size.",
        fields=("device", "batch_size"),
        next_steps=(step(Action.DOCTOR),),
    )
