"""Hidden tests of exercise 5: three networks, one recipe, and the table that compares them.

Networks are judged by what they compute once the checker has filled them with
numbers of its own (see ``cnn_tui.grading.checks.weights``), training by what such
networks have become, or by digits whose labels the submission never sees, and
seconds by whether the checker's own clock allows them.
"""

import math
import time
from copy import deepcopy
from functools import partial
from statistics import median
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.batches import expect_shuffled
from cnn_tui.grading.checks.images import (
    CLASSES,
    clearest,
    logits_of,
    noise,
    random_digits,
    share_right,
)
from cnn_tui.grading.checks.numbers import digits_apart, percent_apart, written_apart
from cnn_tui.grading.checks.seconds import expect_seconds
from cnn_tui.grading.checks.stability import expect_same_gradients, steady
from cnn_tui.grading.checks.starts import expect_new_start
from cnn_tui.grading.checks.testing import (
    CheckError,
    as_number,
    differs,
    expect,
    expect_equal,
    expect_items,
    expect_module,
    expect_number,
    needs,
    topic,
)
from cnn_tui.grading.checks.trained_weights import is_near, learned_logits
from cnn_tui.grading.checks.weight_decay import expect_no_decay
from cnn_tui.grading.checks.weights import (
    LAYER,
    NAMES,
    Role,
    StateDict,
    draw,
    expect_near,
    expect_roles,
    expect_same_by_role,
    fill,
    roles,
)
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject

MOST_DIGITS_OF_COUNTS = 10
"""More only where a count would look like the one that is expected."""
NETS = ("lenet5", "vgg_style", "resnet_style")
LAST_BIAS = (LAYER, "bias", (10,))
COUNTER = "num_batches_tracked"
STATISTICS = ("running_mean", "running_var")
IMAGE_SIZE = 28
SHARE = 0.95

TRAIN_IMAGES = 400
VAL_IMAGES = 100
HELD_OUT_IMAGES = 400
EPOCHS = 5
BATCH_SIZE = 20
LEARNING_RATE = 5e-4
MIN_SHARE = 0.35
MIN_GAIN = 0.2
"""What each network must get right of held-out digits, and gain over its start, as shares.

In 40 seeds of 40 LeNet-5, the slowest, reached 0.53 to 0.82.
"""
MARGIN = 0.02
"""How far ahead of LeNet-5 the residual network must be on held-out digits, as a share.

In 40 seeds of 40 it was 0.07 to 0.38 ahead, and the VGG style 0.02 to 0.36.
"""
MIN_TOLD = 0.3
"""The share of the time of training that the epochs must account for.

The rest is validation, and what torch does the first time.
"""

EXACT = 1e-6
"""As a share, and at least so much: more than float32 rounds away.

Rounding to four decimals is further off.
"""

History = list[tuple[float, float]]
Result = tuple[str, float, int, History]


@topic("lenet5")
def test_lenet5(submission: LoadedSubmission, generator: Generator) -> None:
    """lenet5() is LeNet-5, forward and backward."""
    _expect_network(submission, "lenet5", generator)


@topic("vgg")
def test_vgg_style(submission: LoadedSubmission, generator: Generator) -> None:
    """vgg_style() is two pairs of 3x3 convolutions and a head."""
    _expect_network(submission, "vgg_style", generator)


@topic("resnet")
def test_resnet_style(submission: LoadedSubmission, generator: Generator) -> None:
    """resnet_style() adds a shortcut to each pair of layers."""
    _expect_network(submission, "resnet_style", generator)


@needs("lenet5", "resnet_style")
@topic("choosing-an-architecture")
def test_count_parameters(submission: LoadedSubmission, generator: Generator) -> None:
    """count_parameters counts what training can change, once."""
    for name in ("lenet5", "resnet_style"):
        net, reference = _filled(submission, name, generator)
        _expect_count(submission, net, _count_of(reference), f"parameters of your {name}()")
    net, reference = _filled(submission, "lenet5", generator)
    last = _layer(net, (CLASSES, 84))
    total = _count_of(reference)
    net.method("add_module", "once_more", last)
    _expect_count(submission, net, total, "parameters of lenet5() with its last layer in it twice")
    last.method("requires_grad_", False)
    total -= CLASSES * 84 + CLASSES
    _expect_count(submission, net, total, "parameters of lenet5() with its last layer frozen")
    _expect_new_and_own(submission)


