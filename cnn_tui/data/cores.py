"""How many processes or threads can work at once here."""

import os


def cores() -> int:
    """The CPUs that this process may use: fewer than the machine has under taskset or Slurm."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
