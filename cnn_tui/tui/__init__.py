"""The Textual app: one file per pane, one stylesheet, no torch in its process."""

import gc


def run(*, mouse: bool = True, theme: str | None = None, low_bandwidth: bool = False) -> None:
    """Open the lab on this terminal; returns when the user has left it.

    Raises UsageError for a theme that does not exist.
    """
    # Nothing made while the lab opens is garbage: collecting it takes a tenth of the time.
    # The app turns the collector on again once it is painted.
    gc.disable()
    from cnn_tui.tui.app import LabApp

    app = LabApp(theme_name=theme, low_bandwidth=low_bandwidth)
    farewell = app.run(mouse=mouse)
    if farewell:
        print(farewell)
