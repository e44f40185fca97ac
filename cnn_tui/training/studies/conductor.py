"""The process that conducts one study: ``python -m cnn_tui.training.studies.conductor``.

It is given the workspace, the study's key, and an open file that holds the study's
lock. SIGTERM stops it, and the run that it is at at a checkpoint.
"""

import os
import signal
import sys
from contextlib import closing
from pathlib import Path

from cnn_tui.errors import LabError
from cnn_tui.training.store.listing import LOGGED_ERROR
from cnn_tui.training.studies.conduct import conduct
from cnn_tui.training.studies.plan import planned_by
from cnn_tui.training.studies.store import StudyFolder, conducting, data_dir_of, read
from cnn_tui.workspace import Workspace


def main(root: str, key: str, lock: str) -> int:
    """Train what is missing of a study; returns the process's exit code."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    folder = StudyFolder(Workspace(Path(root)), key)
    os.set_inheritable(int(lock), False)
    try:
        with conducting(folder, int(lock)):
            order = read(folder)
            steps = conduct(folder.workspace, planned_by(order), data_dir_of(order))
            with closing(steps):
                for planned, run in steps:
                    print(f"{planned.name}: {run.run}", flush=True)
    except KeyboardInterrupt:
        return 0
    except (LabError, OSError) as error:
        print(f"{LOGGED_ERROR}{error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
