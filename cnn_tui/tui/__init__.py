"""The Textual app: one file per pane, one stylesheet, no torch in its process.

``app`` joins ``panes``, ``dialogs``, ``widgets`` and ``terminal``; whatever takes time is
started by ``background``, and what fails there is told by ``failures``.
"""

import gc
from typing import TYPE_CHECKING

from cnn_tui.errors import LabFault
from cnn_tui.render.draw.spelling import make_plain, plain_encoding

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
    from cnn_tui.tui.memory import Memory, configured_theme
    from cnn_tui.tui.terminal.driver import screen_stream

    app = LabApp(
        theme_name=configured_theme() if theme is None else theme,
        low_bandwidth=low_bandwidth,
        memory=Memory.of_user(),
    )
    stream = screen_stream()
    if stream is not None and (encoding := plain_encoding(stream)) is not None:
        app.spell_plainly(encoding)
        make_plain(stream)
    farewell = None
    try:
        farewell = app.run(mouse=mouse)
    except Exception as error:
        app.crash = app.crash or error
    if app.crash is not None or app.return_code:
        raise fault_of(app) from app.crash
    if farewell:
        print(farewell)


def fault_of(app: "LabApp") -> LabFault:
    """Why the lab ended by itself, as one sentence; the traceback is in its log."""
    from cnn_tui.tui.failures import sentence_about

    error = app.crash or LabFault(f"The lab ended with code {app.return_code}.")
    log = app.failures.add(error)
    remedy = "" if log is not None else ". Run cnn-lab --debug and report what it prints"
    return LabFault(sentence_about(error, log, f" and had to end; your runs go on{remedy}"))
