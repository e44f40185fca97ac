"""One training step in slow motion, on real digits: forward, back, and down the gradient."""

import math
from copy import deepcopy
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from cnn_tui.chapter.demos.shared import digit_batches, short
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell
from cnn_tui.data.preparation import digits
from cnn_tui.nets.lenet5 import LeNet5
from cnn_tui.training.defaults import default_config
from cnn_tui.training.loop.optimizers import MOMENTUM, make_optimizer

IMAGE_SIZE = 28
OTHER_RATES = (0.01, 0.1, 1.0, 10.0, 100.0)
"""Times the learning rate that is asked for."""

ROUNDING = 1e-5
"""Changes of a float32 loss near 2 that are below this say nothing."""
NEARLY = 0.01
"""Relative differences of a move from the learning rate that count as none."""
HARDLY = 0.001
"""Relative changes of the loss that are not worth a word."""

FORWARD, LOSS = "session.forward(images)", "loss_of(logits, auxiliary, labels"
ZERO, BACKWARD, STEP = "optimizer.zero_grad()", ".backward()", "step(session.optimizer)"
"""As they stand in ``training/loop/epochs.py``."""


@dataclass(frozen=True)
class OptimizerStep:
    """What one step did: losses, and per parameter its old values, its gradient and its move."""

    loss_before: float
    loss_after: float
    gradients: dict[str, Tensor]
    weights: dict[str, Tensor]
    moves: dict[str, Tensor]

    @property
    def promised(self) -> float:
        """By how much the loss would fall if it were as straight as the gradient says."""
        return -sum((self.gradients[name] * self.moves[name]).sum().item() for name in self.moves)


def training_step(
    optimizer: str = "adam", lr: float = 0.002, batch_size: int = 64, seed: int = 0
) -> DemoContent:
    """LeNet-5, fresh, takes one step on one batch; then again with other learning rates."""
    torch.manual_seed(seed)
    net = LeNet5(image_size=IMAGE_SIZE)
    prepared = digits.prepared()
    batches = digit_batches(prepared, prepared.train, batch_size, IMAGE_SIZE)
    images, labels = next(batches.epoch(seed, 0))
    step = take_step(deepcopy(net), images, labels, optimizer, lr)
    others = [
        (factor * lr, take_step(deepcopy(net), images, labels, optimizer, factor * lr).loss_after)
        for factor in OTHER_RATES
    ]
    return DemoContent(
        blocks=(
            _lines(step, images),
            _layer_table(step, optimizer),
            Say(_about_moves(step, optimizer, lr)),
            Say(_about_fall(step)),
            Table(
                f"The same step with other learning rates; the loss before is "
                f"{step.loss_before:.3f}",
                ("learning rate", "loss after", "what it did"),
                tuple(
                    (f"{rate:g}", f"{after:.4g}", _verdict(step, after)) for rate, after in others
                ),
            ),
            Say(_try(step, optimizer)),
        ),
        figures={
            "loss_before": step.loss_before,
            "loss_after": step.loss_after,
            "promised": step.promised,
            "gradient_norm": _norm(step.gradients),
            "update_norm": _norm(step.moves),
            "update_percent": 100 * _norm(step.moves) / _norm(step.weights),
            "loss_after_largest_rate": others[-1][1],
        },
    )


def take_step(
    net: nn.Module, images: Tensor, labels: Tensor, optimizer: str, lr: float
) -> OptimizerStep:
    """The four lines of the training loop, with everything kept that they pass over."""
    parameters = dict(net.named_parameters())
    before = {name: each.detach().clone() for name, each in parameters.items()}
    config = default_config("lenet5", "digits", optimizer=optimizer, lr=lr, device="cpu")
    descent = make_optimizer(net, config)

    loss = F.cross_entropy(net(images), labels)
    descent.zero_grad()
    loss.backward()  # type: ignore[no-untyped-call]
    descent.step()

    with torch.no_grad():
        after = F.cross_entropy(net(images), labels)
    return OptimizerStep(
        loss_before=loss.item(),
        loss_after=after.item(),
        gradients={name: _gradient(each) for name, each in parameters.items()},
        weights=before,
        moves={name: each.detach() - before[name] for name, each in parameters.items()},
    )


def _gradient(parameter: Tensor) -> Tensor:
    assert parameter.grad is not None, "every parameter of LeNet-5 takes part"
    return parameter.grad


