"""What one layer of a network, trained or fresh, does with one image."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm as AnyBatchNorm
from torch.nn.modules.dropout import _DropoutNd as AnyDropout

from cnn_tui.analysis.activations.layers import LayerCalls, find_layer, run_traced
from cnn_tui.analysis.activations.maps import (
    as_maps,
    batch_norm_histograms,
    dropout_masks,
    feature_map,
    shown_size,
)
from cnn_tui.analysis.activations.records import Activations, DropoutMasks, Histogram
from cnn_tui.analysis.images import Image, find_image, picture
from cnn_tui.analysis.trained import Preparation, load_trained
from cnn_tui.data.preparation import digits
from cnn_tui.errors import UsageError
from cnn_tui.nets.build import build
from cnn_tui.nets.specs import parse
from cnn_tui.next_steps import Action, NextStep, step
from cnn_tui.training.store.references import run_in
from cnn_tui.workspace import find as find_workspace

DIGITS = re.compile(r"digits?(#.*)?", re.IGNORECASE)
"""How the images that come with the lab are named."""
LARGEST_IMAGE = 640
LAYERS_SHOWN = 3
MOST_MAPS = 64
BATCH = 64
BATCH_PIXELS = 2**19
"""Pixels in all of the images that a batch norm sees: 64 of 32×32, 10 of 224×224, 1 of 600×600."""
PICTURE_SIDE = 96
FRESH_MEAN = FRESH_STD = 0.5
"""Fresh networks see pixels from −1 to 1."""


@dataclass(frozen=True)
class Subject:
    """A network in evaluation mode, and where its weights come from.

    ``image`` is what it looks at if nothing else is given, ``others`` gives uint8
    images (N, C, H, W) of the same data set, which a batch norm needs;
    ``scale`` is that of its data set.
    """

    title: str
    source: str
    net: nn.Module
    prepare: Preparation
    image: Callable[[], Image]
    others: Callable[[], Tensor | None]
    scale: float | None = None


def layer_output(
    net: nn.Module, layer: str, image: Tensor, *, see: NextStep | None = None
) -> Tensor:
    """What ``layer`` puts out for one prepared image (1, C, H, W), as maps (C, H, W).

    ``net`` runs in the mode that it is in. Raises UsageError for an unknown layer;
    ``see`` is the step that lists them.
    """
    see = see or step(Action.EXPLAIN, "activations")
    trace = run_traced(net, image, find_layer(net, layer, see))
    maps, _ = as_maps(_output(trace, layer)[0])
    return maps


def activations(
    net: str,
    layer: str | None = None,
    *,
    image: str | None = None,
    image_size: int | None = None,
    channel: int = 0,
    most_maps: int = MOST_MAPS,
    seed: int = 0,
    workspace: Path | None = None,
    data_dir: Path | None = None,
) -> Activations:
    """Look into ``net`` at ``layer``; without one, only see which layers there are.

    ``net`` is a network of the catalogue, with fresh weights from ``seed``, or
    ``run:`` and a run. ``image`` is what ``images.find_image`` understands; a
    digit, or the run's first test image, if not given. ``image_size`` is the
    side at which a fresh network sees it. Maps are shown from ``channel`` on,
    and a batch norm and a dropout layer at that channel. Raises UsageError for
    whatever of this does not fit.
    """
    subject = _subject(net, image, image_size, seed, workspace, data_dir)
    shown = find_image(image, data_dir, subject.scale) if image else subject.image()
    pixels = shown.pixels
    see = step(Action.LIST_LAYERS, net)
    wanted = find_layer(subject.net, layer, see) if layer else ""
    trace = _run(subject, pixels, wanted)
    seen = Activations(
        net=subject.title,
        source=subject.source,
        image=picture(shown.title, pixels, PICTURE_SIDE),
        layers=tuple(each.name for each in trace.layers),
        layer="",
        type="",
        output_shape=(),
        height=0,
        width=0,
        maps=(),
        layer_shapes=tuple(trace.layers),
        notes=_about_image(subject, pixels),
    )
    return _with_layer(seen, trace, wanted, channel, most_maps, seed) if wanted else seen


def _about_image(subject: Subject, pixels: Tensor) -> tuple[str, ...]:
    square = pixels.shape[1] == pixels.shape[2]
    cropped = () if square else ("Of its longer side, only the middle is used.",)
    return (subject.prepare.description, *cropped)


def _subject(
    net: str,
    image: str | None,
    image_size: int | None,
    seed: int,
    workspace: Path | None,
    data_dir: Path | None,
) -> Subject:
    run = run_in(net)
    if run is None:
        return _fresh(net, image, image_size, seed)
    if image_size is not None:
        raise UsageError(
            "An image size is for fresh networks: a run keeps the size it trained at.",
            fields=("image_size",),
        )
    trained = load_trained(find_workspace(workspace), run, data_dir)
    return Subject(
        title=str(trained.config.net),
        source=f"run {trained.run}",
        net=trained.net,
        prepare=trained.preparation,
        image=lambda: trained.image(trained.unseen, 0),
        others=lambda: trained.unseen.images,
        scale=trained.facts.scale,
    )


def _fresh(spec: str, image: str | None, image_size: int | None, seed: int) -> Subject:
    asked = parse(spec)
    info = asked.info
    side = info.image_size if image_size is None else image_size
    if side > LARGEST_IMAGE:
        raise UsageError(
            f"An image size of {side} is too large: {LARGEST_IMAGE} is the most.",
            fields=("image_size",),
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        net = build(asked, image_size=side)
    of_digits = image is None or DIGITS.fullmatch(image) is not None
    return Subject(
        title=str(asked),
        source=f"fresh weights, seed {seed}",
        net=net.eval(),
        prepare=Preparation(
            info.in_channels,
            side,
            (FRESH_MEAN,) * info.in_channels,
            (FRESH_STD,) * info.in_channels,
        ),
        image=lambda: find_image("digit"),
        others=lambda: digits.prepared().test.images if of_digits else None,
    )


def _run(subject: Subject, pixels: Tensor, wanted: str) -> LayerCalls:
    """What the image does; where a batch norm is wanted, its input has a batch of others too."""
    trace = run_traced(subject.net, subject.prepare(pixels[None]), wanted)
    company = _company(subject, pixels) if isinstance(trace.module, AnyBatchNorm) else None
    if company is not None and trace.input is not None:
        others = run_traced(subject.net, subject.prepare(company), wanted, no_further=True).input
        if others is not None:
            trace.input = torch.cat((trace.input, others))
    return trace


def _company(subject: Subject, pixels: Tensor) -> Tensor | None:
    """Other images for a batch, as many as memory and time allow; None for none."""
    most = min(BATCH, BATCH_PIXELS // subject.prepare.image_size**2) - 1
    others = subject.others() if most > 0 else None
    if others is None:
        return None
    different = [each for each in others[: most + 1] if not torch.equal(each, pixels)]
    return torch.stack(different[:most]) if different else None


def _output(trace: LayerCalls, layer: str) -> Tensor:
    if trace.output is None:
        raise UsageError(
            f"{layer} does not run when the network sees an image in evaluation: choose one of "
            f"{', '.join(each.name for each in trace.layers[:LAYERS_SHOWN])}, …"
        )
    return trace.output


def _with_layer(
    seen: Activations, trace: LayerCalls, wanted: str, channel: int, most_maps: int, seed: int
) -> Activations:
    """What was seen, with the maps of the layer, and what is special about its kind."""
    output = _output(trace, wanted)
    maps, layout = as_maps(output[0])
    module, inputs = trace.module, trace.input
    channels = output.shape[1] if isinstance(module, AnyBatchNorm) else len(maps)
    _refuse_channel(wanted, channel, channels)
    first = channel if len(maps) > 1 else 0
    last = first + max(1, min(most_maps, MOST_MAPS))
    notes = [layout] if layout else []
    histograms: tuple[Histogram, ...] = ()
    masks: DropoutMasks | None = None
    if isinstance(module, AnyBatchNorm) and inputs is not None:
        histograms = batch_norm_histograms(module, inputs, channel)
        notes.append(_about_batch_norm(module, len(inputs), channel))
    if isinstance(module, AnyDropout) and inputs is not None:
        masks = dropout_masks(module, inputs, channel, seed)
    height, width = shown_size(*maps.shape[1:])
    return replace(
        seen,
        layer=wanted,
        type=type(module).__name__,
        output_shape=tuple(output.shape[1:]),
        height=height,
        width=width,
        maps=tuple(feature_map(first + i, each) for i, each in enumerate(maps[first:last])),
        histograms=histograms,
        masks=masks,
        channel=channel,
        channels=channels,
        notes=(*seen.notes, *notes),
    )


def _refuse_channel(layer: str, channel: int, channels: int) -> None:
    if not 0 <= channel < channels:
        raise UsageError(
            f"{layer} has {channels:,} channel{'s' if channels > 1 else ''}, "
            f"#0 to #{channels - 1}: there is no #{channel}."
        )


def _about_batch_norm(layer: AnyBatchNorm, images: int, channel: int) -> str:
    batch = "this image alone" if images == 1 else f"this image and {images - 1} of its data set"
    sentence = f"The batch: {batch}, through the layers before in evaluation mode."
    if layer.affine:
        gamma, beta = layer.weight[channel].item(), layer.bias[channel].item()
        sentence += f" Channel {channel} has γ = {gamma:.3g} and β = {beta:.3g}"
    if layer.running_mean is not None and layer.running_var is not None:
        mean, std = layer.running_mean[channel].item(), layer.running_var[channel].sqrt().item()
        sentence += f", running mean {mean:.3g} and standard deviation {std:.3g}"
    return sentence.rstrip(".") + "."
