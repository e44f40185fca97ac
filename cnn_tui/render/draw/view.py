"""How a run's curves are looked at: which panels, along which axis, which part of it.

A ``View`` is a value: every step of the user gives another one. It knows no
run; what depends on the data is told the data's extent, (lowest, highest) x.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeVar, get_args

from cnn_tui.errors import UsageError, about_field
from cnn_tui.names import match
from cnn_tui.next_steps import Action, step

T = TypeVar("T")
XAxis = Literal["epoch", "step", "time"]
AXES: tuple[XAxis, ...] = get_args(XAxis)
Extent = tuple[float, float]

ALL_PANELS = ("loss", "accuracy", "rate", "speed", "gradient", "gpu")
CURVES = ALL_PANELS[:2]
PANEL_SETS = (CURVES, ALL_PANELS[2:4], ALL_PANELS[4:], ALL_PANELS)
"""What one key steps through; panels without data are left out when they are drawn."""

SMOOTHING = (0.0, 0.6, 0.9)
"""Weights of what was before in the moving average."""
CLOSEST = 1 / 256
"""The smallest part of the extent that can be zoomed to: less shows no curve any more."""

CURSOR_STEPS = 60
"""Steps of the cursor from one end of what is shown to the other."""
WHOLE_FROM = 8
"""From so many epochs in view on, the cursor stops at whole ones."""


@dataclass(frozen=True)
class AxisWindow:
    """A part of the x axis, from ``low`` to ``high``; with ``last``, its last so many units.

    A window on the last units follows a run that goes on.
    """

    low: float = -math.inf
    high: float = math.inf
    last: float | None = None

    def within(self, extent: Extent) -> Extent:
        """What is shown of data that reach over ``extent``."""
        low, high = extent
        if self.last is not None:
            return max(low, high - self.last), high
        return max(low, self.low), min(high, self.high)


@dataclass(frozen=True)
class View:
    """Panels by their keys, the x axis, and what is done to the curves.

    ``log_y`` draws loss and gradient norm on a logarithmic scale; ``smoothing``
    is the weight of what was before in the moving average of what is told by
    step. ``window`` is in units of the axis: epochs, steps or seconds, as is
    ``cursor``, at which all curves are read off. ``large`` is the one panel shown, where
    it is one only. ``each_seed`` shows runs that differ in their seed only one by one,
    not as their mean and a band.
    """

    panels: tuple[str, ...] = CURVES
    axis: XAxis = "epoch"
    log_y: bool = False
    smoothing: float = 0.0
    window: AxisWindow | None = None
    cursor: float | None = None
    large: str | None = None
    each_seed: bool = False

    def next_panels(self) -> "View":
        """The next set of panels."""
        return replace(self, panels=_after(PANEL_SETS, self.panels), large=None)

    def next_large(self, keys: Sequence[str]) -> "View":
        """The first of these panels as the only one, then the next; after the last, all."""
        following = dict(zip((None, *keys), (*keys, None), strict=True))
        return replace(self, large=following.get(self.large))

    def without_cursor(self) -> "View":
        """Nothing is read off any more."""
        return replace(self, cursor=None)

    def cursor_at(self, x: float, extent: Extent) -> "View":
        """Read all curves off at ``x``, or at the end that is nearest to it."""
        low, high = self.shown(extent)
        return replace(self, cursor=min(max(x, low), high))

    def cursor_left(self, extent: Extent) -> "View":
        """Read off one step earlier, at first at the end."""
        return self._cursor_moved(-1, extent)

    def cursor_right(self, extent: Extent) -> "View":
        """Read off one step later, at first at the end."""
        return self._cursor_moved(1, extent)

    def next_axis(self) -> "View":
        """The next axis, as a whole: a window has no meaning in another unit."""
        return replace(self, axis=_after(AXES, self.axis), window=None, cursor=None)

    def next_smoothing(self) -> "View":
        """The next degree of smoothing."""
        return replace(self, smoothing=_after(SMOOTHING, self.smoothing))

    def toggled_log(self) -> "View":
        """Logarithmic, or not any more."""
        return replace(self, log_y=not self.log_y)

    def toggled_seeds(self) -> "View":
        """Mean and band of runs that differ in their seed only, or each of them."""
        return replace(self, each_seed=not self.each_seed)

    def whole(self) -> "View":
        """The whole x axis."""
        return replace(self, window=None)

    def shown(self, extent: Extent) -> Extent:
        """The part of ``extent`` that is in view."""
        return extent if self.window is None else self.window.within(extent)

    def refuse_empty(self, extent: Extent) -> None:
        """Raise UsageError where nothing of ``extent`` is in view."""
        low, high = self.shown(extent)
        if low >= high and extent[1] > extent[0]:
            raise UsageError(
                f"There is nothing to show there: by {self.axis}, the runs reach from "
                f"{extent[0]:.4g} to {extent[1]:.4g}; choose a start and an end within that.",
                fields=("start", "end"),
            )

    def zoomed_in(self, extent: Extent) -> "View":
        """Half of what is shown: its end where that is the data's end, else its middle."""
        low, high = self.shown(extent)
        width = (high - low) / 2
        if width < CLOSEST * (extent[1] - extent[0]) or width <= 0:
            return self
        if high >= extent[1]:
            return self._at_end(width)
        return self._from(low + width / 2, width, extent)

    def zoomed_out(self, extent: Extent) -> "View":
        """Twice of what is shown; the whole where that is as much, or where nothing is shown."""
        low, high = self.shown(extent)
        if high <= low:  # The window is that of a longer run.
            return self.whole()
        width = 2 * (high - low)
        if width >= extent[1] - extent[0]:
            return self.whole()
        if high >= extent[1]:
            return self._at_end(width)
        return self._from(low - width / 4, width, extent)

    def moved_left(self, extent: Extent) -> "View":
        """Half a window towards the beginning."""
        return self._moved(-1, extent)

    def moved_right(self, extent: Extent) -> "View":
        """Half a window towards the end; once there, the window follows a live run."""
        return self._moved(1, extent)

    def _cursor_moved(self, direction: int, extent: Extent) -> "View":
        low, high = self.shown(extent)
        if high <= low:
            return self.without_cursor()
        if self.cursor is None or not low <= self.cursor <= high:
            return self.cursor_at(high, extent)
        step = (high - low) / CURSOR_STEPS
        if self.axis != "time" and (high - low) >= WHOLE_FROM:
            step = max(1.0, round(step))
            return self.cursor_at(round(self.cursor + direction * step), extent)
        return self.cursor_at(self.cursor + direction * step, extent)

    def _moved(self, direction: int, extent: Extent) -> "View":
        if self.window is None:
            return self
        low, high = self.shown(extent)
        if high <= low:
            return self.whole()
        width = high - low
        return self._from(low + direction * width / 2, width, extent)

    def _from(self, low: float, width: float, extent: Extent) -> "View":
        low = max(low, extent[0])
        high = low + width
        if high >= extent[1] or math.isclose(high, extent[1]):
            return self._at_end(width)
        return replace(self, window=AxisWindow(low, high))

    def _at_end(self, width: float) -> "View":
        return replace(self, window=AxisWindow(last=width))


