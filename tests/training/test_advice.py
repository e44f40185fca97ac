"""What the lab says of a run's numbers: right when it speaks, silent about runs that learn."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from cnn_tui.chapter.catalogue import topics
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.specs import parse
from cnn_tui.next_steps import Action
from cnn_tui.training.advice.adviser import MOST, advise
from cnn_tui.training.advice.changes import usual_lr
from cnn_tui.training.config import MOST_EPOCHS, OPTIMIZERS, TrainConfig
from cnn_tui.training.config_checks import checked
from cnn_tui.training.defaults import default_config
from cnn_tui.training.records import (
    LOSS_IS_NAN,
    NO_CUDA_GRAPHS,
    Advice,
    Ended,
    EpochMetrics,
    Event,
    Note,
    Resumed,
    RunStatus,
    Started,
    StepMetrics,
)

STEPS = 100
DIGITS = default_config("lenet5", "digits", epochs=20)
PLAIN = replace(DIGITS, augment="none")
LONGEST = 160
SLUGS = {topic.slug for topic in topics()}

Told = tuple[float, float, float, float]
"""Of one epoch: training loss and accuracy, validation loss and accuracy."""


def run(
    epochs: Sequence[Told],
    *,
    end: str | None = None,
    message: str = "",
    test: float | None = None,
    steps: Iterable[StepMetrics] = (),
    steps_per_epoch: int = STEPS,
) -> list[Event]:
    """What a run tells that goes through these epochs."""
    common: dict[str, Any] = {"epochs": 20, "best_val_accuracy": None}
    events: list[Event] = [
        Started(
            time=0.0,
            step=0,
            epoch=0,
            **common,
            device="cpu",
            precision="fp32",
            threads=1,
            image_size=28,
            parameters=44_426,
            train_images=8 * steps_per_epoch,
            val_images=1000,
            test_images=1000,
            skipped_files=0,
            steps_per_epoch=steps_per_epoch,
            total_steps=20 * steps_per_epoch,
            classes=10,
        ),
        *steps,
    ]
    best = 0.0
    for epoch, (train_loss, train_accuracy, val_loss, val_accuracy) in enumerate(epochs, 1):
        best = max(best, val_accuracy)
        common["best_val_accuracy"] = best
        events.append(
            EpochMetrics(
                time=float(epoch),
                step=steps_per_epoch * epoch,
                epoch=epoch,
                **common,
                train_loss=train_loss,
                train_accuracy=train_accuracy,
                val_loss=val_loss,
                val_accuracy=val_accuracy,
                lr=0.004,
                images_per_second=7000.0,
                seconds=1.0,
            )
        )
    if end is not None:
        events.append(
            Ended(
                time=99.0,
                step=120,
                epoch=len(epochs),
                **common,
                state=end,
                message=message,
                test_loss=0.1,
                test_accuracy=test,
                images_per_second=7000.0,
                seconds=9.0,
            )
        )
    return events


def step(number: int, **values: Any) -> StepMetrics:
    told = {"loss": 2.0, "accuracy": 0.2, "lr": 0.004, "images_per_second": 7000.0}
    return StepMetrics(
        time=number / 4,
        step=number,
        epoch=0,
        epochs=20,
        best_val_accuracy=None,
        **(told | values),
    )


def said(events: Sequence[Event], config: TrainConfig = DIGITS) -> dict[str, Advice]:
    return {advice.rule: advice for advice in advise(config, events)}


LEARNS: list[Told] = [
    (1.73, 0.70, 0.72, 0.74),
    (0.86, 0.80, 0.37, 0.83),
    (0.60, 0.85, 0.26, 0.88),
    (0.41, 0.92, 0.25, 0.94),
    (0.16, 0.98, 0.11, 0.99),
    (0.14, 0.99, 0.12, 0.99),
    (0.13, 0.99, 0.11, 0.99),
]
"""LeNet-5 with its defaults, without what makes validation look better."""
GUESSES: Told = (2.303, 0.10, 2.303, 0.10)
OVERFITS: list[Told] = [
    (0.40, 0.88, 0.35, 0.90),
    (0.20, 0.94, 0.25, 0.93),
    (0.12, 0.97, 0.28, 0.93),
    (0.06, 0.99, 0.30, 0.92),
    (0.03, 1.00, 0.33, 0.92),
    (0.01, 1.00, 0.36, 0.92),
]


def test_is_silent_about_a_run_that_learns() -> None:
    for epochs in range(len(LEARNS) + 1):
        assert advise(DIGITS, run(LEARNS[:epochs])) == ()
    assert advise(DIGITS, run(LEARNS, end="finished", message="Finished.", test=0.98)) == ()


def test_is_silent_while_a_high_rate_lets_validation_jump() -> None:
    """SimpleResNet on digits, as it was seen."""
    seen: list[Told] = [
        (1.10, 0.66, 1.35, 0.62),
        (0.27, 0.92, 4.07, 0.58),
        (0.17, 0.95, 0.13, 0.94),
        (0.08, 0.98, 0.04, 0.99),
    ]
    for epochs in range(len(seen) + 1):
        assert advise(default_config("simpleresnet", "digits"), run(seen[:epochs])) == ()


def test_calls_a_rising_validation_loss_overfitting() -> None:
    overfitting = said(run(OVERFITS), PLAIN)["overfitting"]
    assert overfitting.sentence == (
        "Validation loss has risen for 4 epochs, from 0.25 to 0.36, while training loss fell: "
        "overfitting; try the augmentation crop or a weight decay of 0.0001."
    )
    assert overfitting.epoch == 2


def test_says_only_what_is_true_of_a_validation_loss_that_rose_and_stood() -> None:
    flat = [*OVERFITS, *[(0.01, 1.0, 0.36, 0.92)] * 10]
    assert said(run(flat), PLAIN)["overfitting"].sentence == (
        "Validation loss has been above its best (epoch 2, 0.25) for 14 epochs while training "
        "loss fell: overfitting; try the augmentation crop or a weight decay of 0.0001."
    )


def test_recommends_against_overfitting_only_what_the_run_does_not_do() -> None:
    busy = replace(PLAIN, augment="crop", weight_decay=1e-4, patience=5, label_smoothing=0.0)
    sentence = said(run(OVERFITS), busy)["overfitting"].sentence
    assert sentence.endswith("try a label smoothing of 0.1.")
    droppable = replace(PLAIN, net=parse("dropoutcnn"), dropout=0.0, augment="crop")
    assert "a dropout of 0.5" in said(run(OVERFITS), droppable)["overfitting"].sentence


@pytest.mark.parametrize(
    "change",
    [
        lambda told: (told[0], told[1], 0.26, told[3]),  # no worse than noise
        lambda told: (0.4, told[1], told[2], told[3]),  # training loss did not fall
        lambda told: (0.19, told[1], told[2], told[3]),  # it hardly fell
        lambda told: (told[0], told[1], told[2], 0.95),  # accuracy still improves
    ],
)
def test_does_not_call_it_overfitting_without_all_of_its_signs(change: Any) -> None:
    mild = [*OVERFITS[:2], *map(change, OVERFITS[2:])]
    assert "overfitting" not in said(run(mild), PLAIN)


def test_does_not_call_it_overfitting_where_both_losses_are_high() -> None:
    high = [(0.60, 0.88, 0.40, 0.90), (0.45, 0.90, 0.25, 0.93)]
    high += [(0.30, 0.90, 0.28 + 0.02 * epoch, 0.92) for epoch in range(4)]
    assert "overfitting" not in said(run(high), PLAIN)
    assert "overfitting" in said(run([*high[:2], *[(0.2, *each[1:]) for each in high[2:]]]), PLAIN)


def test_names_a_large_gap_between_training_and_validation() -> None:
    epochs = [(1.0 - 0.1 * e, 0.60 + 0.05 * e, 1.3, 0.58) for e in range(5)]
    gap = said(run(epochs), PLAIN)["large-gap"].sentence
    assert "80 %, validation 58 %: a generalization gap of 22 points" in gap
    assert "large-gap" not in said(run([(a, b, c, b - 0.05) for a, b, c, _ in epochs]), PLAIN)


def test_proposes_a_tenth_of_the_rate_for_a_loss_that_is_nan() -> None:
    events = run([], end="failed", message=f"{LOSS_IS_NAN} (since step 120): …")
    (nan,) = advise(replace(DIGITS, lr=0.006), events)
    assert nan.sentence == (
        "The loss is NaN since step 120: the steps were too large and training diverged; "
        "try a learning rate of 0.0006 (now 0.006) and gradient clipping at 1."
    )
    (clipped,) = advise(replace(DIGITS, clip_grad=1.0), events)
    assert "clipping" not in clipped.sentence
    assert advise(DIGITS, run([], end="failed", message="The disk is full.")) == ()


def test_proposes_a_usual_rate_where_a_tenth_would_be_far_too_much() -> None:
    events = run([], end="failed", message=f"{LOSS_IS_NAN} (since step 9)")
    (nan,) = advise(replace(DIGITS, lr=50.0), events)
    assert "a learning rate of 0.002 (now 50)" in nan.sentence


def test_calls_a_training_loss_that_went_back_up_divergence() -> None:
    epochs = [(1.46, 0.5, 0.7, 0.77), (1.07, 0.7, 1.1, 0.62), (1.86, 0.3, 2.2, 0.2)]
    assert "diverging" not in said(run(epochs))  # one bad epoch may pass
    worse = said(run([*epochs, (2.01, 0.2, 2.0, 0.25)]), replace(DIGITS, lr=0.03))["diverging"]
    assert "from 1.07 in epoch 2 to 2.01" in worse.sentence
    assert "a learning rate of 0.003" in worse.sentence
    assert worse.epoch == 2


def test_sees_a_loss_explode_before_the_first_epoch_ends() -> None:
    calm = [step(10 * n, loss=2.3) for n in range(1, 4)]
    wild = [step(10 * n, loss=9.0 + n) for n in range(4, 8)]
    assert "diverging" in said(run([], steps=calm + wild))
    assert said(run([], steps=calm + wild[:2])) == {}
    # A first batch may be easy: what counts is the loss of one who guesses.
    easy = [step(1, loss=0.5), *(step(10 * n, loss=1.7) for n in range(2, 8))]
    assert said(run([], steps=easy)) == {}


@pytest.mark.parametrize(
    ("config", "loss", "words"),
    [
        (replace(DIGITS, lr=1e-6), 2.303, "the steps are too small; try a learning rate of 0.002"),
        (replace(DIGITS, lr=1.0), 2.41, "the steps were too large; try a learning rate of 0.002"),
        (replace(DIGITS, lr=0.002), 2.303, "rate of 0.0002 (now 0.002), and see whether the lab"),
        (
            replace(DIGITS, optimizer="sgd", lr=1e-6),
            2.35,
            "too small; try a learning rate of 0.00625",
        ),
    ],
)
def test_says_why_a_network_may_do_no_better_than_guessing(
    config: TrainConfig, loss: float, words: str
) -> None:
    epochs = [(loss, 0.10, loss, 0.10)] * 2
    sentence = said(run(epochs), config)["not-learning"].sentence
    assert "no better than guessing among 10 classes (2.30)" in sentence
    assert words in sentence


def test_blames_the_clipping_that_leaves_no_step() -> None:
    config = replace(DIGITS, optimizer="sgd", lr=0.05, clip_grad=1e-4)
    steps = [step(n, gradient_norm=0.44) for n in range(1, 9)]
    sentence = said(run([GUESSES] * 2, steps=steps), config)["not-learning"].sentence
    assert "clipping at 0.0001 cuts gradients to nothing; try gradient clipping at 0.44" in sentence


def test_waits_with_its_verdict_while_validation_is_better_than_chance() -> None:
    """DropoutCNN with much dropout learns late."""
    late = [(2.308, 0.113, 2.285, 0.403), (2.298, 0.127, 2.272, 0.403)]
    assert "not-learning" not in said(run(late), default_config("dropoutcnn", "digits"))
    assert "not-learning" not in said(run([GUESSES]))


def test_sees_gradients_vanish_and_explode() -> None:
    small = [step(10 * n, gradient_norm=3e-6, loss=2.3, accuracy=0.1) for n in range(1, 6)]
    vanishing = said(run([], steps=small))["vanishing-gradient"]
    assert "Gradient norm is 3e-06 at loss 2.3" in vanishing.sentence
    assert vanishing.topic == "skip-connections"
    learned = [replace(each, accuracy=1.0) for each in small]
    assert said(run([], steps=learned)) == {}
    huge = [step(10 * n, gradient_norm=500.0 * n, loss=2.0 + n) for n in range(1, 5)]
    assert "gradient clipping at 1" in said(run([], steps=huge))["exploding-gradient"].sentence
    assert said(run([], steps=huge), replace(DIGITS, clip_grad=1.0)) == {}
    assert said(run([], steps=[*huge[:-1], replace(huge[-1], gradient_norm=4.0)])) == {}
    assert said(run([], steps=[replace(each, loss=3.0 - each.step / 20) for each in huge])) == {}


@pytest.mark.parametrize(("images", "speaks"), [(4, False), (9, False), (10, True)])
def test_says_nothing_from_few_images(images: int, speaks: bool) -> None:
    started, *rest = run([(2.5, 0.1, 2.5, 0.1)] * 20)
    assert isinstance(started, Started)
    for part in ("train_images", "val_images"):
        found = said([replace(started, **{part: images}), *rest])
        assert ("not-learning" in found) is speaks
        assert bool(found) is speaks


def test_says_nothing_from_few_steps_but_that_the_loss_is_nan() -> None:
    exploded = [step(n, loss=2.3 * n) for n in range(1, 20)]
    stuck = [(2.5, 0.1, 2.5, 0.1)]
    assert said(run(stuck * 9, steps_per_epoch=2)) == {}
    assert "not-learning" in said(run(stuck * 10, steps_per_epoch=2))
    assert said(run([], steps=exploded)) == {}
    message = f"{LOSS_IS_NAN} since step 7"
    assert "nan" in said(run([], steps=exploded, end="failed", message=message))


def uneven(epochs: Sequence[Told], share: float, classes: int = 2, **more: Any) -> list[Event]:
    """A run on classes of which the largest has this share of the validation images."""
    started, *rest = run(epochs, **more)
    assert isinstance(started, Started)
    return [replace(started, classes=classes, val_baseline=share), *rest]


def test_noise_of_uneven_classes_is_not_told_to_try_more_epochs() -> None:
    """Random noise, 190 images against 10: right for 95 %, and nothing is learned."""
    falling = [(0.6, 0.80, 0.5, 0.95), (0.3, 0.95, 0.3, 0.95), (0.19, 0.95, 0.21, 0.95)]
    three = replace(PLAIN, epochs=3)
    assert "still-improving" in said(run(falling, end="finished"), three)
    found = said(uneven(falling, 0.95, end="finished"), three)
    assert list(found) == ["at-baseline"]
    sentence = found["at-baseline"].sentence
    assert "no better than always naming the largest class (95 %)" in sentence
    assert not any(each.action is Action.TRAIN_AGAIN for each in found["at-baseline"].next_steps)


def test_the_share_of_the_largest_class_is_no_failure_of_the_steps() -> None:
    """The first steps overshoot while the network learns how large the classes are."""
    stuck = [(0.74, 0.05, 0.71, 0.05), *[(0.20, 0.95, 0.20, 0.95)] * 3]
    assert said(uneven(stuck, 0.95)) == {}
    assert list(said(uneven(stuck, 0.95, end="finished"))) == ["at-baseline"]
    learned = [*stuck, *[(0.05, 0.99, 0.06, 0.985)] * 3]
    assert said(uneven(learned, 0.95, end="finished")) == {}


def test_classes_that_are_nearly_even_are_judged_as_before() -> None:
    stuck = [(2.303, 0.1, 2.303, 0.11)] * 3
    assert said(uneven(stuck, 0.11, 10)) == said(run(stuck))


def test_says_that_dropout_holds_a_network_back() -> None:
    config = replace(default_config("dropoutcnn", "digits"), dropout=0.8)
    epochs = [(2.2, 0.19, 1.8, 0.46), (1.9, 0.33, 1.3, 0.77), (1.5, 0.42, 0.9, 0.79)]
    sentence = said(run(epochs), config)["too-much-dropout"].sentence
    assert "42 %, validation 79 %: dropout 0.8 holds the network back" in sentence
    assert "too-much-dropout" not in said(run(epochs), replace(config, dropout=0.5))


def test_explains_a_validation_accuracy_above_that_of_training() -> None:
    epochs = [(0.9, 0.73, 0.4, 0.91), (0.9, 0.74, 0.4, 0.91)]
    assert said(run(epochs))["validation-above"].sentence == (
        "Validation accuracy 91 % is above training's 74 %: no bug, augmentation acts only "
        "while training."
    )
    assert said(run(epochs), PLAIN) == {}
    both = said(run(epochs), default_config("dropoutcnn", "digits"))["validation-above"]
    assert "dropout and augmentation act only" in both.sentence
    assert both.topic == "dropout-what"
    without = replace(default_config("dropoutcnn", "digits"), dropout=0.0, augment="none")
    assert said(run(epochs), without) == {}


def test_explains_a_training_accuracy_that_is_the_mean_of_an_epoch() -> None:
    """LeNet-5 with its defaults: an epoch's mean is below where the epoch ends."""
    rising = [(1.7, 0.38, 0.7, 0.81), (0.9, 0.73, 0.4, 0.91)]
    assert said(run(rising), PLAIN)["epoch-mean"].sentence == (
        "Validation accuracy 91 % is above training's 73 %: no bug, validation is measured after "
        "the epoch, training during it."
    )
    assert "epoch-mean" in said(run(rising[:1]), PLAIN)
    assert said(run(rising))["epoch-mean"].sentence.endswith("during it, with augmentation.")
    assert said(run([*rising, (0.8, 0.74, 0.4, 0.91)]), PLAIN) == {}


