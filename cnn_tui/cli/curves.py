"""``curves``: the curves of one run, or of several over each other."""

from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import WorkspaceOption

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cnn_tui.training.runs import RunFolder

FOLLOW_SECONDS = 0.5
PLOT_HEIGHT = 30
LARGEST_WIDTH = 160


def curves(
    runs: Annotated[list[str], typer.Argument(help="Runs: id, name, part of an id, or last.")],
    once: Annotated[
        bool, typer.Option("--once", help="Draw once, even if a run still goes on.")
    ] = False,
    log: Annotated[bool, typer.Option("--log", help="Loss on a logarithmic scale.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Plot the loss and accuracy of runs; several are laid over each other."""
    import time

    from rich.live import Live

    from cnn_tui.render.console import stdout
    from cnn_tui.training.runs import find_run, is_alive
    from cnn_tui.workspace import find

    space = find(workspace)
    folders = [find_run(space, name) for name in runs]
    console = stdout()
    if once or not console.is_terminal or not any(map(is_alive, folders)):
        console.print(_picture(folders, console.width, console.no_color, log))
        return
    with Live(console=console, auto_refresh=False) as live:
        while any(map(is_alive, folders)):
            live.update(_picture(folders, console.width, console.no_color, log), refresh=True)
            time.sleep(FOLLOW_SECONDS)
        live.update(_picture(folders, console.width, console.no_color, log), refresh=True)


def _picture(folders: "list[RunFolder]", width: int, no_color: bool, log: bool) -> "RenderableType":
    import shutil

    from rich.console import Group

    from cnn_tui.render.training import charts, run_curves, run_headline
    from cnn_tui.training.metrics import MetricsReader
    from cnn_tui.training.runs import status

    headlines: list[RenderableType] = []
    gathered = []
    for folder in folders:
        reader = MetricsReader(folder.metrics_file)
        reader.poll()
        headlines += [folder.run, run_headline(status(folder), reader.events)]
        gathered.append(run_curves(folder.run, reader.events))
    room = shutil.get_terminal_size((100, PLOT_HEIGHT + 4)).lines - 4 - 2 * len(folders)
    picture = charts(
        gathered,
        width=min(width, LARGEST_WIDTH),
        height=max(min(room, PLOT_HEIGHT), 12),
        colour=not no_color,
        log_y=log,
    )
    return Group(*headlines, picture)