@topic("choosing-an-architecture")
def test_epochs_to_converge(submission: LoadedSubmission) -> None:
    """epochs_to_converge finds the first epoch near the best."""
    cases: tuple[tuple[tuple[float, ...], dict[str, float], int], ...] = (
        ((0.25, 0.5, 0.75, 0.875), {"share": 0.75}, 3),
        ((0.25, 0.375, 0.5), {"share": 0.75}, 2),
        ((0.25, 1.0, 0.5), {"share": 1.0}, 2),
        ((0.5, 1.0, 0.5), {"share": 0.875}, 2),
        ((0.875, 0.25, 1.0, 0.9375), {"share": 0.5}, 1),
        ((0.5, 0.9375, 1.0), {}, 3),
        ((0.5, 0.9496, 1.0), {}, 3),
        ((0.5, 0.96875, 1.0), {}, 2),
        ((0.0, 0.0), {}, 1),
        ((0.125,), {}, 1),
    )
    for accuracies, share, wanted in cases:
        history = [(each, 0.5) for each in accuracies]
        got = submission.call("epochs_to_converge", history, **share)
        what = f"epochs to {share.get('share', SHARE)} of the best of the accuracies {accuracies}"
        _expect_count_of(got, wanted, what)


@needs("epochs_to_converge")
@topic("choosing-an-architecture")
def test_compare(submission: LoadedSubmission, generator: Generator) -> None:
    """Networks are ranked by accuracy, then by parameters."""
    slow_start = [(0.25, 10.0), (0.5, 1.0), (0.5, 4.0), (0.5, 2.0)]
    steady = [(0.5, 2.0), (0.75, 1.0), (1.0, 9.0)]
    made_up = [
        ("middle", 0.75, 500, steady),
        ("zealous", 0.75, 300, slow_start),
        ("accurate", 0.875, 900, steady),
        ("alike", 0.75, 300, steady),
        ("poor", 0.5, 10, slow_start),
        ("poor", 0.25, 20, steady),
        ("near", 0.62543, 800, [(0.96875, 1.0), (1.0, 2.0)]),
        ("nearer", 0.62512, 700, slow_start),
        ("twin", 0.125, 5, steady),
        ("twin", 0.125, 5, steady),
    ]
    for results in (made_up, made_up[::-1], _random_results(generator)):
        _expect_rows(submission.call("compare", results), results)


@needs("resnet_style")
@topic("training-loop")
def test_accuracy(submission: LoadedSubmission, generator: Generator) -> None:
    """Accuracy is taken in evaluation mode and changes nothing."""
    net, reference = _filled(submission, "resnet_style", generator)
    images, _ = _digits(generator, 180)
    logits = logits_of(reference.eval(), images)
    clear, wrong = clearest(logits, 107), 29
    labels, seconds = logits[clear].topk(2).indices.unbind(dim=1)
    labels[:wrong] = torch.where(
        torch.arange(wrong) % 2 == 0, seconds[:wrong], (labels[:wrong] + 1) % CLASSES
    )
    net.train(True)
    got = submission.call("accuracy", net, images[clear], labels)
    what = f"accuracy on {len(labels)} images, {wrong} of them wrong, of a network in training mode"
    expect_number(got, 1 - wrong / len(labels), what, rtol=1e-5)
    state = reference.state_dict()
    expect_same_by_role(net.state_dict(), state, NAMES, "after accuracy(), ")


