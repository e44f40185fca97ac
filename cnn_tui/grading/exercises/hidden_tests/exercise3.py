"""Hidden tests of exercise 3: two networks that differ in batch norm, and their training.

Networks are judged by what they compute once the checker has filled them with
numbers of its own (see ``cnn_tui.grading.checks.weights``), and training by losses
that follow from such numbers, or by digits whose labels the submission never
sees.
"""

from collections.abc import Iterator
from copy import deepcopy
from functools import partial

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.adam_moves import expect_adam_moves
from cnn_tui.grading.checks.images import (
    CLASSES,
    clearest,
    expect_logits,
    logits_of,
    noise,
    random_digits,
    share_right,
)
from cnn_tui.grading.checks.numbers import percent_apart
from cnn_tui.grading.checks.shuffling import expect_new_orders
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
from cnn_tui.grading.checks.trained_weights import expect_last_answers, learned_logits
from cnn_tui.grading.checks.weights import (
    LAYER,
    draw,
    expect_near,
    expect_roles,
    expect_same_by_role,
    fill,
)
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject

WIDTHS = ((1, 16), (16, 16), (16, 32), (32, 32), (32, 64), (64, 64))
POOLED_LAYERS = (1, 3)
IMAGE_SIZE = 16

TRAIN_IMAGES = 500
HELD_OUT_IMAGES = 400
EPOCHS = 10
BATCH_SIZE = 50
LEARNING_RATE = 1e-3
MARGIN = 0.1
"""How far ahead batch norm must be on held-out digits, as a share.

In 40 seeds of 40 it was 0.22 to 0.62 ahead.
"""

LARGE, SMALL = 30.0, 0.01
NEVER = 99
SMALL_BATCH, MANY_BATCHES = 2, 10
"""In batches this small the unbiased variance differs clearly from the biased one.

After this many, most of the running statistics comes from them.
"""
SAME = 1e-3
"""Share of a loss that rounding never comes to."""
MANY_EPOCHS = 22
"""Three ways to pair four images: all epochs alike have a probability of 10^-10."""
PAIRS = ([0, 1], [2, 3], [0, 2], [1, 3], [0, 3], [1, 2])
TRIES, MANY_TRIES = 20, 200

FasterCase = tuple[tuple[float, ...], tuple[float, ...], float, str]
"""Accuracies with norm and without, the accuracy to reach, and which is faster."""


@topic("batchnorm-placement")
def test_plain_net(submission: LoadedSubmission, generator: Generator) -> None:
    """make_net(False): six layers without norm, forward and back."""
    net, reference = _filled(submission, False, generator)
    _expect_same_logits(net, reference.eval(), generator)
    _expect_same_logits(net, reference, generator, LARGE)
    _expect_same_logits(net, reference.train(), generator)
    _expect_gradients(submission, False, generator)
    _expect_default_start(submission, False)


@topic("batchnorm-what")
def test_norm_net_evaluates(submission: LoadedSubmission, generator: Generator) -> None:
    """make_net(True) has its norms in place, and evaluates."""
    for variance in (1.0, SMALL):
        net, reference = _filled(submission, True, generator, variance)
        _expect_same_logits(net, reference.eval(), generator)
    _expect_default_start(submission, True)


@needs("norm_net_evaluates")
@topic("batchnorm-what")
def test_norm_net_trains(submission: LoadedSubmission, generator: Generator) -> None:
    """make_net(True) trains with the batch's own statistics."""
    net, reference = _filled(submission, True, generator)
    _expect_same_logits(net, reference.train(), generator)


@needs("norm_net_trains")
@topic("batchnorm-what")
def test_running_statistics(submission: LoadedSubmission, generator: Generator) -> None:
    """Each batch in training moves the running statistics."""
    net, reference = _filled(submission, True, generator)
    for images in (_noise(generator, SMALL_BATCH) for _ in range(MANY_BATCHES)):
        _expect_same_logits_of(images, net, reference.train())
    names = ("running_mean", "running_var")
    expect_same_by_role(net.state_dict(), reference.state_dict(), names)


@needs("plain_net", "norm_net_trains")
@topic("batchnorm-effects")
def test_gradients(submission: LoadedSubmission, generator: Generator) -> None:
    """Every layer of both networks gets its gradient."""
    for batch_norm in (False, True):
        _expect_gradients(submission, batch_norm, generator)


