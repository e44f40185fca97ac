"""The Textual app: one file per pane, one stylesheet, no torch in its process.

``app`` joins ``panes``, ``dialogs``, ``widgets`` and ``terminal``; whatever takes time is
started by ``background``, and what fails there is told by ``failures``.
"""

import gc
from typing import TYPE_CHECKING

from cnn_tui.errors import LabFault

if TYPE_CHECKING:
    from cnn_tui.tui.app import LabApp


def run(*, mouse: bool = True, theme: str | None = None, low_bandwidth: bool = False) -> None:
    """Open the lab on this terminal; returns when the user has left it.

    Raises UsageError for a theme that does not exist, and LabFault where the lab failed.
    """
    # Nothing made while the lab opens is garbage: collecting it takes a tenth of the time.
    # The app turns the collector on again once it is painted.
    gc.disable()
    from cnn_tui.tui.app import LabApp

    app = LabApp(theme_name=theme, low_bandwidth=low_bandwidth)
    farewell = None
    try:
        farewell = app.run(mouse=mouse)
    except Exception as error:
        app.crash = app.crash or error
    if app.crash is not None or app.return_code:
        raise _fault(app) from app.crash
    if farewell:
        print(farewell)


def _fault(app: "LabApp") -> LabFault:
    """Why the lab ended by itself, as one sentence; the traceback is in its log."""
    from cnn_tui.tui.failures import sentence_about

    error = app.crash or LabFault(f"The lab ended with code {app.return_code}.")
    log = app.failures.add(error)
    remedy = "" if log is not None else ". Run cnn-lab --debug and report what it prints"
    return LabFault(sentence_about(error, log, f" and had to end; your runs go on{remedy}"))