def _lines(step: OptimizerStep, images: Tensor) -> Table:
    count, moved = len(images), _norm(step.moves) / _norm(step.weights)
    classes = len(step.weights["fc3.bias"])
    return Table(
        "The lines of training/loop/epochs.py, and what they did here",
        ("line", "did"),
        (
            (f"{FORWARD}", f"{count} images to {count} × {classes} logits"),
            (
                f"{LOSS}, ...)",
                f"loss {step.loss_before:.3f}; guessing costs {math.log(classes):.3f}",
            ),
            (f"{ZERO}", "forgot the gradients of the step before"),
            (f"{BACKWARD}", f"a gradient for each weight, norm {_norm(step.gradients):.3g}"),
            (f"{STEP}", f"moved the weights by {short(100 * moved)} %"),
            ("the same batch again", f"loss {step.loss_after:.4g}"),
        ),
    )


def _layer_table(step: OptimizerStep, optimizer: str) -> Table:
    layers = dict.fromkeys(name.partition(".")[0] for name in step.weights)
    return Table(
        f"Layer by layer, {optimizer}: norms over weights and biases together",
        ("layer", "gradient norm", "weight norm", "update norm", "update, %", "median move"),
        tuple(_layer_row(step, layer) for layer in layers),
    )


def _layer_row(step: OptimizerStep, layer: str) -> tuple[TableCell, ...]:
    gradient, weight, move = (
        _of_layer(values, layer) for values in (step.gradients, step.weights, step.moves)
    )
    norm, moved = weight.norm().item(), move.norm().item()
    median = move.abs().median().item()
    return (
        layer,
        gradient.norm().item(),
        norm,
        short(moved),
        short(100 * moved / norm),
        f"{median:.2g}",
    )


def _of_layer(values: dict[str, Tensor], layer: str) -> Tensor:
    return torch.cat(
        [each.flatten() for name, each in values.items() if name.startswith(f"{layer}.")]
    )


def _norm(values: dict[str, Tensor]) -> float:
    return float(torch.cat([each.flatten() for each in values.values()]).norm())


def _about_moves(step: OptimizerStep, optimizer: str, lr: float) -> str:
    layers = list(dict.fromkeys(name.partition(".")[0] for name in step.weights))
    moved = {layer: _of_layer(step.moves, layer).norm().item() for layer in layers}
    if optimizer == "sgd":
        farthest = max(moved, key=lambda layer: moved[layer])
        factor = _norm(step.moves) / (lr * _norm(step.gradients))
        return (
            "SGD moves each weight by its gradient times the rate, and with Nesterov's momentum "
            f"of {MOMENTUM}, as here, the first step is {factor:.2g} times that. So the layer "
            f"with the largest gradient, {farthest}, moves the farthest."
        )
    percents = {
        layer: 100 * norm / _of_layer(step.weights, layer).norm().item()
        for layer, norm in moved.items()
    }
    most = max(percents, key=lambda layer: percents[layer])
    every = torch.cat([each.flatten() for each in step.moves.values()]).abs()
    share = 100 * ((every / lr - 1).abs() < NEARLY).float().mean().item()
    decay = " AdamW's weight decay is 0 here, so it steps as Adam does." * (optimizer == "adamw")
    return (
        "Adam divides each gradient by its own size. In the first step that leaves the sign: "
        f"{share:.0f} % of the weights move by the learning rate, {lr:g}, to within "
        f"{100 * NEARLY:.0f} %, whatever their gradient. In percent of its weights, {most} moves "
        f"the most, by {short(percents[most])} %.{decay}"
    )


def _try(step: OptimizerStep, optimizer: str) -> str:
    other = "adam and lr = 0.002" if optimizer == "sgd" else "sgd and lr = 0.2"
    if not step.loss_after < step.loss_before:
        return f"Try optimizer = {other}."
    return (
        "A lower loss on the same batch says that the step works, not that anything was learned: "
        f"that takes other images. Try optimizer = {other}."
    )


def _about_fall(step: OptimizerStep) -> str:
    if step.promised < ROUNDING:
        return (
            f"The step is so small that the gradient promises a fall of only {step.promised:.1g}: "
            "the rounding of the loss hides it. Take a larger rate."
        )
    fell = step.loss_before - step.loss_after
    if not math.isfinite(fell):
        return "The loss is no longer finite: take a smaller rate."
    if not fell > 0:
        return (
            f"The gradient promised a fall of {step.promised:.3g}, and the loss rose by "
            f"{-fell:.3g}: the step left the region in which the gradient is a good guide. "
            "Take a smaller rate."
        )
    return (
        f"The gradient promised a fall of {step.promised:.3g}, gradient times move; the loss "
        f"fell by {fell:.3g}, {100 * fell / step.promised:.0f} % of it. As the step "
        "goes to zero, the two agree."
    )


def _verdict(step: OptimizerStep, after: float) -> str:
    if not math.isfinite(after):
        return "no longer finite"
    ratio = after / step.loss_before
    if abs(ratio - 1) < HARDLY:
        return "hardly anything"
    if ratio < 1:
        return f"brought it down by {100 * (1 - ratio):.2g} %"
    return f"brought it up, to {ratio:.3g} times what it was"
