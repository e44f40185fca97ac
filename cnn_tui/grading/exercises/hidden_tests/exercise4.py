"""Hidden tests of exercise 4: dropout by hand, in a network, and against overfitting.

What chance decides is judged by what chance cannot do (``_expect_share``). Which
units a network dropped is read from its gradients: for one image, the gradient
of a linear layer's weight is the outer product of its bias's gradient and of
what the layer was fed. The reference then computes the rest with the very same
units dropped, and nothing is left to chance.
"""

import math
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any

import torch
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.adam import train_by_adam
from cnn_tui.grading.checks.batches import expect_shuffled
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
from cnn_tui.grading.checks.stability import steady
from cnn_tui.grading.checks.starts import expect_new_start
from cnn_tui.grading.checks.testing import (
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
from cnn_tui.grading.checks.trained_weights import learned_logits
from cnn_tui.grading.checks.weight_decay import expect_no_decay
from cnn_tui.grading.checks.weights import (
    LAYER,
    Role,
    draw,
    expect_near,
    expect_roles,
    expect_same_by_role,
    fill,
    gradients_by_name,
    grads_of,
    roles,
)
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject
from cnn_tui.grading.text import one_line

IMAGE_SIZE = 16
FIRST, SECOND, LAST = (512, 512), (256, 512), (CLASSES, 256)
"""Weight shapes of the three linear layers."""

NEVER = 26.0
"""A right solution fails a comparison of shares less than once in exp(NEVER) / 2, 10^11, times."""
EXACT = 1e-13
"""How near float64 is to itself; float32 is at 1e-8."""
CALLS = 60
"""In which a value is always kept, at p = 0.5, once in 2^60."""
JUDGED = 170
"""Images whose share right has no short decimals."""
TRAINING = "training"
PASSES = 32
"""Of one image through a network: some 4,000 active units of the smaller hidden layer."""
CLEARLY_ACTIVE = 1e-3
"""Share of a layer's largest value from which on a unit counts as active in spite of rounding."""

TRAIN_IMAGES = 300
NOISY_LABELS = 150
"""Of those; half of them, so that memorizing costs much."""
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
def test_dropout_rests(submission: LoadedSubmission, generator: Generator) -> None:
    """Dropout changes nothing in evaluation, or at p = 0."""
    x = torch.randn(6, 5, 4, generator=generator)
    for p, training in ((0.5, False), (0.7, False), (0.0, True), (0.0, False)):
        got = submission.call("dropout", x, p, training)
        expect_tensor(got, x, f"dropout(x, {p}, {training})")
    exact = x.double() + 1e-12
    got = submission.call("dropout", exact, 0.5, False)
    expect_tensor(got, exact, "dropout(x, 0.5, False) of float64")
    _expect_exact(got, exact, "dropout(x, 0.5, False)")


@topic("dropout-what")
def test_dropout_chance(submission: LoadedSubmission, generator: Generator) -> None:
    """Dropout gives each value a chance of its own, in each call."""
    # At p = 0.5 it does not matter here whether p is the chance to go or to stay.
    p = 0.5
    x = _away_from_zero((40, 10, 10, 10), generator)
    calls = torch.stack([_dropout(submission, x, p) == 0 for _ in range(2)])
    expect(bool(calls.any()), f"dropout(x, {p}, True) drops nothing.")
    pairs = ("two calls", *(f"neighbors along dimension {dim} of x" for dim in range(x.dim())))
    what = f"dropout(x, {p}, True), x of shape {tuple(x.shape)}"
    _expect_own_chances(calls, torch.ones_like(calls), p, pairs, what)
    halves = torch.stack(calls[0].flatten().chunk(2))
    _expect_own_chances(halves, torch.ones_like(halves), p, ("a value in either half of x",), what)
    _expect_every_value(submission, x[0, 0], p)


@topic("dropout-what")
def test_dropout_drops(submission: LoadedSubmission, generator: Generator) -> None:
    """Dropout drops a share p in training and scales up the rest."""
    # Of a million values, enough for a probability that was rounded to show.
    cases = ((0.3, (40_000,)), (0.5, (200, 200)), (0.7, (40, 10, 10, 10)), (0.125, (1000, 1000)))
    for p, shape in cases:
        x = _away_from_zero(shape, generator)
        _expect_scaled(submission, x, p)
        dropped = int((_dropout(submission, x, p) == 0).sum())
        _expect_share(dropped, x.numel(), p, f"dropout(x, {p}, True), values dropped")
    exact = _away_from_zero((20,), generator).double() + 1e-12
    got = _expect_scaled(submission, exact, 0.5)
    # 1 / (1 - 0.5) is exact in any dtype, so a mask of float32 is good enough.
    _expect_exact(got, (2 * exact).masked_fill(got == 0, 0), "dropout(x, 0.5, True)")
    _expect_scaled(submission, _away_from_zero((20,), generator).half(), 0.5, rtol=2e-3)


@needs("dropout_rests")
@topic("dropout-placement")
def test_net_evaluates(submission: LoadedSubmission, generator: Generator) -> None:
    """make_net(p) has no dropout in evaluation, or at p = 0."""
    for p in (0.0, 0.5, 0.7):
        net, reference = _filled(submission, p, generator)
        images = _noise(generator, 8)
        what = f"logits of 8 images, of make_net({p}) in evaluation mode"
        expect_near(net(images), reference(images).detach(), what)
    net, reference = _filled(submission, 0.0, generator)
    images = _noise(generator, 8)
    net.train()
    what = "logits of 8 images, of make_net(0.0) in training mode"
    expect_near(net(images), reference(images).detach(), what)
    expect_new_start(lambda: _made(submission, STRONG), f"make_net({STRONG})")


@needs("net_evaluates", "dropout_chance", "dropout_drops")
@topic("dropout-placement")
def test_net_trains(submission: LoadedSubmission, generator: Generator) -> None:
    """make_net(p) trains with dropout after both hidden layers."""
    for p in (0.3, 0.7):
        net, reference = _filled(submission, p, generator)
        submission.call("make_net", 1 - p)  # Another network, which has nothing to do with it.
        net.train()
        image, cotangent = _noise(generator, 1), torch.randn(1, CLASSES, generator=generator)
        passes = [_pass(net, reference, image, cotangent, p) for _ in range(PASSES)]
        _expect_dropped_units(passes, p)
        _expect_same_pass(net, reference, generator, p)
        _expect_own_masks(net, image, p)


@needs("net_evaluates")
@topic("dropout-what")
def test_accuracy(submission: LoadedSubmission, generator: Generator) -> None:
    """Accuracy is measured in evaluation mode and keeps the mode."""
    net, reference = _filled(submission, STRONG, generator)
    images = _noise(generator, 300)
    with torch.no_grad():
        images = images[clearest(reference(images), JUDGED)]
        answers, seconds = reference(images).topk(2).indices.unbind(dim=1)
    numbers = torch.arange(JUDGED)
    wrong = torch.where(numbers % 2 == 0, seconds, (answers + 1) % CLASSES)
    net.train()
    has_dropout = _drops(net, images[:8])
    for training, right in ((True, 113), (False, 113), (True, 52), (True, JUDGED)):
        mode = "training" if training else "evaluation"
        labels = torch.where(numbers < right, answers, wrong)
        net.train(training)
        got = submission.call("accuracy", net, images, labels)
        what = f"accuracy of a network in {mode} mode, which has {right} of {JUDGED} right"
        expect_number(got, right / JUDGED, what)
        # Where make_net has forgotten its dropout, that is not accuracy's fault.
        left = _drops(net, images[:8]) if has_dropout else net.method("__getattribute__", TRAINING)
        expect(left is training, f"accuracy got a network in {mode} mode: leave it in that.")


@topic("dropout-why")
def test_best_p(submission: LoadedSubmission, generator: Generator) -> None:
    """From results, gaps and best_p tell the gap and the best p."""
    cases: tuple[tuple[dict[float, tuple[float, float]], float], ...] = (
        ({0.0: (0.81, 0.8), 0.3: (0.77, 0.86), 0.5: (0.75, 0.91), 0.7: (0.73, 0.95)}, 0.7),
        ({0.7: (0.6, 0.62), 0.5: (0.9, 0.88), 0.3: (1.0, 0.9), 0.0: (1.0, 0.85)}, 0.3),
        ({0.0: (1.0, 0.97), 0.4: (0.95, 0.96)}, 0.0),
        ({0.5: (0.9, 0.8), 0.2: (0.95, 0.8), 0.9: (0.3, 0.4)}, 0.2),
        ({0.1: (0.98765, 0.91232), 0.6: (0.93467, 0.91243), 0.8: (0.9, 0.91234)}, 0.6),
        *_random_results(generator),
    )
    for results, best in cases:
        got = submission.call("gaps", results)
        if not isinstance(got, dict) or set(got) != set(results):
            keys = f"the keys {one_line(str(list(got)), 60)}" if isinstance(got, dict) else ""
            raise differs(f"gaps({results})", "a dict of the same p", keys or described(got))
        for p, (on_training, on_val) in results.items():
            expect_number(got[p], on_training - on_val, f"gaps({results})[{p}]", rtol=1e-6)
        expect_number(submission.call("best_p", results), best, f"best_p({results})")


@needs("net_evaluates")
@topic("training-loop")
def test_steps(submission: LoadedSubmission, generator: Generator) -> None:
    """Training takes Adam's steps, in a new order for each epoch."""
    net, reference = _filled(submission, 0.0, generator)
    start = {key: each.clone() for key, each in net.state_dict().items()}
    gentler = GENTLE_RATE / 4  # Of many steps, no more is learned by this than of a few.
    for copies, batch_size, is_new, rate in (
        *((5, 2, True, GENTLE_RATE), (4, 9, True, GENTLE_RATE), (11, 1, True, gentler)),
        (450, 256, False, GENTLE_RATE),
    ):
        net.load_state_dict(start)
        _expect_copies(submission, net, reference, generator, copies, batch_size, is_new, rate)
    net.load_state_dict(start)
    _expect_two_images(submission, net, reference, generator)
    train = partial(submission.call, "train", net)
    expect_shuffled(train, net, reference, IMAGE_SIZE, generator)
    net.load_state_dict(start)
    expect_no_decay(train, net, reference, IMAGE_SIZE)


@needs("net_trains", "steps")
@topic("dropout-why")
def test_train_drops(submission: LoadedSubmission, generator: Generator) -> None:
    """Training has dropout at work in every step."""
    p, copies, epochs = STRONG, 2, 2
    net, reference = _filled(submission, p, generator)
    image = _noise(generator, 1)
    features, first, *_ = reference
    with torch.no_grad():
        layer = next(each for each in first.modules() if isinstance(each, nn.Linear))
        layer.bias.add_(layer(features(image)).abs().max())  # Every unit is active now.
        label = reference(image).argmin(dim=1)
    state = reference.state_dict()
    numbers = {role: state[key] for key, role in roles(state).items()}
    net.load_state_dict(fill(net.state_dict(), numbers, generator))
    before = _of_role(net.state_dict(), SECOND, "weight").clone()
    images = image.expand(copies, -1, -1, -1).clone()
    submission.call("train", net, images, label.expand(copies).clone(), epochs, 1, 1e-5)
    # A unit that was dropped in every step has left no trace in the weights behind it.
    untouched = (_of_role(net.state_dict(), SECOND, "weight") == before).all(dim=0)
    steps = copies * epochs
    what = f"hidden units that took no part in any of {steps} steps at p = {p}"
    _expect_share(int(untouched.sum()), len(untouched), p**steps, what)


@needs("train_drops")
@topic("dropout-why")
def test_comparison(submission: LoadedSubmission, generator: Generator) -> None:
    """With dropout the gap is lower, and new digits do better."""
    images, labels, new_images, new_labels = _digits(generator)
    shares = []
    for p in (0.0, STRONG):
        net = expect_module(submission.call("make_net", p), f"make_net({p})")
        submission.call("train", net, images, labels, EPOCHS, BATCH_SIZE, LEARNING_RATE)
        what = f"make_net({p}), once trained"
        logits = learned_logits(net, _reference(), torch.cat([images, new_images]), what)
        seen, new = torch.split(logits, [len(images), len(new_images)])
        shares.append((share_right(seen, labels), share_right(new, new_labels)))
    (without_training, without_new), (with_training, with_new) = shares
    without, with_ = percent_apart(without_new, with_new)
    setting = f"After {EPOCHS} epochs on {TRAIN_IMAGES} digits, half of them labeled at random,"
    expect(
        with_new > without_new + MARGIN,
        f"{setting} {with_} of new digits are right at p = {STRONG} and "
        f"{without} at p = 0: dropout should be ahead.",
    )
    without_gap, with_gap = without_training - without_new, with_training - with_new
    without, with_ = percent_apart(without_gap, with_gap)
    expect(
        without_gap > with_gap + GAP_MARGIN,
        f"{setting} the gap is {with_} at p = {STRONG} and {without} at p = 0: "
        "dropout should lower it by far.",
    )


def _random_results(
    generator: Generator,
) -> Iterator[tuple[dict[float, tuple[float, float]], float]]:
    for _ in range(5):
        count = int(torch.randint(1, 7, (), generator=generator))
        ps = [each / 16 for each in torch.randperm(16, generator=generator)[:count].tolist()]
        # Eighths, so that some are equally good.
        shares = (torch.randint(9, (count, 2), generator=generator) / 8).tolist()
        results = {
            p: (on_training, on_new) for p, (on_training, on_new) in zip(ps, shares, strict=True)
        }
        yield results, min(results, key=lambda p: (-results[p][1], p))


def _expect_share(count: int, total: int, chance: float, what: str) -> None:
    """Fail where ``count`` of ``total`` independent draws at ``chance`` is next to impossible.

    Chernoff's bound: a share at least as far off has at most the probability
    2·exp(-total · D), where D is its relative entropy.
    """
    expect(total > 0, f"{what}: there is nothing to count.")
    share = count / total
    pairs = ((share, chance), (1 - share, 1 - chance))
    entropy = sum(got * math.log(got / wanted) for got, wanted in pairs if got > 0)
    wanted, got = percent_apart(chance, share, 1)
    expect(
        total * entropy < NEVER,
        f"{what}: {got} of {total:,}, expected about {wanted}.",
    )


def _expect_own_chances(
    dropped: Tensor, active: Tensor, p: float, pairs: tuple[str, ...], what: str
) -> None:
    """Fail unless neighbors along each dimension are dropped independently.

    Only neighbors that are both active count; ``pairs`` says what those of each
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


def _dropout(submission: LoadedSubmission, x: Tensor, p: float) -> Tensor:
    """What the learner's dropout makes of ``x`` in training: at least a tensor like it."""
    got = submission.call("dropout", x, p, True)
    if type(got) is not Tensor or got.shape != x.shape:
        expected = f"a tensor of shape {tuple(x.shape)}"
        raise differs(f"dropout(x, {p}, True)", expected, described(got))
    return got


def _expect_every_value(submission: LoadedSubmission, x: Tensor, p: float) -> None:
    """Fail unless each value is kept at times and dropped at times, and their number varies."""
    dropped = torch.stack([_dropout(submission, x, p) == 0 for _ in range(CALLS)])
    counts = set(dropped.flatten(1).sum(dim=1).tolist())
    expect(
        len(counts) > 1,
        f"dropout(x, {p}, True) dropped {min(counts)} of {x.numel()} values in each of {CALLS} "
        "calls: if every value has a chance of its own, their number varies.",
    )
    for never, done in (((~dropped).all(dim=0), "kept"), (dropped.all(dim=0), "dropped")):
        expect(
            not never.any(),
            f"dropout(x, {p}, True) {done} the same {int(never.sum())} of {x.numel()} values in "
            f"each of {CALLS} calls.",
        )


def _expect_scaled(
    submission: LoadedSubmission, x: Tensor, p: float, *, rtol: float = 1e-4
) -> Tensor:
    got = _dropout(submission, x, p)
    what = f"dropout(x, {p}, True), where it is not 0"
    expect_tensor(got, (x / (1 - p)).masked_fill(got == 0, 0), what, rtol=rtol)
    return got


def _expect_exact(got: Tensor, wanted: Tensor, what: str) -> None:
    expect(
        bool(((got - wanted).abs() <= EXACT * wanted.abs()).all()),
        f"{what} of float64 has the precision of float32 only: compute in the dtype of x.",
    )


@dataclass(frozen=True)
class Pass:
    """One image's way through a network in training mode, as its gradients tell it.

    ``fed`` is what each linear layer got; ``active`` are the units of the two
    hidden layers that were not 0 by themselves.
    """

    output: Any
    gradients: dict[str, Tensor]
    fed: tuple[Tensor, ...]
    active: tuple[Tensor, Tensor]


def _pass(
    net: RemoteObject, reference: nn.Sequential, image: Tensor, cotangent: Tensor, p: float
) -> Pass:
    net_name = f"make_net({p})"
    told = grads_of(net, image, cotangent, net_name)
    tensors = gradients_by_name(told)
    fed = tuple(_fed(tensors, shape, net_name) for shape in (FIRST, SECOND, LAST))
    features, first, second, _ = reference
    with torch.no_grad():
        inputs = features(image)
        active = _active(first(inputs)[0]), _active(second(fed[1]))
    what = f"{net_name} in training mode, what enters its first linear layer"
    expect_near(fed[0], inputs[0], what)
    return Pass(told.get("output"), tensors, fed, active)


def _fed(gradients: dict[str, Tensor], shape: tuple[int, int], what: str) -> Tensor:
    weight, bias = _of_role(gradients, shape, "weight"), _of_role(gradients, shape, "bias")
    expect(
        bool(bias.any()),
        f"{what} in training mode: for one image, no gradient reaches the layer with a weight of "
        f"shape {shape}, as if all units after it were dropped at once.",
    )
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
    both = []
    for layer, name in enumerate(("first", "second")):
        dropped = torch.stack([each.fed[layer + 1] == 0 for each in passes])
        active = torch.stack([each.active[layer] for each in passes])
        both.append((dropped[:, : SECOND[0]], active[:, : SECOND[0]]))
        what = f"make_net({p}) in training mode, {name} hidden layer"
        _expect_share(
            int(dropped[active].sum()), int(active.sum()), p, f"{what}: active units dropped"
        )
        _expect_own_chances(dropped, active, p, ("a unit in two passes", "neighboring units"), what)
    dropped, active = (torch.stack(each) for each in zip(*both, strict=True))
    what = f"make_net({p}) in training mode, units of the two hidden layers"
    _expect_own_chances(dropped, active, p, ("the n-th of each",), what)


def _expect_same_pass(
    net: RemoteObject, reference: nn.Sequential, generator: Generator, p: float
) -> None:
    """Fail unless the reference, with the same units dropped, computes the same."""

    def draw_pass() -> tuple[Tensor, Tensor, Pass]:
        image, cotangent = _noise(generator, 1), torch.randn(1, CLASSES, generator=generator)
        return image, cotangent, _pass(net, reference, image, cotangent, p)

    def outcome(copy: nn.Module, drawn: tuple[Tensor, Tensor, Pass]) -> dict[str, Tensor]:
        image, cotangent, told = drawn
        features, first, second, last = copy.children()
        scales = [(fed != 0) / (1 - p) for fed in told.fed[1:]]
        output = last(second(first(features(image)) * scales[0]) * scales[1])
        keys, parameters = zip(*copy.named_parameters(), strict=True)
        gradients = torch.autograd.grad((output * cotangent).sum(), parameters)
        return {"output": output.detach(), **dict(zip(keys, gradients, strict=True))}

    (_, _, got), wanted = steady(draw_pass, outcome, reference, generator)
    what = f"logits of make_net({p}) in training mode, with the units dropped that it dropped"
    expect_near(got.output, wanted["output"], what)
    expect_same_by_role(got.gradients, wanted, ("weight", "bias"), "gradient of the ")


def _drops(net: RemoteObject, images: Tensor) -> bool:
    """Whether the network answers differently when it is asked again."""
    once, again = (expect_logits(net(images), len(images)) for _ in range(2))
    return bool((once - again).abs().max() > 1e-3 * once.abs().max())


def _expect_own_masks(net: RemoteObject, image: Tensor, p: float) -> None:
    logits = expect_logits(net(image.expand(16, -1, -1, -1).clone()), 16)
    apart = (logits[1:] - logits[:1]).abs().amax(dim=1)
    expect(
        bool((apart > 1e-3 * logits.abs().max()).all()),
        f"make_net({p}) in training mode drops the same units for every image of a batch.",
    )


def _expect_copies(
    submission: LoadedSubmission,
    net: RemoteObject,
    reference: nn.Sequential,
    generator: Generator,
    copies: int,
    batch_size: int,
    is_new: bool,
    rate: float,
) -> None:
    """On copies of one image the order of training does not matter, but the batches do.

    Unless there is something new to learn, the image has the class that it is taken for:
    training goes on where nothing is wrong.
    """
    steps = 2 * math.ceil(copies / batch_size)

    def draw_both() -> tuple[Tensor, Tensor]:
        image, label = _noise(generator, 1), torch.randint(CLASSES, (1,), generator=generator)
        return image, label if is_new else logits_of(reference, image).argmax(dim=1)

    def outcome(copy: nn.Module, drawn: tuple[Tensor, Tensor]) -> dict[str, Tensor]:
        train_by_adam(copy, [drawn] * steps, rate)
        return {"logits": copy(drawn[0]).detach()}

    (image, label), wanted = steady(draw_both, outcome, reference, generator)
    images = image.expand(copies, -1, -1, -1).clone()
    submission.call("train", net, images, label.expand(copies).clone(), 2, batch_size, rate)
    net.train(False)
    what = f"logits after 2 epochs on {copies} copies of an image in batches of {batch_size}, "
    expect_near(net(image), wanted["logits"], f"{what}which are {steps} steps")


def _expect_two_images(
    submission: LoadedSubmission, net: RemoteObject, reference: nn.Sequential, generator: Generator
) -> None:
    """Two images one by one for two epochs: there are 4 orders, and one of them it must be."""
    labels = torch.tensor([3, 7])
    ways = list(product(((0, 1), (1, 0)), repeat=2))

    def outcome(net: nn.Module, images: Tensor) -> dict[str, Tensor]:
        return {str(way): _logits_after(net, images, labels, sum(way, ())) for way in ways}

    images, wanted = steady(partial(_noise, generator, 2), outcome, reference, generator)
    ends = torch.stack([wanted[str(way)] for way in ways])
    submission.call("train", net, images, labels, 2, 1, GENTLE_RATE)
    net.train(False)
    logits = expect_logits(net(images), 2)
    likeliest = int((logits - ends).abs().amax(dim=(1, 2)).argmin())
    what = "logits after 2 epochs on two images, one by one, in the likeliest order"
    expect_near(logits, ends[likeliest], what)


def _logits_after(net: nn.Module, images: Tensor, labels: Tensor, order: tuple[int, ...]) -> Tensor:
    """What a copy of ``net`` answers to ``images`` once it was trained on them, one by one."""
    copy = deepcopy(net)
    train_by_adam(copy, [(images[[i]], labels[[i]]) for i in order], GENTLE_RATE)
    return logits_of(copy, images)


def _reference() -> nn.Sequential:
    """The network without dropout, cut where dropout would be."""
    features = nn.Sequential(
        *(nn.Conv2d(1, 16, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        *(nn.Conv2d(16, 32, kernel_size=3, padding=1), nn.ReLU(), nn.MaxPool2d(2)),
        nn.Flatten(),
    )
    hidden = (nn.Sequential(nn.Linear(*shape[::-1]), nn.ReLU()) for shape in (FIRST, SECOND))
    return nn.Sequential(features, *hidden, nn.Linear(*LAST[::-1]))


def _made(submission: LoadedSubmission, p: float) -> RemoteObject:
    """The learner's network in evaluation mode."""
    net = expect_module(submission.call("make_net", p), f"make_net({p})")
    net.train(False)
    net(torch.zeros(1, 1, IMAGE_SIZE, IMAGE_SIZE))  # Lazy layers have no shapes before it.
    return net


def _filled(
    submission: LoadedSubmission, p: float, generator: Generator
) -> tuple[RemoteObject, nn.Sequential]:
    """The learner's network in evaluation mode and the reference, filled with the same numbers."""
    net = _made(submission, p)
    state, reference = net.state_dict(), _reference()
    values = draw(reference.state_dict(), generator)
    expect_roles(state, values, f"make_net({p})")
    net.load_state_dict(fill(state, values, generator))
    reference.load_state_dict(fill(reference.state_dict(), values, generator))
    return net, reference


_noise = partial(noise, size=IMAGE_SIZE)


def _away_from_zero(shape: tuple[int, ...], generator: Generator) -> Tensor:
    sizes = 0.5 + torch.rand(shape, generator=generator)
    return sizes * (2 * torch.randint(2, shape, generator=generator) - 1)


def _digits(generator: Generator) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Training images and labels (some wrong), sorted by label, then held-out ones."""
    images, labels = random_digits(generator, TRAIN_IMAGES + HELD_OUT_IMAGES, IMAGE_SIZE)
    told = labels[:TRAIN_IMAGES].clone()
    told[:NOISY_LABELS] = torch.randint(CLASSES, (NOISY_LABELS,), generator=generator)
    told, by_label = told.sort()
    return images[by_label], told, images[TRAIN_IMAGES:], labels[TRAIN_IMAGES:]
