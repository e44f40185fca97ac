"""``train``: start a run, and follow it in plain terminal output."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import RUN_DOCUMENT, DataDirOption, WorkspaceOption, json_option, takes

if TYPE_CHECKING:
    from cnn_tui.options import Option
    from cnn_tui.training.config import TrainConfig
    from cnn_tui.training.store.folder import RunFolder
    from cnn_tui.workspace import Workspace

Settings = dict[str, Any]

DetachOption = Annotated[
    bool, typer.Option("--detach", help="Print the run's id and return; the run goes on.")
]
QueueOption = Annotated[
    bool,
    typer.Option(
        "--queue", help="Start once the runs before it on the device have ended, and return."
    ),
]
ForegroundOption = Annotated[
    bool | None,
    typer.Option(
        "--foreground/--no-foreground",
        help="Let the run end with this command, at a checkpoint; the default in a job of Slurm, "
        "PBS, LSF or Kubernetes.",
        show_default=False,
    ),
]


def _options() -> "tuple[Option, ...]":
    from cnn_tui.training.config import train_options

    return train_options()


@takes(_options, before="name")
def train(
    net: Annotated[
        str | None,
        typer.Argument(
            help="A network of 'cnn-lab nets', such as lenet5, or your own, FILE.py:NAME with "
            "options such as ,width=32; with --like that of the run.",
            show_default=False,
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option(
            help="A data set of 'cnn-lab data', such as cifar10, or folder:PATH. "
            "[default: digits, or that of --like]",
            show_default=False,
        ),
    ] = None,
    like: Annotated[
        str | None,
        typer.Option(
            metavar="RUN",
            help="Take the settings that were chosen for this run; what is given here wins.",
            show_default=False,
        ),
    ] = None,
    config: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Take the settings of a TOML file, which 'cnn-lab runs export RUN --config FILE' "
            "writes; what is given here wins.",
            show_default=False,
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What you want to call the run.", show_default=False)
    ] = None,
    detach: DetachOption = False,
    queue: QueueOption = False,
    foreground: ForegroundOption = None,
    no_start: Annotated[
        bool,
        typer.Option("--no-start", help="Only make the run's folder, for torchrun, and print it."),
    ] = False,
    find_lr: Annotated[
        bool,
        typer.Option(
            "--find-lr",
            help="Make no run: raise the learning rate step by step, and plot the loss.",
        ),
    ] = False,
    json: Annotated[
        bool,
        json_option(
            RUN_DOCUMENT,
            "with --no-start: also path",
            "with --find-lr: rates, losses, steepest, lowest, diverged, suggestion",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    **settings: Any,
) -> None:
    """Train a network in a process of its own, and follow it.

    Whatever is not given has a default with which the network learns the data
    set. The run goes on if this command ends: ctrl-c stops following, not the run.
    With --foreground it stops the run, as SIGTERM does. SIGUSR1 has the run write a
    checkpoint and go on.
    """
    from cnn_tui.training.process.foreground import ends_with_command
    from cnn_tui.training.process.launcher import make, start
    from cnn_tui.workspace import find

    if find_lr:
        _find_lr(_config(find(workspace), net, data, like, config, settings), data_dir, json=json)
        return
    refuse_two_ways(queue=queue, foreground=foreground, no_start=no_start)
    ends = ends_with_command(foreground, detach=detach or no_start or queue)
    space = find(workspace)
    run = make(
        space, _config(space, net, data, like, config, settings), name, data_dir, here=not no_start
    )
    if no_start:
        _show_path(run, json=json)
        return
    if queue:
        show_queued(space, run, json=json)
        return
    show_run(run, start, detach=detach, ends=ends, json=json)


def _config(
    space: "Workspace",
    net: str | None,
    data: str | None,
    like: str | None,
    config: Path | None,
    settings: Settings,
) -> "TrainConfig":
    """What is to be trained: what was given, above the defaults or above the settings of a run."""
    from cnn_tui.errors import UsageError
    from cnn_tui.training.again import config_like
    from cnn_tui.training.config_toml import config_from
    from cnn_tui.training.defaults import default_config
    from cnn_tui.training.store.folder import read_header
    from cnn_tui.training.store.listing import find_run

    if like is not None and config is not None:
        raise UsageError("Settings come from a run or from a file: give --like or --config.")
    if config is not None:
        return config_from(config, net, data, **settings)
    if like is not None:
        return config_like(read_header(find_run(space, like)).config, net, data, **settings)
    if net is None:
        raise UsageError(
            "Name a network to train, such as lenet5, or a run whose settings to take "
            "(--like last).",
            fields=("net",),
        )
    return default_config(net, "digits" if data is None else data, **settings)


def _find_lr(config: "TrainConfig", data_dir: "Path | None", *, json: bool) -> None:
    """Run the range test in this process, and show what it found."""
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.training.process.requirements import validate_resources

    validate_resources(config, data_dir)
    from cnn_tui.training.process.rate_range import find_rate

    talk = stderr()
    with talk.status("Raising the learning rate …"):
        found = find_rate(config, data_dir)
    if json:
        print_json({**asdict(found), "suggestion": found.suggestion})
        return
    from cnn_tui.render.runs.rate_range import rate_range_view, rate_words

    out = stdout()
    out.print(rate_range_view(found, width=out.width))
    talk.print(rate_words(config, found), soft_wrap=True, markup=False)


def refuse_two_ways(*, queue: bool, foreground: bool | None, no_start: bool = False) -> None:
    """Raise UsageError where a run is to wait in a queue and to start in another way."""
    from cnn_tui.errors import UsageError

    other = "--no-start" if no_start else "--foreground" if foreground else ""
    if queue and other:
        raise UsageError(f"A queued run starts by itself, later: give --queue or {other}.")


def show_queued(space: "Workspace", run: "RunFolder", *, json: bool = False) -> None:
    """Put a run into the queue of its device, and say when it starts."""
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.queue import queued_words
    from cnn_tui.training.queue.waiting import enqueue

    now = enqueue(space, run)
    if json:
        print_json(asdict(now))
    else:
        stdout().print(run.run, soft_wrap=True)
    stderr().print(queued_words(now), soft_wrap=True, markup=False)


def show_run(
    run: "RunFolder",
    start: "Callable[..., None] | None" = None,
    *,
    detach: bool = False,
    ends: bool = False,
    json: bool = False,
) -> None:
    """Start a run, follow it to its end and show its result; ``detach`` only says how to follow it.

    It is running where ``start`` is None; ``ends`` says whether it ends with this command.
    Raises RunError where the run failed or was killed, UsageError where it was
    refused for what was asked of it.
    """
    from dataclasses import asdict

    from cnn_tui.errors import ExitCode
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.live import goes_on, look_at, result_line
    from cnn_tui.training.store.listing import kept_of, refuse_failed, status

    stopped = False
    if not detach:
        stopped = _follow(run, start, ends=ends, json=json)
    elif start:
        start(run)
    now = status(run)
    if json:
        print_json(asdict(now))
    elif detach:
        stdout().print(run.run, soft_wrap=True)
        stderr().print(goes_on(run.run), soft_wrap=True)
    refuse_failed(now)
    if not json and not detach:
        stdout().print(result_line(now, kept_of(run)), soft_wrap=True)
        stderr().print(look_at(now), soft_wrap=True)
    if stopped and now.state == "stopped":
        raise typer.Exit(ExitCode.INTERRUPTED)


def _show_path(run: "RunFolder", *, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.training.store.listing import status

    if json:
        print_json({**asdict(status(run)), "path": str(run.path)})
    else:
        stdout().print(str(run.path), soft_wrap=True, markup=False, highlight=False)


def _follow(
    run: "RunFolder", start: "Callable[..., None] | None", *, ends: bool, json: bool
) -> bool:
    """Follow a run to its end; returns whether this command was asked to stop it."""
    from cnn_tui.errors import ExitCode
    from cnn_tui.render.draw.console import stderr, stdout
    from cnn_tui.render.runs.live import ENDS_WITH_COMMAND, STOPPING, goes_on, show_live
    from cnn_tui.training.process.foreground import PassedOn
    from cnn_tui.training.store.folder import read_header
    from cnn_tui.training.store.locks import is_alive

    talk = stderr()
    signals = PassedOn(run, ends=ends)
    try:
        with signals.caught(lambda: talk.print(STOPPING, soft_wrap=True)):
            if start is not None:
                signals.starting(lambda: start(run, ends_with_me=ends))
            talk.print(f"Run {run.run}", soft_wrap=True)
            if ends:
                talk.print(ENDS_WITH_COMMAND, soft_wrap=True)
            config = read_header(run).config
            show_live(signals.follow(), talk, None if json else stdout(), config)
    except KeyboardInterrupt:
        if not is_alive(run):
            raise
        talk.print(STOPPING if ends else goes_on(run.run), soft_wrap=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    return signals.stopping