def test_says_that_batch_norm_lags_behind_few_steps() -> None:
    config = default_config("cifar10net", "digits", batch_size=1024)
    epochs = [(2.27, 0.20, 2.27, 0.12), (1.25, 0.66, 1.98, 0.70), (0.69, 0.80, 1.83, 0.58)]
    events = run(epochs, steps_per_epoch=2)
    sentence = said(events, config)["batch-norm-lags"].sentence
    assert "With 2 steps per epoch" in sentence
    assert "a batch size of 128" in sentence
    assert said(events, replace(config, net=parse("vgg11"))) == {}
    assert said(run(epochs), config) == {}


def test_tells_a_finished_run_that_it_could_go_on() -> None:
    epochs = [(1.2, 0.78, 0.9, 0.80), (1.0, 0.81, 0.8, 0.82), (0.9, 0.84, 0.7, 0.85)]
    three = replace(DIGITS, epochs=3)
    sentence = said(run(epochs, end="finished"), three)["still-improving"].sentence
    assert "from 0.9 to 0.7 in the last 2 epochs" in sentence
    assert "6 epochs" in sentence
    assert said(run(epochs), three) == {}
    flat = [(a, b, 0.7, d) for a, b, _, d in epochs]
    assert said(run(flat, end="finished"), three) == {}
    early = replace(DIGITS, epochs=100, patience=2)  # more epochs would change nothing
    assert said(run(epochs, end="finished"), early) == {}


