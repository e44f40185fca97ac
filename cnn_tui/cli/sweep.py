"""``sweep``: one network with every combination of some settings, or with random ones."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option, takes

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from cnn_tui.options import Option
    from cnn_tui.training.studies.records import PlannedRun
    from cnn_tui.workspace import Workspace


def _options() -> "tuple[Option, ...]":
    from cnn_tui.training.config import train_options

    return train_options()


@takes(_options, before="json")
def sweep(
    nets: Annotated[
        list[str], typer.Argument(metavar="NET…", help="Networks of 'cnn-lab nets', each tried.")
    ],
    data: Annotated[
        str, typer.Option(help="A data set of 'cnn-lab data', such as cifar10, or folder:PATH.")
    ] = "digits",
    random_runs: Annotated[
        int | None,
        typer.Option(
            "--random",
            metavar="N",
            help="Draw N runs instead of every combination; --lr 1e-4..1e-1 is then a range.",
            show_default=False,
        ),
    ] = None,
    sweep_seed: Annotated[int, typer.Option(help="Of the random draws, not of the runs.")] = 0,
    queue: Annotated[bool, typer.Option("--queue", help="Queue the runs, and return.")] = False,
    json: Annotated[
        bool,
        json_option("a list of run, net, data, settings, state, best_val_accuracy, test_accuracy"),
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
    **settings: Any,
) -> None:
    """Train with every combination of settings, and compare the runs.

    Every option of 'train' takes several values with commas between them: --lr 1e-3,3e-3
    --batch-size 64,128 are four runs. They are kept like all others, and what is there is
    not repeated: stop at a checkpoint with ctrl-c, and the same command goes on. The table
    has the best validation accuracy first. A run whose training fails is a result, too.
    """
    from cnn_tui.training.studies.sweep import planned_sweep
    from cnn_tui.workspace import find

    space = find(workspace)
    planned = planned_sweep(nets, data, settings, random_runs=random_runs, seed=sweep_seed)
    if queue:
        _enqueue(space, planned, data_dir)
    else:
        _train(space, planned, data_dir)
    _show(space, planned, json=json)


def _enqueue(space: "Workspace", planned: "Sequence[PlannedRun]", data_dir: "Path | None") -> None:
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.render.runs.sweep import queued_sweep
    from cnn_tui.training.studies.sweep import enqueue_sweep

    stderr().print(queued_sweep(enqueue_sweep(space, planned, data_dir)), soft_wrap=True)


def _train(space: "Workspace", planned: "Sequence[PlannedRun]", data_dir: "Path | None") -> None:
    """Train what is missing, and show how far it is; ctrl-c stops at a checkpoint."""
    from contextlib import closing

    from cnn_tui.errors import ExitCode
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.render.runs.series import follow_runs
    from cnn_tui.training.studies.conduct import GO_ON, conduct

    talk = stderr()
    try:
        with closing(conduct(space, planned, data_dir, failures_count=True)) as steps:
            try:
                follow_runs(steps, len(planned), talk, lambda each: each.arm.label)
            except KeyboardInterrupt:
                talk.print("Stopping …")
                raise
    except KeyboardInterrupt:
        talk.print(f"Stopped at a checkpoint. {GO_ON}.", soft_wrap=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None


def _show(space: "Workspace", planned: "Sequence[PlannedRun]", *, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stderr, stdout
    from cnn_tui.render.runs.sweep import best_words, sweep_table
    from cnn_tui.training.studies.sweep import swept_runs

    runs = swept_runs(space, planned)
    if json:
        print_json([asdict(each) for each in runs])
        return
    stdout().print(sweep_table(runs))
    stderr().print(best_words(runs), soft_wrap=True, markup=False)