@topic("batchnorm-effects")
def test_faster(submission: LoadedSubmission, generator: Generator) -> None:
    """Of two histories, faster names the quicker one."""
    slow, quick = (0.2, 0.5, 0.8, 0.95), (0.4, 0.92, 0.85, 0.99)
    never, exactly = (0.1, 0.2, 0.3, 0.4), (0.3, 0.6, 0.9, 0.7)
    cases: tuple[FasterCase, ...] = (
        (quick, slow, 0.9, "with"),
        (slow, quick, 0.9, "without"),
        (never, slow, 0.9, "without"),
        (quick, never, 0.9, "with"),
        (exactly, slow, 0.9, "with"),
        (never, never, 0.9, "neither"),
        (slow, slow, 0.9, "neither"),
        (exactly, slow, 0.5, "neither"),
        ((0.3, 0.899, 0.95), (0.2, 0.9), 0.9, "without"),
        (slow, never[:1], 0.9, "with"),
        (never[:2], slow, 0.9, "without"),
        (quick[:1], slow[:2], 0.9, "neither"),
        *_random_histories(generator),
    )
    for with_norm, without_norm, accuracy, wanted in cases:
        histories = ([(1 - each, each) for each in one] for one in (with_norm, without_norm))
        got = submission.call("faster", *histories, accuracy=accuracy)
        what = f"faster to {accuracy}, by accuracies {with_norm} with and {without_norm} without"
        expect_equal(got, wanted, what)
    got = submission.call("faster", [(0.4, 0.6), (0.1, 0.95)], [(0.9, 0.1), (0.3, 0.7)])
    expect_equal(got, "with", "faster, where no accuracy is named and only one reaches 0.9")
    got = submission.call("faster", *([(0.4, each), (0.2, 0.8)] for each in (0.7, 0.3)))
    expect_equal(got, "neither", "faster, where no accuracy is named and neither reaches 0.9")


@needs("plain_net")
@topic("training-loop")
def test_history(submission: LoadedSubmission, generator: Generator) -> None:
    """Training returns each epoch's loss and accuracy per image."""
    net, reference = _filled(submission, False, generator)
    images, count = _noise(generator, 80), 51
    with torch.no_grad():
        images = images[clearest(reference(images), count)]
        logits = reference(images)
    # A third is right, which no share rounded to two digits is.
    labels = torch.where(torch.arange(count) % 3 == 0, logits.argmax(dim=1), logits.argmin(dim=1))
    loss = F.cross_entropy(logits, labels).item()
    accuracy = (logits.argmax(1) == labels).float().mean().item()
    # At a learning rate of 0 the network stays as it is, and every epoch sees the same:
    # so many of them that a training which stops once nothing gets better stops.
    epochs, batch_size = 12, 16
    history = _train(submission, net, images, labels, epochs, batch_size, 0.0)
    for epoch, (got_loss, got_accuracy) in enumerate(history, start=1):
        what = f"epoch {epoch} on {count} images in batches of {batch_size}, at learning rate 0"
        expect_number(got_loss, loss, f"loss of {what}", rtol=1e-3)
        expect_number(got_accuracy, accuracy, f"accuracy of {what}", rtol=1e-5)
    _expect_before_each_step(submission, net, images, logits)


@needs("history", "norm_net_trains")
@topic("batchnorm-what")
def test_training_mode(submission: LoadedSubmission, generator: Generator) -> None:
    """Training is in training mode, on new batches in each epoch."""
    _expect_training_mode(submission, generator)
    _expect_new_batches(submission, generator)


@needs("history")
@topic("training-loop")
def test_adam(submission: LoadedSubmission, generator: Generator) -> None:
    """Training takes an Adam step for each batch, newly shuffled."""
    net, reference = _filled(submission, False, generator)
    labels = torch.arange(20) // 2

    def trained(net: nn.Module, images: Tensor) -> dict[str, Tensor]:
        return {"losses": torch.tensor(train_by_adam(net, [(images, labels)] * 4, 3e-3))[:, 0]}

    images, wanted = steady(partial(_noise, generator, 20), trained, reference, generator)
    history = _train(submission, net, images, labels, 4, 20, 3e-3)
    _expect_losses(history, wanted["losses"], "where one batch holds all images")
    _expect_short_batch(submission, generator)
    _expect_last_weights(submission, generator)
    fresh = partial(_filled, submission, False, generator)
    expect_adam_moves(fresh, partial(_train, submission), generator, IMAGE_SIZE)
    _expect_new_orders(submission, generator)


