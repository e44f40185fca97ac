"""Pictures of the app: one that anybody can look at, and one made without a terminal."""

import asyncio
import copy
import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.segment import Segment
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.strip import Strip

from cnn_tui.doctor import SMALLEST_TERMINAL
from cnn_tui.errors import RunError, UsageError, about_field
from cnn_tui.grading.formats.files import expect_writable, write_whole
from cnn_tui.names import match
from cnn_tui.render.draw.svg import svg
from cnn_tui.tui import fault_of
from cnn_tui.tui.panes.catalogue import PANES
from cnn_tui.tui.themes import DEFAULT_THEME
from cnn_tui.tui.widgets.header import Header

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from cnn_tui.tui.app import LabApp

LARGEST = (500, 200)
"""Columns and rows of the largest picture."""
SIZE = re.compile(r"(\d{1,4})[x×](\d{1,4})")
LOOK_SECONDS = 0.05
CALM_LOOKS = 6
"""A pane has its content once nothing works for it and this many looks find the same picture."""
PATIENCE_SECONDS = 120.0
WITHOUT_END = {"auto"}
"""Groups of workers that wait for something for as long as the app is open."""


def picture(app: App[Any], title: str | None = None) -> str:
    """The screen as an SVG that looks the same in every font."""
    strips = _strips(app)
    colors = copy.copy(app.ansi_theme)
    first: Segment | None = next((each for strip in strips for each in strip if each.style), None)
    ground = first.style.bgcolor if first is not None and first.style is not None else None
    if ground is not None and not ground.is_default:
        colors.background_color = ground.get_truecolor(colors)
        colors.foreground_color = _readable_on(colors)
    return svg(strips, colors, title=app.title if title is None else title)


def _strips(app: App[Any]) -> list[Strip]:
    """The rows of the screen, with those that shine through a dialog."""
    compositor = app.screen._compositor
    compositor.render_update(full=False, screen_stack=app._background_screens)
    return compositor.render_strips()


def _readable_on(colors: TerminalTheme) -> Any:
    """Black or white ink for the window's title."""
    red, green, blue = colors.background_color
    is_dark = 0.299 * red + 0.587 * green + 0.114 * blue < 128
    return type(colors.background_color)(*((255,) * 3 if is_dark else (0,) * 3))


def take_screenshot(pane: str, path: Path, *, size: str, theme: str | None) -> None:
    """Open the lab at ``pane`` without a terminal, and write what it shows to ``path``.

    ``pane`` is a number or a title, ``size`` is columns×rows. Raises UsageError, before
    anything is opened, for what cannot be shown or written.
    """
    index = _index(pane)
    measures = _measures(size)
    if path.suffix.lower() != ".svg":
        raise UsageError(
            f"A picture is an SVG file: name it {path.with_suffix('.svg').name}.",
            fields=("screenshot",),
        )
    with about_field("screenshot"):
        expect_writable(path)
    from cnn_tui.tui.app import LabApp

    app = LabApp(theme_name=DEFAULT_THEME if theme is None else theme)
    asyncio.run(app.run_async(headless=True, size=measures, auto_pilot=_photographer(index, path)))
    if app.crash is not None:
        raise fault_of(app) from app.crash


def _index(pane: str) -> int:
    titles = [each.title for each in PANES]
    numbers = [str(number) for number, _ in enumerate(titles, start=1)]
    if pane in numbers:
        return numbers.index(pane)
    with about_field("screenshot"):
        return titles.index(match(pane, titles, "pane", "the help page"))


def _measures(size: str) -> tuple[int, int]:
    found = SIZE.fullmatch(size)
    if found is None:
        raise UsageError(
            f"{size!r} is no size: write columns and rows, such as 120x40.", fields=("size",)
        )
    columns, rows = int(found[1]), int(found[2])
    if not (
        SMALLEST_TERMINAL[0] <= columns <= LARGEST[0] and SMALLEST_TERMINAL[1] <= rows <= LARGEST[1]
    ):
        least, most = "x".join(map(str, SMALLEST_TERMINAL)), "x".join(map(str, LARGEST))
        raise UsageError(
            f"A picture has between {least} and {most} cells, not {size}.", fields=("size",)
        )
    return columns, rows


def _photographer(index: int, path: Path) -> Any:
    async def photograph(pilot: "Pilot[Any]") -> None:
        app: LabApp = pilot.app  # type: ignore[assignment]
        await app.action_open_pane(index)
        await has_settled(app)
        if app.crash is None:
            write_whole(path, picture(app))
        app.exit()

    return photograph


async def has_settled(app: "LabApp") -> None:
    """Return once the app has nothing to wait for and its picture stays the same, or it failed.

    Raises RunError where that takes longer than PATIENCE_SECONDS.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    before: list[Strip] = []
    calm = 0
    while calm < CALM_LOOKS and app.crash is None:
        if time.monotonic() > deadline:
            raise RunError("The lab was still busy after two minutes, so there is no picture.")
        await asyncio.sleep(LOOK_SECONDS)
        now = _strips(app)
        calm = 0 if _is_busy(app) or now != before else calm + 1
        before = now


def _is_busy(app: "LabApp") -> bool:
    if any(not each.is_finished and each.group not in WITHOUT_END for each in app.workers):
        return True
    state = app.engine.state
    is_known = state.phase == "failed" or state.hello is not None
    return not is_known or app.screen_stack[0].query_one(Header).engine != state
