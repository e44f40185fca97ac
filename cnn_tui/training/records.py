"""What a run tells about itself: the events of ``metrics.jsonl``, and its status.

Every event carries how far the run has come, so that the last line of the file
alone says where it stands. ``epoch`` counts completed epochs everywhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from cnn_tui.data.baseline import is_uneven
from cnn_tui.next_steps import NextStep

RunState = Literal["queued", "running", "finished", "stopped", "failed", "interrupted"]
EndState = Literal["finished", "stopped", "failed", "interrupted"]
Trouble = Literal["newer", "not installed", "damaged"]
"""Why a run cannot be used here: a newer lab made it, or its files are damaged."""

LOSS_IS_NAN = "The loss is no longer a number"
"""How the message of a run begins that failed for that reason."""

NO_CUDA_GRAPHS = "CUDA graphs do not work here"
"""How the note begins of a run that goes on without the graphs that were asked for."""

NOT_RESUMED = "It could not be resumed: "
"""What stands in the message of a run before the reason why it was not."""


@dataclass(frozen=True)
class Reason:
    """Why a run ended: one sentence, the options that it is about, and what to do next."""

    sentence: str = ""
    fields: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()


@dataclass(frozen=True)
class Device:
    """What a run can be trained on; memory in bytes, None where nobody can tell.

    ``index`` counts GPUs where there are several; ``weak`` says why this torch cannot
    compute on the device, and is empty where it can.
    """

    kind: str
    name: str
    total: int | None
    free: int | None
    index: int | None = None
    weak: str = ""

    @property
    def option(self) -> str:
        """How a run asks for it: ``cpu``, ``cuda``, and of several GPUs ``cuda:1``."""
        return self.kind if self.index is None else f"{self.kind}:{self.index}"


@dataclass(frozen=True, kw_only=True)
class Event:
    """What all events share: when it happened (Unix seconds), and how far the run was.

    ``trained_seconds`` is the time spent training and validating until then, over
    every part of a resumed run; runs of older versions do not tell it.
    """

    time: float
    step: int
    epoch: int
    epochs: int
    best_val_accuracy: float | None
    trained_seconds: float | None = None


@dataclass(frozen=True, kw_only=True)
class Preparing(Event):
    """The data set is being prepared for its first use: ``done`` of ``total`` ``unit``.

    ``unit`` is files, images or bytes; ``total`` is None where nobody can tell.
    """

    done: int
    total: int | None
    doing: str = "reading the data set"
    unit: str = "files"


@dataclass(frozen=True, kw_only=True)
class Started(Event):
    """Training begins, with what ``auto`` was decided to mean.

    ``device_memory`` is in bytes; ``processes`` counts those of all hosts. The baselines are the
    parts of the validation and of the test images that are of the largest class: as accurate is
    whoever always names that; None where there are no images, as in runs of older versions.
    """

    device: str
    precision: str
    threads: int
    image_size: int
    parameters: int
    train_images: int
    val_images: int
    test_images: int
    skipped_files: int
    steps_per_epoch: int
    total_steps: int
    device_name: str = ""
    device_memory: int | None = None
    placement: str = "device"
    processes: int = 1
    classes: int | None = None
    val_baseline: float | None = None
    test_baseline: float | None = None

    @property
    def uneven_val_baseline(self) -> float | None:
        """The baseline of validation; None where the classes are even, or nobody knows."""
        return self.val_baseline if is_uneven(self.val_baseline, self.classes) else None


@dataclass(frozen=True, kw_only=True)
class Resumed(Started):
    """Training goes on from a checkpoint; what was told of later steps no longer holds."""


@dataclass(frozen=True, kw_only=True)
class Note(Event):
    """One sentence that the learner should see, such as the files that were skipped.

    ``next_steps`` are what can be done about it; notes of older versions have none.
    """

    message: str
    next_steps: tuple[NextStep, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepMetrics(Event):
    """Means over the steps since the last flush, about four times a second.

    ``gradient_norm`` is that of the last step, over all parameters and before
    clipping. ``seconds_left`` counts to the last epoch. ``gpu_utilization`` is
    the part of the time (0 to 1) in which the GPU was busy, ``gpu_memory`` the
    bytes in use on it; None where nobody can tell. Runs of older versions have
    none of these.
    """

    loss: float
    accuracy: float
    lr: float
    images_per_second: float
    gradient_norm: float | None = None
    seconds_left: float | None = None
    gpu_utilization: float | None = None
    gpu_memory: int | None = None


@dataclass(frozen=True, kw_only=True)
class EpochMetrics(Event):
    """Means over one epoch's training images and over all validation images."""

    train_loss: float
    train_accuracy: float
    val_loss: float
    val_accuracy: float
    lr: float
    images_per_second: float
    seconds: float
    seconds_left: float | None = None


