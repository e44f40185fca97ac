"""A network of the user's own, run once on made-up images before it trains.

Finds the size of images that it takes and how much work one is, and refuses what could not
learn: each mistake in one sentence that says what to change.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.lazy import LazyModuleMixin
from torch.nn.parameter import is_lazy

from cnn_tui.data.dataset import DataSet
from cnn_tui.errors import UsageError
from cnn_tui.nets.own import FoundFactory, blaming, described, factory_of, importable, line_of
from cnn_tui.training.config import TrainConfig
from cnn_tui.training.device.own_mistakes import (
    made_in_forward,
    notes_on_output,
    refuse_output,
    refuse_unregistered,
    refuse_without_gradients,
    refuse_without_parameters,
    unregistered_tensor,
)

USUAL_SIZES = (28, 32, 64, 96, 128, 224, 227, 256, 299)
"""Sides of images that networks are written for."""
DIGITS_SIZE = 16
IMAGES = 8
CONVOLUTIONS = (nn.Conv1d, nn.Conv2d, nn.Conv3d)
TellNote = Callable[[str], None]


@dataclass(frozen=True)
class ExaminedNet:
    """What a network was seen to do: the side of its images, and multiply-accumulates of one."""

    image_size: int
    macs: int


@dataclass
class _Attempt:
    """One forward: the layers that it is in, with what they were given, and the work so far."""

    inside: list[tuple[str, nn.Module, tuple[int, ...]]] = field(default_factory=list)
    macs: int = 0


class _UnfitError(UsageError):
    """Images of this size do not fit; others may."""


def say_nothing(message: str) -> None:
    """Nobody is to know."""


def examine(config: TrainConfig, data: DataSet, tell: TellNote = say_nothing) -> ExaminedNet:
    """Build and run the network of ``config`` on images of zeros and ones like those of ``data``.

    Without a size in ``config`` the first is taken that fits: that of the images, else the usual
    one that is nearest. ``tell`` is called with what is no mistake, but worth knowing. Raises
    UsageError for a network that cannot learn the data set.
    """
    with torch.random.fork_rng(devices=[]), importable(config.net):
        torch.manual_seed(config.seed)
        sizes = (config.image_size,) if config.image_size else _likely_sizes(config, data)
        return _first_that_fits(config, data, sizes, tell)


def give_lazy_shapes(net: nn.Module, channels: int, image_size: int | None) -> None:
    """Run a network that has lazy layers, whose weights get their shapes and values so."""
    if image_size and any(is_lazy(each) for each in net.parameters()):
        with torch.no_grad(), redirect_stdout(sys.stderr):
            net.eval()(torch.zeros(1, channels, image_size, image_size))
        net.train()


def stands_channels_last(net: nn.Module, image_size: int) -> bool:
    """Whether a forward works in channels last, in which ``x.view(n, -1)`` of a map does not.

    ``net`` is left in the plain layout.
    """
    first = next((each for each in net.modules() if isinstance(each, nn.Conv2d)), None)
    if first is None:
        return False
    weight = first.weight
    images = torch.zeros(2, first.in_channels, image_size, image_size, device=weight.device)
    was_training = net.training
    net.eval().to(memory_format=torch.channels_last)
    try:
        with torch.no_grad(), torch.random.fork_rng(devices=[]), redirect_stdout(sys.stderr):
            net(images.to(memory_format=torch.channels_last))
    except RuntimeError:
        return False
    finally:
        net.train(was_training).to(memory_format=torch.contiguous_format)
    return True


def _likely_sizes(config: TrainConfig, data: DataSet) -> tuple[int, ...]:
    own = data.image_size
    first = max(own, DIGITS_SIZE) if config.data.kind == "digits" else own
    others = sorted(USUAL_SIZES, key=lambda size: max(size, own) / min(size, own))
    return tuple(dict.fromkeys((first, own, *others)))


def _first_that_fits(
    config: TrainConfig, data: DataSet, sizes: Sequence[int], tell: TellNote
) -> ExaminedNet:
    found = factory_of(config.net)
    refusal = None
    for size in sizes:
        try:
            seen = _examined(found, config, data, size, tell)
        except _UnfitError as error:
            refusal = refusal or error
            continue
        if size not in (data.image_size, sizes[0]):
            tell(f"{found.title} takes images of {size}×{size} pixels: they are scaled to that.")
        return seen
    assert refusal is not None
    fields = ("net", "image_size") if config.image_size else ("net",)
    raise UsageError(str(refusal), fields=fields) from refusal


def _examined(
    found: FoundFactory, config: TrainConfig, data: DataSet, size: int, tell: TellNote
) -> ExaminedNet:
    made = found.called_with(
        num_classes=len(data.classes), in_channels=data.in_channels, image_size=size
    )
    net = made.made()
    refuse_unregistered(made.title, net)
    stray = unregistered_tensor(net)
    if stray and config.device_kind != "cpu":
        raise UsageError(f"{stray} On {config.device} it stays behind.", fields=("net",))
    images = torch.randn(IMAGES, data.in_channels, size, size)
    attempt = _Attempt()
    with torch.no_grad():
        output = _run(made, net.eval(), images, attempt)
    refuse_without_parameters(made.title, net)
    _refuse_other_batch(made.title, output, size)
    refuse_output(made.title, output, data.name, len(data.classes), made.signature)
    output = _run(made, net.train(), images, _Attempt())
    refuse_output(made.title, output, data.name, len(data.classes), made.signature)
    unused = refuse_without_gradients(made.title, net, output)
    if unused and config.nproc * config.nnodes > 1:
        raise UsageError(
            f"{unused} Several processes wait for the gradient of every weight: remove it, or "
            "train in one process.",
            fields=("net", "nproc"),
        )
    for note in (stray, unused, *notes_on_output(made.title, output)):
        if note:
            tell(note)
    return ExaminedNet(size, attempt.macs // IMAGES)


def _run(made: FoundFactory, net: nn.Module, images: Tensor, attempt: _Attempt) -> Any:
    """The output for the images; raises _UnfitError where a layer cannot take what it is given."""
    with ExitStack() as stack:
        built = stack.enter_context(made_in_forward(net, made.title))
        stack.enter_context(_watched(net, attempt))
        try:
            output = net(images)
        except (UsageError, KeyboardInterrupt):
            raise
        except (RuntimeError, ValueError, AssertionError) as error:
            raise _UnfitError(_failure(made, images, attempt, error)) from error
        except BaseException as error:
            with blaming(_cannot(made, images), made.file):
                raise
            raise AssertionError from error  # blaming always raises
        built.refuse()
    return output


def _cannot(made: FoundFactory, images: Tensor) -> str:
    size = images.shape[-1]
    channels = {1: "gray", 3: "color"}.get(images.shape[1], f"{images.shape[1]}-channel")
    return f"{made.title} fails on {channels} images of {size}×{size}"


def _failure(made: FoundFactory, images: Tensor, attempt: _Attempt, error: Exception) -> str:
    """The layer, what it was given, the reason, and what to write instead."""
    said = f"{described(error)}{line_of(error, made.file)}"
    if not attempt.inside:
        return f"{_cannot(made, images)}: {said}."
    name, layer, given = attempt.inside[-1]
    shape = "×".join(map(str, given))
    where = f"its layer {name} ({type(layer).__name__})" if name else "its forward"
    return f"{_cannot(made, images)}: {where}, given {shape}, raised {said}.{_remedy(layer, given)}"


def _remedy(layer: nn.Module, given: tuple[int, ...]) -> str:
    """What would fit, where that is plain to see."""
    if isinstance(layer, nn.Linear) and given and given[-1] != layer.in_features:
        return f" With nn.Linear({given[-1]}, {layer.out_features}) it would fit."
    if isinstance(layer, nn.Conv2d) and len(given) == 4 and given[1] != layer.in_channels:
        return (
            f" It takes {layer.in_channels} channels, and there {_are(given[1])}: give the "
            "network a parameter in_channels, which is then set."
        )
    return ""


def _are(count: int) -> str:
    return "is 1" if count == 1 else f"are {count}"


def _refuse_other_batch(title: str, output: Any, size: int) -> None:
    """Raise _UnfitError where a view has made other images of the batch."""
    if isinstance(output, Tensor) and output.ndim == 2 and len(output) != IMAGES:
        raise _UnfitError(
            f"{title} returns {tuple(output.shape)} for {IMAGES} images of {size}×{size}: a "
            "view or reshape in its forward mixes them; torch.flatten(x, 1) keeps each image's own."
        )


@contextmanager
def _watched(net: nn.Module, attempt: _Attempt) -> Iterator[None]:
    """Note which layers a forward is in, and count their multiply-accumulates."""

    def enter(name: str) -> Callable[..., None]:
        def hook(module: nn.Module, args: tuple[Any, ...]) -> None:
            given = args[0] if args else None
            shape = tuple(given.shape) if isinstance(given, Tensor) else ()
            attempt.inside.append((name, module, shape))

        return hook

    def leave(module: nn.Module, args: tuple[Any, ...], output: Any) -> None:
        attempt.inside.pop()
        if isinstance(output, Tensor):
            attempt.macs += _macs(module, output)

    handles = []
    for name, module in net.named_modules():
        handles.append(module.register_forward_pre_hook(enter(name)))
        handles.append(module.register_forward_hook(leave))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _macs(module: nn.Module, output: Tensor) -> int:
    if isinstance(module, CONVOLUTIONS) and not isinstance(module, LazyModuleMixin):
        return output.numel() * module.weight[0].numel()
    if isinstance(module, nn.Linear):
        return output.numel() * module.in_features
    return 0
