"""What the Exercises pane shows, as values: how each exercise stands, and its page."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from rich.console import RenderableType

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.learner.status import Standing


@dataclass(frozen=True)
class Shown:
    """What the page shows in place of the task."""

    kind: Literal["error", "report", "hints", "difference"]
    content: RenderableType


@dataclass(eq=False)
class Tally:
    """How many parts of one check have passed so far, and when that was shown last."""

    passed: int = 0
    told_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class UnderWay:
    """A check that is not done, and how many of its parts are shown as passed."""

    tally: Tally
    passed: int = 0


@dataclass(frozen=True, eq=False)
class ExercisesState:
    """All by the names of the exercises; ``reports`` are the last ones, shown or not."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)
    reports: Mapping[str, Shown] = field(default_factory=dict)
    under_way: Mapping[str, UnderWay] = field(default_factory=dict)
    is_watching: bool = False

    def standing(self, standings: Sequence[Standing]) -> "ExercisesState":
        """So the learner stands."""
        return replace(self, standings={each.exercise: each for each in standings})

    def showing(self, name: str, shown: Shown) -> "ExercisesState":
        """Another page of an exercise; a report is kept for later, too."""
        reports = {**self.reports, name: shown} if shown.kind == "report" else self.reports
        return replace(self, shown={**self.shown, name: shown}, reports=reports)

    def with_task_toggled(self, name: str) -> "ExercisesState":
        """The task of an exercise, or from there its last report."""
        if name in self.shown:
            return replace(self, shown=_without(self.shown, name))
        if name in self.reports:
            return replace(self, shown={**self.shown, name: self.reports[name]})
        return self

    def begun_again(self, name: str) -> "ExercisesState":
        """Nothing is left of what was said of an exercise."""
        shown, reports = _without(self.shown, name), _without(self.reports, name)
        return replace(self, shown=shown, reports=reports)

    def checking(self, name: str, tally: Tally) -> "ExercisesState":
        """A check has begun; one of the same exercise counts no more."""
        return replace(self, under_way={**self.under_way, name: UnderWay(tally)})

    def counted(self, tally: Tally) -> "ExercisesState":
        """Show what has passed so far, unless another check has taken this one's place."""
        under_way = {
            name: UnderWay(tally, tally.passed) if each.tally is tally else each
            for name, each in self.under_way.items()
        }
        return replace(self, under_way=under_way)

    def done(self, tally: Tally) -> "ExercisesState":
        """A check has ended, unless another one has taken its place."""
        left = {name: each for name, each in self.under_way.items() if each.tally is not tally}
        return self if len(left) == len(self.under_way) else replace(self, under_way=left)

    def watching(self, is_watching: bool) -> "ExercisesState":
        """Whether an exercise is checked when its file is saved."""
        return replace(self, is_watching=is_watching)

    def after(self, exercise: Exercise) -> Exercise | None:
        """The one to take up after ``exercise``: the next that was never passed."""
        place = exercises().index(exercise) + 1
        others = (*exercises()[place:], *exercises()[: place - 1])
        passed = {name for name, standing in self.standings.items() if standing.passed_at}
        return next((each for each in others if each.name not in passed), None)

    @property
    def line(self) -> str:
        """How things stand, in one line."""
        parts = [
            *(f"Checking {name} …{_so_far(check)}" for name, check in self.under_way.items()),
            f"Auto-check on save: {'on' if self.is_watching else 'off'}",
        ]
        if self.standings:
            passed = sum(each.state == "passed" for each in self.standings.values())
            parts.append(f"{passed} of {len(exercises())} passed")
        return " · ".join(parts)


def _so_far(check: UnderWay) -> str:
    return f" {check.passed} passed so far" if check.passed else ""


def _without(shown: Mapping[str, Shown], name: str) -> Mapping[str, Shown]:
    return {each: what for each, what in shown.items() if each != name}
