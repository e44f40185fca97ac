"""Waiting for what a worker will show."""

import time
from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

SECONDS = 60


async def wait_for(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the app run until ``condition`` holds; fails after SECONDS."""
    deadline = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the app did not get there"
        await pilot.pause(0.05)
