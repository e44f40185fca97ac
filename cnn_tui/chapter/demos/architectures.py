"""The chain of architectures from LeNet-5 to the Vision Transformer, as the catalogue has it."""

from cnn_tui.chapter.records import DemoContent, Say, Table
from cnn_tui.nets.accuracy import about_accuracy, top1_text
from cnn_tui.nets.catalogue import timeline


def architectures() -> DemoContent:
    """One network for each step: when, what it changed, and what it weighs and costs."""
    steps = timeline()
    return DemoContent(
        blocks=(
            Table(
                "One network for each step",
                ("year", "network", "parameters", "GMACs", "input", "top-1, %"),
                tuple(
                    (
                        str(net.year),
                        net.title,
                        f"{net.parameters:>11,}",
                        f"{net.macs / 1e9:>8.4f}",
                        f"{net.in_channels}×{net.image_size}×{net.image_size}",
                        top1_text(net),
                    )
                    for net in steps
                ),
            ),
            Table(
                "What each changed",
                ("network", "changed"),
                tuple((net.title, net.changed) for net in steps),
            ),
            Say(
                "A GMAC is a billion multiply-accumulates, for one image of that size. "
                "The summary of a network shows its layers, the comparison sets several side by "
                "side."
            ),
            Say(about_accuracy(steps)),
        ),
        figures={
            **{f"{net.name}_parameters": net.parameters for net in steps},
            **{f"{net.name}_million": net.parameters / 1e6 for net in steps},
            **{f"{net.name}_gmacs": net.macs / 1e9 for net in steps},
            **{
                f"{net.name}_top1_percent": net.accuracy.top1_percent
                for net in steps
                if net.accuracy
            },
        },
    )
