"""The run store, in a shell: ``runs`` with its own commands, ``attach``, ``stop``, ``resume``."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import RUN_DOCUMENT, WorkspaceOption, agrees, json_option
from cnn_tui.cli.train import (
    DetachOption,
    ForegroundOption,
    QueueOption,
    refuse_two_ways,
    show_queued,
    show_run,
)
from cnn_tui.workspace import WORKSPACE_VARIABLE

RunArgument = Annotated[
    str, typer.Argument(metavar="RUN", help="The run's id, name, part of its id, or last.")
]
NONE_MEETS = "No run meets these conditions."
RunJsonOption = Annotated[bool, json_option(RUN_DOCUMENT)]


def runs(
    ctx: typer.Context,
    where: Annotated[
        list[str] | None,
        typer.Option(
            metavar="CONDITION",
            help="Only runs that meet it, such as lr=0.001, 'val_accuracy>0.9' or net~resnet "
            "(contains); may be given again.",
            show_default=False,
        ),
    ] = None,
    sort: Annotated[
        str,
        typer.Option(
            metavar="FIELD",
            help="Order by an option of train or by name, net, data, state, val_accuracy, "
            "test_accuracy, test_loss, images_per_second, epoch, seconds, created or notes; "
            "the highest accuracy first.",
        ),
    ] = "",
    group: Annotated[
        str, typer.Option(metavar="FIELD", help="Runs with the same value together.")
    ] = "",
    reverse: Annotated[bool, typer.Option("--reverse", help="In the opposite order.")] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of run, name, net, data, settings, state, epoch, epochs, "
            "best_val_accuracy, notes"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List the runs of this workspace, newest first, or as asked for."""
    if ctx.invoked_subcommand is not None:
        if workspace is not None:  # given before the subcommand's name, it holds there too
            os.environ[WORKSPACE_VARIABLE] = str(workspace)
        return
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.table import grouped_table, runs_table
    from cnn_tui.training.store.listing import list_runs
    from cnn_tui.training.store.selection import selection
    from cnn_tui.workspace import find

    asked = selection(where or (), sort, group, is_reversed=reverse)
    listed = list_runs(find(workspace))
    statuses = asked.of(listed)
    if json:
        print_json([asdict(status) for status in statuses])
    elif listed and not statuses:
        stderr().print(NONE_MEETS)
    elif group:
        stdout().print(grouped_table(asked.group, asked.groups(statuses)))
    else:
        stdout().print(runs_table(statuses))


def export(
    run: RunArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="Where to write to; the terminal without it. One that ends in .zip takes the "
            "whole run.",
        ),
    ] = None,
    csv: Annotated[
        bool,
        typer.Option("--csv", help="Numbers as comma-separated values, whatever FILE ends in."),
    ] = False,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Write the run's options to FILE instead, as TOML that 'cnn-lab train --config "
            "FILE' reads.",
            show_default=False,
        ),
    ] = None,
    workspace: WorkspaceOption = None,
) -> None:
    """Write a run's numbers, one row per epoch and per flush of the metrics, or a whole run.

    The first column says "step" or "epoch"; a value that such a row does not
    have is empty. A .zip holds the run with its weights and what it notes of its data:
    unpack it in the runs folder of another workspace, and it is a run there.
    """
    from sys import stdout

    from cnn_tui.training.config_toml import save_toml
    from cnn_tui.training.store.export import ARCHIVE, save_archive, save_csv, write_csv
    from cnn_tui.training.store.folder import read_header
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.training.store.metrics import read_events
    from cnn_tui.workspace import find

    folder = find_run(find(workspace), run)
    header = read_header(folder)  # refuses what cannot be used here
    if config is not None:
        save_toml(header.config, config)
        return
    if file is not None and file.suffix.casefold() == ARCHIVE and not csv:
        save_archive(folder, file)
        return
    events = read_events(folder.metrics_file)
    if file is None:
        write_csv(events, stdout)
    else:
        save_csv(events, file)


