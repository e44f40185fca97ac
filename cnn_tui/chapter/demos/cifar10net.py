"""CIFAR10Net layer by layer: where its parameters are, and where its multiplications."""

from cnn_tui.analysis.networks.records import LayerSummary, NetSummary
from cnn_tui.analysis.networks.summary import summarize
from cnn_tui.analysis.records import shape_text
from cnn_tui.chapter.demos.shared import percent, sees
from cnn_tui.chapter.records import DemoContent, Say, Table, TableCell

CONV_BLOCKS = {"ConvBNReLU": "conv 3×3, BN, ReLU", "ConvReLU": "conv 3×3, ReLU"}
NAMES = CONV_BLOCKS | {
    "MaxPool2d": "max pooling 2×2",
    "AdaptiveAvgPool2d": "global average pooling",
    "Dropout": "dropout",
    "Linear": "linear",
}
PARTS = {"Conv2d": "convolutions", "BatchNorm2d": "batch norm", "Linear": "linear layer"}


def cifar10net(batch_norm: bool = True, width: int = 64, image_size: int = 32) -> DemoContent:
    """The network with ``width`` channels in its first convolution, for RGB images of that side."""
    yours = _summary(batch_norm, width, image_size)
    other = _summary(not batch_norm, width, image_size)
    parts = _parts(yours)
    convs = [each for each in yours.modules if each.type in CONV_BLOCKS]
    last_two = percent(sum(each.parameters for each in convs[-2:]), yours.total_parameters)
    last_two_macs = percent(sum(each.macs for each in convs[-2:]), yours.total_macs)
    channels, *sides = convs[-1].output_shape
    flattened = (channels * sides[0] * sides[1] + 1) * 10
    return DemoContent(
        blocks=(
            _layers(yours),
            Say(
                f"{_about_halving(convs)}The last two convolutions "
                f"hold {last_two:g} % of the parameters and cost {last_two_macs:g} % of the "
                f"multiply-accumulates; one unit of theirs sees {sees(convs[-1])} pixels, "
                f"{_of_the_image(convs[-1], image_size)}."
            ),
            _part_table(yours, parts),
            _left_out(yours, other, batch_norm, flattened),
            Say(
                "Without batch norm each convolution gets a bias in its place; dropout has no "
                "parameters and does nothing in evaluation. Batch norm changes the count by "
                f"{_change(yours, other):.2g} %: what it changes is the training, which the "
                f"experiment batchnorm measures. Try batch norm = "
                f"{'false' if batch_norm else 'true'}, or width = {width // 2 or 2}: the cost "
                "of every convolution but the first grows with the square of the width."
            ),
        ),
        figures={
            "parameters": yours.total_parameters,
            "other_parameters": other.total_parameters,
            "conv_parameters": parts["Conv2d"],
            "batch_norm_parameters": parts["BatchNorm2d"],
            "linear_parameters": parts["Linear"],
            "flattened_parameters": flattened,
            "million_macs": yours.total_macs / 1e6,
            "last_two_percent": last_two,
            "last_two_mac_percent": last_two_macs,
        },
    )


def _about_halving(convs: list[LayerSummary]) -> str:
    """What the second and third convolution show, where their multiplications are as many."""
    second, third = convs[1].macs, convs[2].macs
    if second != third:
        return ""
    return (
        "Channels double where the map halves: four times the weights on a quarter of the "
        f"places make as many multiplications, {second / 1e6:,.2f} million in the second "
        "convolution and in the third. "
    )


def _change(yours: NetSummary, other: NetSummary) -> float:
    """By how many percent of your parameters the two differ."""
    return 100 * abs(other.total_parameters - yours.total_parameters) / yours.total_parameters


def _of_the_image(layer: LayerSummary, image_size: int) -> str:
    covers = isinstance(layer.receptive_field, int) and layer.receptive_field >= image_size
    return "no less than the image" if covers else "a part of the image"


def _summary(batch_norm: bool, width: int, image_size: int) -> NetSummary:
    spec = f"cifar10net,width={width},batch_norm={str(batch_norm).lower()}"
    return summarize(spec, (3, image_size, image_size))


def _layers(net: NetSummary) -> Table:
    rows = [_row(net, each) for each in net.modules if each.type in NAMES]
    together = ("together", "", net.total_parameters, 100.0, _millions(net.total_macs), 100.0)
    return Table(
        f"CIFAR10Net on {shape_text(net.input_shape)} pixels; "
        "MMACs are million multiply-accumulates",
        ("layer", "output", "parameters", "%", "MMACs", "%"),
        (*rows, together),
    )


def _row(net: NetSummary, layer: LayerSummary) -> tuple[TableCell, ...]:
    return (
        NAMES[layer.type],
        shape_text(layer.output_shape),
        layer.parameters,
        percent(layer.parameters, net.total_parameters),
        _millions(layer.macs),
        percent(layer.macs, net.total_macs),
    )


def _millions(macs: int) -> str:
    return f"{macs / 1e6:>8,.2f}"


def _parts(net: NetSummary) -> dict[str, int]:
    return {
        kind: sum(layer.parameters for layer in net.layers if layer.type == kind) for kind in PARTS
    }


def _part_table(net: NetSummary, parts: dict[str, int]) -> Table:
    return Table(
        "The same by kind of layer",
        ("part", "parameters", "%"),
        tuple(
            (PARTS[kind], count, percent(count, net.total_parameters))
            for kind, count in parts.items()
        ),
    )


def _left_out(yours: NetSummary, other: NetSummary, batch_norm: bool, flattened: int) -> Table:
    linear = _parts(yours)["Linear"]
    rows = (
        ("batch norm" if batch_norm else "nothing: with batch norm", other.total_parameters),
        ("dropout", yours.total_parameters),
        ("global average pooling (flatten)", yours.total_parameters - linear + flattened),
    )
    return Table(
        f"All parameters, {yours.total_parameters:,} now, if something is left out",
        ("left out", "parameters", "difference"),
        tuple((name, count, f"{count - yours.total_parameters:>+10,}") for name, count in rows),
    )
