"""The lab measures what a process needs, whoever started it."""

import subprocess
import sys
from pathlib import Path

import pytest

import cnn_tui
from cnn_tui.bench.summary import probe

LARGE = 200 << 20
NEEDED = 50
CHILD = f"""
from cnn_tui.bench.peak import forget_peak, peak_bytes
forget_peak()
before = peak_bytes()
needed = b"x" * ({NEEDED} << 20)
print((peak_bytes() - before) >> 20)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
def test_measures_the_peak_of_a_process_that_a_large_one_started() -> None:
    large = b"x" * LARGE
    done = subprocess.run([sys.executable, "-c", CHILD], capture_output=True, text=True, check=True)
    assert NEEDED - 2 <= int(done.stdout) <= NEEDED + 5
    assert len(large) == LARGE  # it was held until now


@pytest.mark.slow
def test_measures_a_summary_from_a_large_process() -> None:
    large = b"x" * LARGE
    seconds, megabytes = probe("needed = b'x' * (50 << 20)")
    assert seconds < 1
    assert NEEDED - 2 <= megabytes <= NEEDED + 5
    assert len(large) == LARGE


def test_asks_for_peak_memory_in_one_place() -> None:
    package = Path(cnn_tui.__file__).parent
    users = [path.name for path in package.rglob("*.py") if "ru_maxrss" in path.read_text()]
    assert users == ["peak.py"]
