"""Hidden tests of exercise 2: blocks that differ in the skip, and gradients through stacks of them.

Blocks and stacks are judged by what they compute, forward and back, once the
checker has filled them with numbers of its own (see ``cnn_tui.grading.checks.weights``),
and norms by the gradients of such nets.
"""

import math
from collections.abc import Mapping
from functools import partial
from typing import Any

import torch
import torch.nn.functional as F
from torch import Generator, Tensor, nn

from cnn_tui.grading.checks.numbers import written_apart
from cnn_tui.grading.checks.precision import expect_float64
from cnn_tui.grading.checks.seeds import expect_drawn_after
from cnn_tui.grading.checks.stability import expect_same_gradients, steady
from cnn_tui.grading.checks.starts import expect_new_start
from cnn_tui.grading.checks.testing import (
    CheckError,
    as_number,
    described,
    differs,
    expect,
    expect_equal,
    expect_items,
    expect_module,
    expect_number,
    expect_tensor,
    needs,
    topic,
)
from cnn_tui.grading.checks.weights import (
    Role,
    draw,
    expect_near,
    expect_roles,
    fill,
    grads_of,
)
from cnn_tui.grading.isolation.client import LoadedSubmission
from cnn_tui.grading.isolation.remote_objects import RemoteObject

CHANNELS = 8
KINDS = {False: "plain", True: "residual"}
DEPTHS = (1, 2, 4, 8, 16)
VANISHED = 1e-6
ALIVE = 0.1
"""Shares of the norm at one block that are left at 16.

In 200 seeds of 200 it was below 1e-11 for plain stacks, and above 0.9 for residual ones.
"""
DEEP = 7
LARGE = 30.0
PRECISE = 1e-6
"""Of norms in float64: a norm that passes through a float32 is still near enough."""
SMALLEST = 1e-22
"""The square of what is smaller is 0 in float32."""
TRIES = 5
"""In a few of 200 seeds all ReLUs of some plain block were closed, which leaves a norm of 0."""

Values = Mapping[Role, Tensor]


@topic("resnet")
def test_zero_weights(submission: LoadedSubmission, generator: Generator) -> None:
    """At zero weights, y is ReLU(x) with the skip and 0 without."""
    blocks = {skip: _make_block(submission, CHANNELS, skip) for skip in KINDS}
    x = _maps(generator, 2, CHANNELS, 5, 7)
    zeros = {role: torch.zeros_like(each) for role, each in _draw(CHANNELS, generator).items()}
    for skip, wanted in ((False, torch.zeros_like(x)), (True, F.relu(x))):
        what = f"a {KINDS[skip]} block"
        _fill(blocks[skip], zeros, x, generator, what)
        expect_tensor(blocks[skip](x), wanted, f"{what}, with all weights and biases at zero")


@topic("resnet")
def test_plain_block(submission: LoadedSubmission, generator: Generator) -> None:
    """A plain block is ReLU(F(x)), forward and back."""
    _expect_right_block(submission, False, generator)


@topic("resnet")
def test_residual_block(submission: LoadedSubmission, generator: Generator) -> None:
    """A residual block is ReLU(F(x) + x), forward and back."""
    _expect_right_block(submission, True, generator)


@needs("plain_block", "residual_block")
@topic("skip-connections")
def test_jacobian(submission: LoadedSubmission, generator: Generator) -> None:
    """The Jacobian is dF/dx; a skip makes it dF/dx + I."""
    values = _draw(2, generator)
    # Large biases keep each ReLU open, so that nothing of dF/dx + I is hidden.
    opened = {role: torch.full_like(each, 100.0) for role, each in values.items()}
    opened |= {role: 0.1 * each for role, each in values.items() if role[1] == "weight"}
    for skip, kind in KINDS.items():
        for numbers, where in ((values, "of random weights"), (opened, "with all ReLUs open")):
            block, reference = _make_block(submission, 2, skip), _reference(2, 1, skip)
            _fill_reference(reference, numbers, generator)
            x, wanted = steady(
                partial(_maps, generator, 1, 2, 3, 4), _jacobian, reference, generator
            )
            _fill(block, numbers, x, generator, f"a {kind} block")
            got = submission.call("jacobian", block, x)
            expect_near(got, wanted["jacobian"], f"jacobian of a {kind} block {where}")
        block.method("double")
        got = submission.call("jacobian", block, x.double())
        what = f"jacobian of a {kind} block in float64"
        expect_float64(got, _jacobian(reference.double(), x.double())["jacobian"], what)


