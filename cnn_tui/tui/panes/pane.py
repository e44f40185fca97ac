"""What all five panes have in common."""

import re
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantBlur, DescendantFocus
from textual.message import Message
from textual.reactive import var
from textual.timer import Timer
from textual.widget import Widget

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.tui.background import FAILURE_SECONDS, after_refresh, later, start
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.leaving import may_end_meanwhile
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

if TYPE_CHECKING:
    from cnn_tui.chapter.glossary import Term

EXPORT_WIDTH = 100
NOTICE_SECONDS = 4


@dataclass(frozen=True)
class PaneInfo:
    """One pane: its title in the strip, what it is for, and ``module:class`` in this package."""

    title: str
    about: str
    where: str

    @property
    def id(self) -> str:
        """The pane's id in the app."""
        return self.title.lower()

    @property
    def purpose(self) -> str:
        """What it is for, without the details."""
        return re.split(r"[.:] ", self.about)[0].removesuffix(".") + "."

    def load(self) -> "type[Pane]":
        """The pane's class."""
        module, _, name = self.where.partition(":")
        kind: type[Pane] = getattr(import_module(f"{__package__}.{module}"), name)
        return kind


LOST_SECONDS = 0.1
"""So long nothing has the focus before it is lost: what takes it next may still be laid out."""


