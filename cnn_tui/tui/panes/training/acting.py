"""What the keys of the Training pane do to runs: start, stop, resume and delete them."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.render.runs.page import first_change, run_title
from cnn_tui.training.defaults import default_config
from cnn_tui.training.process import launcher
from cnn_tui.training.queue.waiting import launch_queued, start_queue
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store import deletion
from cnn_tui.training.store.folder import RunFolder
from cnn_tui.tui.dialogs.new_run import FIRST_NET, NewRunScreen, RunRequest
from cnn_tui.tui.dialogs.question import QuestionScreen
from cnn_tui.tui.panes.pane import PaneInfo
from cnn_tui.tui.panes.training.reading import ReadingPane
from cnn_tui.tui.panes.training.uses import RESUMABLE
from cnn_tui.workspace import Workspace


class ActingPane(ReadingPane):
    """Acts on the run under the cursor."""

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._resumed_next: set[str] = set()

    def train_on(self, data: str) -> None:
        """Ask what to train on the data set of that name."""
        self.action_new_run(RunRequest(default_config(FIRST_NET, data)))

    def action_new_run(self, request: RunRequest | None = None) -> None:
        """Ask what to train, then start it; ``request`` is what the form begins with."""
        if self.workspace is None:
            self.offer_workspace(partial(self.action_new_run, request))
            return

        def begin(request: RunRequest | None) -> None:
            if request is not None:
                self.start(self._launch(request), "launch")

        self.app.push_screen(NewRunScreen(self.engine, self.workspace, request), begin)

    def action_again(self) -> None:
        """Ask to run again, with the change that the numbers suggest; first of all, show them."""
        if self._lacks_run():
            return
        if self._is_list_alone:
            self.open_page(self._detail.curves_view)
            return
        status, run = self._status, self._detail.of_run
        if status is None or run is None:
            return
        if run.config is None:
            self.say(f"Nothing to run again: {standing(status)}")
            return
        change = first_change(run.config, run.events, status)
        settings: dict[str, Any] = {} if change is None else dict(change.settings)
        settings.pop("data", None)
        config = replace(run.config, **settings)
        self.action_new_run(RunRequest(config, changed=tuple(settings)))

    def action_stop(self) -> None:
        """Ask the run under the cursor to checkpoint and stop, or take it out of its queue."""
        status = self._status
        if status is not None and status.state == "queued":
            self.start(self._act(launcher.stop, status.run), f"act-{status.run}")
        elif status is None or status.state != "running":
            self.say(f"Nothing to stop: {standing(status)}")
        elif status.run in self._list.stopping:
            self.say("It is stopping already, at its next checkpoint.")
        else:
            self._stop_of(status.run, is_stopping=True)
            self.start(self._stop(status.run), f"act-{status.run}")

    def action_resume(self) -> None:
        """Go on with the run under the cursor; with one that is stopping, once it has stopped."""
        status = self._status
        if status is not None and status.run in self._list.stopping:
            self._resumed_next.add(status.run)
            self.say("It is still writing its checkpoint, and is resumed right after.")
        elif status is not None and status.state == "queued" and not status.queue_runs:
            self.start(self._start_queue(status.queue), f"queue-{status.queue}")
        elif status is None or status.state not in RESUMABLE or status.trouble:
            self.say(f"Nothing to resume: {standing(status)}")
        else:
            self.start(self._act(launcher.resume, status.run), f"act-{status.run}")

    def action_delete(self) -> None:
        """Delete the run under the cursor, after a question."""
        status = self._status
        if status is None:
            self.say("There is no run to delete: n starts one.")
        elif status.state == "running":
            self.say("Nothing was deleted: this run is running; s stops it.")
        else:
            self._ask_to_delete(status)

    async def _launch(self, request: RunRequest) -> None:
        if not await self.is_workspace_there(lambda: self.start(self._launch(request), "launch")):
            return
        assert self.workspace is not None
        begin = launch_queued if request.is_queued else launcher.launch
        run = await in_background(begin, self.workspace, request.config, request.name)
        self.selected = run.run
        self.list_again()

    def _ask_to_delete(self, status: RunStatus) -> None:
        def answered(agreed: bool | None) -> None:
            if agreed:
                self.start(self._act(deletion.delete, status.run), f"act-{status.run}")

        question = (
            f"Delete {run_title(status)} ({status.run}) with its curves, weights "
            "and log? This cannot be undone."
        )
        self.app.push_screen(QuestionScreen(question, "Delete"), answered)

    async def _act(self, act: Callable[[RunFolder], object], run: str) -> None:
        assert self.workspace is not None
        await in_background(act, RunFolder(self.workspace.runs / run))
        self.list_again()

    async def _start_queue(self, queue: str) -> None:
        assert self.workspace is not None
        await in_background(start_queue, self.workspace, queue)
        self.list_again()

    async def _stop(self, run: str) -> None:
        try:
            await self._act(launcher.stop, run)
            is_resumed = run in self._resumed_next
        finally:
            self._resumed_next.discard(run)
            self._stop_of(run, is_stopping=False)
        if is_resumed:
            await self._act(launcher.resume, run)

    def _stop_of(self, run: str, *, is_stopping: bool) -> None:
        """Say in the list and in the frame that a run is stopping, or no longer."""
        self._list.stop(run, is_stopping)
        self._draw()


def standing(status: RunStatus | None) -> str:
    """How a run stands, and which key goes on from there."""
    if status is None:
        return "there is no run yet; n starts one."
    if status.trouble:
        return "this run cannot be used here."
    if status.state == "running":
        return "this run is running; s stops it."
    if status.state == "queued":
        return "this run is queued; s takes it out of the queue."
    if status.state == "finished":
        return "this run has finished; n starts a new one."
    return f"this run is {status.state}; r resumes it."