@needs("plain_block", "residual_block")
@topic("resnet")
def test_stack(submission: LoadedSubmission, generator: Generator) -> None:
    """A stack has `depth` blocks, each with weights of its own."""
    for depth in (1, 3):
        for skip, kind in KINDS.items():
            net, what = _make_stack(submission, depth, skip), f"a {kind} stack of depth {depth}"
            x, values = _maps(generator, 2, CHANNELS, 5, 7), _draw(CHANNELS, generator)
            _fill(net, values, x, generator, what)
            reference = _reference(CHANNELS, depth, skip)
            _fill_reference(reference, values, generator)
            _expect_same(net, reference, x, generator, what)


@needs("stack")
@topic("skip-connections")
def test_same_start(submission: LoadedSubmission, generator: Generator) -> None:
    """Stacks of one seed start alike, with the skip or without."""
    seed, x = _seed(generator), _maps(generator, 2, CHANNELS, 5, 7).abs()
    plain, residual, again, other = (
        _make_stack(submission, 1, skip, one)
        for skip, one in ((False, seed), (True, seed), (False, seed), (False, seed + 1))
    )
    y = _tensor(plain(x), x, "a plain stack of depth 1")
    open_ = y > 0
    expect(bool(open_.any()), "A new plain stack of depth 1 returns nothing but zeros.")
    what = f"two plain stacks of depth 1 and seed {seed}, which should start from the same weights"
    expect_near(again(x), y, what)
    got = _tensor(residual(x), x, "a residual stack of depth 1")
    # Where the plain block's ReLU is open it shows F(x), and the skip can only add to that.
    what = f"stacks of seed {seed}, which should start from the same weights, plain or residual"
    expect_near(got[open_], (y + x)[open_], f"{what}: F(x) + x, where F(x) is above 0")
    _fill(plain, _draw(CHANNELS, generator), x, generator, "a plain stack")
    expect(
        torch.equal(_tensor(again(x), x, "a plain stack of depth 1"), y),
        "make_stack returns the stack of an earlier call again: each call makes a new one.",
    )
    moved = _tensor(other(x), x, "a plain stack of depth 1") - y
    expect(bool(moved.abs().max() > 0), "Stacks of two seeds start from the same weights.")
    expect_drawn_after(seed + 1, other.state_dict(), "a new plain stack of depth 1")
    states = {skip: _make_stack(submission, DEEP, skip, seed).state_dict() for skip in KINDS}
    starts = [_start(state) for state in states.values()]
    expect(
        starts[0] == starts[1],
        f"At depth {DEEP}, plain and residual stacks of seed {seed} start from different weights.",
    )
    for skip, state in states.items():
        expect_drawn_after(seed, state, f"a new {KINDS[skip]} stack of depth {DEEP}")
    expect(
        len(starts[0]) >= 4 * DEEP,
        "Some layers of a stack start from the same weights: make a new block each time, and seed "
        "once, before the first.",
    )


@needs("stack")
@topic("skip-connections")
def test_input_gradient_norm(submission: LoadedSubmission, generator: Generator) -> None:
    """input_gradient_norm measures what reaches the input."""
    for depth, skip in ((1, False), (3, True)):
        net = _make_stack(submission, depth, skip)
        what = f"a {KINDS[skip]} stack of depth {depth}"
        reference, values = _reference(CHANNELS, depth, skip), _draw(CHANNELS, generator)
        _fill_reference(reference, values, generator)
        draw_maps = partial(_maps, generator, 3, CHANNELS, 4, 6)
        x, wanted = steady(draw_maps, _gradient, reference, generator)
        _fill(net, values, x, generator, what)
        got = submission.call("input_gradient_norm", net, x)
        _expect_norm(got, wanted["inputs"], f"input_gradient_norm of {what}")
        got = submission.call_again()
        _expect_norm(got, wanted["inputs"], f"input_gradient_norm of {what}, with the same x again")
        net.method("double")
        exact = _gradient(reference.double(), x.double())["inputs"]
        got = submission.call("input_gradient_norm", net, x.double())
        _expect_norm(got, exact, f"input_gradient_norm of {what} in float64", PRECISE)


