"""``activations``: what the layers of a network do with an image."""

from pathlib import Path
from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option


def activations(
    net: Annotated[
        str,
        typer.Argument(
            metavar="NET|run:RUN",
            help="A network of 'cnn-lab nets' with fresh weights, or a run, such as run:last.",
        ),
    ],
    layer: Annotated[
        str | None,
        typer.Argument(help="A layer's name or the end of it; all are listed without one."),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="digit, digits#17, folder:PATH#17 or a picture file; a digit, or the run's "
            "first test image, if not given.",
            show_default=False,
        ),
    ] = None,
    channel: Annotated[
        int, typer.Option(help="The first map shown; the one whose histograms are shown.")
    ] = 0,
    maps: Annotated[int, typer.Option(min=1, max=64, help="Feature maps to show.")] = 12,
    image_size: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Side at which a fresh network sees the image; its own if not given.",
            show_default=False,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Of fresh weights and dropout masks.")
    ] = 0,
    json: Annotated[
        bool,
        json_option(
            "net, source, image, layer, output_shape, maps, histograms, masks, "
            "layers (name, type, output_shape)"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Show feature maps, batch norm histograms and dropout masks of a layer."""
    _refuse_unknown(net, workspace)  # a wrong name answers before torch is imported
    from cnn_tui.engine.jobs import activations as look
    from cnn_tui.render.draw.console import print_json, stdout

    seen = look(
        net,
        layer,
        image=image,
        image_size=image_size,
        channel=channel,
        most_maps=maps,
        seed=seed,
        workspace=workspace,
        data_dir=data_dir,
    )
    if json:
        print_json(seen.to_json())
    else:
        from cnn_tui.render.networks.activations import activations_view

        out = stdout()
        out.print(activations_view(seen, columns=out.width))


def _refuse_unknown(net: str, workspace: Path | None) -> None:
    from cnn_tui.nets.specs import parse
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.training.store.references import run_in
    from cnn_tui.workspace import find

    run = run_in(net)
    if run is not None:
        find_run(find(workspace), run)
    else:
        parse(net)
