"""``train``: start a run, and follow it in plain terminal output."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import RUN_DOCUMENT, DataDirOption, WorkspaceOption, json_option, takes

if TYPE_CHECKING:
    from cnn_tui.options import Option
    from cnn_tui.training.store.folder import RunFolder


def _options() -> "tuple[Option, ...]":
    from cnn_tui.training.config import train_options

    return train_options()


@takes(_options, before="name")
def train(
    net: Annotated[str, typer.Argument(help="A network of 'cnn-lab nets', such as lenet5.")],
    data: Annotated[
        str, typer.Option(help="A data set of 'cnn-lab data', such as cifar10, or folder:PATH.")
    ] = "digits",
    name: Annotated[
        str | None, typer.Option(help="What you want to call the run.", show_default=False)
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Print the run's id and return; the run goes on.")
    ] = False,
    no_start: Annotated[
        bool,
        typer.Option("--no-start", help="Only make the run's folder, for torchrun, and print it."),
    ] = False,
    json: Annotated[bool, json_option(RUN_DOCUMENT, "with --no-start: also path")] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    **settings: Any,
) -> None:
    """Train a network in a process of its own, and follow it.

    Whatever is not given has a default with which the network learns the data
    set. The run goes on if this command ends: Ctrl+C stops following, not the run.
    """
    from cnn_tui.training.config import default_config
    from cnn_tui.training.process.launcher import make, start
    from cnn_tui.workspace import find

    config = default_config(net, data, **settings)
    run = make(find(workspace), config, name, data_dir)
    if no_start:
        _show_path(run, json=json)
        return
    start(run)
    show_run(run, detach=detach, json=json)


def show_run(run: "RunFolder", *, detach: bool = False, json: bool = False) -> None:
    """Follow a run to its end and show its result; ``detach`` only says how to follow it.

    Raises RunError where the run failed or was killed, UsageError where it was
    refused for what was asked of it.
    """
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.table import goes_on, look_at, result_line
    from cnn_tui.training.store.listing import refuse_failed, status

    if not detach:
        _follow(run, json=json)
    now = status(run)
    if json:
        print_json(asdict(now))
    elif detach:
        stdout().print(run.run, soft_wrap=True)
        stderr().print(goes_on(run.run), soft_wrap=True)
    refuse_failed(now)
    if not json and not detach:
        stdout().print(result_line(now), soft_wrap=True)
        stderr().print(look_at(now), soft_wrap=True)


def _show_path(run: "RunFolder", *, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.training.store.listing import status

    if json:
        print_json({**asdict(status(run)), "path": str(run.path)})
    else:
        stdout().print(str(run.path), soft_wrap=True, markup=False, highlight=False)


def _follow(run: "RunFolder", *, json: bool) -> None:
    from cnn_tui.errors import ExitCode
    from cnn_tui.render.draw.console import stderr, stdout
    from cnn_tui.render.runs.table import goes_on, show_live
    from cnn_tui.training.store.folder import read_header
    from cnn_tui.training.store.metrics import follow

    talk = stderr()
    try:
        talk.print(f"Run {run.run}", soft_wrap=True)
        config = read_header(run).config
        show_live(follow(run), talk, None if json else stdout(), config)
    except KeyboardInterrupt:
        talk.print(goes_on(run.run), soft_wrap=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
