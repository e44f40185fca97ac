"""``bench``: the lab's own speed against its references."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cnn_tui.bench.records import BenchResult

from cnn_tui.cli.options import json_option


def bench(
    name: Annotated[
        str | None,
        typer.Argument(
            help="startup, gaps, wire, summary, peak, train, check, grade, runs or experiments; "
            "all if not given."
        ),
    ] = None,
    net: Annotated[
        str | None,
        typer.Option(help="Train only lenet5, cifar10net or simpleresnet.", show_default=False),
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Train a quarter of the rounds: rougher numbers.")
    ] = False,
    json: Annotated[
        bool, json_option("a list of name, value, unit, reference, ratio, budget, within")
    ] = False,
) -> None:
    """Measure the lab's own speed beside its references, in one run.

    Each ratio or value is held against its budget: it is within it, it missed it,
    or that is undecided, where the spread of the rounds contains the budget.
    """
    from dataclasses import asdict

    from cnn_tui.bench.catalogue import run_benchmarks
    from cnn_tui.bench.supervise import run_supervised
    from cnn_tui.render.bench import bench_table, telling
    from cnn_tui.render.draw.console import print_json, stderr, stdout

    def measure() -> "list[BenchResult]":
        with telling(stderr()) as talk:
            return run_benchmarks(name, talk, net=net, quick=quick)

    results = run_supervised(measure)
    if json:
        print_json([asdict(result) for result in results])
    else:
        stdout().print(bench_table(results))
