"""``experiment``: the chapter's experiments, as several runs with several seeds."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cnn_tui.cli.options import DataDirOption, WorkspaceOption, json_option

if TYPE_CHECKING:
    from cnn_tui.training.studies.records import Study, StudyOrder, StudyResult
    from cnn_tui.workspace import Workspace

LARGEST_WIDTH = 160
HIDDEN: dict[str, Any] = {"show_default": False}


def experiment(
    name: Annotated[
        str | None,
        typer.Argument(help="batchnorm, dropout, skip or architectures; lists them if not given."),
    ] = None,
    data: Annotated[
        str, typer.Option(help="A data set of 'cnn-lab data', such as cifar10, or folder:PATH.")
    ] = "digits",
    seeds: Annotated[int, typer.Option(help="Runs of each arm, with seeds 0, 1, 2 and so on.")] = 3,
    epochs: Annotated[int | None, typer.Option(help="Of every run.", **HIDDEN)] = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda or mps.", **HIDDEN)] = None,
    json: Annotated[
        bool,
        json_option(
            "name, seeds, arms (name, accuracy, loss_gap, wrong_labels_learned), finding, agreed, "
            "ranking",
            "without NAME: a list of name, title, question, topic",
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    data_dir: DataDirOption = None,
) -> None:
    """Compare what differs in one thing, by several runs with several seeds each.

    The runs are kept like all others. Stop at a checkpoint with ctrl-c: the same
    command goes on from there. In JSON, an arm has its accuracy and the rest per
    seed, and agreed is whether every seed says the same.
    """
    if name is None:
        _list(json=json)
        return
    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.training.studies.catalogue import find_study
    from cnn_tui.training.studies.records import StudyOrder
    from cnn_tui.workspace import expanded, find

    study = find_study(name)
    cache = None if data_dir is None else str(expanded(data_dir).resolve())
    order = StudyOrder(study.name, data, seeds, epochs, device, cache)
    result = _conducted(study, order, find(workspace))
    if json:
        from dataclasses import asdict

        print_json(asdict(result))
        return
    from cnn_tui.render.runs.experiment import study_view

    out = stdout()
    width = min(out.width, LARGEST_WIDTH)
    out.print(study_view(study, result, width=width))


def _list(*, json: bool) -> None:
    from dataclasses import asdict

    from cnn_tui.render.draw.console import print_json, stdout
    from cnn_tui.render.runs.experiment import studies_view
    from cnn_tui.training.studies.catalogue import STUDIES

    if json:
        print_json([asdict(study) for study in STUDIES])
    else:
        stdout().print(studies_view(STUDIES))


def _conducted(study: "Study", order: "StudyOrder", workspace: "Workspace") -> "StudyResult":
    """Train what is missing, and show how far it is; ctrl-c stops at a checkpoint."""
    from contextlib import closing

    from cnn_tui.errors import ExitCode
    from cnn_tui.render.draw.console import stderr
    from cnn_tui.render.runs.experiment import outdated_sentence, show_progress
    from cnn_tui.training.store.listing import list_runs
    from cnn_tui.training.studies import store
    from cnn_tui.training.studies.conduct import GO_ON, conduct
    from cnn_tui.training.studies.plan import (
        finished_runs,
        outdated_runs,
        planned_by,
        runs_of,
    )
    from cnn_tui.training.studies.results import study_result

    talk = stderr()
    planned = planned_by(order)
    if (found := finished_runs(workspace, planned)) is not None:
        talk.print(f"{study.title}: all {len(found)} runs are there already.", soft_wrap=True)
        return study_result(study, planned, found)
    statuses = list_runs(workspace)
    if outdated := outdated_runs(planned, runs_of(workspace, planned, statuses), statuses):
        talk.print(outdated_sentence(outdated), soft_wrap=True)
    folder = store.keep(workspace, order)
    try:
        with (
            store.conducting(folder),
            closing(conduct(workspace, planned, store.data_dir_of(order))) as steps,
        ):
            try:
                found = show_progress(study, steps, len(planned), talk)
            except KeyboardInterrupt:
                talk.print("Stopping …")
                raise
    except KeyboardInterrupt:
        talk.print(f"Stopped at a checkpoint. {GO_ON}.", soft_wrap=True)
        raise typer.Exit(ExitCode.INTERRUPTED) from None
    return study_result(study, planned, found)
