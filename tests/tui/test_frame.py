"""Frames: a title, a state and keys in the border, and dividers that join its sides."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pyte
import pytest
from textual._compositor import CompositorUpdate
from textual.app import App, ComposeResult
from textual.events import Key
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Static

from cnn_tui.tui.terminal_app import TerminalApp
from cnn_tui.tui.widgets.frame import Divider, Frame, frame_keys


class Framed(App[None]):
    """One frame that fills the terminal."""

    def __init__(self, frame: Frame) -> None:
        super().__init__()
        self.frame = frame

    CSS = """
    Frame { border: round white; border-subtitle-align: right; }
    """

    def compose(self) -> ComposeResult:
        yield self.frame


class InTerminal(Framed):
    """The same, and what a terminal makes of all that is sent to it."""

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self.terminal = pyte.Screen(20, 8)
        self._stream = pyte.Stream(self.terminal)

    def _display(self, screen: Any, renderable: Any) -> None:
        super()._display(screen, renderable)
        if isinstance(renderable, CompositorUpdate):
            self._stream.feed(renderable.render_segments(self.console))


class FocusableStatic(Static, can_focus=True):
    """A page that takes keys."""


class Counting(Widget):
    """Counts the lines of it that were asked for."""

    rendered = 0

    def render_lines(self, crop: Region) -> list[Strip]:
        self.rendered += 1
        return super().render_lines(crop)


@asynccontextmanager
async def drawn(frame: Frame, width: int) -> AsyncIterator[list[str]]:
    app = Framed(frame)
    async with app.run_test(size=(width, 5)) as pilot:
        await pilot.pause()
        yield [strip.text for strip in app.screen._compositor.render_strips()]


@pytest.mark.parametrize("width", [40, 30, 20])
async def test_has_its_title_on_the_left_and_its_state_on_the_right(width: int) -> None:
    async with drawn(Frame(title="lenet5 on digits", state="epoch 26/40"), width) as lines:
        assert len(lines[0]) == width
        assert lines[0].startswith("╭─ lenet5 ")
        assert lines[0].endswith("─ epoch 26/40 ─╮" if width >= 30 else "─╮")
        assert ("lenet5 on digits" in lines[0]) == (width == 40)


async def test_leaves_out_keys_that_do_not_fit() -> None:
    async with drawn(Frame(keys="space marks a run"), 30) as lines:
        assert lines[-1].endswith("space marks a run ─╯")
    async with drawn(Frame(keys="space marks a run"), 20) as lines:
        assert lines[-1] == f"╰{18 * '─'}╯"


async def test_joins_a_divider_to_its_sides() -> None:
    async with drawn(Frame(Static("above"), Divider(), Static("below")), 20) as lines:
        assert lines[2] == f"├{18 * '─'}┤"


@pytest.mark.drawn
async def test_draws_nothing_but_its_border_when_a_label_changes() -> None:
    frame = Frame(Counting(), title="Max pooling", keys="window 1 of 4")
    app = Framed(frame)
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        counting = app.query_one(Counting)
        counting.rendered = 0
        frame.keys = "window 2 of 4"
        await pilot.pause()
        frame.title = "Average pooling"
        await pilot.pause()
        drawn_again = counting.rendered
        lines = [strip.text for strip in app.screen._compositor.render_strips()]
        assert "window 2 of 4" in lines[-1] and "Average pooling" in lines[0]
        assert drawn_again == 0


@pytest.mark.drawn
async def test_keeps_a_divider_joined_where_it_moves_to() -> None:
    above = Static("above", id="above")
    app = InTerminal(Frame(above, Divider(), Static("below")))
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.pause()
        for lines in ("two\nlines", "one", "three\nlines\nhere"):
            above.update(lines)
            await pilot.pause()
            await pilot.pause()
            shown = app.terminal.display
            place = 1 + len(lines.splitlines())
            assert shown[place] == f"├{18 * '─'}┤"
            assert [y for y, line in enumerate(shown) if "├" in line or "┤" in line] == [place]
        app.query_one(Divider).display = False
        await pilot.pause()
        await pilot.pause()
        assert not [line for line in app.terminal.display if "├" in line]
        app.query_one(Divider).display = True
        await pilot.pause()
        await pilot.pause()
        assert app.terminal.display[4] == f"├{18 * '─'}┤"


@pytest.mark.drawn
async def test_joins_a_divider_that_is_shown_later_and_shown_again() -> None:
    divider = Divider()
    divider.display = False
    app = InTerminal(Frame(Static("above"), divider, Static("below")))
    async with app.run_test(size=(20, 8)) as pilot:
        await pilot.pause()
        for is_shown in (True, False, True):
            divider.display = is_shown
            await pilot.pause()
            await pilot.pause()
            ends = [line for line in app.terminal.display if line.startswith("├")]
            assert ends == [f"├{18 * '─'}┤"] * is_shown


async def test_focuses_what_it_holds_and_presses_the_key_that_was_clicked() -> None:
    pressed: list[str] = []

    class Listening(Framed):
        action_press = TerminalApp.action_press

        def compose(self) -> ComposeResult:
            yield Input()
            yield self.frame

        def on_key(self, event: Key) -> None:
            pressed.append(event.key)

    frame = Frame(FocusableStatic("a page"), keys=frame_keys(("slash", "search"), ("↑↓", "move")))
    async with Listening(frame).run_test(size=(40, 9)) as pilot:
        await pilot.pause()
        bottom = frame.region.bottom - 1
        for sign, key in (("/ search  ↑↓ move", "slash"), ("↑↓ move", "up"), ("↓ move", "down")):
            await pilot.click(offset=(37 - len(sign), bottom))
            await pilot.pause()
            assert pressed.pop() == key
            assert frame.query_one(FocusableStatic).has_focus
        await pilot.click(offset=(37 - len("search  ↑↓ move"), bottom))
        await pilot.pause()
        assert pressed == ["slash"]


@pytest.mark.parametrize("low_bandwidth", [False, True])
async def test_turns_green_only_where_not_every_byte_counts(low_bandwidth: bool) -> None:
    class Slow(Framed):
        def __init__(self, frame: Frame) -> None:
            super().__init__(frame)
            self.low_bandwidth = low_bandwidth

    frame = Frame()
    async with Slow(frame).run_test():
        frame.celebrate()
        assert frame.has_class("-joy") == (not low_bandwidth)


async def test_a_short_title_stands_where_the_state_leaves_no_room() -> None:
    frame = Frame(
        title="Exercise 3: Batch normalization",
        short_title="3: Batch normalization",
        state="not checked yet",
    )
    async with Framed(frame).run_test(size=(50, 5)) as pilot:
        assert str(frame.border_title).startswith("3: Batch normalization ")
        await pilot.resize_terminal(70, 5)
        await pilot.pause()
        assert str(frame.border_title).startswith("Exercise 3: Batch normalization ")
