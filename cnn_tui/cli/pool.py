"""``pool``: pooling as grids, and what a shift of the map does to it."""

from typing import Annotated

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option


def pool(
    source: Annotated[
        str,
        typer.Option(
            "--input",
            metavar="NAME|FILE|-",
            help="chapter, edges, checkerboard, gradient, shifted; digit, digits#N, folder:PATH#N "
            "or an image file; run:RUN:LAYER[:CHANNEL]; a CSV file, or - for standard input.",
        ),
    ] = "chapter",
    kind: Annotated[
        str,
        typer.Option(help="max, avg, lp, global-max, global-avg, adaptive-max or adaptive-avg."),
    ] = "max",
    kernel_size: Annotated[
        int | None, typer.Option(help="Side of the window, in cells. [default: 2]")
    ] = None,
    stride: Annotated[
        int | None, typer.Option(help="Step of the window; kernel_size if not given.")
    ] = None,
    padding: Annotated[
        int | None, typer.Option(help="Cells added on every side. [default: 0]")
    ] = None,
    dilation: Annotated[
        int | None, typer.Option(help="Cells from one to the next of a max window. [default: 1]")
    ] = None,
    ceil_mode: Annotated[
        bool, typer.Option("--ceil-mode", help="Round the output size up.")
    ] = False,
    count_include_pad: Annotated[
        bool | None,
        typer.Option(
            "--count-include-pad/--no-count-include-pad",
            help="Whether an average counts padding as zeros. [default: it does]",
        ),
    ] = None,
    norm_type: Annotated[
        float | None, typer.Option(help="The p of lp pooling. [default: 2]")
    ] = None,
    output_size: Annotated[
        str | None,
        typer.Option(metavar="N|ROWS,COLUMNS", help="Output size of adaptive pooling."),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|N", help="Of an image: red, green, blue or gray; of a layer: N."
        ),
    ] = None,
    shift: Annotated[
        str | None,
        typer.Option(
            metavar="ROWS,COLUMNS",
            help="Shift the map, down and to the right, and pool it before and after: 0,1.",
        ),
    ] = None,
    steps: Annotated[
        bool, typer.Option("--steps", help="Show every window, one after the other.")
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: Annotated[
        bool,
        json_option(
            "kind, kernel_size, stride, padding, input, output, reduction_percent",
            "with --shift: also shift, shifted_input, shifted_output, changed_share",
        ),
    ] = False,
) -> None:
    """Pool a map and show the windows, the numbers and the arithmetic."""
    import sys

    from cnn_tui.analysis.pooling.comparison import shifted_by_one
    from cnn_tui.analysis.pooling.inputs import resolve_input
    from cnn_tui.analysis.pooling.operators import choose
    from cnn_tui.analysis.pooling.operators import pool as pool_grid
    from cnn_tui.analysis.pooling.translation import parse_shift, translation
    from cnn_tui.errors import UsageError

    settings = choose(
        kind,
        kernel_size=kernel_size,
        stride=stride,
        padding=padding,
        dilation=dilation,
        ceil_mode=ceil_mode or None,
        count_include_pad=count_include_pad,
        norm_type=norm_type,
        output_size=output_size,
    )
    stdin = getattr(sys.stdin, "buffer", None)
    chosen = resolve_input(
        source, channel=channel, workspace=workspace, data_dir=data_dir, stdin=stdin
    )
    way = chosen.shift if shift is None else parse_shift(shift)
    if shift is not None and steps:
        raise UsageError("--steps and --shift are two views of a map: give one of them.")
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pooling.settings import heading
    from cnn_tui.render.pooling.view import pool_steps, pool_view
    from cnn_tui.render.translation import translation_view

    console = stdout()
    if way is None or steps:
        pooled = pool_grid(chosen.grid, settings)
        document = pooled.to_json()
        windows = pool_steps(pooled, console.width)
        moved = shifted_by_one(chosen.grid, settings)
        view = pool_view(pooled, width=console.width, moved=moved, key="--shift 0,1")
        parts = windows if steps else iter([view])
    else:
        compared = translation(chosen.grid, settings, way)
        document = compared.to_json()
        parts = iter([translation_view(compared, width=console.width)])
    if json:
        print_json(document)
        return
    console.print(heading(chosen.name, chosen.title, settings), "", sep="\n")
    for part in parts:
        console.print(part)