@needs("accuracy")
@topic("training-loop")
def test_history(submission: LoadedSubmission, generator: Generator) -> None:
    """Each epoch trains in training mode and tells its figures."""
    net, reference = _filled(submission, "resnet_style", generator)
    epochs, images, labels = 3, _noise(generator, 1).repeat(3, 1, 1, 1), torch.arange(3)
    val_images, _ = _digits(generator, 260)
    # At a learning rate of 0 only the running statistics move, by one image at a time.
    logits = torch.empty(epochs, len(val_images), CLASSES)
    for epoch in range(epochs):
        for image in torch.split(images, 1):
            logits_of(reference.train(), image)
        logits[epoch] = logits_of(reference.eval(), val_images)
    logits -= _balance(net, logits)
    clear = clearest(logits, 210)
    val_images, classes = val_images[clear], logits[:, clear].argmax(dim=2)
    # What each image is after one of the epochs: it may be wrong after the others. Mostly it is
    # the first, so that accuracy goes down.
    turns = torch.tensor([0, 0, 0, 1, 2]).repeat(len(clear) // 5)
    val_labels = classes[turns, torch.arange(len(clear))]

    accuracies = (classes == val_labels).float().mean(dim=1).tolist()
    # Repeated, so that even a slow step takes far less time than the validation does.
    val_images, val_labels = val_images.repeat(3, 1, 1, 1), val_labels.repeat(3)
    _, validation = _timed(submission, "accuracy", net, val_images, val_labels)
    data = (images, labels, val_images, val_labels)
    returned, took = _timed(submission, "train", net, *data, epochs, 1, 0.0)
    history = _history(returned, epochs)
    state = net.state_dict()
    what = f"after {epochs} epochs of {len(images)} steps{_seen(state, epochs * len(images))}, "
    expect_same_by_role(state, reference.state_dict(), STATISTICS, what)
    for epoch, (got, _) in enumerate(history, start=1):
        what = f"accuracy after epoch {epoch} at learning rate 0, where only batch norm moves"
        expect_number(got, accuracies[epoch - 1], what, rtol=1e-5)
    expect_seconds([each for _, each in history], took)
    typical = median(seconds for _, seconds in history)
    expect(
        typical < validation / 2,
        f"seconds: {len(images)} images to train on, {len(val_images)} to validate on, and an "
        f"epoch took {typical:.3g} s: the seconds are those of that epoch's training alone.",
    )


@needs("lenet5", "history")
@topic("training-loop")
def test_steps(submission: LoadedSubmission, generator: Generator) -> None:
    """Training takes an Adam step per batch, newly shuffled."""
    # One batch holds all images; then all are alike, so that shuffling changes no batch.
    _expect_steps(submission, generator, distinct=40, epochs=4, batch_size=40)
    _expect_steps(submission, generator, distinct=1, epochs=2, batch_size=16)
    _expect_many_steps(submission, generator)
    _expect_all_epochs(submission, generator)
    _expect_shuffled(submission, generator)


@needs("vgg_style", "count_parameters", "history", "steps", "compare")
@topic("architectures-timeline")
def test_comparison(submission: LoadedSubmission, generator: Generator) -> None:
    """Trained alike, the residual network beats LeNet-5."""
    sizes = [TRAIN_IMAGES, VAL_IMAGES, HELD_OUT_IMAGES]
    images, labels = _digits(generator, sum(sizes))
    seen, val, new = torch.split(torch.arange(sum(sizes)), sizes)
    seen = seen[labels[seen].argsort()]
    data = (images[seen], labels[seen], images[val], labels[val])
    shares, took, told = {}, 0.0, 0.0
    for name in NETS:
        net = expect_module(submission.call(name), f"{name}()")
        start = learned_logits(net, _reference(name), images[new], f"{name}()")
        returned, seconds = _timed(
            submission, "train", net, *data, EPOCHS, BATCH_SIZE, LEARNING_RATE
        )
        history = _history(returned, EPOCHS)
        expect_seconds([each for _, each in history], seconds)
        took, told = took + seconds, told + sum(each for _, each in history)
        judged = images[torch.cat([new, val])]
        logits = learned_logits(net, _reference(name), judged, f"{name}(), once trained")
        on_new, on_val = torch.split(logits, [len(new), len(val)])
        shares[name] = share_right(on_new, labels[new])
        _expect_learned(name, share_right(start, labels[new]), shares[name])
        _expect_last(name, history, share_right(on_val, labels[val]))
    residual, lenet = shares["resnet_style"], shares["lenet5"]
    of_lenet, of_residual = percent_apart(lenet, residual)
    expect(
        residual > lenet + MARGIN,
        f"After {EPOCHS} epochs, {of_residual} of new digits are right with resnet_style and "
        f"{of_lenet} with lenet5: resnet_style should be well ahead.",
    )
    expect(
        told > MIN_TOLD * took,
        f"seconds: the three trainings took {took:.3g} s, but your epochs sum up to {told:.3g} s: "
        "measure each from before its first step to after its last, in seconds.",
    )


def _expect_network(submission: LoadedSubmission, name: str, generator: Generator) -> None:
    """Fail unless the network computes what its figure does, in both modes, and back."""
    net, reference = _filled(submission, name, generator)
    for training, mode in ((False, "evaluation"), (True, "training")):
        images = _noise(generator, 8)
        net.train(training)
        wanted = logits_of(reference.train(training), images)
        expect_near(net(images), wanted, f"{name}() in {mode} mode, logits of 8 images")
    after = f"{name}() after a batch in training mode: "
    expect_same_by_role(net.state_dict(), reference.state_dict(), STATISTICS, after)

    def draw_both() -> tuple[Tensor, Tensor]:
        # One, as an image brings 50,000 ReLUs, of which none may be on the verge of 0.
        return _noise(generator, 1), torch.randn(1, CLASSES, generator=generator)

    expect_same_gradients(net, reference, draw_both, generator, f"{name}()")
    expect_new_start(lambda: _made(submission, name), f"{name}()")


def _expect_new_and_own(submission: LoadedSubmission) -> None:
    """Fail unless zeros of a new network count, and what the network itself holds."""
    net, total = _made(submission, "resnet_style"), _count_of(_reference("resnet_style"))
    _expect_count(submission, net, total, "parameters of your new resnet_style()")
    own = {"gain": torch.tensor(1.0), "shifts": torch.arange(3.0)}
    net.method("__setstate__", {"_parameters": own})
    net.method("requires_grad_", True)
    what = "parameters of resnet_style() with a gain and three shifts of its own"
    _expect_count(submission, net, total + 4, what)


def _count_of(reference: nn.Module) -> int:
    return sum(each.numel() for each in reference.parameters())


def _expect_steps(
    submission: LoadedSubmission,
    generator: Generator,
    distinct: int,
    epochs: int,
    batch_size: int,
    learning_rate: float = 3e-3,
    note: str = "",
) -> None:
    """Fail unless training LeNet-5 on copies of ``distinct`` images leaves it as Adam does."""
    net, reference = _filled(submission, "lenet5", generator)
    count = 40
    steps = epochs * math.ceil(count / batch_size)
    new_images = _noise(generator, 8)

    def draw_both() -> tuple[Tensor, Tensor]:
        labels = torch.randint(CLASSES, (distinct,), generator=generator)
        # Bright images make gradients so large that clipping them shows.
        return 3 * _noise(generator, distinct), labels

    def outcome(copy: nn.Module, batch: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        early = deepcopy(copy)
        train_by_adam(early, [batch] * (steps // epochs), learning_rate)
        train_by_adam(copy, [batch] * steps, learning_rate)
        return {"early": logits_of(early, new_images), "logits": logits_of(copy, new_images)}

    (images, labels), wanted = steady(draw_both, outcome, reference, generator)
    copies = count // distinct
    # By these labels, all is right after the first epoch. Training goes on all the same.
    val_labels = wanted["early"].argmax(dim=1)
    data = (images.repeat(copies, 1, 1, 1), labels.repeat(copies), new_images, val_labels)
    returned = submission.call("train", net, *data, epochs, batch_size, learning_rate)
    _history(returned, epochs)  # which says it first, where a training ends early
    net.train(False)
    got = net(new_images)
    expect(
        is_near(got, wanted["logits"]) or not is_near(got, wanted["early"]),
        f"After {epochs} epochs, the network answers as it did after the first, which has the best "
        "validation accuracy: train for all epochs, and keep the weights that the last step "
        "leaves.",
    )
    trained = f"{count} images" if distinct == count else f"{count} copies of an image"
    what = f"logits of 8 images after {epochs} epochs of {trained} in batches of {batch_size}, "
    what += f"at learning rate {learning_rate:g}{note}"
    expect_near(got, wanted["logits"], what)


def _expect_many_steps(submission: LoadedSubmission, generator: Generator) -> None:
    """So slow that validation gets no better, and so many epochs that a rate falls if it does."""
    epochs, rate = 16, 1e-4
    note = " (fewer epochs are right: keep the learning rate, and take the steps of every epoch)"
    _expect_steps(submission, generator, 1, epochs, 40, learning_rate=rate, note=note)


def _expect_all_epochs(submission: LoadedSubmission, generator: Generator) -> None:
    """Where nothing gets better, training goes on, and decays nothing."""
    net, reference = _filled(submission, "lenet5", generator)
    epochs = 12

    def train(images: Tensor, labels: Tensor, *settings: Any) -> None:
        data = (images, labels, images, labels)
        _history(submission.call("train", net, *data, *settings), epochs)

    expect_no_decay(train, net, reference, IMAGE_SIZE, epochs)


def _expect_shuffled(submission: LoadedSubmission, generator: Generator) -> None:
    net, reference = _filled(submission, "lenet5", generator)

    def train(images: Tensor, labels: Tensor, *settings: Any) -> None:
        submission.call("train", net, images, labels, images[:1], labels[:1], *settings)

    expect_shuffled(train, net, reference, IMAGE_SIZE, generator)


def _made(submission: LoadedSubmission, name: str) -> RemoteObject:
    """The learner's network in evaluation mode."""
    net = expect_module(submission.call(name), f"{name}()")
    net.train(False)
    net(torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE))  # Lazy layers have no shapes before it.
    return net


def _filled(
    submission: LoadedSubmission, name: str, generator: Generator
) -> tuple[RemoteObject, nn.Sequential]:
    """The learner's network and the reference, filled with the same numbers."""
    net = _made(submission, name)
    state, reference = net.state_dict(), _reference(name)
    values = draw(reference.state_dict(), generator)
    expect_roles(state, values, f"{name}()")
    for kind, part, shape in roles(state).values():
        if (kind, part, shape) not in values:
            raise CheckError(
                f"{name}(): a {kind} in it has a {part} of shape {shape}, which the task does not "
                "ask for."
            )
    net.load_state_dict(fill(state, values, generator))
    reference.load_state_dict(fill(reference.state_dict(), values, generator))
    return net, reference


def _reference(name: str) -> nn.Sequential:
    return {"lenet5": _lenet5, "vgg_style": _vgg_style, "resnet_style": _resnet_style}[name]()


def _lenet5() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(256, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, CLASSES)),
    )


def _vgg_style() -> nn.Sequential:
    layers: list[nn.Module] = []
    for channels, width in ((1, 16), (16, 32)):
        layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
        layers += [nn.Conv2d(width, width, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2)]
    head = (nn.Linear(32 * 7 * 7, 128), nn.ReLU(), nn.Linear(128, CLASSES))
    return nn.Sequential(*layers, nn.Flatten(), *head)


def _resnet_style() -> nn.Sequential:
    return nn.Sequential(
        *(nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
        *(Block(16, 16, stride=1), Block(16, 32, stride=2), Block(32, 64, stride=2)),
        *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES)),
    )


