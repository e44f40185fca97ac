"""``nets``, ``summary``, ``compare`` and ``receptive-field``: networks listed and taken apart."""

from typing import TYPE_CHECKING, Annotated

import typer

from cnn_tui.cli.options import json_option

if TYPE_CHECKING:
    from cnn_tui.analysis.networks.records import NetSummary

InputOption = Annotated[
    str | None,
    typer.Option(
        "--input",
        metavar="C,H,W",
        help="Channels, height and width of the input; the network's own if not given.",
        show_default=False,
    ),
]
NetArgument = Annotated[
    str,
    typer.Argument(
        metavar="NET",
        help="A network of 'cnn-lab nets', with options if you like (vgg16,batch_norm=true), "
        "or your own: file.py:Class, package.module:Factory.",
    ),
]


def nets(
    which: Annotated[bool, typer.Option("--which", help="Say which one to use when.")] = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Take all of them apart now, and list what they are.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "a list of name, title, year, family, parameters, macs, options",
            "with --which: a list of name, title, parameters, macs, use_when",
            "with --measure: a list of net, input_shape, total_parameters, total_macs, depth",
        ),
    ] = False,
) -> None:
    """List the networks, oldest first."""
    from dataclasses import asdict

    from cnn_tui.errors import UsageError
    from cnn_tui.nets.catalogue import all_nets
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.networks.summary import net_choice, net_list

    if which and measure:
        raise UsageError("--which and --measure are two different tables: give one of them.")
    if measure:
        _measure(json=json)
    elif json:
        fields = ("name", "title", "parameters", "macs", "use_when") if which else None
        listed = [asdict(net) for net in all_nets()]
        print_json([{key: net[key] for key in fields} for net in listed] if fields else listed)
    else:
        stdout().print(net_choice(all_nets()) if which else net_list(all_nets()))


def summary(
    net: NetArgument,
    input_shape: InputOption = None,
    depth: Annotated[
        int | None,
        typer.Option(min=1, help="Show modules nested no deeper than this.", show_default=False),
    ] = None,
    unfold: Annotated[
        bool,
        typer.Option("--unfold", "--all", help="Show blocks that repeat one by one."),
    ] = False,
    time: Annotated[
        bool, typer.Option("--time", help="Run it and measure how long each layer takes.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "net, input_shape, total_parameters, total_macs, "
            "layers (name, type, output_shape, parameters, macs, receptive_field)"
        ),
    ] = False,
) -> None:
    """Show what each layer of a network puts out, holds, costs and sees."""
    from contextlib import nullcontext

    from cnn_tui.render.draw.console import print_json, stderr, stdout

    with stderr().status("Measuring its time …") if time else nullcontext():
        result = _summaries([net], input_shape, timed=time)[0]
    if json:
        print_json(result.to_json())
        return
    from cnn_tui.render.networks.summary import net_summary

    stdout().print(net_summary(result, depth, unfold=unfold))


def compare(
    nets: Annotated[
        list[str],
        typer.Argument(metavar="NET NET …", help="Two networks or more; see 'summary --help'."),
    ],
    input_shape: InputOption = None,
    json: Annotated[
        bool,
        json_option(
            "a list of net, input_shape, total_parameters, total_macs, depth, receptive_field"
        ),
    ] = False,
) -> None:
    """Show two or more networks side by side: size, cost, memory, depth, receptive field."""
    from cnn_tui.errors import UsageError
    from cnn_tui.render.draw.console import print_json, stdout

    if len(nets) < 2:
        raise UsageError(
            f"compare takes two networks or more, such as: cnn-lab compare {nets[0]} resnet18."
        )
    results = _summaries(nets, input_shape)
    from cnn_tui.render.networks.compare import net_comparison

    if json:
        print_json([result.totals_json() for result in results])
    else:
        stdout().print(net_comparison(results))


def receptive_field(
    net: NetArgument,
    input_shape: InputOption = None,
    json: Annotated[
        bool,
        json_option(
            "net, input_shape, receptive_field, "
            "layers (name, type, kernel_size, stride, padding, receptive_field, jump, start)"
        ),
    ] = False,
) -> None:
    """Show how the receptive field grows from layer to layer, with its arithmetic."""
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.networks.receptive_field import receptive_field_table

    result = _summaries([net], input_shape)[0]
    if json:
        print_json(result.receptive_field_json())
    else:
        stdout().print(receptive_field_table(result))


def _measure(*, json: bool) -> None:
    from cnn_tui.analysis.networks.summary import summarize_all
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.networks.compare import net_measurements

    with stderr().status("Taking the networks apart …"):
        results = summarize_all()
    if json:
        print_json([result.totals_json() for result in results])
    else:
        stdout().print(net_measurements(results))


def _summaries(
    nets: list[str], input_shape: str | None, *, timed: bool = False
) -> "list[NetSummary]":
    """Each network taken apart; a wrong name or shape answers before torch is imported."""
    from cnn_tui.analysis.records import parse_shape
    from cnn_tui.engine.jobs import summarize
    from cnn_tui.nets.specs import parse

    for net in nets:
        parse(net)
    shape = None if input_shape is None else parse_shape(input_shape)
    return [summarize(net, shape, timed) for net in nets]