@needs("gradients", "training_mode", "adam", "faster")
@topic("batchnorm-effects")
def test_comparison(submission: LoadedSubmission, generator: Generator) -> None:
    """Trained alike, the network with batch norm learns faster."""
    images, labels, new_images, new_labels = _digits(generator)
    histories, shares = [], []
    for batch_norm in (True, False):
        net = expect_module(submission.call("make_net", batch_norm), f"make_net({batch_norm})")
        settings = (EPOCHS, BATCH_SIZE, LEARNING_RATE)
        histories.append(_train(submission, net, images, labels, *settings))
        what = f"make_net({batch_norm}), once trained"
        logits = learned_logits(net, _reference(batch_norm), new_images, what)
        shares.append(share_right(logits, new_labels))
    with_norm, without_norm = shares
    without, with_ = percent_apart(without_norm, with_norm)
    expect(
        with_norm > without_norm + MARGIN,
        f"After {EPOCHS} epochs, {with_} of new digits are right with batch norm and "
        f"{without} without it: batch norm should be well ahead. Does every epoch take all "
        f"{TRAIN_IMAGES} images?",
    )
    expect_equal(submission.call("faster", *histories), "with", "faster, for your two trainings")


def _random_histories(generator: Generator) -> Iterator[FasterCase]:
    for _ in range(10):
        # Eighths, so that some are reached exactly.
        lengths = torch.randint(1, 6, (2,), generator=generator).tolist()
        with_norm, without_norm = (
            torch.randint(9, (length,), generator=generator).tolist() for length in lengths
        )
        accuracy = int(torch.randint(1, 9, (), generator=generator))
        first, second = (
            next((epoch for epoch, each in enumerate(one) if each >= accuracy), NEVER)
            for one in (with_norm, without_norm)
        )
        wanted = "neither" if first == second else "with" if first < second else "without"
        one, other = (tuple(each / 8 for each in history) for history in (with_norm, without_norm))
        yield one, other, accuracy / 8, wanted


def _expect_before_each_step(
    submission: LoadedSubmission, net: RemoteObject, images: Tensor, logits: Tensor
) -> None:
    """Fail unless the accuracy of an only step is that before it, which has no image right."""
    wrong = (logits.argmin(dim=1)[0]).expand(len(logits)).clone()
    images = images[logits.argmax(dim=1) != wrong]
    ((_, got),) = _train(submission, net, images, wrong[: len(images)], 1, len(images), 0.1)
    what = "accuracy of an epoch of one batch, of which no image was right before the step"
    expect_number(got, 0.0, what)


def _expect_losses(history: list[tuple[float, float]], wanted: Tensor, where: str) -> None:
    """Fail at the first epoch whose loss is not as ``wanted``."""
    for epoch, ((got, _), each) in enumerate(zip(history, wanted.tolist(), strict=True), start=1):
        so_far = " (the loss is right up to here)" if epoch > 1 else ""
        expect_number(got, each, f"loss of epoch {epoch}{so_far}, {where}", rtol=2e-3)


