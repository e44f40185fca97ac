"""What a study is, and what came of it; torch-free."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cnn_tui.training.config import TrainConfig


@dataclass(frozen=True)
class Arm:
    """One of the things that a study compares: a network with its options.

    ``name`` stands in the names of its runs, ``label`` in tables and sentences.
    """

    name: str
    label: str
    net: str


@dataclass(frozen=True)
class Study:
    """One comparison: its arms, and which of them differ in one thing only.

    Each of ``pairs`` names an arm and the one that it is held against; without pairs the
    first arm is what all others are held against. ``ranking`` says why the other
    differences between the arms are no findings, where there are others.
    ``expected`` is what textbooks say of it, ``topic`` where to read about it.
    ``recipe`` are the settings that all arms share on every data set, ``on_digits``
    those that make the effect visible on the embedded digits in about a minute of
    computing: ``cpu_seconds``, as measured with three seeds.
    """

    name: str
    title: str
    question: str
    expected: str
    topic: str
    arms: tuple[Arm, ...]
    cpu_seconds: int
    pairs: tuple[tuple[str, str], ...] = ()
    ranking: str = ""
    recipe: Mapping[str, Any] = field(default_factory=dict)
    on_digits: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PlannedRun:
    """One run of a study: what it is called, and what it is to do."""

    arm: Arm
    seed: int
    name: str
    config: TrainConfig


@dataclass(frozen=True)
class StudyOrder:
    """A study as it was asked for; None leaves a value to the study or to the machine.

    ``data_dir`` is where data sets are cached.
    """

    name: str
    data: str
    seeds: int
    epochs: int | None = None
    device: str | None = None
    data_dir: str | None = None


@dataclass(frozen=True)
class ArmResult:
    """What one arm came to; where there is one value per seed, in the order of the seeds.

    ``accuracy`` is that on the test images (0 to 1). ``loss_gap`` is the test loss less
    that on the training images whose label was left right, both of the trained network in
    evaluation mode, and ``wrong_labels_learned`` the part (0 to 1) of the wrong labels that
    it reproduces: None where a run of an older version did not measure it, the latter also
    where no label is wrong. ``epochs_to_convergence``
    is the first epoch whose validation accuracy is within CONVERGED of the run's
    best. ``val_accuracy`` and ``train_loss`` are the curves: one row per seed, one
    value per epoch. ``balanced_accuracy`` is the mean over the classes of the test images,
    ``uneven_val_baseline`` as in ``Started``, where it is the same for all runs.
    """

    name: str
    label: str
    net: str
    runs: tuple[str, ...]
    accuracy: tuple[float, ...]
    loss_gap: tuple[float | None, ...]
    parameters: int
    seconds_per_epoch: tuple[float, ...]
    epochs_to_convergence: tuple[int, ...]
    val_accuracy: tuple[tuple[float, ...], ...]
    train_loss: tuple[tuple[float, ...], ...]
    balanced_accuracy: tuple[float | None, ...] = ()
    uneven_val_baseline: float | None = None
    wrong_labels_learned: tuple[float | None, ...] = ()


@dataclass(frozen=True)
class StudyResult:
    """What a study found: ``finding`` is one sentence, a claim only where ``agreed``.

    ``ranking`` orders the arms where they differ in more than what is claimed, and says so.
    ``baseline_accuracy`` is that of always naming the largest class of the test images,
    ``is_uneven`` whether it says more than the accuracies.
    """

    name: str
    data: str
    epochs: int
    seeds: tuple[int, ...]
    arms: tuple[ArmResult, ...]
    finding: str
    agreed: bool
    baseline_accuracy: float | None = None
    is_uneven: bool = False
    ranking: str = ""


StudyState = Literal["new", "running", "finished", "stopped"]
"""``new``: none of its runs has been begun; ``stopped``: some are missing, for whatever reason."""


@dataclass(frozen=True)
class ArmCurves:
    """The curves of one arm as far as they have come: one row per seed, one value per epoch.

    ``uneven_val_baseline`` is as in ``ArmResult``.
    """

    label: str
    val_accuracy: tuple[tuple[float, ...], ...]
    train_loss: tuple[tuple[float, ...], ...]
    uneven_val_baseline: float | None = None


@dataclass(frozen=True)
class StudyProgress:
    """Where a study stands.

    ``runs`` are the ids of those that there are, ``done`` how many have finished,
    ``now`` the one that is being trained. ``result`` is that of the seeds with
    which every arm has finished, None before the first; ``message`` says what kept
    the study from going on, ``outdated`` how many finished runs bear the names of its runs
    and have other settings.
    """

    order: StudyOrder
    state: StudyState
    done: int
    total: int
    runs: tuple[str, ...] = ()
    now: str = ""
    curves: tuple[ArmCurves, ...] = ()
    result: StudyResult | None = None
    message: str = ""
    outdated: int = 0


CONVERGED = 0.01
"""One point of accuracy: an epoch this near to the best one has converged."""
