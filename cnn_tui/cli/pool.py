"""``pool``: pooling as number grids."""

from typing import Annotated

import typer

from cnn_tui.cli.options import JsonOption


def pool(
    source: Annotated[
        str,
        typer.Option(
            "--input",
            metavar="NAME|FILE|-",
            help="chapter, edges, checkerboard, gradient, a CSV file, or - for standard input.",
        ),
    ] = "chapter",
    kind: Annotated[str, typer.Option(help="max or avg.")] = "max",
    kernel_size: Annotated[int, typer.Option(help="Side of the window, in cells.")] = 2,
    stride: Annotated[
        int | None,
        typer.Option(help="Step of the window; kernel_size if not given.", show_default=False),
    ] = None,
    padding: Annotated[int, typer.Option(help="Cells added on every side.")] = 0,
    ceil_mode: Annotated[
        bool, typer.Option("--ceil-mode", help="Round the output size up.")
    ] = False,
    steps: Annotated[
        bool, typer.Option("--steps", help="Show every window, one after the other.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Pool a map and show the windows, the numbers and the arithmetic."""
    from cnn_tui.analysis.pooling import check_settings
    from cnn_tui.analysis.records import PoolSettings

    grid = _grid(source)
    settings = PoolSettings(
        kind, kernel_size, kernel_size if stride is None else stride, padding, ceil_mode
    )
    check_settings(grid, settings)  # wrong settings answer before torch is imported
    from cnn_tui.analysis.pooling import pool as pool_grid
    from cnn_tui.render.console import print_json, stdout
    from cnn_tui.render.pooling import pool_steps, pool_view

    result = pool_grid(grid, settings)
    if json:
        print_json(result.to_json())
    else:
        stdout().print(pool_steps(result) if steps else pool_view(result))


def _grid(source: str) -> tuple[tuple[float, ...], ...]:
    import sys
    from pathlib import Path

    from cnn_tui.analysis.inputs import decode_grid, named_input, parse_grid, read_grid

    if source == "-":
        return parse_grid(decode_grid(sys.stdin.buffer.read(), "standard input"), "standard input")
    if Path(source).suffix or "/" in source:
        return read_grid(Path(source))
    return named_input(source).grid