def test_calls_low_training_accuracy_at_the_end_underfitting() -> None:
    epochs = [(2.29, 0.15, 2.23, 0.2), (2.17, 0.32, 2.06, 0.34)]
    slow = replace(DIGITS, lr=1e-5, epochs=2)
    sentence = said(run(epochs, end="finished"), slow)["underfitting"].sentence
    assert sentence.endswith(
        "underfitting; try a learning rate of 0.002, 4 epochs or a larger network."
    )
    assert said(run(epochs, end="stopped"), slow) == {}
    early = replace(DIGITS, epochs=100, patience=3)
    sentence = said(run(epochs, end="finished"), early)["underfitting"].sentence
    assert sentence.endswith("underfitting; try a patience of 6 epochs or a larger network.")


def test_calls_a_loss_that_stands_still_a_plateau() -> None:
    constant = replace(DIGITS, schedule="constant", lr=0.004)
    flat: list[Told] = [(0.5, 0.85, 0.45, 0.86)] * 8
    sentence = said(run(flat), constant)["plateau"].sentence
    assert "No loss has fallen for 6 epochs (validation 0.45): a plateau" in sentence
    assert "a learning rate of 0.002" in sentence
    assert said(run(flat)) == {}  # one-cycle lowers the rate by itself
    assert said(run([(0.5 - e / 50, 0.85, 0.45, 0.86) for e in range(8)]), constant) == {}
    assert said(run([(0.02, 0.99, 0.03, 0.995)] * 8), constant) == {}  # solved