def _expect_training_mode(submission: LoadedSubmission, generator: Generator) -> None:
    """Fail unless the loss with batch norm is that of training mode, in every batch.

    Any batch of copies of one image has the statistics of that image. The
    network comes in evaluation mode.
    """
    net, reference = _filled(submission, True, generator)
    label = torch.randint(CLASSES, (1,), generator=generator)

    def in_training(net: nn.Module, image: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            return {"loss": F.cross_entropy(net.train()(image), label)}

    image, wanted = steady(partial(_noise, generator, 1), in_training, reference, generator)
    count, epochs = 20, 3
    copies = image.expand(count, -1, -1, -1).clone()
    net.train(False)
    history = _train(submission, net, copies, label.expand(count), epochs, 8, 0.0)
    for epoch, (got, _) in enumerate(history, start=1):
        what = f"loss of epoch {epoch} with batch norm, in training mode at learning rate 0"
        expect_number(got, wanted["loss"].item(), what, rtol=2e-3)


def _expect_new_batches(submission: LoadedSubmission, generator: Generator) -> None:
    """Fail if the same images are batched together in each epoch.

    With batch norm, the loss of four images in two batches depends on who is with whom.
    """
    net, reference = _filled(submission, True, generator)
    for _ in range(TRIES):
        images, labels = _noise(generator, 4), torch.randint(CLASSES, (4,), generator=generator)
        with torch.no_grad():
            halves = [F.cross_entropy(reference(images[i]), labels[i]) for i in PAIRS]
        losses = torch.stack(halves).view(-1, 2).mean(dim=1)
        if losses.sort().values.diff().min() > 10 * SAME * losses.max():
            break
    history = _train(submission, net, images, labels, MANY_EPOCHS, 2, 0.0)
    near = SAME * losses.max()
    told = torch.tensor([loss for loss, _ in history])
    if not told.max() - told.min() > near:
        raise _one_loss(float(told[0]), losses, float(near))


def _one_loss(told: float, losses: Tensor, near: float) -> CheckError:
    """Why the losses of all epochs are ``told``: ``losses`` are those of all pairs of images."""
    if bool((losses - told).abs().min() <= near):
        return CheckError(
            "Training puts the same images together in every epoch: shuffle the images before "
            "each, and then make the batches. A seed that is set in each epoch gives the same "
            "order again."
        )
    ways = ", ".join(f"{each:.4g}" for each in losses.tolist())
    return differs(
        f"loss of each of {MANY_EPOCHS} epochs on 4 images in batches of 2, with batch norm at "
        "learning rate 0",
        f"one of {ways}, by which images are together",
        f"{told:.4g} in every epoch",
    )


def _expect_last_weights(submission: LoadedSubmission, generator: Generator) -> None:
    """Fail unless the weights that stay are those after the last step, which are not the best."""
    epochs, count, rate = 4, 10, 0.05
    net, reference = _filled(submission, False, generator)
    for _ in range(MANY_TRIES):
        images = _noise(generator, count)
        labels = torch.randint(CLASSES, (count,), generator=generator)
        *earlier, last = train_by_adam(deepcopy(reference), [(images, labels)] * epochs, rate)
        best = min(loss for loss, _ in earlier), max(accuracy for _, accuracy in earlier)
        if best[0] < last[0] and best[1] > last[1]:
            break
    ends = []
    for steps in range(epochs + 1):
        after = deepcopy(reference)
        train_by_adam(after, [(images, labels)] * steps, rate)
        ends.append(logits_of(after, images))
    _train(submission, net, images, labels, epochs, count, rate)
    got = expect_logits(net(images), count)
    expect_last_answers(got, ends, f"After {epochs} epochs, of which the last is not the best,")


def _expect_short_batch(submission: LoadedSubmission, generator: Generator) -> None:
    """On copies of one image the order of training does not matter, but the batches do."""
    net, reference = _filled(submission, False, generator)
    epochs, batch_size, rate = 7, 16, 3e-4
    sizes = torch.tensor([16.0, 16.0, 1.0])
    label = torch.randint(CLASSES, (1,), generator=generator)

    def trained(net: nn.Module, image: Tensor) -> dict[str, Tensor]:
        figures = torch.tensor(train_by_adam(net, [(image, label)] * (len(sizes) * epochs), rate))
        losses = figures[:, 0].view(epochs, -1) @ (sizes / sizes.sum())
        return {"losses": losses, "logits": net(image).detach()}

    image, wanted = steady(partial(_noise, generator, 1), trained, reference, generator)
    count = int(sizes.sum())
    copies = image.expand(count, -1, -1, -1).clone()
    history = _train(submission, net, copies, label.expand(count), epochs, batch_size, rate)
    of = f"on {count} copies of an image in batches of {batch_size}"
    _expect_losses(history, wanted["losses"], of)
    net.train(False)
    what = f"logits after {epochs} epochs {of}, of which the losses are right"
    expect_near(net(image), wanted["logits"], what)


def _expect_new_orders(submission: LoadedSubmission, generator: Generator) -> None:
    net, reference = _filled(submission, False, generator)
    start = {key: each.clone() for key, each in net.state_dict().items()}

    def train(images: Tensor, labels: Tensor, epochs: int) -> Tensor:
        net.load_state_dict(start)
        _train(submission, net, images, labels, epochs, 1, LEARNING_RATE)
        return expect_logits(net(images), 2)

    expect_new_orders(train, reference, partial(_noise, generator, 2), LEARNING_RATE)


def _reference(batch_norm: bool) -> nn.Sequential:
    layers: list[nn.Module] = []
    for index, (channels, width) in enumerate(WIDTHS):
        layers.append(nn.Conv2d(channels, width, kernel_size=3, padding=1))
        layers += [nn.BatchNorm2d(width)] if batch_norm else []
        layers.append(nn.ReLU())
        layers += [nn.MaxPool2d(2)] if index in POOLED_LAYERS else []
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, CLASSES))