def diff(
    first: Annotated[
        str, typer.Argument(metavar="A", help="A run: id, name, part of an id, or last.")
    ],
    second: Annotated[str, typer.Argument(metavar="B", help="The run to compare it with.")],
    json: Annotated[
        bool,
        json_option(
            "runs (run, name, net, data, settings, state, epoch, epochs, best_val_accuracy, "
            "test_accuracy, test_loss, seconds), settings (setting, values), same_data, data"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Compare two runs: the settings that differ, their data, their results.

    What both have in common is left out. In JSON, same_data is null where a run does not
    say which images it trains on.
    """
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.training.store.comparison import compare
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    space = find(workspace)
    comparison = compare(find_run(space, first), find_run(space, second))
    if json:
        print_json(asdict(comparison))
        return
    from cnn_tui.render.runs.comparison import comparison_view

    stdout().print(comparison_view(comparison))


def delete(
    runs: Annotated[list[str], typer.Argument(help="Runs: id, name, part of an id, or last.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Delete runs, with their curves and weights, after a question."""
    from cnn_tui.errors import ExitCode, UsageError
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.render.runs.table import losses
    from cnn_tui.training.store import deletion
    from cnn_tui.training.store.listing import find_run, status
    from cnn_tui.workspace import find

    space = find(workspace)
    found = list(dict.fromkeys(find_run(space, name) for name in runs))
    for each in found:
        deletion.refuse_deletion(each)
    talk = stderr()
    if not yes:
        if not sys.stdin.isatty():
            raise UsageError("Nobody is here to be asked: say --yes to delete without a question.")
        losses_told = losses([status(each) for each in found])
        talk.print(losses_told, soft_wrap=True, markup=False)
        if not agrees("Delete it?" if len(found) == 1 else "Delete them?"):
            talk.print("Nothing was deleted.")
            raise typer.Exit(ExitCode.NOT_PASSED)
    for each in found:
        deletion.delete(each)
        talk.print(f"Deleted {each.run}", soft_wrap=True, markup=False)


def attach(
    run: RunArgument, json: RunJsonOption = False, workspace: WorkspaceOption = None
) -> None:
    """Follow a run, whoever started it; ctrl-c stops following, not the run."""
    from cnn_tui.training.store.folder import read_header
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    folder = find_run(find(workspace), run)
    read_header(folder)  # refuses what cannot be used here
    show_run(folder, json=json)


def stop(run: RunArgument, json: RunJsonOption = False, workspace: WorkspaceOption = None) -> None:
    """Let a run write a checkpoint and end, or leave its queue; harmless if it is not running."""
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.live import look_at, result_line
    from cnn_tui.render.runs.queue import left_queue
    from cnn_tui.training.process import launcher
    from cnn_tui.training.store.listing import find_run, kept_of, status
    from cnn_tui.training.store.locks import is_alive
    from cnn_tui.workspace import find

    folder = find_run(find(workspace), run)
    was_running, was_queued = is_alive(folder), status(folder).state == "queued"
    now = launcher.stop(folder)
    if json:
        print_json(asdict(now))
    if was_queued:
        stderr().print(left_queue(now), soft_wrap=True, markup=False)
        return
    if not was_running:
        stderr().print(f"Run {now.run} was not running: it is {now.state}.", soft_wrap=True)
        return
    (stderr() if json else stdout()).print(result_line(now, kept_of(folder)), soft_wrap=True)
    stderr().print(look_at(now), soft_wrap=True)


def resume(
    run: RunArgument,
    detach: DetachOption = False,
    queue: QueueOption = False,
    foreground: ForegroundOption = None,
    json: RunJsonOption = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Go on with a run from its last checkpoint, and follow it as 'cnn-lab train' does."""
    from cnn_tui.training.process import launcher
    from cnn_tui.training.process.foreground import ends_with_command
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    refuse_two_ways(queue=queue, foreground=foreground)
    ends = ends_with_command(foreground, detach=detach or queue)
    space = find(workspace)
    folder = find_run(space, run)
    if queue:
        show_queued(space, folder, json=json)
        return
    show_run(folder, launcher.resume, detach=detach, ends=ends, json=json)


def queue(
    start: Annotated[
        bool,
        typer.Option("--start", help="Start every queue that is not running, as after a restart."),
    ] = False,
    json: Annotated[
        bool, json_option("a list of run, net, data, queue, queue_place, queue_runs, message")
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """List the runs that wait for their turn, in the order in which they start.

    A queue outlives this command and its terminal, and not a restart of the machine: then
    --start goes on with it, for which "@reboot cnn-lab --workspace DIR queue --start" can
    stand in your crontab.
    """
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.queue import queue_table, started_queues
    from cnn_tui.training.queue.waiting import in_queues, start_queues
    from cnn_tui.workspace import find

    space = find(workspace)
    if start:
        stderr().print(started_queues(start_queues(space)), soft_wrap=True, markup=False)
    waiting = in_queues(space)
    if json:
        print_json([asdict(status) for status in waiting])
    else:
        stdout().print(queue_table(waiting))
