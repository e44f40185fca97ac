"""Hidden tests of exercise 4: dropout by hand, in a network, and against overfitting.

What chance decides is judged by what chance cannot do (``_expect_share``). Which
units a network dropped is read from its gradients: for one image, the gradient
of a linear layer's weight is the outer product of its bias's gradient and of
what the layer was fed. The reference then computes the rest with the very same
units dropped, and nothing is left to chance.
"""

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.data import digits
from cnn_tui.grading.client import RemoteObject, Submission
from cnn_tui.grading.testing import (
    CheckError,
    described,
    differs,
    expect,
    expect_module,
    expect_number,
    expect_tensor,
    needs,
    topic,
)
from cnn_tui.grading.weights import (
    LAYER,
    Role,
    draw,
    expect_near,
    expect_roles,
    expect_same_by_role,
    fill,
    roles,
)

CLASSES = 10
IMAGE_SIZE = 16
FIRST, SECOND, LAST = (512, 512), (256, 512), (CLASSES, 256)
"""Weight shapes of the three linear layers."""

NEVER = 26.0
"""A right solution fails a comparison of shares less than once in exp(NEVER) / 2, 10^11, times."""
PASSES = 32
"""Of one image through a network: some 4,000 active units of the smaller hidden layer."""
CLEARLY_ACTIVE = 1e-3
"""Share of a layer's largest value from which on a unit counts as active in spite of rounding."""

TRAIN_IMAGES = 300
NOISY_LABELS = 150
"""Of those; half of them, so that learning by heart costs much."""
HELD_OUT_IMAGES = 600
EPOCHS = 40
BATCH_SIZE = 25
LEARNING_RATE = 1e-3
GENTLE_RATE = 3e-4
"""At which a few steps on one image do not yet make its loss too small to be told exactly."""
STRONG = 0.7
MARGIN = 0.02
GAP_MARGIN = 0.15
"""How far ahead dropout must be on held-out digits, and by how much lower the gap, as shares.

In 30 seeds of 30 it was 0.11 to 0.27 ahead, and the gap 0.31 to 0.54 lower.
"""


@topic("dropout-what")
def test_dropout_rests(submission: Submission, generator: Generator) -> None:
    """Dropout changes nothing in evaluation, or at p = 0."""
    x = torch.randn(6, 5, 4, generator=generator)
    for p, training in ((0.5, False), (0.7, False), (0.0, True), (0.0, False)):
        got = submission.call("dropout", x, p, training)
        expect_tensor(got, x, f"dropout(x, {p}, {training})")


@topic("dropout-what")
def test_dropout_chance(submission: Submission, generator: Generator) -> None:
    """Dropout gives each value a chance of its own, in each call."""
    # At p = 0.5 it does not matter here whether p is the chance to go or to stay.
    p = 0.5
    x = _away_from_zero((40, 10, 10, 10), generator)
    calls = torch.stack([_dropout(submission, x, p) == 0 for _ in range(2)])
    expect(bool(calls.any()), f"dropout(x, {p}, True) drops nothing.")
    pairs = ("two calls", *(f"neighbours along dimension {dim} of x" for dim in range(x.dim())))
    what = f"dropout(x, {p}, True), x of shape {tuple(x.shape)}"
    _expect_own_chances(calls, torch.ones_like(calls), p, pairs, what)
    counts = {int((_dropout(submission, x[0], p) == 0).sum()) for _ in range(10)}
    expect(
        len(counts) > 1,
        f"dropout(x, {p}, True) dropped {min(counts)} of {x[0].numel()} values in each of 10 "
        "calls: if every value has a chance of its own, their number varies.",
    )


@topic("dropout-what")
def test_dropout_drops(submission: Submission, generator: Generator) -> None:
    """Dropout drops a share p in training and scales up the rest."""
    for p, shape in ((0.3, (40_000,)), (0.5, (200, 200)), (0.7, (40, 10, 10, 10))):
        x = _away_from_zero(shape, generator)
        _expect_scaled(submission, x, p)
        dropped = int((_dropout(submission, x, p) == 0).sum())
        _expect_share(dropped, x.numel(), p, f"dropout(x, {p}, True), values dropped")
    _expect_scaled(submission, _away_from_zero((20,), generator).double(), 0.5)


@topic("dropout-placement")
def test_net_evaluates(submission: Submission, generator: Generator) -> None:
    """make_net(p) evaluates as if there were no dropout."""
    for p in (0.0, 0.5, 0.7):
        net, reference = _filled(submission, p, generator)
        images = _noise(generator, 8)
        what = f"logits of 8 images, of make_net({p}) in evaluation mode"
        expect_near(net(images), reference(images).detach(), what)


