"""``nets``, ``summary``, ``compare`` and ``receptive-field``: networks listed and analyzed."""

from collections.abc import Mapping
from typing import Annotated

import typer

from cnn_tui.cli.options import json_option
from cnn_tui.cli.summaries import (
    cost_settings,
    print_comparison,
    print_costs,
    print_layers,
    print_receptive_field,
    print_summary,
    summaries,
    typed_inputs,
)

InputOption = Annotated[
    list[str] | None,
    typer.Option(
        "--input",
        metavar="[NAME=]SIDES[:TYPE]",
        help="An input without its batch: 3,224,224, 784, 16:int64 (token ids), mask=16:bool (by "
        "name), scalar:int64; once for each. The network's own if not given.",
        show_default=False,
    ),
]
BatchOption = Annotated[
    int | None,
    typer.Option(
        "--batch",
        metavar="N",
        help="How many examples, for a forward that takes a fixed batch.",
        show_default=False,
    ),
]
NoBatchOption = Annotated[
    bool, typer.Option("--no-batch", help="For a forward that takes one example without a batch.")
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
    net: Annotated[
        str | None,
        typer.Argument(
            metavar="NET",
            help="Show the layers of this network instead of the list; 'summary NET' has more "
            "options.",
        ),
    ] = None,
    which: Annotated[bool, typer.Option("--which", help="Say which one to use when.")] = False,
    measure: Annotated[
        bool, typer.Option("--measure", help="Analyze all of them now, and list what they are.")
    ] = False,
    source: Annotated[
        bool, typer.Option("--source", help="With NET: show the code of the network.")
    ] = False,
    input_shape: InputOption = None,
    batch: BatchOption = None,
    no_batch: NoBatchOption = False,
    json: Annotated[
        bool,
        json_option(
            "a list of name, title, year, family, parameters, macs, accuracy, options",
            "with --which: a list of name, title, parameters, macs, use_when",
            "with --measure: a list of net, input_shape, total_parameters, total_macs, depth",
            "with NET: net, input_shape, inputs, batch, total_parameters, total_macs, "
            "layers (name, type, output_shape, parameters, macs, receptive_field)",
            "with --source: net, files (title, path, text)",
        ),
    ] = False,
) -> None:
    """List the networks, oldest first, or show one of them."""
    from dataclasses import asdict

    from cnn_tui.errors import UsageError
    from cnn_tui.nets.catalogue import all_nets
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.networks.catalogue import net_choice, net_list

    inputs = {"--input": input_shape, "--batch": batch, "--no-batch": no_batch}
    if net is not None:
        _refuse_tables(net, {"--which": which, "--measure": measure})
        if source:
            _expect_alone(inputs)
            _show_source(net, json=json)
        else:
            given = typed_inputs(input_shape, batch, no_batch=no_batch)
            print_summary(summaries([net], given)[0], json=json)
        return
    if stray := _given(inputs):
        raise UsageError(f"{stray[0]} is about one network: cnn-lab nets NET {stray[0]} ….")
    if source:
        raise UsageError("--source shows the code of one network: cnn-lab nets NET --source.")
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
    batch: BatchOption = None,
    no_batch: NoBatchOption = False,
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
    costs: Annotated[
        bool,
        typer.Option(
            "--costs",
            help="Show FLOPs, bytes and least time of each layer on a device, and memory, instead.",
        ),
    ] = False,
    on: Annotated[
        str | None,
        typer.Option(
            metavar="DEVICE",
            help="Costs on h100, h200, a100, v100, l4, l40s, t4, rtx4090, rtx3090 or "
            "this-machine: the default once 'bench peak' has measured it, else h100.",
            show_default=False,
        ),
    ] = None,
    precision: Annotated[
        str | None,
        typer.Option(help="Costs in fp32, tf32, bf16 or fp16. (fp32)", show_default=False),
    ] = None,
    batch_size: Annotated[
        int | None,
        typer.Option(min=1, help="Batch size for the costs. (32)", show_default=False),
    ] = None,
    source: Annotated[
        bool, typer.Option("--source", help="Show the code of the network instead.")
    ] = False,
    csv: Annotated[bool, typer.Option("--csv", help="Print the layers as CSV.")] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the layers as a Markdown table.")
    ] = False,
    html: Annotated[
        bool, typer.Option("--html", help="Print the layers as a page of HTML.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "net, input_shape, inputs, batch, total_parameters, total_macs, "
            "layers (name, type, output_shape, parameters, macs, receptive_field)",
            "with --costs: also costs (device, seconds, kinds, training_bytes, layers)",
            "with --source: net, files (title, path, text)",
        ),
    ] = False,
) -> None:
    """Sketch a network, and show each layer's output, parameters, MACs and receptive field."""
    from contextlib import nullcontext

    from cnn_tui.errors import UsageError
    from cnn_tui.render.draw.console import stderr

    on_device: dict[str, object] = {
        "--on": on,
        "--precision": precision,
        "--batch-size": batch_size,
    }
    table: dict[str, object] = {
        "--input": input_shape,
        "--depth": depth,
        "--unfold": unfold,
        "--time": time,
    }
    formats = {"--csv": csv, "--markdown": markdown, "--html": html}
    if source:
        inputs = {"--batch": batch, "--no-batch": no_batch}
        _expect_alone(table | inputs | {"--costs": costs} | on_device | formats)
        _show_source(net, json=json)
        return
    chosen = _chosen_format({**formats, "--json": json})
    if f"--{chosen}" in formats and (picked := _given({"--depth": depth, "--unfold": unfold})):
        raise UsageError(f"--{chosen} prints every layer: leave out {' and '.join(picked)}.")
    costs = costs or bool(_given(on_device))
    if time and costs:
        raise UsageError(
            "--time measures one image here, and --costs estimates a batch on a device: "
            "give one of them."
        )
    given = typed_inputs(input_shape, batch, no_batch=no_batch)
    settings = cost_settings(on, precision, batch_size) if costs else None
    with stderr().status("Measuring its time …") if time else nullcontext():
        result = summaries([net], given, timed=time, memory=costs)[0]
    if settings is not None:
        print_costs(result, settings, depth, unfold=unfold, form=chosen)
    elif chosen in (None, "json"):
        print_summary(result, depth, unfold=unfold, json=json)
    else:
        print_layers(result, chosen)


