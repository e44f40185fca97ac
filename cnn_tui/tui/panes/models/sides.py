"""What the frame of the Models pane shows of networks, as values free of any widget."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

from rich.console import Group, RenderableType
from rich.text import Text

from cnn_tui.analysis.networks.costs import costs
from cnn_tui.analysis.networks.records import NetSummary
from cnn_tui.analysis.networks.sketch import sketch_of
from cnn_tui.nets.catalogue import all_nets, timeline
from cnn_tui.render.draw.styles import TITLE
from cnn_tui.render.networks.catalogue import TimelineView
from cnn_tui.render.networks.compare import net_comparison
from cnn_tui.render.networks.costs import cost_parts
from cnn_tui.render.networks.head import given_text, info_of, net_head
from cnn_tui.render.networks.layer_table import layer_table
from cnn_tui.render.networks.receptive_field import field_table
from cnn_tui.render.networks.summary import layer_notes
from cnn_tui.tui.panes.models.state import ModelsState
from cnn_tui.tui.widgets.frozen_page import WithHeader

LONG = 200
"""Modules from which a table is laid out beside the event loop."""


@dataclass(frozen=True, eq=False)
class Side:
    """A title with its state, a body, and for some a head that stands above the body.

    ``short`` is the title where there is no room for all of it beside the state.
    """

    title: str
    state: str
    body: RenderableType
    head: Callable[..., RenderableType] | None = None
    is_long: bool = False
    short: str = ""

    @property
    def whole(self) -> RenderableType:
        """All of it from top to bottom, as text to copy."""
        title = Text.assemble((self.title, TITLE), f"   {self.state}" if self.state else "")
        return Group(title, self.body if self.head is None else self.below(self.head()))

    def below(self, head: RenderableType) -> RenderableType:
        """The body, scrolling with ``head`` above it."""
        body = self.body
        if isinstance(body, WithHeader):
            return WithHeader(Group(head, Text(), body.above), body.table, body.below)
        return Group(head, Text(), body)


def layers(summary: NetSummary, title: str, by: str, depth: int | None, *, unfold: bool) -> Side:
    """Layer by layer."""
    table = layer_table(summary, depth, unfold=unfold)
    notes = layer_notes(summary, table)
    body = WithHeader("", table, Group(Text(), notes)) if table.lines else notes
    head = partial(net_head, info_of(summary.net), summary, sketch=sketch_of(summary))
    return Side(title, by, body, head, is_long=len(summary.modules) > LONG)


def field(summary: NetSummary, title: str) -> Side:
    """How the receptive field grows."""
    given = given_text(summary.given)
    above, table, reading = field_table(summary)
    is_long = len(summary.modules) > LONG
    body = Group(above, reading) if table is None else WithHeader(above, table, reading)
    return Side(f"{title}: receptive field", given, body, is_long=is_long)


def costs_of(summary: NetSummary, title: str, state: ModelsState) -> Side:
    """What each layer costs, and what memory takes."""
    priced = costs(summary, state.costs)
    above, table, below = cost_parts(priced, state.depth, unfold=state.unfold)
    body = WithHeader(Group(above, Text()), table, Group(Text(), below))
    on = f"{priced.device.name}, {priced.precision}, batch {priced.batch_size:,}"
    is_long = len(summary.modules) > LONG
    return Side(f"{title}: costs", on, body, is_long=is_long, short=summary.title)


def comparison(summaries: Sequence[NetSummary]) -> Side:
    """Networks side by side."""
    shown = {given_text(each.given) for each in summaries}
    given = shown.pop() if len(shown) == 1 else "each at its own input size"
    body = net_comparison(summaries)
    return Side(f"{len(summaries)} networks compared", given, body, is_long=True)


def timeline_page() -> Side:
    """The evolution, and which network to use when."""
    first, *_, last = timeline()
    span = f"{first.year} to {last.year}"
    return Side("Timeline", span, TimelineView(timeline(), all_nets()), is_long=True)