def test_notices_that_every_training_image_is_known_by_heart() -> None:
    epochs = [(0.3, 0.95, 0.3, 0.93)] + [(0.01, 1.0, 0.29, 0.93)] * 4
    memorized = said(run(epochs), PLAIN)["memorized"]
    assert "right since epoch 2" in memorized.sentence
    assert memorized.sentence.startswith("Every training image")
    assert memorized.epoch == 2
    assert said(run(epochs[:-1]), PLAIN) == {}
    solved = [(0.3, 0.95, 0.3, 0.93)] + [(0.01, 1.0, 0.29, 0.995)] * 4
    assert said(run(solved), PLAIN) == {}
    nearly = [*epochs[:-1], (0.01, 0.9997, 0.29, 0.93)]
    assert said(run(nearly), PLAIN)["memorized"].sentence.startswith("Nearly every training image")


def test_warns_of_a_test_accuracy_far_below_validation() -> None:
    far = said(run(LEARNS, end="finished", test=0.90))["test-below"].sentence
    assert "Test accuracy 90.0 % is 9 points below the best validation (99.0 %)" in far
    assert said(run(LEARNS, end="finished", test=0.96)) == {}
    started, *rest = run(LEARNS, end="finished", test=0.90)
    assert said([replace(started, val_images=30), *rest]) == {}  # of 30 images, 3 are chance


