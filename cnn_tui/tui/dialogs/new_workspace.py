"""The offer to make a workspace, where something needs one and there is none."""

from pathlib import Path
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Button, Static

from cnn_tui.engine.threads import in_background
from cnn_tui.errors import LabError, UsageError, about_field
from cnn_tui.grading.learner.begin import make_workspace
from cnn_tui.render.draw.styles import QUIET, STRONG
from cnn_tui.tui.background import start
from cnn_tui.tui.dialogs.dialog import cancel_key
from cnn_tui.tui.dialogs.form import StartForm, start_key
from cnn_tui.tui.widgets.fields import TextField
from cnn_tui.tui.widgets.form_view import FieldGroup, FormView
from cnn_tui.tui.widgets.frame import Frame, frame_keys
from cnn_tui.workspace import Workspace

HOLDS = (
    ("exercises/", "the exercises, one file each: the files that you edit"),
    ("runs/", "every run that you train: curves, weights and log"),
    (".cnn-lab/", "your progress and what you have read"),
)
GONE = "The workspace {} is not there any more: it was deleted or moved."
WHY = "This needs a workspace: a folder of yours, where the lab keeps your work."


class NewWorkspaceScreen(StartForm[Workspace | None]):
    """Asks where; answers with the workspace that was made there, or with None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        cancel_key("new-workspace", "Back without a workspace"),
        start_key("new-workspace", "Create the workspace"),
    ]

    def __init__(self, gone: Workspace | None = None) -> None:
        super().__init__()
        self._gone = gone

    def compose(self) -> ComposeResult:
        """What a workspace is, where it will be, and what it will hold."""
        about = "The folder is made where it is not there yet; no file is overwritten."
        gone = self._gone
        where = TextField("folder", "Folder", str(Path.cwd() if gone is None else gone.root), about)
        with Frame(
            id="new-workspace",
            classes="dialog",
            title="Create a workspace",
            keys=frame_keys(("enter", "create"), ("escape", "cancel")),
        ):
            why = WHY if gone is None else f"{GONE.format(gone.root)} {WHY}"
            yield Static(why, classes="dialog-text", markup=False)
            yield Static(_contents(), classes="dialog-text")
            yield FormView(FieldGroup((where,), is_wide=True), id="new-workspace-folder")
            yield Static("", id="form-about", markup=False)
            yield Static("", id="form-problem", classes="dialog-problem", markup=False)
            with Horizontal(classes="dialog-buttons"):
                yield Button("Cancel", id="cancel", compact=True)
                yield Button("Create", id="start", compact=True)

    def action_begin(self) -> None:
        """Create the workspace."""
        start(self, self._create(self.field("folder").value.strip()), "create", self.say)

    async def _create(self, folder: str) -> None:
        try:
            with about_field("folder"):
                if not folder:
                    raise UsageError("Name a folder.")
                space, _ = await in_background(make_workspace, Path(folder))
        except LabError as error:
            self.refuse(error)
        else:
            self.dismiss(space)


def _contents() -> Table:
    table = Table.grid(padding=(0, 2))
    for name, what in HOLDS:
        table.add_row(Text(name, STRONG), Text(what, QUIET))
    return table
