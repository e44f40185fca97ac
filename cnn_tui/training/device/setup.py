"""From a configuration to a network on a device: what ``auto`` means here, decided once."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from cnn_tui.data.cores import cores
from cnn_tui.data.dataset import DataSet, first_images, with_wrong_labels
from cnn_tui.data.loading.loader import kept_bytes, seed_draws, seed_for
from cnn_tui.data.loading.placement import settle_placement
from cnn_tui.data.records import DataFacts
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.records import NetInfo
from cnn_tui.next_steps import Action, step
from cnn_tui.training.config import AUTO, TrainConfig
from cnn_tui.training.config_checks import refuse_cutout
from cnn_tui.training.defaults import default_image_size
from cnn_tui.training.device.kernels import fast_precision
from cnn_tui.training.device.own_net import (
    examine,
    give_lazy_shapes,
    say_nothing,
    stands_channels_last,
)
from cnn_tui.training.device.selection import devices
from cnn_tui.training.recipes import refuse_few_images

HALVES = {"bf16": torch.bfloat16, "fp16": torch.float16}
"""The precisions of 16 bits."""

TINY_MACS = 2_000_000
"""Below this per image, handing work to a second thread or to bf16 costs more than it saves."""


FEWEST_SAFE_CHANNELS = 16
"""Of a strided 1×1 convolution that several threads of a CPU train in channels last."""


def decide(
    config: TrainConfig,
    data: DataSet,
    *,
    processes: int = 1,
    tell: Callable[[str], None] = say_nothing,
) -> TrainConfig:
    """``config`` with its device, precision, threads, image size and placement settled.

    ``processes`` share the cores of this host; ``tell`` is called with what there is to say of a
    network of the user's own, which is run once on made-up images.
    Raises UsageError for a device that is not there, for images that the network
    cannot take, for a network that cannot learn the data set, for a cutout that hides
    images whole, and for a recipe that needs more.
    """
    if config.recipe == "fast":
        refuse_few_images(len(data.train) + len(data.val), str(config.data))
    device = _decide_device(config.device)
    if config.net.is_own:
        seen = examine(replace(config, device=device), data, tell)
        image_size, tiny = seen.image_size, seen.macs < TINY_MACS
    else:
        image_size = config.image_size or default_image_size(config.net, data.image_size)
        tiny = _is_tiny(config.net.info, image_size)
    refuse_cutout(config.cutout, image_size)
    precision = config.precision
    if precision == AUTO:
        precision = "fp32" if tiny else _fastest_precision(device)
    if precision == "fp16" and device == "mps":
        raise UsageError(
            "The precision fp16 needs a loss scale, which is for CUDA GPUs and CPUs: "
            "take bf16 or fp32 on an Apple GPU.",
            fields=("precision",),
        )
    threads = config.threads or (1 if tiny else max(1, cores() // processes))
    return replace(
        config,
        image_size=image_size,
        device=device,
        precision=precision,
        threads=threads,
        placement=settle_placement(
            config.placement, kept_bytes(data.train.images, image_size), device
        ),
    )


def learned_from(config: TrainConfig, data: DataSet) -> DataSet:
    """``data`` with the training images and labels that ``config`` asks for.

    Validation and test images stay as they are. Raises UsageError where labels
    cannot be wrong.
    """
    train = first_images(data.train, config.train_images)
    if config.label_noise:
        if len(data.classes) < 2:
            raise UsageError(
                f"Label noise needs two classes or more, and {data.name} has one: "
                "train without it.",
                fields=("label_noise",),
            )
        seed = seed_for(config.seed, "label noise")
        train = with_wrong_labels(train, config.label_noise, len(data.classes), seed)
    return replace(data, train=train)


def on_the_cpu(config: TrainConfig, image_size: int) -> TrainConfig:
    """``config`` as its run is looked at, wherever it was trained: one side of images, fp32.

    ``image_size`` is the side of the stored images.
    """
    return replace(
        config,
        image_size=config.image_size or default_image_size(config.net, image_size),
        device="cpu",
        precision="fp32",
        placement="device",
        threads=config.threads or 1,
    )


def make_net(config: TrainConfig, data: DataSet | DataFacts) -> nn.Module:
    """The network of a decided ``config``, with weights drawn from its seed, on the CPU.

    Raises UsageError where ``dropout`` is given and the network has no dropout layer.
    """
    seed_draws(torch.device("cpu"), seed_for(config.seed, "weights"))
    net = build(
        config.net,
        num_classes=len(data.classes),
        in_channels=data.in_channels,
        image_size=config.image_size,
    )
    if config.net.is_own:
        give_lazy_shapes(net, data.in_channels, config.image_size)
    if config.dropout is not None:
        layers = [layer for layer in net.modules() if isinstance(layer, nn.Dropout)]
        if not layers:
            raise UsageError(
                f"{config.net} has no dropout layer: train it without dropout.",
                fields=("dropout",),
            )
        for layer in layers:
            layer.p = config.dropout
    return net


def settle_determinism(config: TrainConfig) -> None:
    """Refuse operations whose result may vary, for the whole process, where that is asked for."""
    if config.deterministic:
        # cuBLAS reads it when CUDA begins; its other workspaces vary.
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    # The switch imports torch's compiler, so it is left alone where it is right already.
    if config.deterministic != torch.are_deterministic_algorithms_enabled():
        torch.use_deterministic_algorithms(config.deterministic)


def memory_format(config: TrainConfig, net: nn.Module) -> torch.memory_format:
    """Channels last, which convolutions like best, but where it gains nothing or does harm.

    On an Apple GPU never: torch's gradients of batch norm were wrong there in channels last,
    by seven orders of magnitude and without a word (pytorch#175189), later they crashed
    (pytorch#188371), and no version is known that is right on every macOS.
    """
    assert config.image_size is not None
    harms = config.device_kind == "mps" or loses_memory_in_channels_last(config, net)
    plain = harms or _was_tiny(config)
    if not plain and config.net.is_own:  # whose views may need the channels first
        plain = not stands_channels_last(net, config.image_size)
    return torch.contiguous_format if plain else torch.channels_last


def loses_memory_in_channels_last(config: TrainConfig, net: nn.Module) -> bool:
    """Whether torch would write beyond its memory while it trains ``net`` in channels last.

    torch 2.15 does on a CPU, in the gradient of a strided 1×1 convolution's weights: where
    it has fewer than 16 channels, and the threads' shares of a batch are not equal.
    """
    return (
        config.device == "cpu"
        and config.threads != 1
        and any(
            isinstance(layer, nn.Conv2d)
            and layer.kernel_size == (1, 1)
            and layer.stride != (1, 1)
            and layer.in_channels < FEWEST_SAFE_CHANNELS
            for layer in net.modules()
        )
    )


def autocast(config: TrainConfig) -> AbstractContextManager[object]:
    """The precision of the forward pass: bf16 or fp16 where it is chosen, nothing else.

    Weights are used once in a pass, so that keeping their 16-bit copies gains nothing,
    and a CUDA graph must not be recorded with copies from outside of it.
    """
    if config.precision in HALVES:
        half = HALVES[config.precision]
        return torch.autocast(config.device_kind, dtype=half, cache_enabled=False)
    return nullcontext()


def slow_precision(config: TrainConfig) -> str:
    """What to tell a run whose GPU only emulates the precision asked for; else empty."""
    if config.device_kind != "cuda" or config.precision != "bf16":
        return ""
    faster = fast_precision()
    if faster == "bf16":
        return ""
    return (
        f"{torch.cuda.get_device_name()} emulates bf16, which is slow there: "
        f"the precision {faster} is faster."
    )


def _was_tiny(config: TrainConfig) -> bool:
    """Whether the network of a decided ``config`` is so small that a plain layout is fastest.

    Of the user's own it is what its run decided when it was measured.
    """
    if config.net.is_own:
        return config.threads == 1 and config.precision == "fp32"
    assert config.image_size is not None
    return _is_tiny(config.net.info, config.image_size)


def _is_tiny(info: NetInfo, image_size: int) -> bool:
    return info.macs * (image_size / info.image_size) ** 2 < TINY_MACS


def _decide_device(wanted: str) -> str:
    """The device that ``wanted`` means; a GPU without a number is the current one."""
    found = devices()
    if wanted == AUTO:
        return found[0].kind
    kinds = [each.kind for each in found]
    numbered = [each.option if each.index is not None else f"{each.kind}:0" for each in found]
    gpus = [name for name in numbered if name.startswith("cuda:")]
    named = dict.fromkeys((*kinds, *gpus))
    if wanted in named:
        return wanted
    raise UsageError(
        f"The device {wanted} is not there: torch finds {', '.join(named)}. "
        "Take auto, the best there is.",
        fields=("device",),
        next_steps=(step(Action.DOCTOR),),
    )


def _fastest_precision(device: str) -> str:
    """The precision in which the device multiplies fastest."""
    if device.startswith("cuda"):
        return fast_precision()
    if device == "cpu":
        flags = Path("/proc/cpuinfo")
        text = flags.read_text() if flags.exists() else ""
        return "bf16" if "avx512_bf16" in text or "amx_bf16" in text else "fp32"
    return "fp32"