class Block(nn.Module):
    """A residual block: ReLU(F(x) + S(x))."""

    def __init__(self, channels: int, width: int, stride: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.Conv2d(channels, width, 3, stride, padding=1, bias=False),
            nn.BatchNorm2d(width),
            nn.ReLU(),
            nn.Conv2d(width, width, 3, padding=1, bias=False),
            nn.BatchNorm2d(width),
        )
        self.shortcut = nn.Sequential()
        if channels != width:
            self.shortcut.append(nn.Conv2d(channels, width, 1, stride, bias=False))
            self.shortcut.append(nn.BatchNorm2d(width))

    def forward(self, x: Tensor) -> Tensor:
        """(N, channels, H, W) to (N, width, H / stride, W / stride)."""
        return F.relu(self.inner(x) + self.shortcut(x))


def _layer(net: RemoteObject, shape: tuple[int, ...]) -> RemoteObject:
    """The layer of ``net`` whose weight has ``shape``."""
    key = _keys(net.state_dict(), (LAYER, "weight", shape))[0]
    return expect_module(net.method("get_submodule", key.rpartition(".")[0]), "the last layer")


def _keys(state: StateDict, wanted: Role) -> list[str]:
    """Under which keys ``state`` holds tensors of a role."""
    keys = [key for key, role in roles(state).items() if role == wanted]
    expect(bool(keys), f"state_dict: no {wanted[0]} has a {wanted[1]} of shape {wanted[2]} now.")
    return keys


