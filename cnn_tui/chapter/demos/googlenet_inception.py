"""An Inception block branch by branch: what its 1×1 convolutions cost, and what they save."""

from dataclasses import dataclass
from itertools import pairwise

from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell


@dataclass(frozen=True)
class InceptionBranch:
    """Convolutions one after the other: ``channels`` from the input on, ``kernels`` between."""

    name: str
    channels: tuple[int, ...]
    kernels: tuple[int, ...]

    @property
    def weights(self) -> int:
        """Of all convolutions, each without bias."""
        pairs = zip(pairwise(self.channels), self.kernels, strict=True)
        return sum(kernel**2 * inputs * outputs for (inputs, outputs), kernel in pairs)

    @property
    def outputs(self) -> int:
        """Channels that all convolutions of the branch make: each has a bias, or a batch norm."""
        return sum(self.channels[1:])


def googlenet_inception(
    in_channels: int = 192,
    ch1x1: int = 64,
    ch3x3red: int = 96,
    ch3x3: int = 128,
    ch5x5red: int = 16,
    ch5x5: int = 32,
    pool_proj: int = 32,
    size: int = 28,
) -> DemoContent:
    """A block on maps of ``size`` × ``size``; the defaults are GoogLeNet's block (3a).

    The channels are named as those of torchvision's ``Inception``.
    """
    branches = (
        InceptionBranch("1×1", (in_channels, ch1x1), (1,)),
        InceptionBranch("1×1, 3×3", (in_channels, ch3x3red, ch3x3), (1, 3)),
        InceptionBranch("1×1, 5×5", (in_channels, ch5x5red, ch5x5), (1, 5)),
        InceptionBranch("max pool, 1×1", (in_channels, pool_proj), (1,)),
    )
    direct = (
        branches[0],
        InceptionBranch("3×3", (in_channels, ch3x3), (3,)),
        InceptionBranch("5×5", (in_channels, ch5x5), (5,)),
        branches[3],
    )
    places = size * size
    weights, without = (sum(each.weights for each in block) for block in (branches, direct))
    outputs = ch1x1 + ch3x3 + ch5x5 + pool_proj
    versions = _versions(branches)
    return DemoContent(
        blocks=(
            _branches(branches, direct, places),
            Say(
                f"Side by side the branches make {ch1x1} + {ch3x3} + {ch5x5} + {pool_proj} = "
                f"{outputs} channels. {_about_reductions(weights, without)} Every weight is used "
                f"at {size}·{size} = {places:,} places, so the multiply-accumulates change by the "
                "same factor."
            ),
            Say(
                f"The 5×5 branch alone: directly 25·{in_channels}·{ch5x5} = "
                f"{direct[2].weights:,} weights, with the 1×1 {in_channels}·{ch5x5red} + "
                f"25·{ch5x5red}·{ch5x5} = {branches[2].weights:,}. Max pooling cannot change "
                f"the number of channels: without the 1×1 behind it all {in_channels} would "
                f"pass, and {outputs - pool_proj + in_channels} come out of the block."
            ),
            Table(
                "The same channels in two versions of the block",
                ("version", "weights", "others", "parameters"),
                tuple((name, *counts, sum(counts)) for name, counts in versions.items()),
            ),
            Say(
                "The others are a bias for each channel that a convolution makes in the paper's "
                "version, and a batch norm's two numbers in torchvision's, whose 5×5 is in fact "
                "a 3×3."
            ),
        ),
        figures={
            "out_channels": outputs,
            "weights": weights,
            "direct_weights": without,
            "five_weights": branches[2].weights,
            "five_direct_weights": direct[2].weights,
            "million_macs": weights * places / 1e6,
            "direct_million_macs": without * places / 1e6,
            "paper_parameters": sum(versions["paper"]),
            "torchvision_parameters": sum(versions["torchvision"]),
        },
    )


def _about_reductions(weights: int, without: int) -> str:
    if weights < without:
        return (
            f"Without the two reductions the block would have {without / weights:.3g} times "
            "as many weights."
        )
    if weights > without:
        return (
            "The two reductions save nothing here: without them the block would have "
            f"{without / weights:.3g} times as many weights, that is fewer."
        )
    return "Without the two reductions the block would have as many weights."


def _branches(
    branches: tuple[InceptionBranch, ...], direct: tuple[InceptionBranch, ...], places: int
) -> Table:
    rows: list[tuple[TableCell, ...]] = [
        (
            each.name,
            " → ".join(map(str, each.channels)),
            each.weights,
            each.weights * places / 1e6,
            other.weights,
            other.weights * places / 1e6,
        )
        for each, other in zip(branches, direct, strict=True)
    ]
    weights, without = (sum(each.weights for each in block) for block in (branches, direct))
    rows.append(("together", "", weights, weights * places / 1e6, without, without * places / 1e6))
    return Table(
        "Weights and million multiply-accumulates (MMACs), with the 1×1 reductions and directly",
        ("branch", "channels", "weights", "MMACs", "directly", "MMACs"),
        tuple(rows),
    )


def _versions(branches: tuple[InceptionBranch, ...]) -> dict[str, tuple[int, int]]:
    """Version → its weights and its other parameters."""
    outputs = sum(each.outputs for each in branches)
    paper = sum(each.weights for each in branches)
    five = branches[2]
    threes = InceptionBranch("1×1, 3×3", five.channels, (1, 3))
    return {
        "paper": (paper, outputs),
        "torchvision": (paper - five.weights + threes.weights, 2 * outputs),
    }