SEE = step(Action.EXPLAIN, "curves")


def view_of(
    *,
    panels: Sequence[str] = (),
    all_panels: bool = False,
    axis: str = "epoch",
    log_y: bool = False,
    smoothing: float = 0.0,
    low: float | None = None,
    high: float | None = None,
    last: float | None = None,
    each_seed: bool = False,
) -> View:
    """The view that the options of ``cnn-lab curves`` ask for.

    Raises UsageError that names the option whose value cannot be used.
    """
    if panels and all_panels:
        raise UsageError(
            "Name panels or ask for all of them, not both.", fields=("panel", "all_panels")
        )
    if not 0 <= smoothing < 1:
        raise UsageError(
            f"The smoothing must be a number from 0 to below 1, not {smoothing:g}.",
            fields=("smooth",),
        )
    with about_field("panel"):
        keys = [match(name, ALL_PANELS, "panel", SEE) for name in panels]
    with about_field("axis"):
        spelled = match(axis, AXES, "axis", SEE)
    return View(
        panels=ALL_PANELS if all_panels else tuple(dict.fromkeys(keys)) or CURVES,
        axis=next(each for each in AXES if each == spelled),
        log_y=log_y,
        smoothing=smoothing,
        window=_window(low, high, last),
        each_seed=each_seed,
    )


def _window(low: float | None, high: float | None, last: float | None) -> AxisWindow | None:
    if last is not None:
        if low is not None or high is not None:
            raise UsageError(
                "Give how much of the end to show, or a start and an end, not both.",
                fields=("last", "start", "end"),
            )
        if not 0 < last < math.inf:
            raise UsageError(
                f"How much of the end to show must be a number above 0, not {last:g}.",
                fields=("last",),
            )
        return AxisWindow(last=last)
    if low is None and high is None:
        return None
    window = AxisWindow(-math.inf if low is None else low, math.inf if high is None else high)
    if not window.low < window.high:
        raise UsageError(
            f"The start {window.low:g} must lie before the end {window.high:g}.",
            fields=("start", "end"),
        )
    return window


def _after(known: tuple[T, ...], one: T) -> T:
    return known[(known.index(one) + 1) % len(known)] if one in known else known[0]