_digits = partial(random_digits, size=IMAGE_SIZE)
_noise = partial(noise, size=IMAGE_SIZE)


def _balance(net: RemoteObject, logits: Tensor) -> Tensor:
    """Shift the last bias by the mean of (…, 10) ``logits``, which it returns.

    Else one class would win everywhere, whatever batch norm does.
    """
    shift, state = logits.flatten(0, -2).mean(dim=0), net.state_dict()
    net.load_state_dict(
        state | {key: state[key].float() - shift for key in _keys(state, LAST_BIAS)}
    )
    return shift


def _timed(submission: LoadedSubmission, function: str, *args: object) -> tuple[Any, float]:
    """What a function of the submission returned, and the seconds that it took."""
    started = time.perf_counter()
    returned = submission.call(function, *args)
    return returned, time.perf_counter() - started


def _history(returned: Any, epochs: int) -> History:
    history = []
    for epoch, pair in enumerate(
        expect_items(returned, epochs, "train", f"{epochs} pairs, one for each epoch"), start=1
    ):
        what = f"train, epoch {epoch}"
        accuracy, seconds = expect_items(pair, 2, what, "2 numbers, (accuracy, seconds)")
        history.append((as_number(accuracy, what), as_number(seconds, what)))
    return history


def _seen(state: StateDict, steps: int) -> str:
    """What batch norm says of how many steps were in training mode, if not all ``steps``."""
    seen = {int(each) for key, each in state.items() if key.endswith(COUNTER)}
    if len(seen) != 1 or seen == {steps}:
        return ""
    return f" (in training mode, batch norm has seen {seen.pop()} batches instead of {steps})"