@needs("net_evaluates")
@topic("dropout-placement")
def test_net_trains(submission: Submission, generator: Generator) -> None:
    """make_net(p) trains with dropout after both hidden layers."""
    net, reference = _filled(submission, 0.0, generator)
    images = _noise(generator, 8)
    net.train()
    what = "logits of 8 images, of make_net(0.0) in training mode"
    expect_near(net(images), reference(images).detach(), what)
    for p in (0.3, 0.7):
        net, reference = _filled(submission, p, generator)
        net.train()
        image, cotangent = _noise(generator, 1), torch.randn(1, CLASSES, generator=generator)
        passes = [_pass(net, reference, image, cotangent) for _ in range(PASSES)]
        _expect_dropped_units(passes, p)
        _expect_same_pass(passes[0], reference, image, cotangent, p)
        _expect_own_masks(net, image, p)


@needs("net_evaluates")
@topic("dropout-what")
def test_accuracy(submission: Submission, generator: Generator) -> None:
    """Accuracy is measured in evaluation mode and keeps the mode."""
    net, reference = _filled(submission, STRONG, generator)
    images = _clear_cases(reference, _noise(generator, 300), count=200)
    answers = reference(images).argmax(dim=1)
    for training, right in ((True, 150), (False, 150), (True, 60), (True, 200)):
        mode = "training" if training else "evaluation"
        labels = torch.where(torch.arange(200) < right, answers, (answers + 1) % CLASSES)
        net.train(training)
        got = submission.call("accuracy", net, images, labels)
        what = f"accuracy of a network in {mode} mode, which has {right} of 200 right"
        expect_number(got, right / 200, what)
        same = torch.equal(_logits(net(images[:8]), 8), _logits(net(images[:8]), 8))
        expect(same != training, f"accuracy got a network in {mode} mode: leave it in that.")


@topic("dropout-why")
def test_best_p(submission: Submission) -> None:
    """From results, gaps and best_p tell the gap and the best p."""
    cases: tuple[tuple[dict[float, tuple[float, float]], float], ...] = (
        ({0.0: (0.81, 0.8), 0.3: (0.77, 0.86), 0.5: (0.75, 0.91), 0.7: (0.73, 0.95)}, 0.7),
        ({0.7: (0.6, 0.62), 0.5: (0.9, 0.88), 0.3: (1.0, 0.9), 0.0: (1.0, 0.85)}, 0.3),
        ({0.0: (1.0, 0.97), 0.4: (0.95, 0.96)}, 0.0),
        ({0.5: (0.9, 0.8), 0.2: (0.95, 0.8), 0.9: (0.3, 0.4)}, 0.2),
    )
    for results, best in cases:
        got = submission.call("gaps", results)
        if not isinstance(got, dict) or set(got) != set(results):
            shown = repr(got) if isinstance(got, dict) else described(got)
            raise differs(f"gaps({results})", "a dict of the same p", shown)
        for p, (on_training, on_new) in results.items():
            expect_number(got[p], on_training - on_new, f"gaps({results})[{p}]")
        expect_number(submission.call("best_p", results), best, f"best_p({results})")


@needs("net_evaluates")
@topic("training-loop")
def test_steps(submission: Submission, generator: Generator) -> None:
    """Training takes Adam's steps, in a new order for each epoch."""
    net, reference = _filled(submission, 0.0, generator)
    start = {key: each.clone() for key, each in net.state_dict().items()}
    _expect_short_batch(submission, net, reference, generator)
    _expect_new_orders(submission, net, start, reference, generator)


@needs("net_trains", "steps")
@topic("dropout-why")
def test_train_drops(submission: Submission, generator: Generator) -> None:
    """Training has dropout at work in every step."""
    p, epochs, untouched, total = 0.7, 3, 0, 0
    for _ in range(4):
        net, reference = _filled(submission, p, generator)
        image = _noise(generator, 1)
        features, first, *_ = reference
        active = _active(first(features(image))[0])
        label = reference(image).argmin(dim=1)
        before = _of_role(net.state_dict(), SECOND, "weight").clone()
        submission.call("train", net, image, label, epochs, 1, 1e-5)
        # A unit that was dropped in every step has left no trace in the weights behind it.
        same = (_of_role(net.state_dict(), SECOND, "weight") == before).all(dim=0)
        untouched += int((same & active).sum())
        total += int(active.sum())
    what = f"hidden units that took no part in {epochs} steps at p = {p}"
    _expect_share(untouched, total, p**epochs, what)


