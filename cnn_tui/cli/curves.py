"""``curves``: the curves of one run, or of several over each other."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import WorkspaceOption, json_option

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Console, RenderableType

    from cnn_tui.render.draw.view import View
    from cnn_tui.render.runs.watched import WatchedRun
    from cnn_tui.training.store.folder import RunFolder

FOLLOW_SECONDS = 0.5
HIDDEN: dict[str, Any] = {"show_default": False}


def curves(
    runs: Annotated[list[str], typer.Argument(help="Runs: id, name, part of an id, or last.")],
    once: Annotated[
        bool, typer.Option("--once", help="Draw once, even if a run still goes on.")
    ] = False,
    panel: Annotated[
        list[str] | None,
        typer.Option(
            help="loss, accuracy, rate, speed, gradient or gpu; may be given again.", **HIDDEN
        ),
    ] = None,
    all_panels: Annotated[
        bool, typer.Option("--all", help="Every panel that has data and fits.")
    ] = False,
    log: Annotated[
        bool, typer.Option("--log", help="Loss and gradient norm on a logarithmic scale.")
    ] = False,
    smooth: Annotated[
        float,
        typer.Option(metavar="WEIGHT", help="Moving average: the weight of what was before, < 1."),
    ] = 0.0,
    axis: Annotated[
        str, typer.Option(help="What x counts: epoch, step or time (seconds of training).")
    ] = "epoch",
    start: Annotated[
        float | None, typer.Option("--from", metavar="X", help="Show from here on.", **HIDDEN)
    ] = None,
    end: Annotated[
        float | None, typer.Option("--to", metavar="X", help="Show up to here.", **HIDDEN)
    ] = None,
    last: Annotated[
        float | None,
        typer.Option(metavar="N", help="Show the last N epochs, steps or seconds.", **HIDDEN),
    ] = None,
    each: Annotated[
        bool,
        typer.Option("--each", help="Every run by itself, also where only their seeds differ."),
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "axis, runs (run, state, kept_epoch, baseline_accuracy, series (panel, name, x, y), "
            "advice (rule, sentence, epoch, topic, next_steps (action, target, settings)))"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Plot the loss and accuracy of runs; several are laid over each other.

    Runs that differ in their seed only are one curve, their mean, with a ribbon.
    Where one class has most of the images, a light line is the accuracy of always naming it.
    Below the headline of a run stands what its numbers show, and what to try.
    In JSON, the curves are as they would be shown.
    """
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.draw.view import view_of
    from cnn_tui.render.runs.history import extent
    from cnn_tui.render.runs.watched import WatchedRun, label_together
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.training.store.locks import is_alive
    from cnn_tui.workspace import find

    view = view_of(
        panels=panel or (),
        all_panels=all_panels,
        axis=axis,
        log_y=log,
        smoothing=smooth,
        low=start,
        high=end,
        last=last,
        each_seed=each,
    )
    space = find(workspace)
    folders = list(dict.fromkeys(find_run(space, name) for name in runs))
    watched = [WatchedRun(folder) for folder in folders]
    label_together(watched)
    for one in watched:
        one.poll()
    is_live = any(map(is_alive, folders))
    if not is_live:
        view.refuse_empty(extent([one.history for one in watched], view.axis))
    if json:
        print_json({"axis": view.axis, "runs": [one.document(view) for one in watched]})
        return
    console = stdout()
    if once or not console.is_terminal or not is_live:
        console.print(_picture(watched, view))
    else:
        _follow(folders, watched, console, view)


def _follow(
    folders: "Sequence[RunFolder]",
    watched: "Sequence[WatchedRun]",
    console: "Console",
    view: "View",
) -> None:
    import time

    from rich.live import Live

    from cnn_tui.training.store.locks import is_alive

    with Live(console=console, auto_refresh=False) as live:
        is_live = True
        while is_live:
            is_live = any(map(is_alive, folders))
            for each in watched:
                each.poll()
            live.update(_picture(watched, view), refresh=True)
            time.sleep(FOLLOW_SECONDS if is_live else 0)


def _picture(watched: "Sequence[WatchedRun]", view: "View") -> "RenderableType":
    import shutil

    from cnn_tui.render.runs.watched import RunsPicture

    # Where there is no terminal, there is room for the tallest plot.
    lines = shutil.get_terminal_size((0, 0)).lines
    return RunsPicture(watched, view, lines or None)
