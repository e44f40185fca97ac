"""The layer table of a network, and the list of networks."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from cnn_tui.analysis.records import GLOBAL, LayerSummary, NetSummary
from cnn_tui.nets.catalogue import NetInfo
from cnn_tui.render.numbers import shape, share_bar, short_count

BAR_WIDTH = 8
SHARE = "Share"
UNLIMITED = 1000


def net_summary(summary: NetSummary, depth: int | None = None) -> RenderableType:
    """Every module with its output shape, parameters, MACs and receptive field; then the totals.

    ``depth`` leaves out modules nested deeper than that; 1 shows the outermost.
    """
    return Group(_heading(summary), _LayerTable(summary, depth), _totals(summary))


def net_list(nets: Sequence[NetInfo]) -> RenderableType:
    """The catalogue as a timeline."""
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title, justify in (
        ("Name", "left"),
        ("Year", "right"),
        ("Input", "right"),
        ("Parameters", "right"),
        ("MACs", "right"),
        ("Idea", "left"),
    ):
        table.add_column(title, justify=justify, no_wrap=title != "Idea")  # type: ignore[arg-type]
    for net in nets:
        table.add_row(
            Text(net.name, style="bold"),
            str(net.year),
            shape((net.in_channels, net.image_size, net.image_size)),
            f"{net.parameters:,}",
            short_count(net.macs),
            net.idea,
        )
    return table


def net_card(net: NetInfo, summary: RenderableType | None = None) -> RenderableType:
    """Where a network comes from, above its summary once there is one."""
    about = Text.assemble(
        (f"{net.title} ({net.year})", "bold"),
        f"  {net.authors}\n",
        (f"{net.paper}\n", "italic"),
        f"{net.idea}\n",
    )
    return Group(about, summary or Text("Taking it apart …", style="dim"))


def _heading(summary: NetSummary) -> Text:
    return Text.assemble(
        (summary.title, "bold"),
        f"   input {shape(summary.input_shape)} → output {shape(summary.output_shape)}\n",
    )


@dataclass(frozen=True)
class _LayerTable:
    """The table, without its type and share columns where there is no room for them."""

    summary: NetSummary
    depth: int | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        full = _layer_table(self.summary, self.depth)
        if console.measure(full, options=options.update(max_width=UNLIMITED)).minimum > (
            options.max_width
        ):
            full.columns = [c for c in full.columns if c.header not in ("Type", SHARE)]
        yield full


def _layer_table(summary: NetSummary, depth: int | None) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    table.add_column("Layer", no_wrap=True)
    table.add_column("Type", no_wrap=True)
    table.add_column("Output", justify="right", no_wrap=True)
    table.add_column("Parameters", justify="right", no_wrap=True)
    table.add_column(SHARE, width=BAR_WIDTH, no_wrap=True)
    table.add_column("MACs", justify="right", no_wrap=True)
    table.add_column("Sees", justify="right", no_wrap=True)
    for module in summary.modules:
        if depth is not None and module.depth >= depth:
            continue
        table.add_row(*_layer_row(module, summary.total_parameters))
    return table


def _layer_row(module: LayerSummary, total_parameters: int) -> tuple[RenderableType, ...]:
    style = "" if module.is_leaf else "dim"
    name = "  " * module.depth + module.name.rpartition(".")[2]
    bar = share_bar(module.parameters, total_parameters, BAR_WIDTH) if module.is_leaf else ""
    return (
        Text(name, style=style),
        Text(module.type, style=style),
        Text(shape(module.output_shape), style=style),
        Text(f"{module.parameters:,}" if module.parameters else "–", style=style),
        Text(bar, style="cyan"),
        Text(short_count(module.macs) if module.macs else "–", style=style),
        Text(_receptive_field(module.receptive_field), style=style),
    )


def _receptive_field(field: int | str | None) -> str:
    if field is None:
        return "–"
    return "all" if field == GLOBAL else str(field)


def _totals(summary: NetSummary) -> Text:
    megabytes = summary.total_parameters * 4 / 2**20
    return Text.assemble(
        ("\nTotal parameters  ", "bold"),
        f"{summary.total_parameters:,} ({megabytes:,.1f} MiB as float32)",
        ("\nMACs per image    ", "bold"),
        f"{summary.total_macs:,} ({short_count(summary.total_macs)})",
        ("\nSees: side of the receptive field in input pixels. ", "dim"),
        ("Dim rows sum up the rows under them.", "dim"),
    )