def test_notices_that_a_run_has_become_slow() -> None:
    fast = [step(n) for n in range(1, 20)]
    slow = [step(n, images_per_second=300.0) for n in range(20, 28)]
    sentence = said(run([], steps=fast + slow))["slower"].sentence
    assert "from 7,000 to 300 images/s" in sentence
    assert said(run([], steps=fast + slow[:3])) == {}
    assert said(run([], steps=fast + slow, end="stopped")) == {}
    interrupted = RunStatus(
        run="r", name="", net="lenet5", data="digits", state="interrupted", epoch=0, epochs=20,
        step=27, best_val_accuracy=None, test_accuracy=None, test_loss=None,
        images_per_second=None, message="", created=0.0, updated=0.0,
    )  # fmt: skip
    assert advise(DIGITS, run([], steps=fast + slow), interrupted) == ()
    assert advise(DIGITS, run([], steps=fast + slow), replace(interrupted, state="running"))


def test_blames_nobody_where_a_run_goes_on_on_a_slower_machine() -> None:
    started, *fast = run([], steps=[step(n) for n in range(1, 20)])
    resumed = Resumed(**(vars(started) | {"step": 19}))
    slow = [step(n, images_per_second=300.0) for n in range(20, 40)]
    assert said([started, *fast, resumed, *slow]) == {}
    slower = [step(n, images_per_second=30.0) for n in range(40, 48)]
    sentence = said([started, *fast, resumed, *slow, *slower])["slower"].sentence
    assert "from 300 to 30 images/s" in sentence


