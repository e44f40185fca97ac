"""The catalogue of networks: as a timeline, and by what each is used for."""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.constrain import Constrain
from rich.table import Table
from rich.text import Text

from cnn_tui.nets.accuracy import about_accuracy, top1_text
from cnn_tui.nets.catalogue import timeline
from cnn_tui.nets.records import NetInfo
from cnn_tui.render.draw.columns import FittingTable
from cnn_tui.render.draw.numbers import map_text, short_count, year_text
from cnn_tui.render.draw.styles import QUIET, STRONG, TITLE
from cnn_tui.render.networks.head import TEXT_WIDTH, FactLine

STORY_WIDTH = 16
"""Columns that a sentence gets at least, however narrow the terminal is."""
TOP1 = "Top-1"
BESIDE = 150
"""Columns from which two tables stand side by side."""


def net_list(nets: Sequence[NetInfo]) -> RenderableType:
    """The catalogue as a timeline: when, how large, how costly, how accurate, what it changed."""
    table = _plain_table("Year", "Name", "Input", "Parameters", "MACs", TOP1)
    table.add_column("What it changed", min_width=STORY_WIDTH)
    told: set[str] = set()
    for net in nets:
        story = "" if net.changed in told else net.changed
        told.add(story)
        table.add_row(
            year_text(net.year),
            Text(net.name, style=STRONG),
            map_text((net.in_channels, net.image_size, net.image_size)),
            short_count(net.parameters),
            short_count(net.macs),
            top1_text(net),
            story,
        )
    steps = [f"{net.title} {year_text(net.year)}" for net in timeline()]
    note = Constrain(Text(about_accuracy(nets), style=QUIET), TEXT_WIDTH)
    return Group(
        FactLine(steps, STRONG, " → ", ends=True),
        Text(),
        FittingTable(table, ("Input", TOP1, "MACs", "Parameters"), {TOP1: note}),
    )


def net_choice(nets: Sequence[NetInfo]) -> RenderableType:
    """Which network to use when, smallest first."""
    table = _plain_table("Name", "Parameters", "MACs")
    table.add_column("Use it when", min_width=STORY_WIDTH)
    for net in sorted(nets, key=lambda net: net.macs):
        table.add_row(
            Text(net.name, style=STRONG),
            short_count(net.parameters),
            short_count(net.macs),
            net.use_when,
        )
    return FittingTable(table, ("MACs", "Parameters"))


@dataclass(frozen=True)
class TimelineView:
    """The evolution, and which network to use when: side by side where there is room."""

    milestones: Sequence[NetInfo]
    nets: Sequence[NetInfo]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        evolution = Group(Text("The evolution", style=TITLE), net_list(self.milestones))
        choice = Group(Text("Which one should I use?", style=TITLE), net_choice(self.nets))
        if options.max_width < BESIDE:
            yield Group(evolution, Text(), choice)
            return
        grid = Table.grid(padding=(0, 4, 0, 0))
        grid.add_column(width=options.max_width // 2)
        grid.add_column(ratio=1)
        grid.add_row(evolution, choice)
        yield grid


def _plain_table(*titles: str) -> Table:
    table = Table(box=None, pad_edge=False, header_style=TITLE)
    for title in titles:
        table.add_column(title, no_wrap=True, justify="left" if title == "Name" else "right")
    return table