@needs("train_drops")
@topic("dropout-why")
def test_comparison(submission: Submission, generator: Generator) -> None:
    """With dropout the gap is lower, and new digits do better."""
    images, labels, new_images, new_labels = _digits(generator)
    shares = []
    for p in (0.0, STRONG):
        net = expect_module(submission.call("make_net", p), f"make_net({p})")
        submission.call("train", net, images, labels, EPOCHS, BATCH_SIZE, LEARNING_RATE)
        net.train(False)
        shares.append(
            (_share_right(net, images, labels), _share_right(net, new_images, new_labels))
        )
    (without_training, without_new), (with_training, with_new) = shares
    setting = f"After {EPOCHS} epochs on {TRAIN_IMAGES} digits, half of them labelled at random,"
    expect(
        with_new > without_new + MARGIN,
        f"{setting} {with_new:.0%} of new digits are right at p = {STRONG} and "
        f"{without_new:.0%} at p = 0: dropout should be ahead.",
    )
    without_gap, with_gap = without_training - without_new, with_training - with_new
    expect(
        without_gap > with_gap + GAP_MARGIN,
        f"{setting} the gap is {with_gap:+.0%} at p = {STRONG} and {without_gap:+.0%} at p = 0: "
        "dropout should lower it by far.",
    )


def _expect_share(count: int, total: int, chance: float, what: str) -> None:
    """Fail where ``count`` of ``total`` independent draws at ``chance`` is next to impossible.

    Chernoff's bound: a share at least as far off has at most the probability
    2·exp(-total · D), where D is its relative entropy.
    """
    expect(total > 0, f"{what}: there is nothing to count.")
    share = count / total
    pairs = ((share, chance), (1 - share, 1 - chance))
    entropy = sum(got * math.log(got / wanted) for got, wanted in pairs if got > 0)
    expect(
        total * entropy < NEVER,
        f"{what}: {share:.1%} of {total:,}, expected about {chance:.1%}.",
    )


def _expect_own_chances(
    dropped: Tensor, active: Tensor, p: float, pairs: tuple[str, ...], what: str
) -> None:
    """Fail unless neighbours along each dimension are dropped independently.

    Only neighbours that are both active count; ``pairs`` says what those of each
    dimension are. The dimension that is farthest off is told.
    """
    shares = []
    for dim in range(dropped.dim()):
        one, other = dropped.unfold(dim, 2, 2).unbind(-1)
        counted = active.unfold(dim, 2, 2).all(dim=-1)
        shares.append((int((one == other)[counted].sum()), int(counted.sum())))
    chance = p**2 + (1 - p) ** 2
    worst = max(range(len(pairs)), key=lambda dim: abs(shares[dim][0] - chance * shares[dim][1]))
    _expect_share(*shares[worst], chance, f"{what}: {pairs[worst]}, both kept or both dropped")


def _dropout(submission: Submission, x: Tensor, p: float) -> Tensor:
    """What the learner's dropout makes of ``x`` in training: at least a tensor like it."""
    got = submission.call("dropout", x, p, True)
    if type(got) is not Tensor or got.shape != x.shape:
        expected = f"a tensor of shape {tuple(x.shape)}"
        raise differs(f"dropout(x, {p}, True)", expected, described(got))
    return got


def _expect_scaled(submission: Submission, x: Tensor, p: float) -> None:
    got = _dropout(submission, x, p)
    what = f"dropout(x, {p}, True), where it is not 0"
    expect_tensor(got, (x / (1 - p)).masked_fill(got == 0, 0), what)


@dataclass(frozen=True)
class Pass:
    """One image's way through a network in training mode, as its gradients tell it.

    ``fed`` is what each linear layer got; ``active`` are the units of the two
    hidden layers that were not 0 by themselves.
    """

    output: Any
    gradients: dict[str, Tensor]
    fed: tuple[Tensor, Tensor, Tensor]
    active: tuple[Tensor, Tensor]


def _pass(net: RemoteObject, reference: nn.Sequential, image: Tensor, cotangent: Tensor) -> Pass:
    told = net.grads(image, cotangent)
    gradients = told.get("parameters")
    if not isinstance(gradients, dict) or not all(isinstance(name, str) for name in gradients):
        raise differs("gradients", "a dict of names", described(gradients))
    tensors = {name: each for name, each in gradients.items() if isinstance(each, Tensor)}
    fed = (_fed(tensors, FIRST), _fed(tensors, SECOND), _fed(tensors, LAST))
    features, first, second, _ = reference
    with torch.no_grad():
        inputs = features(image)
        active = _active(first(inputs)[0]), _active(second(fed[1]))
    expect_near(fed[0], inputs[0], "input of the first linear layer, in training mode")
    return Pass(told.get("output"), tensors, fed, active)