def _made(submission: LoadedSubmission, batch_norm: bool) -> tuple[RemoteObject, str]:
    """The learner's network in evaluation mode, and what it is called."""
    what = f"make_net({batch_norm})"
    net = expect_module(submission.call("make_net", batch_norm), what)
    net.train(False)
    net(torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE))  # Lazy layers have no shapes before it.
    return net, what


def _filled(
    submission: LoadedSubmission, batch_norm: bool, generator: Generator, variance: float = 1.0
) -> tuple[RemoteObject, nn.Sequential]:
    """The learner's network and the reference, filled with the same numbers.

    ``variance`` scales the running variances.
    """
    net, what = _made(submission, batch_norm)
    state, reference = net.state_dict(), _reference(batch_norm)
    values = draw(reference.state_dict(), generator)
    values = {
        role: each * (variance if role[1] == "running_var" else 1) for role, each in values.items()
    }
    if batch_norm:
        # A bias before batch norm is optional: 0 makes a network with it the same as one without.
        optional = [(LAYER, "bias", (width,)) for _, width in WIDTHS]
        values |= {role: torch.zeros_like(values[role]) for role in optional}
        expect_roles(state, {role: values[role] for role in values if role not in optional}, what)
    else:
        expect_roles(state, values, what)
    net.load_state_dict(fill(state, values, generator))
    reference.load_state_dict(fill(reference.state_dict(), values, generator))
    return net, reference


def _expect_default_start(submission: LoadedSubmission, batch_norm: bool) -> None:
    expect_new_start(lambda: _made(submission, batch_norm)[0], f"make_net({batch_norm})")


def _drop_biases(reference: nn.Sequential) -> None:
    """Without the biases that a norm subtracts again, which is what their gradients come to."""
    for layer in reference:
        if isinstance(layer, nn.Conv2d):
            layer.bias = None


def _expect_gradients(submission: LoadedSubmission, batch_norm: bool, generator: Generator) -> None:
    """Fail unless each parameter of a network gets the gradient of its layer, and no other does."""
    net, reference = _filled(submission, batch_norm, generator)
    most = sum(each.numel() for each in reference.parameters())
    if batch_norm:
        _drop_biases(reference)

    def draw_both() -> tuple[Tensor, Tensor]:
        return _noise(generator, 4), torch.randn(4, CLASSES, generator=generator)

    reference.train()
    what = f"make_net({batch_norm})"
    expect_same_gradients(net, reference, draw_both, generator, what, most=most)


def _expect_same_logits(
    net: RemoteObject, reference: nn.Sequential, generator: Generator, scale: float = 1.0
) -> None:
    _expect_same_logits_of(scale * _noise(generator, 8), net, reference)


def _expect_same_logits_of(images: Tensor, net: RemoteObject, reference: nn.Sequential) -> None:
    net.train(reference.training)
    with torch.no_grad():
        wanted = reference(images)
    has_norm = any(isinstance(each, nn.BatchNorm2d) for each in reference)
    mode = "training" if reference.training else "evaluation"
    what = f"make_net({has_norm}) in {mode} mode, logits of {len(images)} images"
    expect_near(net(images), wanted, what)


_noise = partial(noise, size=IMAGE_SIZE)


def _digits(generator: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images and labels, sorted by class, then held-out images and labels."""
    images, labels = random_digits(generator, TRAIN_IMAGES + HELD_OUT_IMAGES, IMAGE_SIZE)
    train = labels[:TRAIN_IMAGES].argsort()
    return images[train], labels[train], images[TRAIN_IMAGES:], labels[TRAIN_IMAGES:]


def _train(
    submission: LoadedSubmission,
    net: RemoteObject,
    images: Tensor,
    labels: Tensor,
    epochs: int,
    batch_size: int,
    learning_rate: float,
) -> list[tuple[float, float]]:
    """Train ``net``; returns the history, which must have each epoch, also where none is judged.

    A training that ends early would else be said to take other steps.
    """
    returned = submission.call("train", net, images, labels, epochs, batch_size, learning_rate)
    history = []
    pairs = expect_items(returned, epochs, "train", f"{epochs} pairs, one for each epoch")
    for epoch, pair in enumerate(pairs, start=1):
        expected = f"a (loss, accuracy) pair for epoch {epoch}"
        numbers = expect_items(pair, 2, "train", expected)
        loss, accuracy = (as_number(each, f"train, epoch {epoch}") for each in numbers)
        history.append((loss, accuracy))
    return history