def _expect_learned(name: str, before: float, after: float) -> None:
    first, last = percent_apart(before, after)
    expect(
        after > max(MIN_SHARE, before + MIN_GAIN),
        f"After {EPOCHS} epochs, {name} gets {last} of new digits right, and {first} before the "
        f"first: training should gain far more. Does every epoch take all {TRAIN_IMAGES} images?",
    )


def _expect_last(name: str, history: History, share: float) -> None:
    told = history[-1][0]
    # Rounding may tip one image over.
    if not abs(told - share) < 1.5 / VAL_IMAGES:
        what = f"{name}, accuracy on the validation images after the last epoch"
        raise differs(what, *written_apart(share, told))


def _expect_count(submission: LoadedSubmission, net: RemoteObject, wanted: int, what: str) -> None:
    _expect_count_of(submission.call("count_parameters", net), wanted, what)


def _expect_count_of(got: Any, wanted: int, what: str) -> None:
    value = as_number(got, what)
    if value != wanted:
        digits = digits_apart(wanted, value, MOST_DIGITS_OF_COUNTS)
        raise differs(what, f"{wanted:,}", f"{value:,.{digits}g}")


def _expect_rows(returned: Any, results: list[Result]) -> None:
    wanted = sorted(results, key=lambda result: (-result[1], result[2]))
    rows = expect_items(returned, len(wanted), "compare", f"{len(wanted)} rows")
    listed = ", ".join(f"{name} ({share:g}, {count})" for name, share, count, _ in results)
    for place, (row, (name, share, parameters, history)) in enumerate(
        zip(rows, wanted, strict=True), start=1
    ):
        values = expect_items(row, 5, f"compare, row {place}", "5 values")
        what = f"row {place} of compare, for (accuracy, parameters) of {listed}: the"
        expect_equal(values[0], name, f"{what} name")
        expect_number(values[1], share, f"{what} accuracy", rtol=EXACT)
        _expect_count_of(values[2], parameters, f"{what} parameters")
        seconds = [each for _, each in history]
        what_of = f"{what} seconds per epoch, of {', '.join(f'{each:g}' for each in seconds)}"
        expect_number(values[3], median(seconds), what_of, rtol=EXACT)
        _expect_count_of(values[4], _epochs_to_converge(history), f"{what} epochs to converge")


def _epochs_to_converge(history: History) -> int:
    best = max(accuracy for accuracy, _ in history)
    return next(i for i, (each, _) in enumerate(history, start=1) if each >= SHARE * best)


def _random_results(generator: Generator) -> list[Result]:
    """Networks that were never trained, among them equals."""

    def draw_one(number: int) -> Result:
        accuracy, parameters, epochs = (int(_integers(generator, 4)) + 1 for _ in range(3))
        # Sixteenths: no accuracy is 0.95 of another, where rounding would decide. Sevenths: most
        # numbers of seconds are others once they are rounded.
        history = [
            (float(_integers(generator, 17)) / 16, float(_integers(generator, 100) + 1) / 7)
            for _ in range(2 * epochs)
        ]
        return f"net {number}", accuracy / 4, 1000 * parameters, history

    names = torch.randperm(8, generator=generator).tolist()
    return [draw_one(number) for number in names]


def _integers(generator: Generator, end: int) -> Tensor:
    return torch.randint(end, (), generator=generator)
