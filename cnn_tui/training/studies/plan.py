"""Which runs a study is made of, and which of them are there already; torch-free."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, replace

from cnn_tui.data.catalogue import parse as parse_data
from cnn_tui.errors import UsageError
from cnn_tui.training.config import AUTO, TrainConfig
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import RunStatus
from cnn_tui.training.store.folder import RunFolder, RunHeader, read_header
from cnn_tui.training.store.listing import list_runs
from cnn_tui.training.studies.catalogue import find_study
from cnn_tui.training.studies.records import PlannedRun, Study, StudyOrder
from cnn_tui.workspace import Workspace

DEFAULT_DATA = "digits"
DEFAULT_SEEDS, MOST_SEEDS = 3, 100

LEFT_OPEN = {
    "device": AUTO,
    "placement": AUTO,
    "precision": AUTO,
    "image_size": None,
    "threads": 0,
}
"""Values by which a plan leaves a choice to the machine: a run writes down what was chosen."""

NOT_COMPARED = {"version", "checkpoint_seconds", "tensorboard", "inspect"}
"""What does not change what a run computes."""


def plan(
    study: Study,
    data: str = DEFAULT_DATA,
    *,
    seeds: int = DEFAULT_SEEDS,
    epochs: int | None = None,
    device: str | None = None,
) -> tuple[PlannedRun, ...]:
    """The runs of a study: every arm with the first seed, then every arm with the next.

    Raises UsageError for a value that cannot be used.
    """
    if not 1 <= seeds <= MOST_SEEDS:
        raise UsageError(
            f"The number of seeds must be a whole number from 1 to {MOST_SEEDS}, not {seeds}.",
            fields=("seeds",),
        )
    spec = parse_data(data)
    settings = {**study.recipe, **(study.on_digits if spec.kind == "digits" else {})}
    given = {"epochs": epochs, "device": device}
    given = {option: value for option, value in given.items() if value is not None}
    return tuple(
        PlannedRun(
            arm,
            seed,
            f"{study.name}-{arm.name}-s{seed}",
            default_config(arm.net, spec, **{**settings, **given, "seed": seed}),
        )
        for seed in range(seeds)
        for arm in study.arms
    )


def planned_by(order: StudyOrder) -> tuple[PlannedRun, ...]:
    """The runs of a study as it was asked for; raises what ``plan`` and ``find_study`` raise."""
    return plan(
        find_study(order.name),
        order.data,
        seeds=order.seeds,
        epochs=order.epochs,
        device=order.device,
    )


def settled(order: StudyOrder) -> StudyOrder:
    """The same order for however it was spelled: names as the lab has them, a folder's path whole.

    Raises what ``planned_by`` raises.
    """
    config = planned_by(replace(order, seeds=1))[0].config
    return replace(
        order,
        name=find_study(order.name).name,
        data=str(config.data),
        device=None if config.device == AUTO else config.device,
    )


def runs_of(
    workspace: Workspace,
    planned: Sequence[PlannedRun],
    statuses: Iterable[RunStatus] | None = None,
) -> dict[str, RunFolder]:
    """The runs of a plan that there are, by their planned names.

    A run is known by its name, or that with a number after it, and by its
    settings. Of several, the one that has come farthest is taken. ``statuses``
    saves listing the runs of the workspace.
    """
    kept: list[tuple[RunFolder, RunHeader]] = []
    listed = list_runs(workspace) if statuses is None else statuses
    for status in sorted(listed, key=lambda each: (each.state == "finished", each.epoch)):
        named = any(is_called(status.name, each.name) for each in planned)
        if named and not status.trouble:
            run = RunFolder(workspace.runs / status.run)
            with suppress(UsageError):  # It was deleted meanwhile.
                kept.append((run, read_header(run)))
    return {
        each.name: run
        for each in planned
        for run, header in kept
        if is_called(header.name, each.name) and is_the_same(each.config, header.config)
    }


def outdated_runs(
    planned: Sequence[PlannedRun], found: Mapping[str, RunFolder], statuses: Iterable[RunStatus]
) -> int:
    """How many finished runs bear planned names that are not ``found``, and have other settings.

    An earlier version has trained them, or they were asked for with other values.
    """
    missing = [each for each in planned if each.name not in found]
    return sum(
        status.state == "finished"
        and any(
            is_called(status.name, each.name) and status.data == str(each.config.data)
            for each in missing
        )
        for status in statuses
    )


def finished_runs(
    workspace: Workspace, planned: Sequence[PlannedRun]
) -> dict[str, RunFolder] | None:
    """The runs of a plan, by their planned names, if each has finished; else None."""
    finished = [status for status in list_runs(workspace) if status.state == "finished"]
    found = runs_of(workspace, planned, finished)
    return found if len(found) == len(planned) else None


def free_name(workspace: Workspace, name: str) -> str:
    """``name``, or with the first number after it that no run has yet."""
    taken = {status.name for status in list_runs(workspace)}
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{name}-{number}"
    return free


def is_called(name: str, planned: str) -> bool:
    """Whether a run's name is the planned one, with or without a number that made it unique."""
    rest = name.removeprefix(planned)
    return name.startswith(planned) and (not rest or (rest[0] == "-" and rest[1:].isdecimal()))


def is_the_same(planned: TrainConfig, found: TrainConfig) -> bool:
    """Whether a run with the settings ``found`` computes what is planned."""
    return all(
        getattr(planned, name) in (getattr(found, name), LEFT_OPEN.get(name, _NOTHING))
        for name in (field.name for field in fields(TrainConfig))
        if name not in NOT_COMPARED
    )


_NOTHING = object()