@needs("same_start", "input_gradient_norm")
@topic("skip-connections")
def test_gradient_norms(submission: LoadedSubmission, generator: Generator) -> None:
    """gradient_norms measures a stack of each depth, in float64."""
    seed, maps = _seed(generator), _maps(generator, 2, CHANNELS, 6, 6)
    # The squares of a plain stack's gradient at depth 32 are below what float32 can hold.
    for x, skip, depths in ((maps, False, [3, 1, 3, 32]), (maps.double(), True, [6, 2])):
        what = f"gradient_norms({CHANNELS}, {depths}, {skip}, x, {seed}), {x.dtype}"
        returned = submission.call("gradient_norms", CHANNELS, depths, skip, x, seed)
        for depth, norm in zip(depths, _numbers(returned, len(depths), what), strict=True):
            net = _make_stack(submission, depth, skip, seed)
            net.method("double")
            ones = torch.ones_like(maps).double()
            gradient = grads_of(net, maps.double(), ones, "make_stack").get("inputs")
            wanted = _tensor(gradient, maps.double(), "gradient at the input")
            _expect_norm(norm, wanted, f"{what}: depth {depth}", PRECISE)


@topic("skip-connections")
def test_which_vanishes(submission: LoadedSubmission, generator: Generator) -> None:
    """which_vanishes tells whose gradient dies away."""
    for depths in ((1, 2, 4, 8), (3, 5, 16)):
        for factor in (0.125, 0.899, 0.95, 1.04):
            got = submission.call("factor_per_block", depths, _decay(depths, factor, generator))
            what = f"factor_per_block of norms that change by {factor} per block"
            expect_number(got, factor, what, rtol=1e-5)
        for plain, residual, wanted in (
            (0.125, 1.04, "plain"),
            (0.899, 0.901, "plain"),
            (0.98, 0.5, "residual"),
            (0.15, 0.899, "both"),
            (0.901, 1.04, "neither"),
        ):
            norms = [_decay(depths, each, generator) for each in (plain, residual)]
            got = submission.call("which_vanishes", depths, *norms)
            what = f"which_vanishes, of factors per block {plain} (plain) and {residual} (residual)"
            expect_equal(got, wanted, what)


@needs("gradient_norms", "which_vanishes")
@topic("skip-connections")
def test_finding(submission: LoadedSubmission, generator: Generator) -> None:
    """Plain stacks lose the gradient; residual ones keep it."""
    x = _maps(generator, 4, CHANNELS, 8, 8)
    for _ in range(TRIES):
        seed = _seed(generator)
        returned = submission.call("gradient_norms", CHANNELS, DEPTHS, False, x, seed)
        plain = _numbers(returned, len(DEPTHS), "gradient_norms")
        if all(plain):
            break
    returned = submission.call("gradient_norms", CHANNELS, DEPTHS, True, x, seed)
    residual = _numbers(returned, len(DEPTHS), "gradient_norms")
    hint = "Are the convolutions at PyTorch's default initialization?"
    expect(
        0 < plain[-1] < VANISHED * plain[0],
        f"From 1 to {DEPTHS[-1]} plain blocks the norm goes from {plain[0]:.3g} to "
        f"{plain[-1]:.3g}: it should all but vanish. {hint}",
    )
    expect(
        residual[-1] > ALIVE * residual[0] > 0,
        f"From 1 to {DEPTHS[-1]} residual blocks the norm goes from {residual[0]:.3g} to "
        f"{residual[-1]:.3g}: it should stay. {hint}",
    )
    got = submission.call("which_vanishes", DEPTHS, plain, residual)
    expect_equal(got, "plain", "which_vanishes, for your own norms")