def _fed(gradients: dict[str, Tensor], shape: tuple[int, int]) -> Tensor:
    weight, bias = _of_role(gradients, shape, "weight"), _of_role(gradients, shape, "bias")
    expect(bool(bias.any()), f"No gradient reaches the layer with a weight of shape {shape}.")
    row = bias.abs().argmax()
    return weight[row] / bias[row]


def _of_role(tensors: dict[str, Tensor], shape: tuple[int, int], name: str) -> Tensor:
    role: Role = (LAYER, name, shape if name == "weight" else shape[:1])
    for key, each in roles(tensors).items():
        if each == role:
            return tensors[key].reshape(role[2]).float()
    raise CheckError(f"No layer has a {name} of shape {role[2]}, or no gradient reaches it.")


def _active(units: Tensor) -> Tensor:
    return units > CLEARLY_ACTIVE * units.max()


def _expect_dropped_units(passes: list[Pass], p: float) -> None:
    for layer, name in enumerate(("first", "second")):
        dropped = torch.stack([each.fed[layer + 1] == 0 for each in passes])
        active = torch.stack([each.active[layer] for each in passes])
        what = f"make_net({p}) in training mode, {name} hidden layer"
        _expect_share(
            int(dropped[active].sum()), int(active.sum()), p, f"{what}: active units dropped"
        )
        _expect_own_chances(
            dropped, active, p, ("a unit in two passes", "neighbouring units"), what
        )


def _expect_same_pass(
    got: Pass, reference: nn.Sequential, image: Tensor, cotangent: Tensor, p: float
) -> None:
    """Fail unless the reference, with the same units dropped, computes the same."""
    features, first, second, last = reference
    scales = [(fed != 0) / (1 - p) for fed in got.fed[1:]]
    output = last(second(first(features(image)) * scales[0]) * scales[1])
    reference.zero_grad()
    (output * cotangent).sum().backward()
    what = f"logits of make_net({p}) in training mode, with the units dropped that it dropped"
    expect_near(got.output, output.detach(), what)
    wanted = {key: each.grad for key, each in reference.named_parameters() if each.grad is not None}
    expect_same_by_role(got.gradients, wanted, ("weight", "bias"), "gradient of the ")


def _expect_own_masks(net: RemoteObject, image: Tensor, p: float) -> None:
    logits = _logits(net(image.expand(16, -1, -1, -1).clone()), 16)
    apart = (logits[1:] - logits[:1]).abs().amax(dim=1)
    expect(
        bool((apart > 1e-3 * logits.abs().max()).all()),
        f"make_net({p}) in training mode drops the same units for every image of a batch.",
    )


def _expect_short_batch(
    submission: Submission, net: RemoteObject, reference: nn.Sequential, generator: Generator
) -> None:
    """On copies of one image the order of training does not matter, but the batches do."""
    image, label = _noise(generator, 1), torch.randint(CLASSES, (1,), generator=generator)
    copies = image.expand(5, -1, -1, -1).clone()
    submission.call("train", net, copies, label.expand(5).clone(), 2, 2, GENTLE_RATE)
    net.train(False)
    trained = _trained(reference, [(image, label)] * 6, GENTLE_RATE)
    what = "logits after 2 epochs on 5 copies of an image in batches of 2, which are 6 steps"
    expect_near(net(image), trained(image).detach(), what)


def _expect_new_orders(
    submission: Submission,
    net: RemoteObject,
    start: dict[str, Tensor],
    reference: nn.Sequential,
    generator: Generator,
) -> None:
    """Two images one by one for four epochs: there are 16 ways, and 2 keep the order.

    That a right solution takes one of these two in each of 12 runs has a
    probability of 8^-12, or 10^-11.
    """
    epochs, runs = 4, 12
    images, labels = _noise(generator, 2), torch.tensor([3, 7])
    steps = [[(images[[i]], labels[[i]]) for i in order] for order in ((0, 1), (1, 0))]
    ways = list(product((0, 1), repeat=epochs))
    ends = torch.stack(
        [
            _trained(reference, [step for order in way for step in steps[order]], GENTLE_RATE)(
                images
            )
            for way in ways
        ]
    ).detach()
    taken = set()
    for _ in range(runs):
        net.load_state_dict(start)
        submission.call("train", net, images, labels, epochs, 1, GENTLE_RATE)
        net.train(False)
        off = (_logits(net(images), 2) - ends).abs().amax(dim=(1, 2))
        way = int(off.argmin())
        what = f"logits after {epochs} epochs on two images, one by one, in the likeliest order"
        expect_near(net(images), ends[way], what)
        taken.add(ways[way])
    expect(
        any(len(set(way)) > 1 for way in taken),
        "Training takes the images in the same order in every epoch: shuffle them anew.",
    )