@dataclass(frozen=True, kw_only=True)
class Ended(Event):
    """The run's last word. Test values are there only where it finished and has a test set.

    ``images_per_second`` is the mean over all training steps, ``seconds`` the
    time spent training and evaluating, both over every part of a resumed run.
    ``refused`` tells a failure of what was asked for (a device that is not there,
    a data set that cannot be had) from one of the training. ``fields`` name the
    options that the message is about, ``next_steps`` what can be done. ``baseline_accuracy`` is
    that of always naming the largest class of the test images, ``balanced_accuracy`` the mean
    over the classes, ``is_uneven`` whether these say more than the accuracy;
    ``uneven_val_baseline`` is as in ``Started``. A run that is ``not_resumed`` stands as it did
    before, interrupted ones as well; its message ends in the reason, behind ``NOT_RESUMED``.
    ``right_label_loss`` is the mean loss of the tested weights, in evaluation mode, on the
    training images whose label was left right, and ``wrong_labels_learned`` the part of the
    wrong labels that they reproduce: None where there is no such image, where a run learned
    from all images with their labels, and in runs of older versions.
    """

    state: EndState
    message: str
    test_loss: float | None
    test_accuracy: float | None
    images_per_second: float | None
    seconds: float
    refused: bool = False
    fields: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    baseline_accuracy: float | None = None
    balanced_accuracy: float | None = None
    is_uneven: bool = False
    uneven_val_baseline: float | None = None
    not_resumed: bool = False
    right_label_loss: float | None = None
    wrong_labels_learned: float | None = None


@dataclass(frozen=True)
class RunStatus:
    """Where one run stands; what ``cnn-lab runs`` lists.

    ``message`` says why it ended, with the ``fields`` that it is about and the
    ``next_steps`` that can be taken, ``refused`` that it failed for what was asked of
    it, ``trouble`` that it cannot be used here, so that most of the rest is not
    known. ``seconds`` is how long it has trained, ``seconds_left`` known only of a
    run that trains, ``settings`` the options that decide what it learns, ``notes`` what
    the user has noted about it. ``baseline_accuracy``
    and those after it are as in ``Ended``.
    """

    run: str
    name: str
    net: str
    data: str
    state: RunState
    epoch: int
    epochs: int
    step: int
    best_val_accuracy: float | None
    test_accuracy: float | None
    test_loss: float | None
    images_per_second: float | None
    message: str
    created: float
    updated: float
    seconds: float | None = None
    seconds_left: float | None = None
    refused: bool = False
    trouble: Trouble | None = None
    fields: tuple[str, ...] = ()
    next_steps: tuple[NextStep, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict, hash=False)
    baseline_accuracy: float | None = None
    balanced_accuracy: float | None = None
    is_uneven: bool = False
    uneven_val_baseline: float | None = None
    not_resumed: bool = False
    queue: str = ""
    queue_place: int | None = None
    queue_runs: bool = False
    notes: tuple[str, ...] = ()

    @property
    def why_not_resumed(self) -> str:
        """Why it could not be resumed, where that was the last thing that happened."""
        return self.message.partition(NOT_RESUMED)[2] if self.not_resumed else ""

    @property
    def is_untested(self) -> bool:
        """Whether it has finished, and there were no images to test it on."""
        return self.state == "finished" and self.test_accuracy is None

    @property
    def is_starting(self) -> bool:
        """Whether its process is there, and has not trained yet."""
        return self.state == "running" and not self.step


@dataclass(frozen=True)
class Advice:
    """What a run's numbers show: what is seen, what it is called, and what to try.

    ``rule`` names the rule that found it, ``epoch`` the completed epochs at
    which it began (None: it is not of one epoch), ``topic`` what to read again.
    ``next_steps`` are the changes that the sentence suggests, and the topic.
    """

    rule: str
    sentence: str
    epoch: int | None = None
    topic: str | None = None
    next_steps: tuple[NextStep, ...] = ()
