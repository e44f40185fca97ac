"""``curves``: the curves of one run, or of several over each other."""

from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import WorkspaceOption

if TYPE_CHECKING:
    from rich.console import RenderableType

    from cnn_tui.training.metrics import MetricsReader
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
    from cnn_tui.training.metrics import MetricsReader
    from cnn_tui.training.runs import find_run, is_alive
    from cnn_tui.workspace import find

    space = find(workspace)
    readers = {run: MetricsReader(run.metrics_file) for run in (find_run(space, n) for n in runs)}
    console = stdout()

    def picture() -> "RenderableType":
        return _picture(readers, console.width, console.no_color, log)

    if once or not console.is_terminal or not any(map(is_alive, readers)):
        console.print(picture())
        return
    with Live(console=console, auto_refresh=False) as live:
        while any(map(is_alive, readers)):
            live.update(picture(), refresh=True)
            time.sleep(FOLLOW_SECONDS)
        live.update(picture(), refresh=True)


def _picture(
    readers: "dict[RunFolder, MetricsReader]", width: int, no_color: bool, log: bool
) -> "RenderableType":
    import shutil

    from rich.console import Group

    from cnn_tui.render.training import charts, run_curves, run_headline
    from cnn_tui.training.runs import status

    headlines: list[RenderableType] = []
    gathered = []
    for run, reader in readers.items():
        reader.poll()
        headlines += [run.run, run_headline(status(run), reader.events)]
        gathered.append(run_curves(run.run, reader.events))
    room = shutil.get_terminal_size((100, PLOT_HEIGHT + 4)).lines - 4 - 2 * len(readers)
    picture = charts(
        gathered,
        width=min(width, LARGEST_WIDTH),
        height=max(min(room, PLOT_HEIGHT), 12),
        colour=not no_color,
        log_y=log,
    )
    return Group(*headlines, picture)
