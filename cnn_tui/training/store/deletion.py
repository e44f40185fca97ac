"""Deleting runs: whole or not at all in the list, and never what is no run.

A folder is renamed before it is emptied, so that a deletion that is killed leaves nothing
that looks like a run; the next one removes what is left.
"""

import os
import secrets
import shlex
import shutil

from cnn_tui.errors import UsageError
from cnn_tui.next_steps import Action, step
from cnn_tui.training.store.data_record import sweep_file_lists
from cnn_tui.training.store.folder import ID_BYTES, RunFolder
from cnn_tui.training.store.locks import acquire_lock, is_alive

DELETED_PREFIX = ".deleted-"
"""Folders named so are no runs any longer, but on their way out."""


def delete(run: RunFolder) -> None:
    """Remove a run with all its files; links in it are removed, never followed.

    Killed on the way, it leaves no half of a run in the list, and the next
    deletion removes what is left. Raises UsageError as ``refuse_deletion`` does,
    and for files that may not be removed.
    """
    refuse_deletion(run)
    aside = run.path.with_name(f"{DELETED_PREFIX}{run.run}-{secrets.token_hex(ID_BYTES)}")
    lock = acquire_lock(run)  # While it is held nothing can be started in the folder.
    try:
        run.path.rename(aside)
        shutil.rmtree(aside)
    except FileNotFoundError:  # Another deletion sweeps here, too; what it left is swept below.
        pass
    except OSError as error:
        if run.path.exists() or aside.exists():  # and nobody else has removed it meanwhile
            raise UsageError(
                f"Run {run.run} could not be deleted: {error.strerror} ({error.filename})."
            ) from error
    finally:
        os.close(lock)
        for left in run.path.parent.glob(f"{DELETED_PREFIX}*"):
            shutil.rmtree(left, ignore_errors=True)
        sweep_file_lists(run.file_lists)


def refuse_deletion(run: RunFolder) -> None:
    """Raise UsageError for a run that is running, and for a folder that is not one of a run."""
    if run.path.is_symlink():
        raise UsageError(
            f"{run.path} is a link to a folder elsewhere, and is left as it is: "
            f"take it off the list with rm {shlex.quote(str(run.path))}, and delete "
            f"{run.path.readlink()} yourself."
        )
    if not run.config_file.is_file():
        raise UsageError(
            f"{run.path} is not the folder of a run, and is left as it is.",
            next_steps=(step(Action.LIST_RUNS),),
        )
    if is_alive(run):
        raise UsageError(
            f"Run {run.run} is running: end it first.", next_steps=(step(Action.STOP, run.run),)
        )
