"""``train``: start a run, and follow it in plain terminal output."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import DataDirOption, JsonOption, WorkspaceOption

if TYPE_CHECKING:
    from cnn_tui.training.runs import RunFolder

HIDDEN: dict[str, Any] = {"show_default": False}


def train(
    net: Annotated[str, typer.Argument(help="A network of 'cnn-lab nets', such as lenet5.")],
    data: Annotated[
        str, typer.Option(help="digits, mnist, fashion-mnist, cifar10 or folder:PATH.")
    ] = "digits",
    epochs: Annotated[int | None, typer.Option(**HIDDEN)] = None,
    batch_size: Annotated[int | None, typer.Option(help="Images per step.", **HIDDEN)] = None,
    lr: Annotated[float | None, typer.Option(help="Peak learning rate.", **HIDDEN)] = None,
    optimizer: Annotated[
        str | None, typer.Option(help="sgd (momentum 0.9), adam or adamw.", **HIDDEN)
    ] = None,
    schedule: Annotated[
        str | None, typer.Option(help="constant, step, cosine or onecycle.", **HIDDEN)
    ] = None,
    warmup: Annotated[
        float | None, typer.Option(help="Part of the steps that climb to the peak.", **HIDDEN)
    ] = None,
    weight_decay: Annotated[
        float | None, typer.Option(help="Not on biases and norms.", **HIDDEN)
    ] = None,
    label_smoothing: Annotated[float | None, typer.Option(**HIDDEN)] = None,
    dropout: Annotated[
        float | None, typer.Option(help="p of the network's dropout layers.", **HIDDEN)
    ] = None,
    augment: Annotated[str | None, typer.Option(help="none, crop or crop+flip.", **HIDDEN)] = None,
    cutout: Annotated[
        int | None,
        typer.Option(help="Side of a square hidden in each training image.", **HIDDEN),
    ] = None,
    clip_grad: Annotated[
        float | None,
        typer.Option(metavar="NORM", help="Shorten longer gradients to this norm.", **HIDDEN),
    ] = None,
    patience: Annotated[
        int | None,
        typer.Option(
            metavar="EPOCHS",
            help="Stop when validation accuracy has not risen for so many epochs.",
            **HIDDEN,
        ),
    ] = None,
    image_size: Annotated[
        int | None, typer.Option(help="Side of what the network sees, in pixels.", **HIDDEN)
    ] = None,
    val_fraction: Annotated[
        float | None, typer.Option(help="Part of the training images held out.", **HIDDEN)
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Every draw follows from it.", **HIDDEN)] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.", **HIDDEN)] = None,
    precision: Annotated[str | None, typer.Option(help="auto, fp32 or bf16.", **HIDDEN)] = None,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads; 0 decides by the network's size.", **HIDDEN)
    ] = None,
    compile: Annotated[
        bool,
        typer.Option("--compile", help="Compile the network first, if that works here."),
    ] = False,
    deterministic: Annotated[
        bool,
        typer.Option("--deterministic", help="Refuse operations whose results may vary."),
    ] = False,
    name: Annotated[
        str | None, typer.Option(help="What you want to call the run.", **HIDDEN)
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", help="Print the run's id and return; the run goes on.")
    ] = False,
    json: JsonOption = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Train a network in a process of its own, and follow it.

    Whatever is not given has a default with which the network learns the data
    set. The run goes on if this command ends: Ctrl+C stops following, not the run.
    """
    from cnn_tui.training.config import default_config
    from cnn_tui.training.launcher import launch
    from cnn_tui.workspace import find

    config = default_config(
        net,
        data,
        epochs=epochs,
        batch_size=batch_size,
        lr=lr,
        optimizer=optimizer,
        schedule=schedule,
        warmup=warmup,
        weight_decay=weight_decay,
        label_smoothing=label_smoothing,
        dropout=dropout,
        augment=augment,
        cutout=cutout,
        clip_grad=clip_grad,
        patience=patience,
        image_size=image_size,
        val_fraction=val_fraction,
        seed=seed,
        device=device,
        precision=precision,
        threads=threads,
        compile=compile,
        deterministic=deterministic,
    )
    run = launch(find(workspace), config, name, data_dir)
    show_run(run, detach=detach, json=json)


def show_run(run: "RunFolder", *, detach: bool = False, json: bool = False) -> None:
    """Follow a run to its end and show its result; ``detach`` only says how to follow it.

    Raises RunError where the run failed or was killed.
    """
    from dataclasses import asdict

    from cnn_tui.errors import RunError
    from cnn_tui.render.console import print_json, stderr, stdout
    from cnn_tui.render.runs import goes_on, look_at, result_line
    from cnn_tui.training.runs import status

    if not detach:
        _follow(run, json=json)
    now = status(run)
    if json:
        print_json(asdict(now))
    elif detach:
        stdout().print(run.run, soft_wrap=True)
        stderr().print(goes_on(run.run), soft_wrap=True)
    if now.state in ("failed", "interrupted"):
        raise RunError(
            now.message
            or f"The worker of run {run.run} ended without a last word (its log is "
            f"{run.log_file}): go on with cnn-lab resume {run.run}"
        )
    if not json and not detach:
        stdout().print(result_line(now), soft_wrap=True)
        stderr().print(look_at(now), soft_wrap=True)


def _follow(run: "RunFolder", *, json: bool) -> None:
    from cnn_tui.errors import ExitCode
    from cnn_tui.render.console import stderr, stdout
    from cnn_tui.render.runs import goes_on, show_live
    from cnn_tui.training.follow import follow

    talk = stderr()
    try:
        talk.print(f"Run {run.run}", soft_wrap=True)
        show_live(follow(run), talk, None if json else stdout())
    except KeyboardInterrupt:
        talk.print(goes_on(run.run), soft_wrap=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
