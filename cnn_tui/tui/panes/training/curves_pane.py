"""The curves of the Training pane: what is shown of which runs, and the keys that change it."""

from dataclasses import replace

from textual.events import DescendantFocus
from textual.reactive import var

from cnn_tui.render.draw.view import ALL_PANELS, Extent, View
from cnn_tui.render.runs.history import extent
from cnn_tui.render.runs.panels import panels_with_data
from cnn_tui.training.records import RunStatus
from cnn_tui.tui.panes.pane import Pane
from cnn_tui.tui.panes.training.beginning import Beginning
from cnn_tui.tui.panes.training.curves_view import CurvesView
from cnn_tui.tui.panes.training.detail import RunDetail
from cnn_tui.tui.panes.training.state import Mode, RunCurves, Snapshot
from cnn_tui.tui.panes.training.uses import have_seeds
from cnn_tui.tui.widgets.frame import Frame
from cnn_tui.tui.widgets.page import Page
from cnn_tui.tui.widgets.run_list import RunList

NO_RUN = "There is no run yet: n starts one."


class CurvesPane(Pane):
    """Shows the run under the cursor and those that are marked, in the view that was chosen."""

    mode: var[Mode] = var[Mode]("curves", init=False, bindings=True)
    selected: var[str | None] = var(None, init=False)
    snapshot: var[Snapshot] = var(Snapshot, init=False)
    view: var[View] = var(View, init=False, bindings=True)

    def poll(self) -> None:
        """Read the run store."""
        raise NotImplementedError

    @property
    def is_view_changed(self) -> bool:
        """Whether values are read off, or one panel is large."""
        return self.view.cursor is not None or self.view.large is not None

    def watch_view(self) -> None:
        """Look at the curves in another way."""
        self._list.is_each_drawn = self.view.each_seed
        self._draw()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """The curves are a page, too, that a narrow terminal shows in place of the list."""
        event.prevent_default()  # of all panes, whose only pages are Pages
        self.is_reading = isinstance(event.widget, Page | CurvesView)

    def on_curves_view_pointed_at(self, message: CurvesView.PointedAt) -> None:
        """Read the curves off where the mouse is."""
        self.view = self.view.cursor_at(message.x, self._extent)

    def action_view(self, step: str) -> None:
        """Look at the curves in another way."""
        if self._lacks_run():
            return
        self.view = getattr(self.view, step)()

    def action_zoom(self, step: str) -> None:
        """Show another part of the x axis."""
        if self._lacks_run():
            return
        self.view = getattr(self.view, step)(self._extent)

    def action_cursor(self, step: str) -> None:
        """Read the curves off at another step."""
        if self._lacks_run():
            return
        self.view = getattr(self.view, step)(self._extent)

    def action_maximize(self) -> None:
        """Show one panel in all the room, then the next, then all again."""
        if self._lacks_run():
            return
        runs = [each.history for each in self.snapshot.shown.values()]
        keys = [each.key for each in panels_with_data(runs, ALL_PANELS)]
        self.view = self.view.next_large(keys)

    def action_seeds(self) -> None:
        """Show mean and ribbon of runs that differ in their seed only, or each of them."""
        if self._lacks_run():
            return
        if self._has_seeds:
            self.view = self.view.toggled_seeds()
        else:
            self.say("Mark runs with space that differ in their seed only, then press g.")

    def action_pin(self) -> None:
        """Keep the run under the cursor on top of the others, or no longer."""
        if self._lacks_run():
            return
        if self.selected is not None:
            self._list.pin(self.selected)
            self._draw()
            self.poll()

    def action_mark(self) -> None:
        """Mark the run under the cursor, or take its mark away."""
        if self._lacks_run():
            return
        if self.selected is not None:
            self._list.mark(self.selected)
            if len(self._list.marked) > 1:
                self.app.clear_notifications()  # which may have asked for this
            self._draw()
            self.poll()

    def _lacks_run(self) -> bool:
        """Whether there is none to act on, and if so, say how to start one."""
        is_without = self.has_class("-no-runs")
        if is_without:
            self.say(NO_RUN)
        return is_without

    @property
    def _list(self) -> RunList:
        return self.query_one(RunList)

    @property
    def _detail(self) -> RunDetail:
        return self.query_one(RunDetail)

    @property
    def _status(self) -> RunStatus | None:
        """Where the run under the cursor stands."""
        return self.snapshot.status(self.selected)

    @property
    def _has_seeds(self) -> bool:
        """Whether some of the runs that are drawn differ in their seed only."""
        return have_seeds(each.history.repeat for each in self.snapshot.shown.values())

    @property
    def _side(self) -> Frame:
        return self.query_one("#run-side", Frame)

    @property
    def _shown_runs(self) -> list[str]:
        """The run under the cursor, those that are marked, and the pinned one."""
        return self._list.shown_runs(self.selected)

    @property
    def _extent(self) -> Extent:
        """The x that the curves reach over."""
        histories = [each.history for each in self.snapshot.shown.values()]
        return extent(histories, self.view.axis)

    @property
    def _is_list_alone(self) -> bool:
        """Whether there is room for the list only, and it is there."""
        return self.screen.has_class("-compact") and not self.is_reading

    def _draw(self) -> None:
        status, shown = self._status, self.snapshot.shown
        if status is not None:
            runs = [shown[run] for run in self._shown_runs if run in shown]
            places = tuple(self._list.places[each.run] for each in runs)
            names = [each.run for each in runs]
            pinned = self._list.pinned
            on_top = names.index(pinned) if pinned in names and len(names) > 1 else None
            self._detail.subject = RunCurves(
                status,
                runs,
                self.view,
                places,
                on_top,
                status.run in self._list.stopping,
                self.snapshot.differences.get(status.run, ()),
            )
        elif self.workspace is not None and not self.snapshot.statuses:
            self._detail.subject = Beginning()

    def _undo_view(self) -> bool:
        """End reading off, else show all panels again; whether there was anything to end."""
        if not self.is_view_changed:
            return False
        large = None if self.view.cursor is None else self.view.large
        self.view = replace(self.view, cursor=None, large=large)
        return True
