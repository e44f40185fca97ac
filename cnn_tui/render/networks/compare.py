"""Networks side by side: what each holds, costs, keeps and sees."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.text import Text

from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.sketch import sketch_of
from cnn_tui.analysis.records import GLOBAL
from cnn_tui.render.draw.columns import LONGEST_NAME, ColumnTable, names, numbers
from cnn_tui.render.draw.numbers import mebibytes, printable, share_bar, short_count
from cnn_tui.render.draw.styles import ACCENT, QUIET, TITLE
from cnn_tui.render.networks.field_words import given_noun, per_side
from cnn_tui.render.networks.head import BESIDE, TEXT_WIDTH, SideBySide, sees, short_inputs
from cnn_tui.render.networks.sketch import SketchView

WIDEST_BAR = 60
LINES_BESIDE = 4
"""How tall the largest box of a sketch is beside another one."""
LONGEST_NAME_SHOWN = 24


@dataclass(frozen=True)
class Quantity:
    """One thing that networks are compared by; ``short`` is the title of its column."""

    title: str
    short: str
    value: Callable[[NetSummary], int | None]
    shown: Callable[[NetSummary], str]


FIELD = Quantity(
    "Receptive field",
    "RF",
    lambda net: net.receptive_field if isinstance(net.receptive_field, int) else None,
    sees,
)
QUANTITIES = (
    Quantity(
        "Parameters",
        "Parameters",
        lambda net: net.total_parameters,
        lambda net: f"{net.total_parameters:,}",
    ),
    Quantity("MACs", "MACs", lambda net: net.total_macs, lambda net: short_count(net.total_macs)),
    Quantity(
        "Activations",
        "Activations",
        lambda net: net.total_activations,
        lambda net: f"{mebibytes(net.total_activations)} MiB",
    ),
    Quantity(
        "Depth",
        "Depth",
        lambda net: net.depth,
        lambda net: "unknown" if net.depth is None else str(net.depth),
    ),
    FIELD,
)


def net_comparison(summaries: Sequence[NetSummary]) -> RenderableType:
    """A table with one line per network, bars for each quantity, the sketches, and notes."""
    notes = [Text(printable(f"{net.net}: {net.note}")) for net in summaries if net.note]
    return Group(
        net_measurements(summaries),
        Text(),
        SideBySide([_QuantityBars(quantity, summaries) for quantity in QUANTITIES]),
        Text(),
        _Sketches(summaries),
        Text(),
        Constrain(Group(*notes, Text(_legend(summaries), style=QUIET)), TEXT_WIDTH),
    )


def net_measurements(summaries: Sequence[NetSummary]) -> RenderableType:
    """One line per network: parameters, MACs, activations, depth, receptive field."""
    named = [_name(net) for net in summaries]
    columns = [
        names("Network", 0, named, at_least=LONGEST_NAME),
        numbers("Input", len(QUANTITIES) + 1, [short_inputs(net.given) for net in summaries]),
        *(
            numbers(each.short, rank, [each.shown(net) for net in summaries])
            for rank, each in enumerate(QUANTITIES, start=1)
        ),
    ]
    return ColumnTable(columns, ["none"] * len(summaries))


AMOUNTS = (
    "MACs and activations (as float32) are those of {amount}; Depth counts the layers with "
    "weights on the longest path"
)
FIELDS = (
    "RF: the largest receptive field before the layers that see the whole {noun}, in {unit}; "
    "all: units of a map see the whole {noun}, as after self-attention"
)


def _legend(summaries: Sequence[NetSummary]) -> str:
    amounts = {net.given.amount for net in summaries}
    told = [AMOUNTS.format(amount=amounts.pop() if len(amounts) == 1 else "one example")]
    given = {(given_noun(net), net.unit) for net in summaries if net.receptive_field is not None}
    if len(given) == 1:
        noun, unit = given.pop()
        told.append(FIELDS.format(noun=noun, unit=per_side(unit)))
    elif given:
        told.append(FIELDS.format(noun="input", unit="pixels, samples or voxels a side"))
    return "; ".join(told) + "."


@dataclass(frozen=True)
class _QuantityBars:
    """One quantity of every network as bars to one scale, with the ratio to the smallest."""

    quantity: Quantity
    summaries: Sequence[NetSummary]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        values = [self.quantity.value(net) for net in self.summaries]
        known = [value for value in values if value]
        titles = [_name(net) for net in self.summaries]
        shown = [self.quantity.shown(net) for net in self.summaries]
        value_width = max(len(each.shown(net)) for each in QUANTITIES for net in self.summaries)
        name_width = max(map(cell_len, titles))
        room = options.max_width - name_width - value_width - len("  ") * 3 - RATIO_WIDTH
        width = max(1, min(WIDEST_BAR, room))
        yield Text(self.quantity.title, style=TITLE)
        for net, name, value, text in zip(self.summaries, titles, values, shown, strict=True):
            is_whole = self.quantity is FIELD and net.receptive_field == GLOBAL
            bar = "" if value is None else share_bar(value, max(known, default=0), width)
            ratio = _times(value / min(known)) if value and known and not is_whole else ""
            yield Text.assemble(
                f"{name}{' ' * (name_width - cell_len(name))}  {text:>{value_width}}  ",
                (f"{ratio:>{RATIO_WIDTH}}  ", QUIET),
                (bar, ACCENT),
                no_wrap=True,
            )


RATIO_WIDTH = len("100,000 ×")
"""The ratio to the smallest, as it is written before each bar."""


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} ×" if ratio >= 100 or ratio == 1 else f"{ratio:.1f} ×"


def _name(net: NetSummary) -> str:
    """A file without its folders; shortened from the left, as its end tells it from others."""
    name = printable(net.net.rpartition("/")[2])
    return name if len(name) <= LONGEST_NAME_SHOWN else f"…{name[1 - LONGEST_NAME_SHOWN :]}"


@dataclass(frozen=True)
class _Sketches:
    """The networks drawn, taller where they stand beside each other."""

    summaries: Sequence[NetSummary]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        lines = LINES_BESIDE if options.max_width >= BESIDE else 1
        yield SideBySide(
            [
                Group(Text(_name(net), style=TITLE), SketchView(sketch_of(net), lines))
                for net in self.summaries
            ]
        )
