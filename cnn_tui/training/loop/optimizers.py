"""The optimizer of a run, and the learning rate at each of its steps."""

import math

import torch
from torch import Tensor, nn

from cnn_tui.training.config import TrainConfig

MOMENTUM = 0.9
STEP_AT = (0.5, 0.75)
"""Where the step schedule divides the rate by ten, as He et al. 2015 did on CIFAR-10."""

ONE_CYCLE_START = 1 / 25
"""The one-cycle schedule begins at this part of its peak (Smith and Topin 2018)."""


def make_optimizer(net: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """The optimizer that ``config`` names, fused into one kernel where the device can.

    Weight decay pulls on the weights of convolutions and linear layers only: a
    norm's scale and a bias are one number per channel, and pulling them to zero
    restrains nothing that could overfit.
    """
    weights = [parameter for parameter in net.parameters() if parameter.ndim > 1]
    others = [parameter for parameter in net.parameters() if parameter.ndim <= 1]
    groups = [
        {"params": weights, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    fused = config.device_kind in ("cpu", "cuda")
    if config.optimizer == "sgd":
        return torch.optim.SGD(groups, config.lr, momentum=MOMENTUM, nesterov=True, fused=fused)
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(groups, config.lr, fused=fused)


def set_lr(optimizer: torch.optim.Optimizer, lr: float) -> None:
    """Use ``lr`` from the next step on."""
    for group in optimizer.param_groups:
        group["lr"] = lr


def clip_gradients(optimizer: torch.optim.Optimizer, norm: float) -> Tensor:
    """Shorten all gradients together to ``norm`` at most.

    Returns the norm that they had, a scalar that stays on the device.
    """
    return nn.utils.clip_grad_norm_(_parameters(optimizer), norm)


def gradient_norm(optimizer: torch.optim.Optimizer) -> Tensor:
    """The norm of all gradients together, a scalar on the device."""
    gradients = [each.grad for each in _parameters(optimizer) if each.grad is not None]
    return nn.utils.get_total_norm(gradients)


def lr_at(config: TrainConfig, step: int, total: int) -> float:
    """The learning rate of ``step`` (from 0) in a run of ``total`` steps.

    A pure function of the step: a resumed run needs no scheduler's state.
    """
    warmup = round(config.warmup * total)
    if step < warmup:
        start = ONE_CYCLE_START if config.schedule == "onecycle" else 0.0
        return config.lr * (start + (1 - start) * (step + 1) / warmup)
    done = (step - warmup) / max(1, total - warmup)
    if config.schedule in ("cosine", "onecycle"):
        return config.lr * (1 + math.cos(math.pi * done)) / 2
    if config.schedule == "step":
        return config.lr * 0.1 ** sum(done >= at for at in STEP_AT)
    return config.lr


def _parameters(optimizer: torch.optim.Optimizer) -> list[Tensor]:
    return [parameter for group in optimizer.param_groups for parameter in group["params"]]
