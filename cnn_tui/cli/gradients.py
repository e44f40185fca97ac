"""``gradients``: how much of the gradient reaches the input of a deep stack."""

from typing import Annotated

import typer

from cnn_tui.cli.options import json_option


def gradients(
    depths: Annotated[
        str,
        typer.Option(
            metavar="FROM..TO|N,N",
            help="Blocks: 2..64 doubles from 2 to 64; 2,8,32 names each.",
        ),
    ] = "2..64",
    initialization: Annotated[
        str, typer.Option(help="How the weights are drawn: default (PyTorch's) or he.")
    ] = "default",
    seed: Annotated[
        int, typer.Option(min=0, max=2**32 - 1, help="Every draw follows from it.")
    ] = 0,
    json: Annotated[
        bool, json_option("seed, initialization, arms (label, depths, norms, factor_per_block)")
    ] = False,
) -> None:
    """Measure the gradient at the input of plain and residual stacks, by depth."""
    from cnn_tui.analysis.gradients.depths import INITIALIZATIONS, parse_depths
    from cnn_tui.names import match
    from cnn_tui.next_steps import Action, step

    blocks = parse_depths(depths)  # wrong words answer before torch is imported
    start = match(
        initialization, INITIALIZATIONS, "initialization", step(Action.EXPLAIN, "gradients")
    )
    from cnn_tui.engine.jobs import gradients as measure
    from cnn_tui.render.draw.console import print_json, stdout

    flows = measure(blocks, start, seed)
    if json:
        print_json(
            {"seed": seed, "initialization": start, "arms": [flow.to_json() for flow in flows]}
        )
    else:
        from cnn_tui.render.networks.gradients import gradient_view

        out = stdout()
        out.print(gradient_view(flows, width=min(out.width, 100)))
