"""``nets``, ``summary``, ``compare`` and ``receptive-field``: networks listed and analyzed."""

from collections.abc import Mapping
from typing import Annotated

import typer

from cnn_tui.cli.options import json_option
from cnn_tui.cli.summaries import (
    print_comparison,
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
            metavar="NET", help="Show this network, as 'summary NET' does, instead of the list."
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
    stray = next((option for option, value in inputs.items() if value), None)
    if stray is not None:
        raise UsageError(f"{stray} is about one network: cnn-lab nets NET {stray} ….")
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
    source: Annotated[
        bool, typer.Option("--source", help="Show the code of the network instead.")
    ] = False,
    json: Annotated[
        bool,
        json_option(
            "net, input_shape, inputs, batch, total_parameters, total_macs, "
            "layers (name, type, output_shape, parameters, macs, receptive_field)",
            "with --source: net, files (title, path, text)",
        ),
    ] = False,
) -> None:
    """Sketch a network, and show each layer's output, parameters, MACs and receptive field."""
    from contextlib import nullcontext

    from cnn_tui.render.draw.console import stderr

    if source:
        inputs = {"--input": input_shape, "--batch": batch, "--no-batch": no_batch}
        _expect_alone(inputs | {"--depth": depth, "--unfold": unfold, "--time": time})
        _show_source(net, json=json)
        return
    given = typed_inputs(input_shape, batch, no_batch=no_batch)
    with stderr().status("Measuring its time …") if time else nullcontext():
        result = summaries([net], given, timed=time)[0]
    print_summary(result, depth, unfold=unfold, json=json)


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


def _expect_alone(others: Mapping[str, object]) -> None:
    """Raise UsageError where ``--source`` is given with an option of the layer table."""
    from cnn_tui.errors import UsageError

    given = [option for option, value in others.items() if value]
    if given:
        raise UsageError(
            f"--source shows code, and {' and '.join(given)} the layers: leave out the one "
            "or the other."
        )


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
