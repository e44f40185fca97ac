"""Which runs the Training pane lists, and in which order."""

from collections.abc import Mapping
from dataclasses import replace

from textual.reactive import var

from cnn_tui.training.store.selection import Selection, conditions_of
from cnn_tui.tui.dialogs.prompt import PromptScreen
from cnn_tui.tui.panes.training.looking import LookingPane
from cnn_tui.tui.panes.training.state import Snapshot

ASK, HINT = (
    "List which runs?",
    (
        "Words and conditions: resnet  lr=0.01  val_accuracy>0.9  net~vgg  state=finished. "
        "Nothing lists all runs."
    ),
)
ORDERS: Mapping[str, str] = {
    "": "",
    "val_accuracy": " by validation",
    "test_accuracy": " by test",
    "seconds": " by time",
    "net": " by network",
}
"""What runs are sorted by, in the order in which a key goes through it, and the list's title."""


class FilteringPane(LookingPane):
    """Lists the runs that are asked for."""

    selection: var[Selection] = var(Selection, init=False, bindings=True)

    def watch_selection(self) -> None:
        """List other runs, or list them in another order."""
        self._list_runs(self.snapshot)

    def action_filter_runs(self) -> None:
        """Ask which runs to list."""
        if self._lacks_run():
            return

        def take(line: str) -> None:
            self.selection = replace(self.selection, where=conditions_of(line))

        given = " ".join(each.written for each in self.selection.where)
        self.ask(PromptScreen(ASK, HINT, given, drafts=self.drafts, check=conditions_of), take)

    def action_sort_runs(self) -> None:
        """Sort the list by the next figure."""
        if self._lacks_run():
            return
        names = list(ORDERS)
        following = names[(names.index(self.selection.sort) + 1) % len(names)]
        self.selection = replace(self.selection, sort=following)

    def _list_runs(self, snapshot: Snapshot) -> None:
        """List the runs that are asked for, those with the best or least value first."""
        listed = self.selection.of(snapshot.statuses)
        self._list.show(listed, self.selected, snapshot.differences)
        count, all_runs = len(listed), len(snapshot.statuses)
        self._side.state = f"{count} of {all_runs}" if self.selection.where else str(all_runs)
        self._side.title = f"Runs{ORDERS[self.selection.sort]}"

    def _end_filter(self) -> bool:
        """List all runs again; whether some were left out."""
        is_filtered = bool(self.selection.where)
        self.selection = replace(self.selection, where=())
        return is_filtered
