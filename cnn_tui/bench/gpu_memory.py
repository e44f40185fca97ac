"""What training takes on a GPU, beside what a summary says without one.

The rise of the memory in use over a forward is what autograd keeps for the backward pass.
The peak of forward and backward stands beside it, as that is what has to fit.
"""

from dataclasses import dataclass

import torch
from torch import nn

from cnn_tui.analysis.networks.input_specs import NetInputs
from cnn_tui.analysis.networks.input_tensors import without_numbers
from cnn_tui.analysis.networks.memory import memory_use
from cnn_tui.bench.catalogue import SAVED_ON_GPU
from cnn_tui.bench.records import BenchResult, measured
from cnn_tui.nets.build import build
from cnn_tui.nets.catalogue import net_info

MIB = 2**20
NETS = {"vgg16": 16, "resnet50": 16, "densenet121": 16, "vit_b_16": 16}
"""Network → batch size: each keeps more than 500 MB for its backward pass."""


@dataclass(frozen=True)
class TrainingMemory:
    """Bytes: the rise over a forward in training mode, and the peak until the backward's end."""

    rise: int
    peak: int


def measure() -> list[BenchResult]:
    """By how much a summary is off, one row per network, with the peak of a step beside it.

    Nothing where torch finds no GPU.
    """
    if not torch.cuda.is_available():
        return []
    return [compare(name, batch, training_memory(name, batch)) for name, batch in NETS.items()]


def compare(name: str, batch: int, found: TrainingMemory) -> BenchResult:
    """The row of one network: what a step took on a GPU beside what the summary says."""
    said = summarized(name, batch)
    return measured(
        f"{name}, batch {batch}: training memory, off by",
        "%",
        [100 * abs(found.rise / said - 1)],
        SAVED_ON_GPU,
        note=f"{found.rise / MIB:,.0f} MiB over the forward, where the summary says "
        f"{said / MIB:,.0f}; the peak of the step is {found.peak / MIB:,.0f} MiB",
    )


def summarized(name: str, batch: int) -> int:
    """What a summary says that training keeps: saved tensors, in bytes, for that batch."""
    info = net_info(name)
    inputs = NetInputs.of((info.in_channels, info.image_size, info.image_size))
    with torch.device("meta"):
        net = build(name)
    training = memory_use(net, lambda examples: without_numbers(inputs, examples)).training
    assert training is not None
    return training.at(batch)


def training_memory(name: str, batch: int) -> TrainingMemory:
    """Run one step of the network, less the optimizer, on the current GPU."""
    info = net_info(name)
    net = build(name).to("cuda").train()
    images = torch.randn(batch, info.in_channels, info.image_size, info.image_size, device="cuda")
    _step(net, images)  # cuDNN and cuBLAS take what they keep for themselves
    net.zero_grad(set_to_none=True)
    torch.cuda.empty_cache()
    before = torch.cuda.memory_allocated()
    torch.cuda.reset_peak_memory_stats()
    rise = _step(net, images, before)
    return TrainingMemory(rise, torch.cuda.max_memory_allocated() - before)


def _step(net: nn.Module, images: torch.Tensor, before: int = 0) -> int:
    """A forward and a backward; returns by how much the first one raised what is in use."""
    output = net(images)
    logits = output if isinstance(output, torch.Tensor) else output[0]
    torch.cuda.synchronize()
    rise = torch.cuda.memory_allocated() - before
    logits.sum().backward()
    torch.cuda.synchronize()
    return rise
