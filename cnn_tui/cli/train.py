"""``train``: start a run, and follow it in plain terminal output."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import RUN_DOCUMENT, DataDirOption, WorkspaceOption, json_option

if TYPE_CHECKING:
    from cnn_tui.training.store.folder import RunFolder

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
    judged: Annotated[
        str | None,
        typer.Option(help="The weights to test in the end: best, or last.", **HIDDEN),
    ] = None,
    image_size: Annotated[
        int | None, typer.Option(help="Side of what the network sees, in pixels.", **HIDDEN)
    ] = None,
    val_fraction: Annotated[
        float | None, typer.Option(help="Part of the training images held out.", **HIDDEN)
    ] = None,
    train_images: Annotated[
        int | None, typer.Option(help="Learn from so many images at most.", **HIDDEN)
    ] = None,
    label_noise: Annotated[
        float | None,
        typer.Option(help="Part of the training images that get a wrong label.", **HIDDEN),
    ] = None,
    seed: Annotated[int | None, typer.Option(help="Every draw follows from it.", **HIDDEN)] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.", **HIDDEN)] = None,
    precision: Annotated[str | None, typer.Option(help="auto, fp32 or bf16.", **HIDDEN)] = None,
    threads: Annotated[
        int | None, typer.Option(help="CPU threads; 0 decides by the network's size.", **HIDDEN)
    ] = None,
    recipe: Annotated[
        str | None,
        typer.Option(help="default, or fast: the fewest seconds to a good accuracy.", **HIDDEN),
    ] = None,
    placement: Annotated[
        str | None,
        typer.Option(help="Where the images lie: auto, device, or host (streamed).", **HIDDEN),
    ] = None,
    compile: Annotated[
        bool,
        typer.Option("--compile", help="Compile the network first, if that works here."),
    ] = False,
    cuda_graphs: Annotated[
        bool | None,
        typer.Option(
            "--cuda-graphs/--no-cuda-graphs",
            help="Replay each step as CUDA graphs, if that works.",
            **HIDDEN,
        ),
    ] = None,
    deterministic: Annotated[
        bool,
        typer.Option("--deterministic", help="Refuse operations whose results may vary."),
    ] = False,
    tensorboard: Annotated[
        bool,
        typer.Option("--tensorboard", help="Also write event files for TensorBoard."),
    ] = False,
    nproc: Annotated[
        int | None,
        typer.Option(help="Processes on each host that share every batch.", **HIDDEN),
    ] = None,
    nnodes: Annotated[
        int | None,
        typer.Option(help="Hosts that train together; give the command on each.", **HIDDEN),
    ] = None,
    rdzv_endpoint: Annotated[
        str | None,
        typer.Option(metavar="HOST:PORT", help="Where the hosts meet.", **HIDDEN),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What you want to call the run.", **HIDDEN)
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
) -> None:
    """Train a network in a process of its own, and follow it.

    Whatever is not given has a default with which the network learns the data
    set. The run goes on if this command ends: Ctrl+C stops following, not the run.
    """
    from cnn_tui.training.config import default_config
    from cnn_tui.training.process.launcher import make, start
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
        judged=judged,
        image_size=image_size,
        val_fraction=val_fraction,
        train_images=train_images,
        label_noise=label_noise,
        seed=seed,
        device=device,
        precision=precision,
        threads=threads,
        recipe=recipe,
        placement=placement,
        compile=compile,
        cuda_graphs=cuda_graphs,
        deterministic=deterministic,
        tensorboard=tensorboard,
        nproc=nproc,
        nnodes=nnodes,
        rdzv_endpoint=rdzv_endpoint,
    )
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

    from cnn_tui.errors import RunError, UsageError
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.table import goes_on, look_at, result_line
    from cnn_tui.training.store.listing import status

    if not detach:
        _follow(run, json=json)
    now = status(run)
    if json:
        print_json(asdict(now))
    elif detach:
        stdout().print(run.run, soft_wrap=True)
        stderr().print(goes_on(run.run), soft_wrap=True)
    if now.state in ("failed", "interrupted"):
        raise (UsageError if now.refused or now.trouble else RunError)(now.message)
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
    from cnn_tui.training.store.follow import follow

    talk = stderr()
    try:
        talk.print(f"Run {run.run}", soft_wrap=True)
        config = read_header(run).config
        show_live(follow(run), talk, None if json else stdout(), config)
    except KeyboardInterrupt:
        talk.print(goes_on(run.run), soft_wrap=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