def _trained(
    net: nn.Sequential, batches: list[tuple[Tensor, Tensor]], learning_rate: float
) -> nn.Sequential:
    """A copy of ``net`` after one step of Adam (Kingma and Ba, 2015) for each batch.

    Written out, as importing torch.optim's compiler support takes a second.
    """
    trained = _reference()
    trained.load_state_dict(net.state_dict())
    parameters = list(trained.parameters())
    moments = [(torch.zeros_like(each), torch.zeros_like(each)) for each in parameters]
    for step, (images, labels) in enumerate(batches, start=1):
        loss = F.cross_entropy(trained(images), labels)
        gradients = torch.autograd.grad(loss, parameters)
        with torch.no_grad():
            for parameter, gradient, (first, second) in zip(
                parameters, gradients, moments, strict=True
            ):
                first.mul_(0.9).add_(gradient, alpha=0.1)
                second.mul_(0.999).addcmul_(gradient, gradient, value=0.001)
                scale = (second / (1 - 0.999**step)).sqrt_().add_(1e-8)
                parameter.addcdiv_(first, scale, value=-learning_rate / (1 - 0.9**step))
    return trained


def _reference() -> nn.Sequential:
    """The network without dropout, cut where dropout would be."""
    features = nn.Sequential(
        *(nn.Conv2d(1, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Flatten(),
    )
    hidden = (nn.Sequential(nn.Linear(*shape[::-1]), nn.ReLU()) for shape in (FIRST, SECOND))
    return nn.Sequential(features, *hidden, nn.Linear(*LAST[::-1]))


def _filled(
    submission: Submission, p: float, generator: Generator
) -> tuple[RemoteObject, nn.Sequential]:
    """The learner's network in evaluation mode and the reference, filled with the same numbers."""
    net = expect_module(submission.call("make_net", p), f"make_net({p})")
    net.train(False)
    net(_noise(generator, 1))  # Lazy layers have no shapes before their first image.
    state, reference = net.state_dict(), _reference()
    values = draw(reference.state_dict(), generator)
    expect_roles(state, values, f"make_net({p})")
    net.load_state_dict(fill(state, values, generator))
    reference.load_state_dict(fill(reference.state_dict(), values, generator))
    return net, reference


def _noise(generator: Generator, count: int) -> Tensor:
    return torch.rand(count, 1, IMAGE_SIZE, IMAGE_SIZE, generator=generator)


def _away_from_zero(shape: tuple[int, ...], generator: Generator) -> Tensor:
    sizes = 0.5 + torch.rand(shape, generator=generator)
    return sizes * (2 * torch.randint(2, shape, generator=generator) - 1)


def _clear_cases(net: nn.Sequential, images: Tensor, count: int) -> Tensor:
    """Of ``images``, those whose answers rounding cannot change."""
    best, next_best = net(images).topk(2, dim=1).values.unbind(dim=1)
    return images[(best - next_best).argsort(descending=True)[:count]]


def _digits(generator: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images and labels (some wrong), sorted by label, then held-out ones."""
    images, labels = digits.load()
    images = F.interpolate(images.float() / 255, size=IMAGE_SIZE, mode="bilinear")
    order = torch.randperm(len(labels), generator=generator)
    train, held_out = order[:TRAIN_IMAGES], order[TRAIN_IMAGES:][:HELD_OUT_IMAGES]
    told = labels[train]
    told[:NOISY_LABELS] = torch.randint(CLASSES, (NOISY_LABELS,), generator=generator)
    told, by_label = told.sort()
    return images[train[by_label]], told, images[held_out], labels[held_out]


def _share_right(net: RemoteObject, images: Tensor, labels: Tensor) -> float:
    answers = _logits(net(images), len(images)).argmax(dim=1)
    return (answers == labels).float().mean().item()


def _logits(got: Any, count: int) -> Tensor:
    if type(got) is not Tensor or got.shape != (count, CLASSES):
        raise differs("logits", f"{count} rows of 10", described(got))
    return got