class _Block(nn.Module):
    def __init__(self, channels: int, skip: bool) -> None:
        super().__init__()
        self.skip = skip
        self.conv1 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(channels, channels, kernel_size=3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        out = self.conv2(F.relu(self.conv1(x)))
        return F.relu(out + x if self.skip else out)


def _reference(channels: int, depth: int, skip: bool) -> nn.Sequential:
    return nn.Sequential(*(_Block(channels, skip) for _ in range(depth)))


def _make_block(submission: LoadedSubmission, channels: int, skip: bool) -> RemoteObject:
    what = f"make_block({channels}, {skip})"
    return expect_module(submission.call("make_block", channels, skip), what)


def _started(submission: LoadedSubmission, channels: int, skip: bool, x: Tensor) -> RemoteObject:
    block = _make_block(submission, channels, skip)
    block(x)  # Lazy layers have no numbers before their first maps.
    return block


def _make_stack(
    submission: LoadedSubmission, depth: int, skip: bool, seed: int = 0
) -> RemoteObject:
    what = f"make_stack({CHANNELS}, {depth}, {skip}, {seed})"
    return expect_module(submission.call("make_stack", CHANNELS, depth, skip, seed), what)


def _expect_right_block(submission: LoadedSubmission, skip: bool, generator: Generator) -> None:
    for channels in (CHANNELS, 3):
        block, reference = _make_block(submission, channels, skip), _reference(channels, 1, skip)
        what = f"a {KINDS[skip]} block of {channels} channels"
        x, values = _maps(generator, 2, channels, 5, 7), _draw(channels, generator)
        expect_new_start(
            partial(_started, submission, channels, skip, x), f"make_block({channels}, {skip})"
        )
        _fill(block, values, x, generator, what)
        _fill_reference(reference, values, generator)
        _expect_same(block, reference, x, generator, what)
        with torch.no_grad():
            expect_near(block(LARGE * x), reference(LARGE * x), f"{what}, of larger values")
            block.method("double")
            wanted = reference.double()(x.double())
        expect_float64(block(x.double()), wanted, f"{what}, in float64")


def _draw(channels: int, generator: Generator) -> Values:
    """Numbers for all blocks: layers of one role get the same ones."""
    return draw(_reference(channels, 1, skip=True).state_dict(), generator)


def _fill(net: RemoteObject, values: Values, x: Tensor, generator: Generator, what: str) -> None:
    net.train(False)
    net(x)  # Lazy layers have no shapes before their first maps.
    state = net.state_dict()
    expect_roles(state, values, what)
    net.load_state_dict(fill(state, values, generator))


def _fill_reference(reference: nn.Module, values: Values, generator: Generator) -> None:
    reference.load_state_dict(fill(reference.state_dict(), values, generator))


def _expect_same(
    net: RemoteObject, reference: nn.Module, x: Tensor, generator: Generator, what: str
) -> None:
    """Fail unless ``net`` computes what ``reference`` does, and has the same gradients."""
    with torch.no_grad():
        expect_near(net(x), reference(x), what)

    def draw_both() -> tuple[Tensor, Tensor]:
        return _maps(generator, *x.shape), _maps(generator, *x.shape)

    names = ("inputs", "weight", "bias")
    most = sum(each.numel() for each in reference.parameters())
    expect_same_gradients(net, reference, draw_both, generator, what, names, most)


def _start(state: Mapping[str, Tensor]) -> set[tuple[float, ...]]:
    """The values of each tensor that a net holds, by whatever name, as it says itself."""
    return {tuple(each.flatten().tolist()) for each in state.values()}


def _maps(generator: Generator, *shape: int) -> Tensor:
    return torch.randn(shape, generator=generator)


def _seed(generator: Generator) -> int:
    return int(torch.randint(1, 10_000, (), generator=generator))


def _gradient(net: nn.Module, x: Tensor) -> dict[str, Tensor]:
    leaf = x.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(net(leaf).sum(), leaf)
    return {"inputs": gradient}


def _jacobian(net: nn.Module, x: Tensor) -> dict[str, Tensor]:
    with torch.no_grad():
        size = net(x).numel()
    # One copy of x for each value of y, so that all rows come from one backward pass.
    leaves = x.repeat(size, 1, 1, 1).requires_grad_()
    values = net(leaves).flatten(1).diagonal()
    (rows,) = torch.autograd.grad(values.sum(), leaves)
    return {"jacobian": rows.flatten(1)}


def _decay(depths: tuple[int, ...], factor: float, generator: Generator) -> list[float]:
    """Norms that change by ``factor`` per block from first to last; those between do not count."""
    first, *between = (10 ** torch.randn(len(depths) - 1, generator=generator)).tolist()
    return [first, *between, first * factor ** (depths[-1] - depths[0])]


def _tensor(got: Any, like: Tensor, what: str) -> Tensor:
    """``got``, which must be a tensor of the shape and dtype of ``like``."""
    if type(got) is not Tensor or got.shape != like.shape or got.dtype != like.dtype:
        wanted = f"a tensor of shape {tuple(like.shape)} and dtype {like.dtype}"
        raise differs(what, wanted, described(got))
    return got


def _numbers(returned: Any, count: int, what: str) -> list[float]:
    norms = expect_items(returned, count, what, f"a list of {count} norms")
    return [as_number(each, what) for each in norms]


def _expect_norm(got: Any, gradient: Tensor, what: str, rtol: float = 1e-3) -> None:
    # Relative only: expect_number would let 0 pass for a norm of 1e-20.
    norm, wanted = as_number(got, what), gradient.norm().item()
    if not math.isclose(norm, wanted, rel_tol=rtol):
        failure = differs(what, *written_apart(wanted, norm))
        is_lost = norm == 0 and wanted < SMALLEST
        hint = " Squares of numbers so small are 0 in float32." if is_lost else ""
        raise CheckError(f"{failure}{hint}", failure.expected, failure.got)
