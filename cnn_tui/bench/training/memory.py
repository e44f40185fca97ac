"""Peak memory of one loop, in its own process: ``python -m cnn_tui.bench.training.memory``."""

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

import torch

from cnn_tui.bench.catalogue import Workload
from cnn_tui.bench.peak import forget_peak, peak_bytes
from cnn_tui.bench.training.workloads import config_for, made_up, session_for
from cnn_tui.errors import LabFault
from cnn_tui.training.device.setup import decide
from cnn_tui.training.loop.epochs import train_epoch

LOOPS = ("lab", "reference")


def peak_megabytes(loop: str, workload: Workload) -> float:
    """What one epoch of one of LOOPS needs at most, beyond torch and the stored images.

    Raises LabFault where the process that measures it fails.
    """
    command = [
        sys.executable,
        "-m",
        "cnn_tui.bench.training.memory",
        loop,
        json.dumps(asdict(workload)),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise LabFault(f"The memory of the {loop} loop could not be measured: {last}")
    return float(done.stdout) / 2**20


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the bytes that one loop adds to this process, or takes of the GPU."""
    parser = argparse.ArgumentParser(description="Peak memory of one epoch of a loop.")
    parser.add_argument("loop", choices=LOOPS)
    parser.add_argument("workload", help="a workload as a JSON object")
    options = parser.parse_args(arguments)
    print(added_bytes(options.loop, Workload(**json.loads(options.workload))))
    return 0


def added_bytes(loop: str, workload: Workload) -> int:
    """The peak of one epoch in this process, above what it holds before."""
    torch.optim.SGD([torch.zeros(1)])  # torch's first optimizer, whose ever, imports its compiler
    data = made_up(workload)
    config = decide(config_for(workload), data)
    if loop == "reference":
        from cnn_tui.bench.training.reference import reference_rate
    before = _begin(config.device_kind)
    if loop == "reference":
        reference_rate(config, data)
    else:
        with session_for(config, data) as session:
            train_epoch(session)
    return _peak(config.device_kind) - before


def _begin(device: str) -> int:
    """Forget earlier peaks; returns the peak from here on, which is what is held now."""
    if device == "cuda":
        torch.cuda.reset_peak_memory_stats()
    forget_peak()
    return _peak(device)


def _peak(device: str) -> int:
    return torch.cuda.max_memory_allocated() if device == "cuda" else peak_bytes()


if __name__ == "__main__":
    sys.exit(main())