class Pane(Container):
    """One pane, and what it shows as plain text.

    Whatever may block runs as a named, exclusive worker through ``start``; an
    error on the way becomes what the page says, or a notification.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "escape",
            "back",
            "Back",
            key_display="Esc",
            id="pane.back",
            tooltip="From the page back to the list",
        ),
    ]

    is_reading: var[bool] = var(False, init=False, bindings=True)

    class WorkspaceMade(Message):
        """There is a workspace now: ``go_on`` does what needed it, once every pane has it."""

        def __init__(self, workspace: Workspace, go_on: Callable[[], Any] | None) -> None:
            super().__init__()
            self.workspace = workspace
            self.go_on = go_on

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(id=info.id)
        self.info = info
        self.engine = engine
        self.workspace = workspace
        self.drafts: dict[str, str] = {}
        """What was typed into a prompt and not used, by the prompt's title."""
        self.prepared: object = None
        """What ``prepare`` has read."""
        self._lost: Timer | None = None
        self._is_opening = False
        """Whether a page gets the focus once it is laid out, and nothing has it until then."""

    async def _dispatch_message(self, message: Message) -> None:
        with may_end_meanwhile(self):
            await super()._dispatch_message(message)

    @classmethod
    def prepare(cls, workspace: Workspace) -> object:
        """Read, beside the event loop, what a first visit shows; most panes have it at hand."""
        return None

    def close(self) -> None:
        """End what the pane keeps beside the app, which is about to end; most keep nothing."""

    def focus_first(self) -> None:
        """Put the focus where the keys of this pane work."""
        raise NotImplementedError

    def open_page(self, page: Widget) -> None:
        """Put the focus on a page, which takes the place of the list in a narrow terminal."""
        self.is_reading = self._is_opening = True

        def opened() -> None:
            self._is_opening = False
            self.screen.set_focus(page)

        after_refresh(self, opened)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Remember whether a page is being read: a narrow terminal then hides the list."""
        self.is_reading = isinstance(event.widget, Page)

    def on_descendant_blur(self, event: DescendantBlur) -> None:
        """Keep the pane's keys alive where what had the focus was hidden."""
        if self._lost is not None:  # the time counts from the last widget that lost the focus
            self._lost.stop()
        self._lost = later(self, LOST_SECONDS, self._focus_again)

    def _focus_again(self) -> None:
        is_seen = self.display and self.app.app_focus and self.screen.is_current
        if is_seen and self.screen.focused is None and not self._is_opening:
            self.focus_first()

    def watch_is_reading(self, is_reading: bool) -> None:
        """Tell the stylesheet."""
        self.set_class(is_reading, "-reading")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back makes sense only from a page."""
        return self.is_reading if action == "back" else True

    def action_back(self) -> None:
        """Leave the page for the list."""
        self.focus_first()

    def open_item(self, name: str) -> None:
        """Go to what the pane calls ``name``, such as a topic; panes that list nothing stay."""

    def shown(self) -> RenderableType:
        """What ``y`` copies and ``w`` writes."""
        raise NotImplementedError

    def shown_name(self) -> str:
        """What ``shown`` is called when it is copied or written."""
        return "the page"

    def terms(self) -> "tuple[Term, ...]":
        """The terms of the glossary that are read here; most panes have no text."""
        return ()

    def shown_text(self) -> str:
        """``shown`` as plain text."""
        from cnn_tui.render.draw.console import plain_text

        lines = plain_text(self.shown(), EXPORT_WIDTH).splitlines()
        return "\n".join(line.rstrip() for line in lines) + "\n"

    def start(
        self, work: Coroutine[Any, Any, None], group: str, *, page: str | None = None
    ) -> None:
        """Run ``work`` beside the event loop; it replaces what ``group`` still does.

        An error ends in ``page``, where that was waiting for the answer, else in
        a notification.
        """
        start(self, work, group, partial(self._complain, page=page))

    def ask(self, prompt: Dialog[str | None], take: Callable[[str], None]) -> None:
        """Put a question; ``take`` gets what was typed, unless the dialog was canceled."""

        def answered(line: str | None) -> None:
            if line is not None:
                take(line)

        self.app.push_screen(prompt, answered)

    def workspace_made(self) -> None:
        """There is a workspace now, where there was none when the pane was made."""

    @classmethod
    def action_of(cls, key: str, of: str = "") -> str:
        """What the key does whose id ends in ``key``, with ``of`` where that is chosen."""
        bound = (each for each in cls.BINDINGS if isinstance(each, Binding) and each.id)
        action = next(each.action for each in bound if (each.id or "").partition(".")[2] == key)
        return f"{action}({of!r})" if of else action

    def is_open_at(self, key: str) -> bool:
        """Whether what the key opens whose id ends in ``key`` is open: it would be closed."""
        return False

    def train_on(self, data: str) -> None:
        """Offer to start a run on a data set; only one pane does."""

    def report_on(self, data: str) -> None:
        """Show what a data set holds; only one pane does."""

    def has_use(self, action: str) -> bool:
        """Whether the footer names the key of an action now: there is something to act on."""
        return True

    def action_experiments(self, first: str = "") -> None:
        """Offer the experiments, from ``first`` on; only one pane does."""

    async def is_workspace_there(self, go_on: Callable[[], Any]) -> bool:
        """Whether the workspace still is; one that is gone is offered again, as a new one is."""
        space = self.workspace
        if space is None or await in_background(lambda: space.is_there):
            return space is not None
        self.offer_workspace(go_on, gone=space)
        return False

    def offer_workspace(
        self, go_on: Callable[[], Any] | None = None, *, gone: Workspace | None = None
    ) -> None:
        """Offer to create a workspace on the spot; ``go_on`` does what needed it.

        ``gone`` is the one that there was.
        """
        from cnn_tui.tui.dialogs.new_workspace import NewWorkspaceScreen

        def made(workspace: Workspace | None) -> None:
            if workspace is not None:
                self.post_message(self.WorkspaceMade(workspace, go_on))

        self.app.push_screen(NewWorkspaceScreen(gone), made)

    def say(self, sentence: str) -> None:
        """A short notice in place of the one before it: what a key could not do, and why."""
        self.app.clear_notifications()
        self.notify(sentence, severity="warning", timeout=NOTICE_SECONDS, markup=False)

    def _complain(self, sentence: str, page: str | None) -> None:
        if page is not None:
            self.query_one(f"#{page}", Page).show(Text(sentence))
        else:
            self.notify(sentence, severity="error", timeout=FAILURE_SECONDS, markup=False)
