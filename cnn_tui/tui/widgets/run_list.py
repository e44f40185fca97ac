"""The list of runs: newest first, each with its progress, best accuracy and time."""

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.events import Resize
from textual.geometry import Region
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.render.draw.styles import CURVES
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import repeat_of, seed_groups
from cnn_tui.tui.widgets.keyed_list import KeyedList
from cnn_tui.tui.widgets.run_row import run_row

OVERLAID, PINNED = "●", "◆"


class RunList(KeyedList, OptionList, room="training", item="run"):
    """The runs, and which of them are marked to be laid over each other.

    ``differences`` tell runs of the same network and data apart, ``stopping`` were asked to
    stop. ``pinned`` is the one that stays on top of the others. ``places`` are those of the
    runs among the colors: each keeps its own for as long as it is marked. Runs that differ
    in their seed only have one together, unless each of them is drawn (``is_each_drawn``).
    """

    def __init__(self) -> None:
        super().__init__(id="run-list")
        self.statuses: Mapping[str, RunStatus] = {}
        self.differences: Mapping[str, Sequence[str]] = {}
        self.stopping: set[str] = set()
        self.marked: list[str] = []
        self.pinned: str | None = None
        self.is_each_drawn = False
        self.places: dict[str, int] = {}
        self._together: tuple[str, ...] = ()
        self._drawn_for: tuple[object, ...] = ()

    def show(
        self,
        statuses: Sequence[RunStatus],
        selected: str | None,
        differences: Mapping[str, Sequence[str]],
    ) -> None:
        """List these runs; the cursor stays on, or goes to, ``selected``."""
        before, self.statuses = self.statuses, {each.run: each for each in statuses}
        told, self.differences = self.differences, differences
        self.marked = [run for run in self.marked if run in self.statuses]
        if self.pinned not in self.statuses:
            self.pinned = None
        self._mark_what_came(before)
        if list(before) != list(self.statuses):
            self._refill(selected, list(before))
            return
        for index, each in enumerate(statuses):
            if (each, differences.get(each.run)) != (before[each.run], told.get(each.run)):
                self._replace(index, each.run)

    def select(self, run: str) -> None:
        """Put the cursor on a run, if it is listed."""
        if run in self.statuses:
            self.highlighted = list(self.statuses).index(run)

    def stop(self, run: str, is_stopping: bool) -> None:
        """Say of a run that it is stopping, or no longer."""
        (self.stopping.add if is_stopping else self.stopping.discard)(run)
        self._replace_all([run])

    def mark(self, run: str) -> None:
        """Mark a run, or take its mark away; one that is not listed (yet) is left alone."""
        if run not in self.statuses:
            return
        gone = [run]
        if run in self._together and run in self.marked:
            gone, self._together = list(self._together), ()
        if run in self.marked:
            self.marked = [each for each in self.marked if each not in gone]
        else:
            self.marked.append(run)
        self._place_marks()
        self._replace_all(gone)

    def mark_together(self, runs: Sequence[str]) -> None:
        """Mark the runs of one experiment, and no others; one mark taken away takes all of them.

        Those that are not listed yet are marked when they are.
        """
        if tuple(runs) == self._together:
            return
        before, self._together = self.marked, tuple(runs)
        self.marked = [run for run in runs if run in self.statuses]
        self.places = {}  # the page of an experiment has its colors in the order of its runs
        self._place_marks()
        self._replace_all([*before, *self.marked])

    def end_together(self) -> None:
        """What was marked together is as any other mark: the next experiment replaces it."""
        self._together = ()

    def pin(self, run: str) -> None:
        """Keep a run on top of all others, or no longer."""
        if run not in self.statuses:
            return
        before, self.pinned = self.pinned, None if self.pinned == run else run
        self._replace_all([each for each in (before, run) if each])

    def shown_runs(self, selected: str | None) -> list[str]:
        """The run under the cursor, those that are marked, and the pinned one; each has a place."""
        return self._place(*self.marked, self.pinned, selected)

    def _place(self, *wanted: str | None) -> list[str]:
        """Give each of these runs its color, and no other run one."""
        runs = list(dict.fromkeys(filter(None, wanted)))
        before, self.places = self.places, self._places_of(runs)
        self._replace_all([run for run in runs if self.places[run] != before.get(run)])
        return runs

    def _places_of(self, runs: Sequence[str]) -> dict[str, int]:
        """A place for each run, and the same for those that are drawn as one curve."""
        statuses = [self.statuses.get(run) for run in runs]
        repeats = [
            None
            if status is None or run == self.pinned or self.is_each_drawn
            else repeat_of(status)
            for run, status in zip(runs, statuses, strict=True)
        ]
        groups = [[runs[number] for number in group] for group in seed_groups(repeats)]
        taken: dict[str, int] = {}
        for group in groups:
            kept = (self.places[run] for run in group if run in self.places)
            place = next((each for each in kept if each not in taken.values()), None)
            taken |= {} if place is None else dict.fromkeys(group, place)
        for group in groups:
            if group[0] not in taken:
                free = next(n for n in range(len(runs)) if n not in taken.values())
                taken |= dict.fromkeys(group, free)
        return taken

    def on_resize(self, event: Resize) -> None:
        """Fit the rows to another width."""
        self._draw_again()

    def notify_style_update(self) -> None:
        """Take on the colors of another theme."""
        super().notify_style_update()
        if self.is_attached:
            self._draw_again()

    def _draw_again(self) -> None:
        wanted = (self._room, self.app.theme)
        if wanted != self._drawn_for:
            self._drawn_for = wanted
            self._replace_all(list(self.statuses))

    @property
    def _room(self) -> int:
        return self.scrollable_content_region.width or 26

    def _mark_what_came(self, before: Mapping[str, RunStatus]) -> None:
        new = self.statuses.keys() - before.keys()
        came = [run for run in self._together if run in new and run not in self.marked]
        if came:
            self.marked += came
            self._place_marks()

    def _place_marks(self) -> None:
        """Give each marked run its color now: its curve may be drawn later, or not at all."""
        self._place(*self.marked, self.pinned)

    def _replace_all(self, runs: Sequence[str]) -> None:
        for index, run in enumerate(self.statuses):
            if run in runs and index < self.option_count:
                self._replace(index, run)

    def _replace(self, index: int, run: str) -> None:
        """Write a row again, and send no other."""
        option, label = self.get_option_at_index(index), self._label(self.statuses[run])
        if str(option.prompt).count("\n") != label.plain.count("\n"):
            self.replace_option_prompt_at_index(index, label)
            return
        option._set_prompt(label)
        self._option_render_cache.clear()
        rows = [y for y, (of, _) in enumerate(self._lines) if of == index]
        if rows:  # there are none while the list is hidden
            first = rows[0] - self.scroll_offset.y
            self.refresh(Region(0, first, self.size.width, len(rows)))

    def _refill(self, selected: str | None, before: list[str]) -> None:
        """Fill the list again; where the selected run is gone, the one in its place is next."""
        self.clear_options()
        self.add_options(Option(self._label(each), id=run) for run, each in self.statuses.items())
        if self.statuses:
            order = list(self.statuses)
            place = order if selected in order else before
            index = place.index(selected) if selected in place else 0
            self.highlighted = min(index, len(order) - 1)

    def _label(self, status: RunStatus) -> Text:
        mark = Text()
        if status.run in self.marked or status.run == self.pinned:
            sign = PINNED if status.run == self.pinned else OVERLAID
            mark = Text(f"{sign} ", CURVES[self.places.get(status.run, 0) % len(CURVES)])
        apart = self.differences.get(status.run, ())
        is_stopping = status.run in self.stopping
        return run_row(status, self._room, mark, apart, is_stopping=is_stopping)
