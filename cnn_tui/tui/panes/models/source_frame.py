"""The frame with a network's source, which opens beside the layers or in their place."""

from rich.console import RenderableType
from textual.events import Show
from textual.message import Message
from textual.strip import Strip

from cnn_tui.engine.threads import in_background
from cnn_tui.nets.source import SourceFile, sources_of
from cnn_tui.nets.specs import NetSpec, parse
from cnn_tui.render.networks.source import SourceView
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.tui.widgets.page import Page


class SourcePage(Page):
    """Opens another source at the class or function of the network."""

    _is_other = False
    _beginning: int | None = None

    def open_source(self, view: SourceView) -> None:
        """Show it, from there on."""
        self._is_other = True
        self.show(view, from_top=False, long=True)

    def _lay_out(self, width: int) -> list[Strip]:
        if self._is_other and isinstance(self.content, SourceView):
            self._beginning = self.content.beginning(self.app.console, width)
        return super()._lay_out(width)

    def _take(self, lines: list[Strip]) -> None:
        super()._take(lines)
        if self._is_other and self._beginning is not None:
            self._is_other = False
            self.scroll_to(y=self._beginning, animate=False, immediate=True)


class SourceFrame(Frame):
    """The files of one network, read again whenever it is looked at."""

    class Opened(Message):
        """The frame has become visible: a wider terminal, or a key."""

    def __init__(self) -> None:
        keys = frame_keys(("s", "close"))
        page = SourcePage(id="source-page")
        super().__init__(page, title="Source", keys=keys, id="source-frame", classes="main")
        self._files: tuple[SourceFile, ...] = ()

    @property
    def page(self) -> SourcePage:
        """What scrolls in it."""
        return self.query_one(SourcePage)

    def on_show(self, event: Show) -> None:
        """Ask for what belongs here."""
        self.post_message(self.Opened())

    def shown(self) -> RenderableType:
        """The source from the top."""
        return self.page.content

    async def look(self, target: str) -> None:
        """Show the source of a network."""
        spec = parse(target)
        self.title, self.state = _title(spec), ""
        files = await in_background(sources_of, spec)
        self.state = files[0].title
        if files != self._files or not self.page.content:
            self._files = files
            self.page.open_source(SourceView(files))


def _title(spec: NetSpec) -> str:
    name = spec.name if spec.is_own else spec.info.title
    return f"{name or spec.label}: source"
