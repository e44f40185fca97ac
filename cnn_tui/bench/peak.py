"""The peak memory of this process; free of torch.

``getrusage`` would count the memory of whoever started the process: on Linux a
new program's ``ru_maxrss`` begins with the size of the process it came from.
"""

import contextlib
import re
import resource
import sys
from pathlib import Path

STATUS = Path("/proc/self/status")
CLEAR = Path("/proc/self/clear_refs")
FORGET_PEAK = "5"
"""From Linux' proc_pid_clear_refs(5)."""


def forget_peak() -> None:
    """Let the peak begin with what is held now; only Linux can, elsewhere it stays as it is."""
    with contextlib.suppress(OSError):
        CLEAR.write_text(FORGET_PEAK)


def peak_bytes() -> int:
    """The most memory that this process has held since ``forget_peak``."""
    found = re.search(r"VmHWM:\s+(\d+) kB", STATUS.read_text()) if STATUS.exists() else None
    if found:
        return int(found[1]) * 2**10
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 2**10
