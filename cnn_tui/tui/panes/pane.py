"""What all five panes have in common."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any, ClassVar

from rich.console import RenderableType
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.events import DescendantFocus
from textual.reactive import var

from cnn_tui.engine.process import Engine
from cnn_tui.tui.background import FAILURE_SECONDS, start
from cnn_tui.tui.dialogs.dialog import Dialog
from cnn_tui.tui.widgets.page import Page
from cnn_tui.workspace import Workspace

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

    def load(self) -> "type[Pane]":
        """The pane's class."""
        module, _, name = self.where.partition(":")
        kind: type[Pane] = getattr(import_module(f"{__package__}.{module}"), name)
        return kind


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

    def __init__(self, info: PaneInfo, engine: Engine, workspace: Workspace | None) -> None:
        super().__init__(id=info.id)
        self.info = info
        self.engine = engine
        self.workspace = workspace

    def close(self) -> None:
        """End what the pane keeps beside the app, which is about to end; most keep nothing."""

    def focus_first(self) -> None:
        """Put the focus where the keys of this pane work."""
        raise NotImplementedError

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Remember whether a page is being read: a narrow terminal then hides the list."""
        self.is_reading = isinstance(event.widget, Page)

    def watch_is_reading(self, is_reading: bool) -> None:
        """Tell the stylesheet."""
        self.set_class(is_reading, "-reading")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Going back makes sense only from a page."""
        return self.is_reading if action == "back" else True

    def action_back(self) -> None:
        """Leave the page for the list."""
        self.focus_first()

    def shown(self) -> RenderableType:
        """What ``y`` copies and ``w`` writes."""
        raise NotImplementedError

    def shown_text(self) -> str:
        """``shown`` as plain text."""
        from io import StringIO

        from rich.console import Console

        console = Console(file=StringIO(), width=EXPORT_WIDTH, color_system=None)
        with console.capture() as capture:
            console.print(self.shown())
        lines = capture.get().splitlines()
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
        """Put a question; ``take`` gets what was typed, unless the dialog was cancelled."""

        def answered(line: str | None) -> None:
            if line is not None:
                take(line)

        self.app.push_screen(prompt, answered)

    def say(self, sentence: str) -> None:
        """A short notice in place of the one before it: what a key could not do, and why."""
        self.app.clear_notifications()
        self.notify(sentence, severity="warning", timeout=NOTICE_SECONDS, markup=False)

    def _complain(self, sentence: str, page: str | None) -> None:
        if page is not None:
            self.query_one(f"#{page}", Page).show(Text(sentence))
        else:
            self.notify(sentence, severity="error", timeout=FAILURE_SECONDS, markup=False)
