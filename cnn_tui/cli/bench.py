"""``bench``: the lab's own speed against its references."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from cnn_tui.bench.records import BenchResult

from cnn_tui.cli.options import JsonOption


def bench(
    name: Annotated[
        str | None,
        typer.Argument(help="startup, summary, train or check; all if not given."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure the lab's own speed beside its references, in one run."""
    from dataclasses import asdict

    from cnn_tui.bench.catalogue import BENCHMARKS, run_benchmark
    from cnn_tui.render.bench import bench_table
    from cnn_tui.render.console import print_json, stderr, stdout

    results: list[BenchResult] = []
    for each in [name] if name is not None else list(BENCHMARKS):
        with stderr().status(f"Measuring {each} …"):
            results += run_benchmark(each)
    if json:
        print_json([asdict(result) for result in results])
    else:
        stdout().print(bench_table(results))
