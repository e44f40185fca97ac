"""Networks side by side: what each holds, costs, keeps and sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.records import GLOBAL, shape_text
from cnn_tui.render.draw.columns import ColumnTable, names, numbers
from cnn_tui.render.draw.numbers import mebibytes, printable, share_bar, short_count
from cnn_tui.render.networks.summary import sees

WIDEST_BAR = 60


@dataclass(frozen=True)
class Quantity:
    """One thing that networks are compared by: its title, its value and how that is written."""

    title: str
    value: Callable[[NetSummary], int | None]
    shown: Callable[[NetSummary], str]


QUANTITIES = (
    Quantity(
        "Parameters", lambda net: net.total_parameters, lambda net: f"{net.total_parameters:,}"
    ),
    Quantity("MACs", lambda net: net.total_macs, lambda net: short_count(net.total_macs)),
    Quantity(
        "Activations",
        lambda net: net.total_activations,
        lambda net: f"{mebibytes(net.total_activations)} MiB",
    ),
    Quantity("Depth", lambda net: net.depth, lambda net: str(net.depth)),
    Quantity(
        "Sees",
        lambda net: net.receptive_field if isinstance(net.receptive_field, int) else None,
        sees,
    ),
)


def net_comparison(summaries: Sequence[NetSummary]) -> RenderableType:
    """A table with one line per network, bars for each quantity, and what is to be noted."""
    parts: list[RenderableType] = [net_measurements(summaries)]
    for quantity in QUANTITIES:
        parts += [Text(), _QuantityBars(quantity, summaries)]
    parts += [Text("\n" + printable(f"{net.net}: {net.note}")) for net in summaries if net.note]
    return Group(*parts, Text(f"\n{LEGEND}", style="dim"))


def net_measurements(summaries: Sequence[NetSummary]) -> RenderableType:
    """One line per network: parameters, MACs, activations, depth, receptive field."""
    columns = [
        names("Network", 0, [printable(net.net) for net in summaries], at_least=12),
        numbers("Input", len(QUANTITIES) + 1, [shape_text(net.input_shape) for net in summaries]),
        *(
            numbers(each.title, rank, [each.shown(net) for net in summaries])
            for rank, each in enumerate(QUANTITIES, start=1)
        ),
    ]
    return ColumnTable(columns, [None] * len(summaries))


LEGEND = (
    "MACs and activations (as float32) are those of one image; Depth counts the layers with "
    "weights on the longest path; Sees: the largest receptive field before the layers that see "
    "the whole image, in pixels a side."
)


@dataclass(frozen=True)
class _QuantityBars:
    """One quantity of every network as bars to one scale, with the ratio to the smallest."""

    quantity: Quantity
    summaries: Sequence[NetSummary]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        values = [self.quantity.value(net) for net in self.summaries]
        known = [value for value in values if value]
        titles = [printable(net.net) for net in self.summaries]
        shown = [self.quantity.shown(net) for net in self.summaries]
        name_width = min(max(map(len, titles)), options.max_width // 3)
        value_width = max(len(each.shown(net)) for each in QUANTITIES for net in self.summaries)
        room = options.max_width - name_width - value_width - len("  ") * 3 - RATIO_WIDTH
        width = max(1, min(WIDEST_BAR, room))
        yield Text(self.quantity.title, style="bold")
        for net, name, value, text in zip(self.summaries, titles, values, shown, strict=True):
            is_whole = self.quantity.title == "Sees" and net.receptive_field == GLOBAL
            bar = "" if value is None else share_bar(value, max(known, default=0), width)
            ratio = _times(value / min(known)) if value and known else ""
            yield Text.assemble(
                f"{_cut(name, name_width):{name_width}}  {text:>{value_width}}  ",
                (f"{bar:{width}}", "cyan"),
                ("" if is_whole else f"  {ratio:>{RATIO_WIDTH}}", "dim"),
                no_wrap=True,
            )


RATIO_WIDTH = len("100,000 ×")
"""The ratio to the smallest, as it is written behind each bar."""


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 100 or ratio == 1 else f"{ratio:.1f} ×"


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: width - 1]}…"
