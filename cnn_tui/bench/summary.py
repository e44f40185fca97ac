"""What a summary costs beyond ``import torch``: ours beside torchinfo's; and all of them."""

import json
import subprocess
import sys
from importlib.util import find_spec

from cnn_tui.bench.catalogue import (
    CATALOGUE_TIME,
    REAL_RUN_MEMORY,
    REAL_RUN_TIME,
    SUMMARY_FROM_SHELL,
    SUMMARY_MEMORY,
    SUMMARY_TIME,
)
from cnn_tui.bench.estimate import Budget, rounds_until_decided
from cnn_tui.bench.records import BenchResult, Pair, compared, measured
from cnn_tui.bench.turns import command_seconds, take_turns
from cnn_tui.errors import UsageError

PROBE = """
import gc, json, time
import torch
from cnn_tui.bench.peak import forget_peak, peak_bytes
gc.collect()
gc.freeze()  # Else a collection of all that torch is made of falls on one side or the other.
forget_peak()
memory, start = peak_bytes(), time.process_time()
{work}
print(json.dumps([time.process_time() - start, (peak_bytes() - memory) / 2**20]))
"""
OURS = """
from cnn_tui.analysis.networks.summary import summarize
summarize("vgg16")
"""
TORCHINFO = """
from torchinfo import summary
from cnn_tui.nets.build import build
summary(build("vgg16"), (1, 3, 224, 224), verbose=0)
"""
RUN_OURS = """
from functools import partial
from cnn_tui.analysis.networks.summary import summarize_module
from cnn_tui.nets.build import build
make = partial(build, "resnet18")
with torch.device("meta"):
    net = make()
done = summarize_module(net, (3, 224, 224), net_name="n", title="n", rebuild=make)
assert done.real_run.startswith("on the CPU")
"""
"""A network as a user brings it: without numbers first, then built and run with a batch of 2."""
RUN_TORCHINFO = """
from torchinfo import summary
from cnn_tui.nets.build import build
summary(build("resnet18"), (2, 3, 224, 224), verbose=0)
"""
CATALOGUE = """
from cnn_tui.analysis.networks.summary import summarize_all
summarize_all()
"""


def measure() -> list[BenchResult]:
    """``summary vgg16`` as a command; its CPU seconds and memory beyond torch; the catalogue's.

    Those with a real run as well: of a network that it builds with numbers, as torchinfo does.
    Where there is a GPU, also what training takes on it beside what a summary says.

    Raises UsageError without torchinfo.
    """
    if find_spec("torchinfo") is None:
        raise UsageError(
            "bench summary compares with torchinfo, which is not installed: "
            'python3 -m pip install -e ".[test]"'
        )
    from cnn_tui.bench import gpu_memory

    seconds, megabytes = _beside_torchinfo(OURS, TORCHINFO, SUMMARY_TIME)
    run_seconds, run_megabytes = _beside_torchinfo(RUN_OURS, RUN_TORCHINFO, REAL_RUN_TIME)
    return [
        _from_shell(),
        compared("summary vgg16, CPU time beyond import torch", "s", seconds, SUMMARY_TIME),
        compared("summary vgg16, peak memory", "MB", megabytes, SUMMARY_MEMORY),
        compared("real run of resnet18, batch 2, CPU time", "s", run_seconds, REAL_RUN_TIME),
        compared("real run of resnet18, peak memory", "MB", run_megabytes, REAL_RUN_MEMORY),
        measured("nets --measure, CPU time", "s", [probe(CATALOGUE)[0]], CATALOGUE_TIME),
        *gpu_memory.measure(),
    ]


def probe(work: str) -> tuple[float, float]:
    """(CPU seconds, megabytes of peak memory) that ``work`` adds to ``import torch``."""
    done = subprocess.run(
        [sys.executable, "-c", PROBE.format(work=work)], check=True, capture_output=True, text=True
    )
    seconds, megabytes = json.loads(done.stdout)
    return seconds, megabytes


def _from_shell() -> BenchResult:
    pairs = take_turns(
        lambda: command_seconds([sys.executable, "-m", "cnn_tui", "summary", "vgg16"]),
        lambda: command_seconds([sys.executable, "-c", "import torch"]),
        SUMMARY_FROM_SHELL,
    )
    return compared(
        "cnn-lab summary vgg16 (reference: import torch)", "s", pairs, SUMMARY_FROM_SHELL
    )


def _beside_torchinfo(
    our_work: str, their_work: str, budget: Budget
) -> tuple[list[Pair], list[Pair]]:
    """(CPU seconds, megabytes) of both, in as many rounds as the time needs."""
    megabytes: list[Pair] = []

    def take() -> Pair:
        (ours, our_megabytes), (theirs, their_megabytes) = probe(our_work), probe(their_work)
        megabytes.append((our_megabytes, their_megabytes))
        return ours, theirs

    seconds = rounds_until_decided(
        take, lambda taken: compared("", "", taken, budget).is_decided, looks=2
    )
    return seconds, megabytes
