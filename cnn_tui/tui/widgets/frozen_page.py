"""A page with a table whose header stays in sight while the rows scroll."""

from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from textual.strip import Strip

from cnn_tui.tui.widgets.page import Page


@dataclass(frozen=True, eq=False)
class WithHeader:
    """What stands ``above`` a table, the table, whose first line is its header, and the rest."""

    above: RenderableType
    table: RenderableType
    below: RenderableType

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        if self.above:
            yield self.above
        yield self.table
        yield self.below


class FrozenPage(Page):
    """Shows anything; of a ``WithHeader``, the header's line stays while rows are in sight."""

    frozen: range | None = None
    """The lines of the table: the first of them stays in sight."""

    def render_line(self, y: int) -> Strip:
        """The line that stands ``y`` rows below the top, or the header in its place."""
        if y == 0 and self.frozen is not None and self.scroll_offset.y + 1 in self.frozen[2:]:
            return self._lines[self.frozen[0]]
        return super().render_line(y)

    def _lay_out(self, width: int) -> list[Strip]:
        content = self.content
        if not isinstance(content, WithHeader):
            self.frozen = None
            return super()._lay_out(width)
        above = self._drawn(content.above, width) if content.above else []
        table = self._drawn(content.table, width)
        self.frozen = range(len(above), len(above) + len(table))
        return [*above, *table, *self._drawn(content.below, width)]