def test_notices_a_gpu_that_waits() -> None:
    idle = [step(n, gpu_utilization=0.3) for n in range(1, 30)]
    sentence = said(run([], steps=idle))["gpu-waits"].sentence
    assert "busy only 30 % of the time" in sentence
    assert "a batch size of 32 or CUDA graphs" in sentence
    busy = [replace(each, gpu_utilization=0.9) for each in idle]
    assert said(run([], steps=busy)) == {}


@pytest.mark.parametrize(
    ("settings", "images", "processes", "note", "ways"),
    [
        ({}, 100_000, 1, "", "a batch size of 32 or CUDA graphs."),
        ({"batch_size": 40_000}, 100_000, 1, "", "a batch size of 65536 or CUDA graphs."),
        ({"batch_size": 300}, 800, 1, "", "a batch size of 800 or CUDA graphs."),
        ({"batch_size": 2000}, 800, 1, "", "try CUDA graphs."),
        ({"nproc": 2}, 800, 2, "", "try a batch size of 32."),
        ({}, 800, 4, "", "try a batch size of 32."),  # under torchrun
        ({}, 800, 1, f"{NO_CUDA_GRAPHS} (no reason): …", "try a batch size of 32."),
        ({"batch_size": 65_536, "cuda_graphs": True}, 100_000, 1, "", None),
    ],
)
def test_proposes_to_a_gpu_that_waits_only_what_its_run_accepts(
    settings: dict[str, Any], images: int, processes: int, note: str, ways: str | None
) -> None:
    config = checked(replace(DIGITS, **settings))
    started, *idle = run([], steps=[step(n, gpu_utilization=0.3) for n in range(1, 30)])
    started = replace(started, train_images=images, processes=processes)
    told = Note(time=0.0, step=0, epoch=0, epochs=20, best_val_accuracy=None, message=note)
    found = said([started, told, *idle], config)
    assert list(found) == ([] if ways is None else ["gpu-waits"])
    assert ways is None or found["gpu-waits"].sentence.endswith(ways)


def test_says_nothing_of_fit_while_something_is_broken() -> None:
    found = said(run([GUESSES] * 5, end="finished", test=0.10))
    assert list(found) == ["not-learning"]


