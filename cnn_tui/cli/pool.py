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
            "or an image file; run:RUN:LAYER[:CHANNEL]; a CSV file, a printed tensor, .npy, "
            ".npz[:NAME], .pt[:NAME]; - reads text from standard input.",
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
        float | None,
        typer.Option(help="The p of lp pooling, not 0; inf for the largest |x|. [default: 2]"),
    ] = None,
    output_size: Annotated[
        str | None,
        typer.Option(metavar="N|ROWS,COLUMNS", help="Output size of adaptive pooling."),
    ] = None,
    channel: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|N",
            help="Of an image: red, green, blue or gray; of a layer or an array: N.",
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
    backward: Annotated[
        bool,
        typer.Option("--backward", help="Show where the gradient goes; --steps: window by window."),
    ] = False,
    return_indices: Annotated[
        bool, typer.Option("--return-indices", help="Show where each maximum stood.")
    ] = False,
    unpool: Annotated[
        bool, typer.Option("--unpool", help="Show what nn.MaxUnpool2d makes of the output.")
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    json: Annotated[
        bool,
        json_option(
            "kind, kernel_size, stride, padding, input, output, reduction_percent",
            "with --shift: also shift, shifted_input, shifted_output, changed_share",
            "with --backward: also output_gradient, input_gradient",
            "with --return-indices: also indices",
            "with --unpool: also indices, unpooled",
        ),
    ] = False,
) -> None:
    """Pool a map and show the windows, the numbers and the arithmetic."""
    import sys

    from cnn_tui.analysis.pooling.inputs import resolve_input
    from cnn_tui.analysis.pooling.operators import choose
    from cnn_tui.analysis.pooling.translation import parse_shift
    from cnn_tui.cli.pool_views import chosen_view, view_of

    view = chosen_view(
        {
            "--shift": shift is not None,
            "--backward": backward,
            "--return-indices": return_indices,
            "--unpool": unpool,
        },
        steps=steps,
    )
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
    if view is None and not steps and chosen.shift is not None:
        view = "--shift"
    way = (chosen.shift or (0, 1)) if shift is None else parse_shift(shift)
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.pooling.settings import heading

    console = stdout()
    shown = view_of(view, chosen.grid, settings, way, steps=steps, width=console.width)
    if json:
        print_json(shown.document)
        return
    console.print(heading(chosen.name, chosen.title, settings), "", sep="\n")
    for part in shown.parts:
        console.print(part)
