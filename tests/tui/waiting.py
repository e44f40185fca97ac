"""Waiting for what a worker will show, or for another size to be laid out."""

import time
from collections.abc import Callable
from typing import Any

from textual.css.query import NoMatches
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot

SECONDS = 60
LOOK_SECONDS = 0.02
LAYOUT_SECONDS = 0.015
"""Textual lays a screen out so long after the terminal has changed."""


async def wait_for(pilot: Pilot[Any], condition: Callable[[], object]) -> None:
    """Let the app run until ``condition`` holds; fails after SECONDS.

    What it asks of a widget that is not there yet does not hold.
    """
    deadline = time.monotonic() + SECONDS
    while not _holds(condition):
        assert time.monotonic() < deadline, "the app did not get there"
        await pilot.pause(LOOK_SECONDS)


def _holds(condition: Callable[[], object]) -> bool:
    try:
        return bool(condition())
    except NoMatches:
        return False


async def resize(pilot: Pilot[Any], size: tuple[int, int]) -> None:
    """Give the app a terminal of another size, without waiting for an idle processor."""
    driver = pilot.app._driver
    assert isinstance(driver, HeadlessDriver)
    driver._size = size
    pilot.app.post_message(Resize(Size(*size), Size(*size)))
    await pilot.pause(LAYOUT_SECONDS)
