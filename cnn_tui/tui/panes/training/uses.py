"""Which keys of the Training pane have something to act on; the footer offers no others.

The keys themselves stay: whoever presses one reads why nothing happened.
"""

from collections.abc import Iterable

from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.differences import Repeat, seed_groups
from cnn_tui.training.studies.records import StudyProgress

RESUMABLE = ("stopped", "interrupted", "failed")
OF_RUN = frozenset({"stop", "resume", "delete", "judge", "ask_files"})
"""Actions that not every run can be asked for."""
OF_STUDY = frozenset({"stop", "resume"})


def uses_of_run(status: RunStatus | None, *, is_stopping: bool = False) -> set[str]:
    """What can be done to a run as it stands."""
    if status is None:
        return set()
    uses = set()
    if status.state == "running":
        uses.add("resume" if is_stopping else "stop")
    elif status.state == "queued":
        uses |= {"stop", "delete"} if status.queue_runs else {"stop", "resume", "delete"}
    else:
        uses.add("delete")
        if status.state in RESUMABLE and not status.trouble:
            uses.add("resume")
    if status.step and not status.trouble:  # before its first step, it has no weights
        uses |= {"judge", "ask_files"}
    return uses


def uses_of_study(progress: StudyProgress | None, *, is_starting: bool = False) -> set[str]:
    """What can be done to an experiment as it stands."""
    is_about_to_run = is_starting and progress is not None and progress.state == "new"
    if progress is None or is_about_to_run or progress.state == "finished":
        return set()
    return {"stop"} if progress.state == "running" else {"resume"}


def have_seeds(repeats: Iterable[Repeat | None]) -> bool:
    """Whether some of the runs that are drawn differ in their seed only."""
    return any(len(group) > 1 for group in seed_groups(list(repeats)))
