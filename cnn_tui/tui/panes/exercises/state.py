"""What the Exercises pane shows, as values: how each exercise stands, and its page."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from rich.console import RenderableType

from cnn_tui.grading.catalogue import exercises
from cnn_tui.grading.exercises import Exercise
from cnn_tui.grading.judge.plan import PlannedCheck
from cnn_tui.grading.learner.status import Standing
from cnn_tui.grading.records import CheckReport, CheckResult
from cnn_tui.render.pages.verdict import Achievement
from cnn_tui.tui.panes.exercises.reading import LearnerFile, Reading

Value = TypeVar("Value")
PageKind = Literal["task", "report", "hints", "difference", "log", "error"]
TITLES: Mapping[PageKind, str] = {
    "task": "",
    "report": "",
    "hints": "Hints",
    "difference": "Comparison",
    "log": "Log",
    "error": "",
}
"""What stands before the exercise's title in place of its number while its page shows that."""
ASIDES: tuple[PageKind, ...] = ("hints", "difference", "log")
"""Pages that are looked at beside the report or the task, and left for it again."""


NOT_READ = LearnerFile()


@dataclass(frozen=True)
class Shown:
    """What the page shows in place of task and report."""

    kind: PageKind
    content: RenderableType = ""


@dataclass(frozen=True, eq=False)
class JudgedFile:
    """A report, the file that it is about as it was then, and what a pass was worth."""

    report: CheckReport
    source: str = ""
    achieved: Achievement = field(default_factory=Achievement)
    following: Exercise | None = None


@dataclass(eq=False)
class Tally:
    """The results of one check so far, and when they were shown last."""

    plan: tuple[PlannedCheck, ...] = ()
    results: list[CheckResult] = field(default_factory=list)
    told_at: float = field(default_factory=time.monotonic)


@dataclass(frozen=True)
class UnderWay:
    """A check that is not done, and those of its results that are shown."""

    tally: Tally
    results: tuple[CheckResult, ...] = ()

    @property
    def line(self) -> str:
        """``checking 3 of 9``, where it is known how many there are."""
        total = len(self.tally.plan)
        return f"checking {min(len(self.results) + 1, total)} of {total}" if total else "checking"


@dataclass(frozen=True, eq=False)
class ExercisesState:
    """All by the names of the exercises; ``verdicts`` are the last ones, shown or not."""

    standings: Mapping[str, Standing] = field(default_factory=dict)
    shown: Mapping[str, Shown] = field(default_factory=dict)
    verdicts: Mapping[str, JudgedFile] = field(default_factory=dict)
    under_way: Mapping[str, UnderWay] = field(default_factory=dict)
    files: Mapping[str, LearnerFile] = field(default_factory=dict)
    is_watching: bool = False

    def kind(self, name: str) -> PageKind:
        """What the page of an exercise shows."""
        return self.shown[name].kind if name in self.shown else "task"

    def taking(self, reading: Reading) -> "ExercisesState":
        """How the learner stands and what the files hold; what is as it was stays the same."""
        before = self.standings
        standings = {
            each.exercise: before[each.exercise] if before.get(each.exercise) == each else each
            for each in reading.standings
        }
        if standings == before and reading.files == self.files:
            return self
        return replace(self, standings=standings, files=reading.files)

    def showing(self, name: str, shown: Shown) -> "ExercisesState":
        """Another page of an exercise."""
        return replace(self, shown={**self.shown, name: shown})

    def judged(self, name: str, verdict: JudgedFile) -> "ExercisesState":
        """A check has a verdict, which the page shows."""
        verdicts = {**self.verdicts, name: verdict}
        return replace(self.showing(name, Shown("report")), verdicts=verdicts)

    def file(self, name: str) -> LearnerFile:
        """What the learner's file holds, as far as it was read."""
        return self.files.get(name, NOT_READ)

    def has_changed(self, name: str) -> bool:
        """Whether the learner's file holds something else than what was checked last."""
        verdict, stands = self.verdicts.get(name), self.standings.get(name)
        if verdict is not None and verdict.report.digest and name in self.files:
            return self.files[name].digest != verdict.report.digest
        return stands is not None and stands.changed

    def with_task_toggled(self, name: str) -> "ExercisesState":
        """The task of an exercise, or from there its last report."""
        if name in self.shown:
            return replace(self, shown=_without(self.shown, name))
        if name in self.verdicts or name in self.under_way:
            return self.showing(name, Shown("report"))
        return self

    def is_aside(self, name: str) -> bool:
        """Whether the page of an exercise shows what is left for the report or the task."""
        return self.kind(name) in ASIDES

    def with_aside_closed(self, name: str) -> "ExercisesState":
        """The last report of an exercise, or its task where there is none."""
        if name in self.verdicts or name in self.under_way:
            return self.showing(name, Shown("report"))
        return replace(self, shown=_without(self.shown, name))

    def begun_again(self, name: str) -> "ExercisesState":
        """Nothing is left of what was said of an exercise."""
        shown, verdicts = _without(self.shown, name), _without(self.verdicts, name)
        return replace(self, shown=shown, verdicts=verdicts)

    def checking(self, name: str, tally: Tally) -> "ExercisesState":
        """A check has begun; one of the same exercise counts no more."""
        under_way = {**self.under_way, name: UnderWay(tally)}
        return replace(self.showing(name, Shown("report")), under_way=under_way)

    def counted(self, tally: Tally) -> "ExercisesState":
        """Show the results so far, unless another check has taken this one's place."""
        under_way = {
            name: UnderWay(tally, tuple(tally.results)) if each.tally is tally else each
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

    def open_after(self, exercise: Exercise) -> tuple[Exercise, ...]:
        """The others that were never passed, the next one first."""
        place = exercises().index(exercise) + 1
        others = (*exercises()[place:], *exercises()[: place - 1])
        passed = {name for name, standing in self.standings.items() if standing.passed_at}
        return tuple(each for each in others if each.name not in passed)

    def tries(self, name: str) -> int:
        """How many checks a pass has taken; 0 where it had been passed before."""
        stands = self.standings.get(name)
        if stands is None:
            return 1
        return 0 if stands.passed_at else stands.attempts + 1

    @property
    def points(self) -> str:
        """``20 of 50``: the best scores of all exercises."""
        if not self.standings:
            return ""
        each_one = self.standings.values()
        best, most = sum(e.best_score for e in each_one), sum(e.max_score for e in each_one)
        return f"{best} of {most}"


def _without(shown: Mapping[str, Value], name: str) -> dict[str, Value]:
    return {each: what for each, what in shown.items() if each != name}
