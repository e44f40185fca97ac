"""The page of the first start: what each pane is for, and what was found on this machine."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from cnn_tui.engine.process import Engine
from cnn_tui.engine.threads import in_background
from cnn_tui.render.draw.styles import ACCENT, PASSED, QUIET, STRONG, TITLE
from cnn_tui.tui.background import every, start
from cnn_tui.tui.dialogs.dialog import Dialog, cancel_key
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.workspace import Workspace, data_dir

LOOKING = "looking …"
LOOK_SECONDS = 0.5
FOUND, SOUGHT = "✓", "◌"


class FirstPage(Dialog[int | None]):
    """Answers with the pane to open, counted from 0; None: the one that is open."""

    FIRST: ClassVar[str] = "VerticalScroll"
    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("first-page", "To the lab"),
        Binding("enter,q", "cancel", "Start", id="first-page.start", tooltip="To the lab"),
        *(
            Binding(
                str(number),
                f"dismiss({number - 1})",
                show=False,
                id=f"first-page.pane-{number}",
                tooltip=f"Open pane {number}",
            )
            for number in range(1, 6)
        ),
    ]

    def __init__(
        self, panes: Sequence[tuple[str, str]], engine: Engine, workspace: Workspace | None
    ) -> None:
        super().__init__()
        self._panes = panes
        self._engine = engine
        self._workspace = workspace
        self._sandbox = ""
        self._data = ""
        self._shown: object = None

    def compose(self) -> ComposeResult:
        """One page."""
        with (
            Frame(
                id="first-page",
                classes="dialog",
                title="Welcome to cnn-lab: convolutional networks, hands-on",
                keys=frame_keys(("enter", "start"), ("escape", "close")),
            ),
            VerticalScroll(),
        ):
            yield Static(self._page(), id="first-page-text")

    def opened(self) -> None:
        """Look beside the event loop what there is on this machine."""
        start(self, self._look(), "look", self._say_nothing)
        every(self, LOOK_SECONDS, self._draw)

    async def _look(self) -> None:
        self._data = await in_background(_data_sets)
        self._draw()
        self._sandbox = await in_background(_sandbox)
        self._draw()

    def _say_nothing(self, sentence: str) -> None:
        """What cannot be found out stays open; ``cnn-lab doctor`` says why."""

    def _draw(self) -> None:
        facts = self._facts()
        if facts != self._shown:
            self._shown = facts
            self.query_one("#first-page-text", Static).update(self._page())

    def _facts(self) -> tuple[tuple[str, str], ...]:
        hello = self._engine.state.hello
        device = "" if hello is None else ", ".join(hello.device_names)
        folder = str(self._workspace.root) if self._workspace else "none yet: made when needed"
        return (
            ("Device", device),
            ("Data sets", self._data),
            ("Sandbox", self._sandbox),
            ("Workspace", folder),
        )

    def _page(self) -> RenderableType:
        return Group(
            _table(
                (Text(str(number), ACCENT), Text(title, STRONG), purpose)
                for number, (title, purpose) in enumerate(self._panes, start=1)
            ),
            Text("\nFound here", TITLE),
            _table(
                (_sign(value), Text(name), Text(value or LOOKING, QUIET))
                for name, value in self._facts()
            ),
            Text.assemble(
                "\nPress ",
                ("1", ACCENT),
                " to read, ",
                ("5", ACCENT),
                " to do, ",
                ("?", ACCENT),
                " for keys, ",
                ("ctrl-p", ACCENT),
                " to find.",
            ),
        )


def _table(rows: Iterable[tuple[Text, Text, RenderableType]]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column()
    for row in rows:
        table.add_row(*row)
    return table


def _sign(value: str) -> Text:
    return Text(FOUND, PASSED) if value else Text(SOUGHT, QUIET)


def _data_sets() -> str:
    from cnn_tui.data.catalogue import FOLDER_PREFIX
    from cnn_tui.data.inventory import inventory

    here = [each.name for each in inventory(data_dir()) if each.state != "not here"]
    folders = [name for name in here if name.startswith(FOLDER_PREFIX)]
    if len(folders) > 1:  # each has a long name, and there may be many
        named = [name for name in here if name not in folders]
        return ", ".join([*named, f"{len(folders)} folders of pictures"])
    return ", ".join(here)


def _sandbox() -> str:
    from cnn_tui.grading.sandbox.levels import choose

    return choose()
