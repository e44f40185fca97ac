"""The Models pane: pick a network, see it layer by layer."""

from typing import ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from cnn_tui.analysis.records import NetSummary
from cnn_tui.engine.process import Engine
from cnn_tui.errors import LabError
from cnn_tui.nets.catalogue import NETS, NetInfo, net_info
from cnn_tui.render.summary import net_card, net_summary
from cnn_tui.tui.pane import Pane
from cnn_tui.tui.panes import PaneInfo
from cnn_tui.tui.scroller import Page
from cnn_tui.workspace import Workspace


class NetList(OptionList):
    """The networks, oldest first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select", "Open", id="models.open", tooltip="Read it; Esc comes back"),
        Binding("j", "cursor_down", show=False, id="models.down", tooltip="Next network"),
        Binding("k", "cursor_up", show=False, id="models.up", tooltip="Previous network"),
    ]


class ModelsPane(Pane):
    """Where the parameters sit, where the work goes, what a unit sees."""

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(info, engine, workspace)
        self._summaries: dict[str, NetSummary] = {}
        self._shown_net: str | None = None

    def compose(self) -> ComposeResult:
        """The list and the table."""
        with Horizontal():
            yield NetList(*(_option(net) for net in NETS), id="net-list", classes="side")
            yield Page(id="net-summary")

    def focus_first(self) -> None:
        """The list of networks."""
        self.query_one(NetList).focus()

    def shown(self) -> RenderableType:
        """The layer table."""
        return self.query_one("#net-summary", Page).content

    def on_option_list_option_highlighted(self, event: OptionList.OptionHighlighted) -> None:
        """Take the network under the cursor apart."""
        if event.option_id is not None and event.option_id != self._shown_net:
            self._shown_net = event.option_id
            self.start(self._summarize(event.option_id), "summary", page="net-summary")

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter moves the focus to the table, to scroll it."""
        self.query_one("#net-summary").focus()

    async def _summarize(self, name: str) -> None:
        page = self.query_one("#net-summary", Page)
        if name not in self._summaries:
            page.show(net_card(net_info(name)))
            try:
                self._summaries[name] = await self.engine.run("summarize", name=name)
            except LabError:
                self._shown_net = None  # so that coming back to it tries again
                raise
        page.show(net_card(net_info(name), net_summary(self._summaries[name])))


def _option(net: NetInfo) -> Option:
    return Option(Text(f"{net.title}\n  {net.year}, {net.parameters:,}"), id=net.name)
