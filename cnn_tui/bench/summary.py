"""What a summary costs beyond ``import torch``: ours beside torchinfo's; and all of them."""

import json
import statistics
import subprocess
import sys
from importlib.util import find_spec

from cnn_tui.bench.records import BenchResult, compared
from cnn_tui.errors import UsageError

ROUNDS = 3
CATALOGUE_SECONDS = 15

PROBE = """
import json, resource, sys, time
import torch
UNIT = 2**20 if sys.platform == "darwin" else 2**10
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNIT
memory, start = peak(), time.process_time()
{work}
print(json.dumps([time.process_time() - start, peak() - memory]))
"""
OURS = """
from cnn_tui.analysis.summary import summarize
summarize("vgg16")
"""
TORCHINFO = """
from torchinfo import summary
from cnn_tui.nets.build import build
summary(build("vgg16"), (1, 3, 224, 224), verbose=0)
"""
CATALOGUE = """
from cnn_tui.analysis.summary import summarize_all
summarize_all()
"""


def measure() -> list[BenchResult]:
    """CPU seconds and memory of ``summary vgg16`` and of the whole catalogue.

    Raises UsageError without torchinfo.
    """
    if find_spec("torchinfo") is None:
        raise UsageError(
            "bench summary compares with torchinfo, which is not installed: "
            'python3 -m pip install -e ".[test]"'
        )
    seconds, megabytes = _medians(OURS)
    their_seconds, their_megabytes = _medians(TORCHINFO)
    memory = compared("summary vgg16, peak memory", megabytes, "MB", their_megabytes)
    return [
        compared("summary vgg16, CPU time", seconds, "s", their_seconds, at_most=0.05),
        BenchResult(
            memory.name, megabytes, "MB", their_megabytes, memory.ratio, "<= 20 MB", megabytes <= 20
        ),
        _whole_catalogue(),
    ]


def _whole_catalogue() -> BenchResult:
    seconds, _ = _probe(CATALOGUE)
    return BenchResult(
        "nets --measure, CPU time",
        seconds,
        "s",
        budget=f"<= {CATALOGUE_SECONDS} s",
        within=seconds <= CATALOGUE_SECONDS,
    )


def _medians(work: str) -> tuple[float, float]:
    seconds, megabytes = zip(*(_probe(work) for _ in range(ROUNDS)), strict=True)
    return statistics.median(seconds), statistics.median(megabytes)


def _probe(work: str) -> tuple[float, float]:
    """(CPU seconds, megabytes of peak memory) that ``work`` adds to ``import torch``."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(work=work)], check=True, capture_output=True, text=True
    )
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes
