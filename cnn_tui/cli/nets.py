"""``nets`` and ``summary``: the networks, listed and taken apart."""

from typing import Annotated

import typer

from cnn_tui.cli.options import JsonOption


def nets(json: JsonOption = False) -> None:
    """List the networks, oldest first."""
    from cnn_tui.nets.catalogue import NETS
    from cnn_tui.render.console import print_json, stdout
    from cnn_tui.render.summary import net_list

    if json:
        from dataclasses import asdict

        print_json([asdict(net) for net in NETS])
    else:
        stdout().print(net_list(NETS))


def summary(
    net: Annotated[str, typer.Argument(help="A network of 'cnn-lab nets', such as vgg16.")],
    input_shape: Annotated[
        str | None,
        typer.Option(
            "--input",
            metavar="C,H,W",
            help="Channels, height and width of the input; the network's own if not given.",
            show_default=False,
        ),
    ] = None,
    depth: Annotated[
        int | None,
        typer.Option(min=1, help="Show modules nested no deeper than this.", show_default=False),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show what each layer of a network puts out, holds, costs and sees."""
    from cnn_tui.nets.catalogue import net_info

    net_info(net)  # a wrong name answers before torch is imported
    shape = None if input_shape is None else _parse_shape(input_shape)
    from cnn_tui.analysis.summary import summarize
    from cnn_tui.render.console import print_json, stdout
    from cnn_tui.render.summary import net_summary

    result = summarize(net, shape)
    if json:
        print_json(result.to_json())
    else:
        stdout().print(net_summary(result, depth))


def _parse_shape(text: str) -> tuple[int, ...]:
    from cnn_tui.errors import UsageError

    try:
        return tuple(int(side) for side in text.replace("x", ",").split(","))
    except ValueError:
        raise UsageError(
            f"--input {text!r} is not a shape: write channels,height,width, such as 3,224,224."
        ) from None
