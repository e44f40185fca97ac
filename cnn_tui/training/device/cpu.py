"""How a process that trains sets itself up on a CPU: threads, tiny numbers, freed memory.

The lab's small experiments run on one thread, ``reproducibly``.
"""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import torch

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""glibc's names for the two settings, from its malloc.h."""

LARGEST_TRIM_THRESHOLD = 2**31 - 1
LARGEST_MMAP_THRESHOLD = 32 * 2**20


def use_cpu_well(threads: int) -> None:
    """Settings for the whole process, measured on LeNet-5 and CIFAR10Net.

    Adam's averages of a dead unit fade into denormal numbers, with which a CPU
    is up to a hundred times slower: LeNet-5 lost 40 % of its speed to them.
    """
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    _keep_freed_memory()


@contextmanager
def reproducibly() -> Iterator[None]:
    """One thread, and a random state of its own.

    The lab's small experiments have tensors so small that more threads cost ten
    times what they save, and figures must not depend on how many cores there are.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)


def _keep_freed_memory() -> None:
    """Let malloc keep what is freed: every step needs the same buffers again.

    Given back to the system, each page would be zeroed and mapped again in every
    step, which cost LeNet-5 a tenth of its speed. Where the C library has no
    ``mallopt`` (macOS, musl) nothing is done.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(M_TRIM_THRESHOLD, LARGEST_TRIM_THRESHOLD)
        mallopt(M_MMAP_THRESHOLD, LARGEST_MMAP_THRESHOLD)
