"""A run's panels as charts, for the command line and the TUI."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from cnn_tui.render.draw.axes import CELLS_PER_TICK, MOST_TICKS, Scale, round_numbers
from cnn_tui.render.draw.curves import Chart, Series
from cnn_tui.render.draw.layout import Layout, lay_out
from cnn_tui.render.draw.numbers import LARGEST, LARGEST_CLASS, clock
from cnn_tui.render.draw.plot import COLUMN_GAP, CURSOR_DECIMALS, Charts
from cnn_tui.render.draw.view import ALL_PANELS, CURVES, View
from cnn_tui.render.runs.headline import KEPT, run_headline
from cnn_tui.render.runs.history import RunHistory, extent
from cnn_tui.render.runs.names import short_labels
from cnn_tui.render.runs.panels import Curve, Panel, panels_with_data
from cnn_tui.render.runs.repeats import mean_and_band
from cnn_tui.training.store.differences import seed_groups

__all__ = ["charts", "run_headline"]

WHOLE = View()

SIDE_BY_SIDE_WIDTH = 100
"""Columns from which two panels stand beside each other rather than one above the other."""
LEAST_WIDTH, LEAST_HEIGHT = 25, 5
"""A panel of fewer cells shows no curve."""
WIDE = 150
"""Columns from which three panels fit in a row."""
ASIDE_FROM, ASIDE_SHARE = 70, 0.38
"""Columns from which the other panels stand beside loss and accuracy, and their part of them."""
TIME_STEPS = (1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800)
"""Seconds between two ticks of the time axis."""
ASIDE = ("gpu", "rate", "gradient", "speed")
STEPS = "steps"
UNITS = {"epoch": "epochs", "step": STEPS, "time": ""}


@dataclass(frozen=True)
class Overlay:
    """How several runs are told apart: the place of each among the colors, and the one on top."""

    places: Sequence[int] = ()
    on_top: int | None = None

    def place(self, number: int) -> int:
        """The place of the run with this number."""
        return self.places[number] if number < len(self.places) else number


ALONE = Overlay()


def charts(
    runs: Sequence[RunHistory],
    *,
    width: int,
    height: int,
    view: View = WHOLE,
    overlay: Overlay = ALONE,
    aside: bool = False,
) -> Charts:
    """The view's panels in ``width`` × ``height`` cells, as many of them as fit.

    One run shows all of its curves; of several, each panel shows one curve per
    run. All panels have the same x axis and the same edges. ``aside`` puts the other
    panels beside loss and accuracy, where there is room.
    """
    keys = (view.large,) if view.large in ALL_PANELS else view.panels
    shown = panels_with_data(runs, keys)
    page = _Page(runs, view, overlay, shown[0].key)
    if aside and keys == CURVES and width >= ASIDE_FROM:
        others = panels_with_data(runs, ASIDE, or_all=False)[: height // LEAST_HEIGHT]
        if others:
            narrow = int(ASIDE_SHARE * width)
            return Charts(
                [
                    page.column(shown, width - narrow - COLUMN_GAP, height),
                    page.column(others, narrow, height),
                ]
            )
    columns = _columns(len(shown), width)
    shown = shown[: columns * max(1, height // LEAST_HEIGHT)]
    rows = math.ceil(len(shown) / columns)
    heights = _shares(height, rows)
    widths = _shares(width - COLUMN_GAP * (columns - 1), columns)
    return Charts(
        [
            [
                page.panel(each, wide, tall)
                for each, tall in zip(shown[number::columns], heights, strict=False)
            ]
            for number, wide in enumerate(widths)
        ]
    )


def _columns(panels: int, width: int) -> int:
    if panels > 4 and width >= WIDE:
        return 3
    least = SIDE_BY_SIDE_WIDTH if panels <= 2 else 2 * LEAST_WIDTH
    return 2 if panels >= 2 and width >= least else 1


def _shares(whole: int, parts: int) -> list[int]:
    """``whole`` in equal parts, the first ones larger by one where that does not go."""
    return [whole // parts + (part < whole % parts) for part in range(parts)]


@dataclass(frozen=True)
class _Page:
    """What all panels of a page have in common; of several runs, ``first`` has the names."""

    runs: Sequence[RunHistory]
    view: View
    overlay: Overlay
    first: str

    def column(self, shown: Sequence[Panel], width: int, height: int) -> list[Layout]:
        """Panels below each other."""
        tall = _shares(height, len(shown))
        return [self.panel(each, width, lines) for each, lines in zip(shown, tall, strict=True)]

    def panel(self, shown: Panel, width: int, height: int) -> Layout:
        """One panel."""
        log_y = self.view.log_y and shown.may_be_log
        curves = shown.curves if len(self.runs) == 1 else (shown.curves[shown.overlaid],)
        title = shown.title
        if len(self.runs) > 1 and len(shown.curves) > 1:
            title = f"{title}, {curves[0].label}"
        if log_y:
            title = f"{title} (log)"
        x = self._x_scale(width)
        series = [self._series(numbers, curve) for numbers in self.groups for curve in curves]
        if shown.has_baseline and any(each.xs for each in series):
            series += self._baseline(x)
        chart = Chart(
            title,
            series,
            x=x,
            y=Scale(shown.low, shown.high, most=shown.most, starts=shown.starts),
            log_y=log_y,
            note=self._note(shown, x),
            value_text=shown.value_text,
            cursor=self.view.cursor,
            has_names=len(self.runs) == 1 or shown.key == self.first,
        )
        return lay_out(chart, width, height)

    def _baseline(self, x: Scale) -> list[Series]:
        """Always naming the largest class, where classes are uneven and all runs agree on it."""
        heights = {run.uneven_val_baseline for run in self.runs}
        height = heights.pop() if len(heights) == 1 else None
        if height is None or x.low is None or x.high is None:
            return []
        ends = x.low, x.high
        return [Series(LARGEST_CLASS, ends, (height, height), short=LARGEST, is_level=True)]

    @cached_property
    def groups(self) -> list[list[int]]:
        """The runs by their numbers, those together that are drawn as one curve."""
        repeats = [None if self.view.each_seed else run.repeat for run in self.runs]
        if self.overlay.on_top is not None:
            repeats[self.overlay.on_top] = None
        return seed_groups(repeats)

    @cached_property
    def short_labels(self) -> dict[int, str]:
        """What each curve is called where room is scarce, by the number of its first run."""
        labels = short_labels([[self.runs[each] for each in group] for group in self.groups])
        return {group[0]: label for group, label in zip(self.groups, labels, strict=True)}

    def _series(self, numbers: Sequence[int], curve: Curve) -> Series:
        number, axis = numbers[0], self.view.axis
        run = self.runs[number]
        smoothing = self.view.smoothing if curve.is_noisy else 0.0
        columns = [
            self.runs[each].column(curve.source, curve.column, axis, smoothing) for each in numbers
        ]
        place = self.overlay.place(number)
        if len(numbers) > 1:
            xs, ys, band = mean_and_band(columns)
            seeds = f"{len(numbers)} seeds"
            label, short = f"{run.repeat_label}, {seeds}", f"{self.short_labels[number]}, {seeds}"
            return Series(label, xs, ys, place=place, short=short, band=band)
        star = run.kept_at(axis) if curve.is_kept else None
        if len(self.runs) == 1:
            return Series(curve.label, *columns[0], short=curve.short, star=star)
        return Series(
            run.label,
            *columns[0],
            place=place,
            short=self.short_labels[number],
            star=star,
            on_top=number == self.overlay.on_top,
        )

    def _x_scale(self, width: int) -> Scale:
        axis = self.view.axis
        low, high = self.view.shown(extent(self.runs, axis))
        planned = self.runs[0].planned_end(axis) if len(self.runs) == 1 else None
        if planned is not None and self.view.window is None:
            low, high = 0.0, max(high, planned)
        if axis == "time":
            return Scale(low, high, _time_ticks(low, high, width), _time_text)
        per_epoch = self._steps_per_epoch
        if axis == "epoch" and high - low < 1 and per_epoch:
            return _in_steps(low, high, per_epoch, width)
        return Scale(low, high, unit=UNITS[axis])

    @property
    def _steps_per_epoch(self) -> int | None:
        """How many there are, where all runs have as many."""
        counts = {run.steps_per_epoch for run in self.runs}
        return counts.pop() if len(counts) == 1 else None

    def _note(self, shown: Panel, x: Scale) -> str:
        """Which x is read off, else which epoch is marked."""
        if self.view.cursor is not None:
            return f"at {_x_text(self.view.cursor, self.view, x)}"
        if len(self.runs) == 1 and self.runs[0].kept and shown.curves[-1].is_kept:
            return f"{KEPT} epoch {self.runs[0].kept.epoch}"
        return ""


def _x_text(x: float, view: View, scale: Scale) -> str:
    """What is read off: ``epoch 12``, ``step 1,200``, ``1:30``."""
    if scale.unit == STEPS and scale.tick_text is not None:
        return f"step {scale.text(x)}"
    if view.axis == "time":
        return clock(x)
    number = f"{x:,.0f}" if view.axis == "step" else f"{round(x, CURSOR_DECIMALS):g}"
    return f"{view.axis} {number}"


def _in_steps(low: float, high: float, per_epoch: int, width: int) -> Scale:
    """An axis of epochs, of which less than one is in view, labeled in steps."""
    most = min(MOST_TICKS, max(2, width // CELLS_PER_TICK))
    steps = round_numbers(low * per_epoch, high * per_epoch, most)
    ticks = [each / per_epoch for each in steps if each == round(each)]
    return Scale(low, high, ticks, lambda x: f"{round(x * per_epoch):,}", STEPS)


def _time_ticks(low: float, high: float, width: int) -> list[float]:
    """Round seconds, minutes or hours."""
    most = min(MOST_TICKS, max(2, width // CELLS_PER_TICK))
    step = next((step for step in TIME_STEPS if (high - low) / step <= most), TIME_STEPS[-1])
    if high - low < 2 * TIME_STEPS[0]:
        return round_numbers(low, high, most)
    return [step * each for each in range(math.ceil(low / step), math.floor(high / step) + 1)]


def _time_text(seconds: float) -> str:
    """A tick of the time axis: ``40 s``, ``2.5 min``, ``3 h``."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s" if seconds else "0"
