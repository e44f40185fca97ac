"""``inspect``: the inside of a run's network, as it was recorded while it learned."""

from typing import Annotated

import typer

from cnn_tui.cli.options import WorkspaceOption, json_option
from cnn_tui.cli.runs import RunArgument


def inspect(
    run: RunArgument,
    layer: Annotated[
        str | None,
        typer.Option(help="Every number of one layer, such as conv1.", show_default=False),
    ] = None,
    epoch: Annotated[
        int | None,
        typer.Option(help="After that many epochs, instead of the last.", show_default=False),
    ] = None,
    show: Annotated[
        str,
        typer.Option(
            metavar="QUANTITY",
            help="What the cells show: update, gradient, weight, dead, std, mean or batchnorm.",
        ),
    ] = "update",
    json: Annotated[
        bool,
        json_option(
            "run, images (pictures, labels, classes), snapshots (step, epoch, rate_part, images, "
            "layers, filters, maps, predictions), advice"
        ),
    ] = False,
    workspace: WorkspaceOption = None,
) -> None:
    """Look inside a network as it learned: layer by layer, its filters, a few predictions.

    Rows are layers and columns the ends of epochs, or the steps of train --inspect. Pictures
    in JSON are bytes in base64, channel by channel.
    """
    from dataclasses import asdict

    from cnn_tui.names import match
    from cnn_tui.render.draw.commands import with_steps
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.inspected_layer import layer_view
    from cnn_tui.render.runs.inspection import QUANTITIES, inspection_view
    from cnn_tui.training.inspection_advice import advise_inside
    from cnn_tui.training.store.inspections import asked_of
    from cnn_tui.training.store.listing import find_run
    from cnn_tui.workspace import find

    folder = find_run(find(workspace), run)
    quantity = QUANTITIES[match(show, QUANTITIES, "quantity", "")]
    found, shown = asked_of(folder, layer=layer, epoch=epoch)
    if json:
        told = [asdict(each) for each in advise_inside(found)]
        print_json({"run": folder.run, **found.to_json(), "advice": told})
        return
    out = stdout()
    if layer is not None:
        out.print(layer_view(found, shown.layers[0].name, quantity, width=out.width))
        return
    out.print(inspection_view(found, shown, quantity, width=out.width))
    for advice in advise_inside(found):
        stderr().print(
            f"▲ {with_steps(advice.sentence, advice.next_steps)}", soft_wrap=True, markup=False
        )
