"""Runs whose figures do not depend on the machine; torch is imported on first use."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def by_itself() -> Iterator[None]:
    """One thread, and a random state of its own.

    The lab's small experiments have tensors so small that more threads cost ten
    times what they save, and figures must not depend on how many cores there are.
    """
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.random.fork_rng(devices=[]):
            yield
    finally:
        torch.set_num_threads(threads)
