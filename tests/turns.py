"""Which of many tests alike this commit runs: another share of them at each commit."""

import subprocess
import zlib
from functools import cache
from pathlib import Path

import pytest


@cache
def number_of_this_commit() -> int:
    """Another one for each commit, the same for each run of it; 0 where there is no history."""
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return 0
    return zlib.crc32(done.stdout)


def is_its_turn(place: int, every: int) -> bool:
    """Whether this commit takes the test at ``place`` among those alike: one of ``every`` is."""
    return (place + number_of_this_commit()) % every == 0


def slow_by_turns(place: int, every: int) -> pytest.MarkDecorator:
    """The mark of the test at ``place``: slow where it is its turn, else exhaustive."""
    return pytest.mark.slow if is_its_turn(place, every) else pytest.mark.exhaustive
