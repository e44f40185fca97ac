"""What the header says of the world: the device, the runs that are running, the points."""

from dataclasses import dataclass

from cnn_tui.engine.state import EngineState
from cnn_tui.workspace import Workspace


@dataclass(frozen=True)
class LabStatus:
    """How the workspace stands; ``progress`` is that of all running runs, 0 to 1.

    It is None where all of them are starting.
    """

    running: int = 0
    progress: float | None = 0.0
    points: int = 0
    max_points: int = 0


class LabStatusReader:
    """Reads the workspace again and again; only what has changed since costs time."""

    def __init__(self, workspace: Workspace) -> None:
        from cnn_tui.training.store.listing import RunLister

        self._workspace = workspace
        self._runs = RunLister(workspace)

    def read(self) -> LabStatus:
        """How things stand now; reads files, so it is not for the event loop."""
        from cnn_tui.grading.learner.status import standings

        running = [each for each in self._runs.list() if each.state == "running"]
        parts = [each.epoch / each.epochs for each in running if each.epochs]
        is_starting = bool(running) and all(each.is_starting for each in running)
        of_exercises = standings(self._workspace)
        return LabStatus(
            len(running),
            None if is_starting else sum(parts) / len(parts) if parts else 0.0,
            sum(each.best_score for each in of_exercises),
            sum(each.max_score for each in of_exercises),
        )


def engine_line(state: EngineState, *, is_short: bool = False) -> str:
    """What is to be known of torch, or once it is there, the device that runs would use."""
    if state.phase == "loading":
        return f"torch{'' if is_short else ' is loading,'} {state.seconds:.0f} s"
    if state.phase == "failed":
        return "no torch" if is_short else "torch cannot be loaded"
    return state.hello.device_names[0] if state.hello and state.hello.devices else ""