def compare(
    nets: Annotated[
        list[str],
        typer.Argument(metavar="NET NET …", help="Two networks or more; see 'summary --help'."),
    ],
    input_shape: InputOption = None,
    batch: BatchOption = None,
    no_batch: NoBatchOption = False,
    json: Annotated[
        bool,
        json_option(
            "a list of net, input_shape, total_parameters, total_macs, depth, receptive_field"
        ),
    ] = False,
) -> None:
    """Show two or more networks side by side: size, cost, memory, depth, receptive field."""
    from cnn_tui.errors import UsageError

    if len(nets) < 2:
        raise UsageError(
            f"compare takes two networks or more, such as: cnn-lab compare {nets[0]} resnet18."
        )
    given = typed_inputs(input_shape, batch, no_batch=no_batch)
    print_comparison(summaries(nets, given), json=json)


def receptive_field(
    net: NetArgument,
    input_shape: InputOption = None,
    batch: BatchOption = None,
    no_batch: NoBatchOption = False,
    json: Annotated[
        bool,
        json_option(
            "net, input_shape, inputs, batch, receptive_field, "
            "layers (name, type, kernel_size, stride, padding, receptive_field, jump, start)"
        ),
    ] = False,
) -> None:
    """Show how the receptive field grows from layer to layer, with its arithmetic."""
    given = typed_inputs(input_shape, batch, no_batch=no_batch)
    print_receptive_field(summaries([net], given)[0], json=json)


def _refuse_tables(net: str, tables: dict[str, bool]) -> None:
    """Raise UsageError where a table of all networks is asked for beside one of them."""
    from cnn_tui.errors import UsageError

    asked = [option for option, is_given in tables.items() if is_given]
    if asked:
        raise UsageError(f"{asked[0]} is a table of all networks: leave out {net}, or {asked[0]}.")


def _chosen_format(formats: Mapping[str, bool]) -> str | None:
    """What is printed in place of a table, if anything; raises UsageError for two at once."""
    from cnn_tui.errors import UsageError

    chosen = [option for option, is_given in formats.items() if is_given]
    if len(chosen) > 1:
        raise UsageError(f"{' and '.join(chosen)} are different formats: give one of them.")
    return chosen[0].removeprefix("--") if chosen else None


def _expect_alone(others: Mapping[str, object]) -> None:
    """Raise UsageError where ``--source`` is given with an option of the layer table."""
    from cnn_tui.errors import UsageError

    if given := _given(others):
        raise UsageError(
            f"--source shows code, and {' and '.join(given)} the layers: give one of them."
        )


def _given(options: Mapping[str, object]) -> list[str]:
    """Those that stand on the command line, also with a value such as 0 or nothing."""
    return [option for option, value in options.items() if value is not None and value is not False]


def _show_source(net: str, *, json: bool) -> None:
    from cnn_tui.nets.source import sources_of
    from cnn_tui.nets.specs import parse
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.networks.source import SourceView

    spec = parse(net)
    files = sources_of(spec)
    if json:
        print_json({"net": str(spec), "files": [each.to_json() for each in files]})
    else:
        stdout().print(SourceView(files))


def _measure(*, json: bool) -> None:
    from cnn_tui.analysis.networks.summary import summarize_all
    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.networks.compare import net_measurements

    with stderr().status("Analyzing the networks …"):
        results = summarize_all()
    if json:
        print_json([result.totals_json() for result in results])
    else:
        stdout().print(net_measurements(results))
