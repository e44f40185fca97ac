"""A dense block layer by layer: what each one reads and adds, and what a stack would cost."""

from dataclasses import dataclass

from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell

BOTTLENECK = 4
"""A layer's 1×1 convolution makes so many times the growth rate."""


@dataclass(frozen=True)
class DenseLayer:
    """BN → ReLU → 1×1 → BN → ReLU → 3×3: it reads ``inputs`` channels and adds ``growth``."""

    inputs: int
    growth: int

    @property
    def outputs(self) -> int:
        """Channels that there are behind it."""
        return self.inputs + self.growth

    @property
    def weights(self) -> int:
        """Of its two convolutions, which have no bias."""
        return self.inputs * BOTTLENECK * self.growth + 9 * BOTTLENECK * self.growth**2

    @property
    def parameters(self) -> int:
        """With the two numbers per channel of both batch norms."""
        return self.weights + 2 * (self.inputs + BOTTLENECK * self.growth)


def densenet_growth(
    in_channels: int = 64, growth: int = 32, layers: int = 6, size: int = 56
) -> DemoContent:
    """A block and its transition, for maps of ``size``; the defaults are DenseNet-121's first."""
    block = [DenseLayer(in_channels + growth * number, growth) for number in range(layers)]
    out = block[-1].outputs
    parameters = sum(each.parameters for each in block)
    transition = out * (out // 2) + 2 * out
    stack = layers * (9 * out * out + 2 * out)
    plain_layers = sum(9 * each.inputs * growth + 2 * each.inputs for each in block)
    last = block[-1]
    return DemoContent(
        blocks=(
            _layers(block, size, transition),
            Say(
                f"Each layer adds {_counted(growth, 'channel')}: {in_channels} + "
                f"{layers}·{growth} = {out}. "
                f"The last one reads {last.inputs}, and makes {100 * growth / out:.3g} % of what "
                f"the block hands on. The transition leaves ⌊{out} / 2⌋ = {out // 2} channels of "
                f"⌊{size} / 2⌋ = {size // 2} rows and columns."
            ),
            Table(
                f"{_counted(layers, 'layer')} and {out} channels behind the last, in other ways",
                ("block", "parameters", "% of the stack"),
                tuple(
                    (name, count, 100 * count / stack)
                    for name, count in (
                        ("dense block", parameters),
                        ("dense block without the 1×1 convolutions", plain_layers),
                        (f"plain or residual stack, {out} channels wide", stack),
                    )
                ),
            ),
            Say(
                f"A stack of 3×3 convolutions that is {out} channels wide throughout, with or "
                f"without free skips, has {layers}·(9·{out}² + 2·{out}) = {stack:,} parameters; "
                f"the dense block has {parameters:,}, {100 * parameters / stack:.3g} % of that. "
                f"{_about_bottleneck(parameters, plain_layers)}"
            ),
        ),
        figures={
            "out_channels": out,
            "parameters": parameters,
            "transition_parameters": transition,
            "transition_channels": out // 2,
            "stack_parameters": stack,
            "stack_percent": 100 * parameters / stack,
            "without_bottleneck_parameters": plain_layers,
            "million_macs": sum(each.weights for each in block) * size * size / 1e6,
        },
    )


def _counted(number: int, things: str) -> str:
    return f"{number} {things}{'s' * (number > 1)}"


def _about_bottleneck(parameters: int, without: int) -> str:
    if parameters == without:
        return "The 1×1 convolutions change nothing in the count."
    does = "save" if parameters < without else "cost"
    return (
        f"The 1×1 convolutions {does} {abs(parameters - without):,} parameters here; what they "
        "save grows with the channels that a layer reads."
    )


def _layers(block: list[DenseLayer], size: int, transition: int) -> Table:
    out = block[-1].outputs
    rows: list[tuple[TableCell, ...]] = [
        (
            f"layer {number}",
            each.inputs,
            f"{BOTTLENECK * each.growth} → {each.growth}",
            each.outputs,
            each.parameters,
            each.weights * size * size / 1e6,
        )
        for number, each in enumerate(block, 1)
    ]
    macs = out * (out // 2) * size * size / 1e6
    rows.append(("transition", out, str(out // 2), out // 2, transition, macs))
    return Table(
        f"On maps of {size}×{size}; MMACs are million multiply-accumulates",
        ("", "reads", "makes", "channels behind it", "parameters", "MMACs"),
        tuple(rows),
    )
