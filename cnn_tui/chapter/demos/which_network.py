"""Which networks fit a budget of parameters and multiplications, and what each is good for."""

from cnn_tui.chapter.records import DemoContent, Say, Table
from cnn_tui.nets.catalogue import all_nets
from cnn_tui.nets.records import NetInfo


def which_network(million_parameters: float = 150.0, gmacs: float = 40.0) -> DemoContent:
    """The networks that need no more than that, the cheapest first."""
    fitting = [
        net
        for net in sorted(all_nets(), key=lambda net: net.macs)
        if net.parameters <= million_parameters * 1e6 and net.macs <= gmacs * 1e9
    ]
    limits = f"{million_parameters:g} million parameters and {gmacs:g} GMACs for one image"
    told = Say(
        f"{len(fitting)} of {len(all_nets())} networks need at most {limits}, each at its own "
        "input size. GMACs are a guide, not a stopwatch: measure on your device."
    )
    return DemoContent(
        blocks=(_table(fitting), told) if fitting else (told,),
        figures={"networks": len(fitting)}
        | {f"{net.name}_million": net.parameters / 1e6 for net in fitting}
        | {f"{net.name}_gmacs": net.macs / 1e9 for net in fitting},
    )


def _table(nets: list[NetInfo]) -> Table:
    return Table(
        "The cheapest first; side is that of the image, in pixels",
        ("network", "side", "parameters", "GMACs", "take it for"),
        tuple(
            (
                net.title,
                net.image_size,
                f"{net.parameters / 1e6:>7.2f} M",
                f"{net.macs / 1e9:>8.4f}",
                net.use_when,
            )
            for net in nets
        ),
    )
