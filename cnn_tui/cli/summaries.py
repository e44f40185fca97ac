"""What ``summary``, ``compare`` and ``receptive-field`` print, and the quick way there.

A line that only names networks, such as ``cnn-lab summary vgg16``, needs no command line to be
built, and no torch where the networks' summaries come with the package.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnn_tui.analysis.networks.costs import CostSettings, NetCosts
    from cnn_tui.analysis.networks.input_specs import NetInputs
    from cnn_tui.analysis.networks.records import NetSummary


def run_quickly(words: Sequence[str]) -> bool:
    """Run the command line if it only names networks; whether it was such a line."""
    if not words or words[0] not in QUICK or any(word.startswith("-") for word in words):
        return False
    command, *nets = words
    if len(nets) != 1 if command != "compare" else len(nets) < 2:
        return False  # what is wrong is for the command's own parser to say
    QUICK[command](summaries(nets))
    return True


def summaries(
    nets: Sequence[str],
    inputs: "NetInputs | None" = None,
    *,
    timed: bool = False,
    memory: bool = False,
) -> "list[NetSummary]":
    """Each network's summary; a wrong name or input answers before torch is imported."""
    from cnn_tui.analysis.networks.shipped import shipped_summary
    from cnn_tui.nets.specs import parse

    specs = [parse(net) for net in nets]
    shipped = [shipped_summary(spec, inputs) for spec in specs]
    known = zip(nets, shipped, strict=True)
    return [
        _computed(net, inputs, timed, memory) if timed or not found else found
        for net, found in known
    ]


def typed_inputs(
    texts: Sequence[str] | None, batch: int | None, *, no_batch: bool
) -> "NetInputs | None":
    """What the options of a command say of the inputs; None where they say nothing."""
    from cnn_tui.analysis.networks.input_texts import parse_inputs

    if not texts and batch is None and not no_batch:
        return None
    return parse_inputs(texts or (), batch=batch, has_batch=not no_batch)


def print_summary(
    result: "NetSummary", depth: int | None = None, *, unfold: bool = False, json: bool = False
) -> None:
    """The table of layers."""
    from cnn_tui.render.draw.console import print_json, stdout

    if json:
        print_json(result.to_json())
        return
    from cnn_tui.render.networks.summary import net_summary

    stdout().print(net_summary(result, depth, unfold=unfold))


def cost_settings(
    device: str | None, precision: str | None, batch_size: int | None
) -> "CostSettings":
    """On what costs are estimated, where what is not given is the usual."""
    from cnn_tui.analysis.networks.costs import BATCH_SIZE, PRECISION, CostSettings

    settings = CostSettings(
        device,
        PRECISION if precision is None else precision,
        BATCH_SIZE if batch_size is None else batch_size,
    )
    settings.validate()
    return settings


def print_costs(
    result: "NetSummary",
    settings: "CostSettings",
    depth: int | None = None,
    *,
    unfold: bool = False,
    form: str | None = None,
) -> None:
    """What each layer costs, as a table or in the format ``form``."""
    from cnn_tui.analysis.networks.costs import costs as estimated
    from cnn_tui.render.draw.console import print_json, stdout

    costs = estimated(result, settings)
    if form == "json":
        print_json({**result.to_json(), "costs": costs.to_json()})
    elif form is not None:
        print_layers(result, form, costs)
    else:
        from cnn_tui.render.networks.costs import net_costs

        stdout().print(net_costs(costs, depth, unfold=unfold))


def print_layers(result: "NetSummary", form: str, costs: "NetCosts | None" = None) -> None:
    """The layers for another program, in one of its formats."""
    from cnn_tui.render.draw.console import print_text
    from cnn_tui.render.networks.export import FORMATS

    print_text(FORMATS[form](result, costs))


def print_comparison(results: "Sequence[NetSummary]", *, json: bool = False) -> None:
    """Networks side by side."""
    from cnn_tui.render.draw.console import print_json, stdout

    if json:
        print_json([result.totals_json() for result in results])
        return
    from cnn_tui.render.networks.compare import net_comparison

    stdout().print(net_comparison(results))


def print_receptive_field(result: "NetSummary", *, json: bool = False) -> None:
    """How the receptive field grows from layer to layer."""
    from cnn_tui.render.draw.console import print_json, stdout

    if json:
        print_json(result.receptive_field_json())
        return
    from cnn_tui.render.networks.receptive_field import receptive_field_table

    stdout().print(receptive_field_table(result))


QUICK: "dict[str, Callable[[list[NetSummary]], None]]" = {
    "summary": lambda results: print_summary(results[0]),
    "nets": lambda results: print_summary(results[0]),
    "compare": print_comparison,
    "receptive-field": lambda results: print_receptive_field(results[0]),
}
"""Commands that networks' names alone are enough for."""


def _computed(net: str, inputs: "NetInputs | None", timed: bool, memory: bool) -> "NetSummary":
    from cnn_tui.engine.jobs import summarize

    return summarize(net, inputs, timed, memory)
