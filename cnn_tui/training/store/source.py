"""What to say of a run whose network is the user's own, and has changed since: torch-free."""

from cnn_tui.nets.own_files import kept_files
from cnn_tui.nets.specs import NetSpec
from cnn_tui.training.store.folder import RunFolder

NAMES_SHOWN = 3


def changed_source(run: RunFolder, net: NetSpec) -> str:
    """That the files of a run's network have changed since it was copied; else empty.

    Raises UsageError where the run's own copy is damaged.
    """
    kept = None if net.kept is None else kept_files(net.kept)
    workspace = run.path.parent.parent
    if kept is None or not (changed := kept.changed(workspace)):
        return ""
    more = f" and {len(changed) - NAMES_SHOWN} more" if len(changed) > NAMES_SHOWN else ""
    is_one = len(changed) == 1
    what = f"{'has' if is_one else 'have'} changed since run {run.run} began"
    if all(kept.is_gone(name, workspace) for name in changed):
        what = f"{'was' if is_one else 'were'} removed since run {run.run} began"
    return (
        f"{', '.join(changed[:NAMES_SHOWN])}{more} {what}: "
        f"the run's own copy in {run.source} is used."
    )
