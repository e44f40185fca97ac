"""The list of runs: newest first, each with its state, best accuracy and duration."""

from collections.abc import Mapping, Sequence

from rich.text import Text
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.render.draw.numbers import clock, percent
from cnn_tui.render.draw.states import RUN_MARKS, state_word
from cnn_tui.training.records import RunStatus
from cnn_tui.tui.widgets.keyed_list import KeyedList

OVERLAID = "●"


class RunList(KeyedList, OptionList, room="training", item="run"):
    """The runs, and which of them are marked to be laid over each other."""

    def __init__(self) -> None:
        super().__init__(id="run-list", classes="side")
        self.statuses: Mapping[str, RunStatus] = {}
        self.marked: list[str] = []
        self._together: tuple[str, ...] = ()

    def show(self, statuses: Sequence[RunStatus], selected: str | None) -> None:
        """List these runs; the cursor stays on, or goes to, ``selected``."""
        before, self.statuses = self.statuses, {each.run: each for each in statuses}
        self.marked = [run for run in self.marked if run in self.statuses]
        self._mark_what_came(before)
        if list(before) != list(self.statuses):
            self._refill(selected, list(before))
            return
        for index, each in enumerate(statuses):
            if _label(each).plain != _label(before[each.run]).plain:
                self._replace(index, each.run)

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
        self._replace_all(gone)

    def mark_together(self, runs: Sequence[str]) -> None:
        """Mark the runs of one study, and no others; one mark taken away takes all of them.

        Those that are not listed yet are marked when they are.
        """
        if tuple(runs) == self._together:
            return
        before, self._together = self.marked, tuple(runs)
        self.marked = [run for run in runs if run in self.statuses]
        self._replace_all([*before, *self.marked])

    def _mark_what_came(self, before: Mapping[str, RunStatus]) -> None:
        new = self.statuses.keys() - before.keys()
        self.marked += [run for run in self._together if run in new and run not in self.marked]

    def _replace_all(self, runs: Sequence[str]) -> None:
        for index, run in enumerate(self.statuses):
            if run in runs:
                self._replace(index, run)

    def _replace(self, index: int, run: str) -> None:
        label = _label(self.statuses[run], is_marked=run in self.marked)
        self.replace_option_prompt_at_index(index, label)

    def _refill(self, selected: str | None, before: list[str]) -> None:
        """Fill the list anew; where the selected run is gone, the one in its place is next."""
        self.clear_options()
        self.add_options(
            Option(_label(each, is_marked=run in self.marked), id=run)
            for run, each in self.statuses.items()
        )
        if self.statuses:
            order = list(self.statuses)
            place = order if selected in order else before
            index = place.index(selected) if selected in place else 0
            self.highlighted = min(index, len(order) - 1)


def short_name(status: RunStatus) -> str:
    """A run's own name, or its network, data set and the end of its id."""
    kind = "folder" if status.data.startswith("folder:") else status.data
    return status.name or f"{status.net} {kind} {status.run[-4:]}"


def _label(status: RunStatus, *, is_marked: bool = False) -> Text:
    mark, style = RUN_MARKS[status.state]
    best = None if status.best_val_accuracy is None else percent(status.best_val_accuracy)
    time = None if status.seconds is None else clock(status.seconds)
    epochs = f"{status.epoch}/{status.epochs}"  # last: where there is no room, it is cut
    progress = " ".join(filter(None, (state_word(status), best, time, epochs)))
    overlaid = OVERLAID if is_marked else " "
    return Text.assemble((mark, style), f" {short_name(status)}\n{overlaid} {progress}")
