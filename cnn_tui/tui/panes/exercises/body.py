"""The frame of one exercise: its checks, and below them what there is to read."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.text import Text
from textual.app import ComposeResult
from textual.strip import Strip

from cnn_tui.render.draw.styles import FRAME
from cnn_tui.tui.widgets.frame import Divider, Frame
from cnn_tui.tui.widgets.page import Page

MOST_OF_HEIGHT = 0.45
"""The share of a frame that its checks may take above the divider."""


class CheckLines(Page, can_focus=False):
    """The lines of all checks, which are always seen as a whole."""


class ExercisePage(Page):
    """Text with a blank between it and the scrollbar."""

    def _lay_out(self, width: int) -> list[Strip]:
        return self._drawn(self.content, width - 1)


class ExerciseFrame(Frame):
    """One exercise: its checks above a divider, and below it what the page says.

    Where the checks would take the room of the page, a ``brief`` form replaces them; where
    none is short enough, they scroll with the page.
    """

    def __init__(self) -> None:
        self.checks: RenderableType | None = None
        self.brief: Sequence[RenderableType] = ()
        self.content: RenderableType = ""
        self._read: RenderableType = ""
        super().__init__(id="exercise-frame", classes="main")

    def compose(self) -> ComposeResult:
        """The checks, and the page below them."""
        yield CheckLines(id="exercise-checks")
        yield Divider()
        yield ExercisePage(id="exercise-page")

    def on_mount(self) -> None:
        """Nothing was checked so far."""
        self._arrange()

    @property
    def page(self) -> Page:
        """What scrolls."""
        return self.query_one("#exercise-page", Page)

    def show(
        self,
        checks: RenderableType | None,
        content: RenderableType,
        brief: Sequence[RenderableType] = (),
        below: RenderableType | None = None,
        *,
        from_top: bool = True,
    ) -> None:
        """Show ``content``, below the ``checks`` where there are any, and what is ``below`` it."""
        self.checks, self.brief, self.content = checks, brief, content
        self._read = content if below is None else Group(content, below) if content else below
        self._arrange(from_top=from_top)

    def on_page_resized(self, message: Page.Resized) -> None:
        """Find another place for the checks."""
        message.stop()
        self._arrange(from_top=False)

    def shown(self) -> RenderableType:
        """The checks and the content, as one page."""
        return _joined(self.checks, self.content)

    def _arrange(self, *, from_top: bool = True) -> None:
        height = self.content_size.height
        room = max(MOST_OF_HEIGHT * height, height - 1 - self._rows(self.content))
        forms = [(each, self._rows(each)) for each in (self.checks, *self.brief)]
        above, rows = next((each for each in forms if 0 < each[1] <= room), (None, 0))
        checks = self.query_one(CheckLines)
        checks.display = self.query_one(Divider).display = above is not None
        if above is not None:
            checks.styles.height = rows
            checks.show(above)
        content = self._read if above is not None else _joined(self.checks, self._read)
        if content is not self.page.content:
            self.page.show(content, from_top=from_top)

    def _rows(self, content: RenderableType | None) -> int:
        """How many lines something takes, with checks or without any."""
        width = self.content_size.width - self.query_one(CheckLines).gutter.width
        if content is None or self.checks is None or width <= 0:
            return 0
        options = self.app.console.options.update(width=width, height=None)
        return len(self.app.console.render_lines(content, options))


def _joined(checks: RenderableType | None, content: RenderableType) -> RenderableType:
    if checks is None:
        return content
    return Group(checks, Rule(style=FRAME), content or Text())
