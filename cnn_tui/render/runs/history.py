"""A run's numbers in columns, which grow with the run: what curves are drawn from.

A run tells thousands of events and is drawn twice a second, so only what is new
is looked at. Shares of one are kept in percent, as they are shown.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from cnn_tui.render.draw.view import AXES, Extent, XAxis
from cnn_tui.training.kept import kept_epoch
from cnn_tui.training.records import Ended, EpochMetrics, Event, Resumed, Started, StepMetrics
from cnn_tui.training.store.differences import Repeat

Source = Literal["step", "epoch"]


@dataclass
class Columns:
    """Where on each axis something was told, and what: one entry per event in each list."""

    xs: dict[XAxis, list[float]] = field(default_factory=lambda: {axis: [] for axis in AXES})
    ys: dict[str, list[float]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)

    def add(self, at: dict[XAxis, float], **values: float | None) -> None:
        """Append one event; what it does not tell becomes not a number."""
        for axis, x in at.items():
            self.xs[axis].append(x)
        for name, value in values.items():
            self.ys.setdefault(name, []).append(math.nan if value is None else value)
            if value is not None:
                self.told.add(name)


class Average:
    """The exponential moving average of a growing list, corrected for its start at zero.

    ``weight`` is that of what was before. Values that are not finite stay, and
    leave the average as it was.
    """

    def __init__(self, weight: float) -> None:
        self.values: list[float] = []
        self._weight = weight
        self._average, self._kept = 0.0, 1.0

    def take(self, values: Sequence[float]) -> None:
        """Average what was added to ``values`` since the last call."""
        for value in values[len(self.values) :]:
            self.values.append(self._averaged(value) if math.isfinite(value) else value)

    def _averaged(self, value: float) -> float:
        self._average = self._weight * self._average + (1 - self._weight) * value
        self._kept *= self._weight
        return self._average / (1 - self._kept)


class RunHistory:
    """What one run told so far: by step (training), and by epoch (validation).

    The time axis counts the seconds of training: the hours between a stop and
    a resume are not in it. ``judged`` is the run's setting: whether the weights of the
    best epoch are kept, or of the last; ``kept`` is that epoch. ``repeat`` says which
    configuration the run repeats, which is called ``repeat_label``; ``words`` are all that
    may tell the run from others of its network, the end of its id last.
    """

    def __init__(self, label: str, events: Sequence[Event] = (), *, judged: str = "best") -> None:
        self.label = self.short_label = label
        self.repeat_label = self.repeat_short_label = label
        self.words: tuple[str, ...] = ()
        self.repeat: Repeat | None = None
        self.kept: EpochMetrics | None = None
        self._judged = judged
        self._columns: dict[Source, Columns] = {}
        self._averages: dict[tuple[Source, str, float], Average] = {}
        self._taken = 0
        self._latest: Event | None = None
        self._started: Started | None = None
        self._time_zero = self._seconds = 0.0
        self._begin()
        self.take(events)

    def take(self, events: Sequence[Event]) -> None:
        """Look at what was added to ``events`` since the last call.

        They are all that still hold: where a resumed run has dropped some, the
        columns are built again.
        """
        if not self._goes_on(events):
            self._begin()
        for event in events[self._taken :]:
            self._add(event)
        self._taken = len(events)
        self._latest = events[-1] if events else None

    def column(
        self, source: Source, name: str, axis: XAxis, smoothing: float = 0.0
    ) -> tuple[Sequence[float], Sequence[float]]:
        """Where (in units of ``axis``) and what was told of ``name``, smoothed if asked."""
        columns = self._columns[source]
        values = columns.ys.get(name)
        if values is None:
            return (), ()
        if smoothing:
            average = self._averages.setdefault((source, name, smoothing), Average(smoothing))
            average.take(values)
            values = average.values
        return columns.xs[axis], values

    def told(self, source: Source, name: str) -> bool:
        """Whether the run has told a value of ``name`` yet."""
        return name in self._columns[source].told

    def ends(self, axis: XAxis) -> list[float]:
        """The first and the last x of what was told by step, and by epoch."""
        xs = [columns.xs[axis] for columns in self._columns.values()]
        return [end for each in xs if each for end in (each[0], each[-1])]

    def kept_at(self, axis: XAxis) -> float | None:
        """Where on an axis the epoch ended whose weights are kept."""
        columns = self._columns["epoch"]
        if self.kept is None:
            return None
        ended = zip(columns.xs["epoch"], columns.xs[axis], strict=True)
        return next((x for epoch, x in ended if epoch == self.kept.epoch), None)

    @property
    def baseline(self) -> float | None:
        """Always naming the largest class of the validation images; None where nobody knows."""
        return self._started.val_baseline if self._started else None

    @property
    def uneven_val_baseline(self) -> float | None:
        """The same in percent, where the classes are so uneven that it is worth showing."""
        return _percent(self._started.uneven_val_baseline) if self._started else None

    @property
    def steps_per_epoch(self) -> int | None:
        """How many steps an epoch has; None before that is told."""
        return self._started.steps_per_epoch if self._started else None

    def planned_end(self, axis: XAxis) -> float | None:
        """Where the run is going to end, while it goes on and where that is known."""
        if self._started is None or isinstance(self._latest, Ended):
            return None
        ends = {"epoch": self._started.epochs, "step": self._started.total_steps}
        return ends.get(axis)

    def _begin(self) -> None:
        self._columns = {"step": Columns(), "epoch": Columns()}
        self.kept = None
        self._averages = {}
        self._taken = 0
        self._latest = self._started = None
        self._time_zero = self._seconds = 0.0

    def _goes_on(self, events: Sequence[Event]) -> bool:
        if self._taken == 0:
            return True
        return len(events) >= self._taken and events[self._taken - 1] is self._latest

    def _add(self, event: Event) -> None:
        if isinstance(event, Started):
            first = self._started is None or not isinstance(event, Resumed)
            self._time_zero = event.time if first else event.time - self._seconds
            self._started = event
        elif isinstance(event, StepMetrics):
            self._columns["step"].add(
                self._at(event),
                loss=event.loss,
                accuracy=_percent(event.accuracy),
                lr=event.lr,
                images_per_second=event.images_per_second,
                gradient_norm=event.gradient_norm,
                gpu_busy=_percent(event.gpu_utilization),
                gpu_memory=self._memory_share(event.gpu_memory),
            )
        elif isinstance(event, EpochMetrics):
            self.kept = kept_epoch([event], judged=self._judged, before=self.kept)
            self._columns["epoch"].add(
                self._at(event) | {"epoch": float(event.epoch)},
                train_loss=event.train_loss,
                train_accuracy=_percent(event.train_accuracy),
                val_loss=event.val_loss,
                val_accuracy=_percent(event.val_accuracy),
            )

    def _at(self, event: Event) -> dict[XAxis, float]:
        """Where on the axes an event stands; never before the one ahead of it."""
        steps_per_epoch = max(1, self._started.steps_per_epoch) if self._started else 1
        # A clock that was set back must not fold the curve over itself.
        self._seconds = max(self._seconds, event.time - self._time_zero)
        return {
            "epoch": event.step / steps_per_epoch,
            "step": float(event.step),
            "time": self._seconds,
        }

    def _memory_share(self, memory: int | None) -> float | None:
        whole = self._started.device_memory if self._started else None
        return 100 * memory / whole if memory is not None and whole else None


def extent(histories: Iterable[RunHistory], axis: XAxis) -> Extent:
    """The lowest and highest x of all curves; (0, 0) where there are none."""
    ends = [end for each in histories for end in each.ends(axis)]
    return (min(ends), max(ends)) if ends else (0.0, 0.0)


def _percent(share: float | None) -> float | None:
    return None if share is None else 100 * share