def number() -> st.SearchStrategy[float]:
    usual = st.floats(0, 3) | st.sampled_from((0.0, 0.1, 1.0, 2.303, 1e-9, 1e30))
    return usual | st.floats(allow_nan=True, allow_infinity=True)


def any_event() -> st.SearchStrategy[Event]:
    common = {
        "time": st.floats(0, 1e9),
        "step": st.integers(0, 10**6),
        "epoch": st.integers(0, 20),
        "epochs": st.integers(1, 20),
        "best_val_accuracy": st.none() | number(),
    }
    values = ("loss", "accuracy", "lr", "images_per_second")
    optional = ("gradient_norm", "seconds_left", "gpu_utilization")
    of_epoch = ("train_loss", "train_accuracy", "val_loss", "val_accuracy", "lr")
    counts = ("threads", "image_size", "parameters", "train_images", "val_images", "test_images")
    more = ("skipped_files", "steps_per_epoch", "total_steps")
    return st.one_of(
        st.builds(
            StepMetrics,
            **common,
            **{name: number() for name in values},
            **{name: st.none() | number() for name in optional},
        ),
        st.builds(
            EpochMetrics,
            **common,
            **{name: number() for name in (*of_epoch, "images_per_second", "seconds")},
        ),
        st.builds(
            Started,
            **common,
            device=st.just("cpu"),
            precision=st.just("fp32"),
            **{name: st.integers(0, 1000) for name in (*counts, *more)},
        ),
        st.builds(
            Ended,
            **common,
            state=st.sampled_from(("finished", "stopped", "failed")),
            message=st.sampled_from(("", LOSS_IS_NAN)),
            test_loss=st.none() | number(),
            test_accuracy=st.none() | number(),
            images_per_second=st.none() | number(),
            seconds=number(),
        ),
        st.builds(Note, **common, message=st.text(max_size=5)),
    )


CONFIGS = (
    DIGITS,
    replace(PLAIN, schedule="constant", optimizer="sgd", clip_grad=0.1),
    default_config("dropoutcnn", "digits", dropout=0.9),
    default_config("cifar10net", "digits"),
    replace(DIGITS, data="folder:/pictures"),
)


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.lists(any_event(), max_size=24), st.sampled_from(CONFIGS))
def test_has_a_sentence_or_none_for_any_events(events: list[Event], config: TrainConfig) -> None:
    found = advise(config, events)
    assert len(found) <= MOST
    for advice in found:
        assert 20 < len(advice.sentence) <= LONGEST
        assert "nan" not in advice.sentence and "inf" not in advice.sentence
        assert advice.topic is None or advice.topic in SLUGS


def test_proposes_only_values_that_a_run_accepts() -> None:
    for net in all_nets():
        for optimizer in OPTIMIZERS:
            config = replace(DIGITS, net=parse(net.name), optimizer=optimizer)
            assert checked(replace(config, lr=usual_lr(config), image_size=None))


@pytest.mark.parametrize("settings", [{"epochs": 60_000}, {"epochs": 90_000, "patience": 60_000}])
def test_proposes_no_more_epochs_than_a_run_may_have(settings: dict[str, int]) -> None:
    *before, latest = run([(2.2, 0.2, 2.2, 0.2)] * 3)
    last = replace(latest, epoch=60_000)
    ended = [*before, last, *run([], end="finished")[1:]]
    (again, _) = said(ended, replace(DIGITS, **settings))["underfitting"].next_steps
    (name,) = again.settings.keys() & settings.keys()
    assert again.settings[name] == MOST_EPOCHS
    assert checked(replace(DIGITS, **{name: again.settings[name]}))


OWN_NETS = ("lenet5", "dropoutcnn", "cifar10net", "simpleresnet", "vgg11", "vgg11,batch_norm=true")


@pytest.mark.parametrize(
    "name",
    [*OWN_NETS, *(pytest.param(net.name, marks=pytest.mark.slow) for net in all_nets())],
)
def test_knows_which_networks_drop_out_and_which_normalize(name: str) -> None:
    spec = parse(name)
    with torch.device("meta"):
        layers = list(build(spec, **spec.info.in_training).modules())
    assert spec.info.has_dropout == any(isinstance(layer, nn.Dropout) for layer in layers)
    assert spec.has_batch_norm == any(isinstance(layer, nn.BatchNorm2d) for layer in layers)
