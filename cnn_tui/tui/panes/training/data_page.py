"""The page with a data report."""

from rich.text import Text
from textual.events import Resize
from textual.reactive import var

from cnn_tui.data.report_records import DataReport
from cnn_tui.render.draw.numbers import printable
from cnn_tui.render.draw.styles import QUIET
from cnn_tui.render.draw.words import shortened
from cnn_tui.tui.widgets.page import Page

BEFORE = "Data report: "


class DataReportPage(Page):
    """Draws a data report, for another width again."""

    report: var[DataReport | None] = var[DataReport | None](None, init=False)

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._data = ""

    def wait_for(self, data: str) -> None:
        """Say which data set is looked at."""
        self._data = data
        self.report = None
        self.show(Text(f"Looking at every image of {printable(data)} …", QUIET))

    def title_in(self, room: int) -> str:
        """What the frame is called, as far as there is room."""
        return shortened(Text(f"{BEFORE}{printable(self._data)}"), room).plain

    def watch_report(self) -> None:
        """Show what has come."""
        self._draw()

    def on_resize(self, event: Resize) -> None:
        """Draw the bars and samples for another width."""
        super().on_resize(event)
        self._draw()

    def _draw(self) -> None:
        if self.report is not None:
            from cnn_tui.render.pages.data_report import data_report_view

            columns = self.scrollable_content_region.width
            view = data_report_view(self.report, columns=columns, is_named=False)
            self.show(view, from_top=False)
